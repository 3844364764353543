use super::{Factors, Linearization};

/// Analog (numeric) data format of a reading, thresholds and hysteresis
/// (IPMI 2.0 table 43-1, byte 21 bits 7:6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DataFormat {
    /// 0 to 255.
    #[default]
    Unsigned,
    /// −127 to 127, with two zeroes.
    OnesComplement,
    /// −128 to 127.
    TwosComplement,
    /// The sensor returns no numeric reading.
    NotNumeric,
}

impl DataFormat {
    /// The format of bits 1:0.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Unsigned,
            1 => Self::OnesComplement,
            2 => Self::TwosComplement,
            _ => Self::NotNumeric,
        }
    }

    /// The two bits.
    pub const fn bits(self) -> u8 {
        self as u8
    }

    /// The number a raw byte stands for; `None` when it stands for none.
    pub const fn number(self, raw: u8) -> Option<i16> {
        match self {
            Self::Unsigned => Some(raw as i16),
            // Both zeroes of one's complement, 00h and FFh, come out as 0.
            Self::OnesComplement if raw >= 0x80 => Some(raw.wrapping_add(1) as i8 as i16),
            Self::OnesComplement | Self::TwosComplement => Some(raw as i8 as i16),
            Self::NotNumeric => None,
        }
    }

    /// The raw byte of a number; `None` outside the format's range.
    pub const fn raw(self, number: i16) -> Option<u8> {
        match self {
            Self::Unsigned if number >= 0 && number <= 255 => Some(number as u8),
            Self::OnesComplement if number >= 0 && number <= 127 => Some(number as u8),
            Self::OnesComplement if number >= -127 && number < 0 => Some((number - 1) as u8),
            Self::TwosComplement if number >= -128 && number <= 127 => Some(number as u8),
            _ => None,
        }
    }

    /// The smallest and largest number of the format; `None` when it has none.
    pub const fn range(self) -> Option<(i16, i16)> {
        match self {
            Self::Unsigned => Some((0, 255)),
            Self::OnesComplement => Some((-127, 127)),
            Self::TwosComplement => Some((-128, 127)),
            Self::NotNumeric => None,
        }
    }
}

/// How one sensor's raw bytes become values (IPMI 2.0 section 36.3).
///
/// Every operation is done in the order ipmitool does it (1.8.18 and 1.8.19,
/// `sdr_convert_sensor_*`), so that sums and products agree to the last bit.
/// Where the format is [`DataFormat::NotNumeric`] values are 0, as there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Conversion {
    /// How raw bytes represent numbers.
    pub format: DataFormat,
    /// The function applied last.
    pub linearization: Linearization,
    /// M, B and their exponents.
    pub factors: Factors,
}

impl Conversion {
    /// The value of a raw reading or threshold.
    pub fn reading(&self, raw: u8) -> f64 {
        let Some(number) = self.format.number(raw) else { return 0.0 };
        let product = i32::from(self.factors.m()) * i32::from(number);
        self.linearization.apply((f64::from(product) + self.factors.offset()) * self.factors.scale())
    }

    /// The value of a raw hysteresis (table 43-1, bytes 43 and 44): a difference, so B has no part in it.
    pub fn hysteresis(&self, raw: u8) -> f64 {
        let Some(number) = self.format.number(raw) else { return 0.0 };
        let product = i32::from(self.factors.m()) * i32::from(number);
        self.linearization.apply(f64::from(product) * self.factors.scale())
    }

    /// The value of a tolerance in half raw counts (section 36.4.1).
    ///
    /// The field is unsigned, but ipmitool reads it in the sensor's format; at
    /// most 63, it is the same in all.
    pub fn tolerance(&self, half_counts: u8) -> f64 {
        let Some(number) = self.format.number(half_counts) else { return 0.0 };
        let product = f64::from(self.factors.m()) * f64::from(number) / 2.0;
        self.linearization.apply(product * self.factors.scale())
    }

    /// The raw byte whose value is nearest to `value`, within the format's range.
    ///
    /// `None` when the sensor is not numeric, M is zero, or `value` is outside
    /// what the linearization can yield.
    pub fn raw(&self, value: f64) -> Option<u8> {
        let (lowest, highest) = self.format.range()?;
        let number = self.unscaled(self.linearization.invert(value))?;
        let nearest = libm::round(number).clamp(f64::from(lowest), f64::from(highest));
        self.format.raw(nearest as i16)
    }

    /// The raw byte ipmitool's `sensor thresh` writes for `value` (1.8.18 and
    /// 1.8.19, `sdr_convert_sensor_value_to_raw`): linear whatever the
    /// linearization, two's complement whatever the format, halves rounded up
    /// for positive and cut off for negative numbers, modulo 256.
    ///
    /// 0 when the sensor is not numeric or M is zero.
    pub fn raw_as_ipmitool(&self, value: f64) -> u8 {
        if self.format == DataFormat::NotNumeric || self.factors.m() == 0 {
            return 0;
        }
        let number = (value / self.factors.scale() - self.factors.offset()) / f64::from(self.factors.m());
        if number - f64::from(x86_int(number)) >= 0.5 {
            return x86_int(libm::ceil(number)) as u8;
        }
        x86_int(number) as u8
    }

    /// Solves M·x + B·10^K1 = `linear` / 10^K2.
    fn unscaled(&self, linear: f64) -> Option<f64> {
        let number = (linear / self.factors.scale() - self.factors.offset()) / f64::from(self.factors.m());
        number.is_finite().then_some(number)
    }
}

/// C's conversion to `int` as x86 does it: out of range gives the smallest.
fn x86_int(value: f64) -> i32 {
    if value > -2_147_483_649.0 && value < 2_147_483_648.0 { value as i32 } else { i32::MIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversion(format: DataFormat, linearization: Linearization, factors: [i16; 4]) -> Conversion {
        let [m, b, b_exponent, result_exponent] = factors;
        let factors = Factors::new(m, b, b_exponent as i8, result_exponent as i8).unwrap();
        Conversion { format, linearization, factors }
    }

    #[test]
    fn formats_read_the_sign_differently() {
        assert_eq!(DataFormat::Unsigned.number(0xFF), Some(255));
        assert_eq!(DataFormat::OnesComplement.number(0xFF), Some(0));
        assert_eq!(DataFormat::OnesComplement.number(0x80), Some(-127));
        assert_eq!(DataFormat::TwosComplement.number(0x80), Some(-128));
        assert_eq!(DataFormat::NotNumeric.number(0), None);
    }

    #[test]
    fn numbers_return_to_their_raw_byte() {
        for format in [DataFormat::Unsigned, DataFormat::OnesComplement, DataFormat::TwosComplement] {
            for raw in 0..=255 {
                let back = format.number(raw).and_then(|number| format.raw(number));
                let negative_zero = format == DataFormat::OnesComplement && raw == 0xFF;
                assert_eq!(back, Some(if negative_zero { 0 } else { raw }), "{format:?} {raw}");
            }
        }
        assert_eq!(DataFormat::OnesComplement.raw(-128), None);
    }

    #[test]
    fn a_voltage_with_offset_and_exponents() {
        let volts = conversion(DataFormat::Unsigned, Linearization::LINEAR, [63, -5, 1, -3]);
        assert_eq!(volts.reading(200), (63.0 * 200.0 - 50.0) * 1e-3);
        assert_eq!(volts.hysteresis(2), 126.0 * 1e-3);
        assert_eq!(volts.tolerance(3), 94.5 * 1e-3);
        assert_eq!(volts.raw(12.55), Some(200));
    }

    #[test]
    fn invalid_results_have_the_sign_c_prints() {
        let of = |linearization, raw| {
            conversion(DataFormat::TwosComplement, linearization, [1, 0, 0, 0]).reading(raw)
        };
        assert_eq!(of(Linearization::LN, 0xFF).to_bits(), 0xFFF8 << 48);
        assert_eq!(of(Linearization::LOG2, 0xFF).to_bits(), 0xFFF8 << 48);
        assert_eq!(of(Linearization::SQUARE_ROOT, 0xFF).to_bits(), 0xFFF8 << 48);
        assert_eq!(of(Linearization::LOG10, 0xFF).to_bits(), 0x7FF8 << 48);
        assert_eq!(of(Linearization::LN, 0), f64::NEG_INFINITY);
    }

    #[test]
    fn exact_results_are_exact() {
        let of =
            |linearization, raw| conversion(DataFormat::Unsigned, linearization, [1, 0, 0, 0]).reading(raw);
        assert_eq!(of(Linearization::LOG10, 100), 2.0);
        assert_eq!(of(Linearization::LOG2, 8), 3.0);
        assert_eq!(of(Linearization::EXP10, 3), 1000.0);
        assert_eq!(of(Linearization::EXP2, 10), 1024.0);
        assert_eq!(of(Linearization::RECIPROCAL, 4), 0.25);
        assert_eq!(of(Linearization::CUBE, 5), 125.0);
        assert_eq!(of(Linearization::CUBE_ROOT, 27), 3.0);
        assert_eq!(of(Linearization::SQUARE_ROOT, 144), 12.0);
    }

    #[test]
    fn raw_saturates_and_refuses_the_impossible() {
        let linear = conversion(DataFormat::TwosComplement, Linearization::LINEAR, [2, 0, 0, 0]);
        assert_eq!(linear.raw(1000.0), Some(127));
        assert_eq!(linear.raw(-1000.0), Some(0x80));
        assert_eq!(linear.raw(f64::NAN), None);
        assert_eq!(conversion(DataFormat::Unsigned, Linearization::SQUARE, [1, 0, 0, 0]).raw(-1.0), None);
        assert_eq!(conversion(DataFormat::Unsigned, Linearization::LINEAR, [0, 0, 0, 0]).raw(1.0), None);
    }

    #[test]
    fn ipmitool_rounds_halves_up_and_wraps() {
        let linear = conversion(DataFormat::Unsigned, Linearization::LINEAR, [1, 0, 0, 0]);
        assert_eq!(linear.raw_as_ipmitool(2.5), 3);
        assert_eq!(linear.raw_as_ipmitool(-2.5), 0xFE);
        assert_eq!(linear.raw_as_ipmitool(257.0), 1);
        assert_eq!(linear.raw_as_ipmitool(1e300), 0);
        assert_eq!(linear.raw_as_ipmitool(f64::NAN), 0);
    }
}
