use crate::Bits;

/// DC load, record type 02h (FRU 1.0 r1.3 section 18.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DcLoad {
    /// Output number.
    pub number: Bits<4>,
    /// Nominal voltage in 10 mV.
    pub nominal_voltage: i16,
    /// Specified minimum voltage in 10 mV.
    pub minimum_voltage: i16,
    /// Specified maximum voltage in 10 mV.
    pub maximum_voltage: i16,
    /// Specified ripple and noise, peak to peak, 10 Hz to 30 MHz, in millivolts.
    pub ripple_and_noise: u16,
    /// Minimum current load in milliamperes.
    pub minimum_current: u16,
    /// Maximum current load in milliamperes.
    pub maximum_current: u16,
}

impl DcLoad {
    /// Length of the record's data.
    pub const LEN: usize = 13;

    /// Reads the data; bits 7:4 of the first byte are reserved.
    pub const fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [output, n0, n1, d0, d1, p0, p1, r0, r1, l0, l1, h0, h1] = bytes;
        Self {
            number: Bits::low(output),
            nominal_voltage: i16::from_le_bytes([n0, n1]),
            minimum_voltage: i16::from_le_bytes([d0, d1]),
            maximum_voltage: i16::from_le_bytes([p0, p1]),
            ripple_and_noise: u16::from_le_bytes([r0, r1]),
            minimum_current: u16::from_le_bytes([l0, l1]),
            maximum_current: u16::from_le_bytes([h0, h1]),
        }
    }

    /// The data.
    pub const fn encode(&self) -> [u8; Self::LEN] {
        let [n0, n1] = self.nominal_voltage.to_le_bytes();
        let [d0, d1] = self.minimum_voltage.to_le_bytes();
        let [p0, p1] = self.maximum_voltage.to_le_bytes();
        let [r0, r1] = self.ripple_and_noise.to_le_bytes();
        let [l0, l1] = self.minimum_current.to_le_bytes();
        let [h0, h1] = self.maximum_current.to_le_bytes();
        [self.number.get(), n0, n1, d0, d1, p0, p1, r0, r1, l0, l1, h0, h1]
    }
}
