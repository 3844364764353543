use crate::Bits;

/// Voltage of a combined wattage (FRU 1.0 r1.3 table 18-1, byte 20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CombinedVoltage(pub Bits<4>);

impl CombinedVoltage {
    /// 12 V.
    pub const PLUS_12: Self = Self(Bits::low(0));
    /// −12 V.
    pub const MINUS_12: Self = Self(Bits::low(1));
    /// 5 V.
    pub const PLUS_5: Self = Self(Bits::low(2));
    /// 3.3 V.
    pub const PLUS_3_3: Self = Self(Bits::low(3));
}

/// A power in watts that shares its word with four other bits: 0 to 4095.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Watts(u16);

impl Watts {
    /// That many watts; `None` above 4095.
    pub const fn new(watts: u16) -> Option<Self> {
        if watts <= 0x0FFF { Some(Self(watts)) } else { None }
    }

    /// The number of watts.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// Power supply information, record type 00h (FRU 1.0 r1.3 section 18.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PowerSupply {
    /// Overall capacity.
    pub overall_capacity: Watts,
    /// Peak apparent power in VA; FFFFh is unspecified.
    pub peak_va: u16,
    /// Inrush current in amperes; FFh is unspecified.
    pub inrush_current: u8,
    /// Inrush interval in milliseconds.
    pub inrush_interval: u8,
    /// Low end of input voltage range 1, in 10 mV.
    pub low_input_1: u16,
    /// High end of input voltage range 1, in 10 mV.
    pub high_input_1: u16,
    /// Low end of input voltage range 2, in 10 mV; 0 when there is one range.
    pub low_input_2: u16,
    /// High end of input voltage range 2, in 10 mV; 0 when there is one range.
    pub high_input_2: u16,
    /// Low end of input frequency range, in hertz; 0 for DC.
    pub low_frequency: u8,
    /// High end of input frequency range, in hertz; 0 for DC.
    pub high_frequency: u8,
    /// AC drop-out tolerance in milliseconds.
    pub dropout_tolerance: u8,
    /// Two tachometer pulses per rotation, or a failure signal that is asserted
    /// high; one pulse, or asserted low, when clear (bit 4).
    pub tachometer: bool,
    /// Hot swap and redundancy supported (bit 3).
    pub hot_swap: bool,
    /// Switches between input ranges itself (bit 2).
    pub autoswitch: bool,
    /// Power factor correction (bit 1).
    pub power_factor_correction: bool,
    /// Predictive failure pin (bit 0).
    pub predictive_failure: bool,
    /// How long the peak capacity can be held, in seconds.
    pub hold_up_seconds: Bits<4>,
    /// Peak capacity.
    pub peak_capacity: Watts,
    /// First voltage that shares the combined wattage.
    pub combined_voltage_1: CombinedVoltage,
    /// Second voltage that shares the combined wattage.
    pub combined_voltage_2: CombinedVoltage,
    /// Combined wattage in watts; 0 when not applicable.
    pub combined_capacity: u16,
    /// Lower threshold of the predictive failure tachometer in revolutions per second.
    pub tachometer_threshold: u8,
}

impl PowerSupply {
    /// Length of the record's data.
    pub const LEN: usize = 24;

    /// Reads the data; bits 15:12 of the overall capacity and 7:5 of the flags are reserved.
    pub const fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [c0, c1, va0, va1, inrush_current, inrush_interval, inputs_and_frequencies @ ..] = bytes;
        let [a0, a1, b0, b1, d0, d1, e0, e1, low_frequency, high_frequency, rest @ ..] =
            inputs_and_frequencies;
        let [dropout_tolerance, flags, p0, p1, voltages, w0, w1, tachometer_threshold] = rest;
        let peak = u16::from_le_bytes([p0, p1]);
        Self {
            overall_capacity: Watts(u16::from_le_bytes([c0, c1]) & 0x0FFF),
            peak_va: u16::from_le_bytes([va0, va1]),
            inrush_current,
            inrush_interval,
            low_input_1: u16::from_le_bytes([a0, a1]),
            high_input_1: u16::from_le_bytes([b0, b1]),
            low_input_2: u16::from_le_bytes([d0, d1]),
            high_input_2: u16::from_le_bytes([e0, e1]),
            low_frequency,
            high_frequency,
            dropout_tolerance,
            tachometer: flags & 0x10 != 0,
            hot_swap: flags & 0x08 != 0,
            autoswitch: flags & 0x04 != 0,
            power_factor_correction: flags & 0x02 != 0,
            predictive_failure: flags & 0x01 != 0,
            hold_up_seconds: Bits::low((peak >> 12) as u8),
            peak_capacity: Watts(peak & 0x0FFF),
            combined_voltage_1: CombinedVoltage(Bits::low(voltages >> 4)),
            combined_voltage_2: CombinedVoltage(Bits::low(voltages)),
            combined_capacity: u16::from_le_bytes([w0, w1]),
            tachometer_threshold,
        }
    }

    /// The data.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let peak = u16::from(self.hold_up_seconds.get()) << 12 | self.peak_capacity.0;
        let words = [
            (0, self.overall_capacity.0),
            (2, self.peak_va),
            (6, self.low_input_1),
            (8, self.high_input_1),
            (10, self.low_input_2),
            (12, self.high_input_2),
            (18, peak),
            (21, self.combined_capacity),
        ];
        for (at, word) in words {
            bytes[at..at + 2].copy_from_slice(&word.to_le_bytes());
        }
        bytes[4..6].copy_from_slice(&[self.inrush_current, self.inrush_interval]);
        bytes[14..17].copy_from_slice(&[self.low_frequency, self.high_frequency, self.dropout_tolerance]);
        bytes[17] = self.flags();
        bytes[20] = self.combined_voltage_1.0.get() << 4 | self.combined_voltage_2.0.get();
        bytes[23] = self.tachometer_threshold;
        bytes
    }

    fn flags(&self) -> u8 {
        u8::from(self.tachometer) << 4
            | u8::from(self.hot_swap) << 3
            | u8::from(self.autoswitch) << 2
            | u8::from(self.power_factor_correction) << 1
            | u8::from(self.predictive_failure)
    }
}
