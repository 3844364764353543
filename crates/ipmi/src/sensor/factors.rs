use crate::Error;

use super::math::power_of_ten;

/// The factors of y = L[(M·x + B·10^K1)·10^K2] (IPMI 2.0 section 36.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Factors {
    m: i16,
    b: i16,
    b_exponent: i8,
    result_exponent: i8,
}

impl Factors {
    /// y = x: M = 1, B = 0, no exponents.
    pub const IDENTITY: Self = Self { m: 1, b: 0, b_exponent: 0, result_exponent: 0 };

    /// Factors within their fields: `m` and `b` 10 bits (−512 to 511), the
    /// exponents 4 bits (−8 to 7), all two's complement.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] names the first factor that does not fit.
    pub const fn new(m: i16, b: i16, b_exponent: i8, result_exponent: i8) -> Result<Self, Error> {
        if m < -512 || m > 511 {
            return Err(Error::OutOfRange { what: "M" });
        }
        if b < -512 || b > 511 {
            return Err(Error::OutOfRange { what: "B" });
        }
        if b_exponent < -8 || b_exponent > 7 {
            return Err(Error::OutOfRange { what: "B exponent" });
        }
        if result_exponent < -8 || result_exponent > 7 {
            return Err(Error::OutOfRange { what: "R exponent" });
        }
        Ok(Self { m, b, b_exponent, result_exponent })
    }

    /// M, the multiplier of the raw reading.
    pub const fn m(self) -> i16 {
        self.m
    }

    /// B, the additive offset.
    pub const fn b(self) -> i16 {
        self.b
    }

    /// K1, the exponent of ten that scales B.
    pub const fn b_exponent(self) -> i8 {
        self.b_exponent
    }

    /// K2 (R exp), the exponent of ten that scales the sum.
    pub const fn result_exponent(self) -> i8 {
        self.result_exponent
    }

    /// B·10^K1.
    pub(super) fn offset(self) -> f64 {
        f64::from(self.b) * power_of_ten(self.b_exponent)
    }

    /// 10^K2.
    pub(super) const fn scale(self) -> f64 {
        power_of_ten(self.result_exponent)
    }
}

impl Default for Factors {
    fn default() -> Self {
        Self::IDENTITY
    }
}

/// Sensor direction (IPMI 2.0 table 43-1, byte 29 bits 1:0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// Unspecified or not applicable.
    #[default]
    Unspecified,
    /// The entity monitored takes in what is measured.
    Input,
    /// The entity monitored puts out what is measured.
    Output,
    /// Reserved (11b).
    Reserved,
}

impl Direction {
    /// The direction of bits 1:0.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Unspecified,
            1 => Self::Input,
            2 => Self::Output,
            _ => Self::Reserved,
        }
    }
}

/// The six bytes of factors in a full sensor record (IPMI 2.0 table 43-1, bytes
/// 25–30) and in Get Sensor Reading Factors' response (table 35-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ReadingFactors {
    /// M, B and their exponents.
    pub factors: Factors,
    tolerance: u8,
    accuracy: u16,
    accuracy_exponent: u8,
    /// Whether the monitored quantity flows in or out.
    pub direction: Direction,
}

impl ReadingFactors {
    /// Number of bytes encoded.
    pub const LEN: usize = 6;

    /// Exact factors: no tolerance, no stated accuracy, no direction.
    pub const fn exact(factors: Factors) -> Self {
        Self { factors, tolerance: 0, accuracy: 0, accuracy_exponent: 0, direction: Direction::Unspecified }
    }

    /// Sets the tolerance in half raw counts, 0 to 63.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] above 63.
    pub const fn with_tolerance(self, half_counts: u8) -> Result<Self, Error> {
        if half_counts > 63 {
            return Err(Error::OutOfRange { what: "tolerance" });
        }
        Ok(Self { tolerance: half_counts, ..self })
    }

    /// Sets the accuracy: `accuracy`·10^`exponent` hundredths of a percent,
    /// 0 to 1023 and 0 to 3.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when either does not fit its field.
    pub const fn with_accuracy(self, accuracy: u16, exponent: u8) -> Result<Self, Error> {
        if accuracy > 1023 || exponent > 3 {
            return Err(Error::OutOfRange { what: "accuracy" });
        }
        Ok(Self { accuracy, accuracy_exponent: exponent, ..self })
    }

    /// Tolerance in half raw counts, 0 to 63.
    pub const fn tolerance(self) -> u8 {
        self.tolerance
    }

    /// Accuracy mantissa in hundredths of a percent, 0 to 1023.
    pub const fn accuracy(self) -> u16 {
        self.accuracy
    }

    /// Exponent of ten of the accuracy, 0 to 3.
    pub const fn accuracy_exponent(self) -> u8 {
        self.accuracy_exponent
    }

    /// Accuracy in percent of the reading.
    pub fn accuracy_percent(self) -> f64 {
        f64::from(self.accuracy) * power_of_ten(self.accuracy_exponent as i8) / 100.0
    }

    /// Reads the six bytes; every bit has a meaning, so none can be wrong.
    pub const fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [m, m_tolerance, b, b_accuracy, accuracy_direction, exponents] = bytes;
        Self {
            factors: Factors {
                m: signed_10(m, m_tolerance),
                b: signed_10(b, b_accuracy),
                b_exponent: signed_4(exponents),
                result_exponent: signed_4(exponents >> 4),
            },
            tolerance: m_tolerance & 0x3F,
            accuracy: (b_accuracy & 0x3F) as u16 | ((accuracy_direction & 0xF0) as u16) << 2,
            accuracy_exponent: accuracy_direction >> 2 & 3,
            direction: Direction::from_bits(accuracy_direction),
        }
    }

    /// The six bytes.
    pub const fn encode(self) -> [u8; Self::LEN] {
        let Factors { m, b, b_exponent, result_exponent } = self.factors;
        [
            m as u8,
            high_bits(m) | self.tolerance,
            b as u8,
            high_bits(b) | (self.accuracy & 0x3F) as u8,
            (self.accuracy >> 2) as u8 & 0xF0 | self.accuracy_exponent << 2 | self.direction as u8,
            (result_exponent as u8) << 4 | b_exponent as u8 & 0x0F,
        ]
    }
}

/// Ten bits, the upper two in bits 7:6 of `high`, sign-extended.
const fn signed_10(low: u8, high: u8) -> i16 {
    (((low as u16 | ((high & 0xC0) as u16) << 2) << 6) as i16) >> 6
}

/// The low four bits, sign-extended.
const fn signed_4(bits: u8) -> i8 {
    ((bits << 4) as i8) >> 4
}

/// Bits 9:8 of a ten-bit value, in bits 7:6.
const fn high_bits(value: i16) -> u8 {
    (value >> 2) as u8 & 0xC0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_the_six_bytes_survives() {
        for bit in 0..48 {
            let mut bytes = [0; 6];
            bytes[bit / 8] = 1 << (bit % 8);
            assert_eq!(ReadingFactors::decode(bytes).encode(), bytes);
        }
    }

    #[test]
    fn negative_fields_are_sign_extended() {
        let read = ReadingFactors::decode([0xFF, 0xC0, 0x00, 0x80, 0x00, 0xD8]);
        assert_eq!(read.factors, Factors::new(-1, -512, -8, -3).unwrap());
    }

    #[test]
    fn accuracy_spans_two_bytes() {
        let read = ReadingFactors::decode([0, 0, 0, 0x3F, 0xA9, 0]);
        assert_eq!((read.accuracy(), read.accuracy_exponent()), (0x3F | 0xA << 6, 2));
        assert_eq!(read.direction, Direction::Input);
        assert!((read.accuracy_percent() - 703.0).abs() < 1e-9);
    }

    #[test]
    fn factors_refuse_what_does_not_fit() {
        assert!(Factors::new(512, 0, 0, 0).is_err());
        assert!(Factors::new(0, -513, 0, 0).is_err());
        assert!(Factors::new(0, 0, 8, 0).is_err());
        assert!(Factors::new(0, 0, 0, -9).is_err());
    }
}
