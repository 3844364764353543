use crate::Bits;

/// DC output, record type 01h (FRU 1.0 r1.3 section 18.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DcOutput {
    /// Output number.
    pub number: Bits<4>,
    /// Output stays on in standby.
    pub standby: bool,
    /// Nominal voltage in 10 mV.
    pub nominal_voltage: i16,
    /// Maximum negative voltage deviation in 10 mV.
    pub negative_deviation: i16,
    /// Maximum positive voltage deviation in 10 mV.
    pub positive_deviation: i16,
    /// Ripple and noise, peak to peak, 10 Hz to 30 MHz, in millivolts.
    pub ripple_and_noise: u16,
    /// Minimum current draw in milliamperes.
    pub minimum_current: u16,
    /// Maximum current draw in milliamperes.
    pub maximum_current: u16,
}

impl DcOutput {
    /// Length of the record's data.
    pub const LEN: usize = 13;

    /// Reads the data; bits 6:4 of the first byte are reserved.
    pub const fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [output, n0, n1, d0, d1, p0, p1, r0, r1, l0, l1, h0, h1] = bytes;
        Self {
            number: Bits::low(output),
            standby: output & 0x80 != 0,
            nominal_voltage: i16::from_le_bytes([n0, n1]),
            negative_deviation: i16::from_le_bytes([d0, d1]),
            positive_deviation: i16::from_le_bytes([p0, p1]),
            ripple_and_noise: u16::from_le_bytes([r0, r1]),
            minimum_current: u16::from_le_bytes([l0, l1]),
            maximum_current: u16::from_le_bytes([h0, h1]),
        }
    }

    /// The data.
    pub const fn encode(&self) -> [u8; Self::LEN] {
        let [n0, n1] = self.nominal_voltage.to_le_bytes();
        let [d0, d1] = self.negative_deviation.to_le_bytes();
        let [p0, p1] = self.positive_deviation.to_le_bytes();
        let [r0, r1] = self.ripple_and_noise.to_le_bytes();
        let [l0, l1] = self.minimum_current.to_le_bytes();
        let [h0, h1] = self.maximum_current.to_le_bytes();
        let output = (self.standby as u8) << 7 | self.number.get();
        [output, n0, n1, d0, d1, p0, p1, r0, r1, l0, l1, h0, h1]
    }
}
