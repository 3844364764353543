use super::double_double;
use super::math::{INVALID, REFUSED};

/// Linearization: the function applied to the linear result (IPMI 2.0 section
/// 36.3 and table 43-1, byte 24). The byte is kept as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Linearization(pub u8);

impl Linearization {
    /// y = x.
    pub const LINEAR: Self = Self(0x00);
    /// Natural logarithm.
    pub const LN: Self = Self(0x01);
    /// Logarithm to base 10.
    pub const LOG10: Self = Self(0x02);
    /// Logarithm to base 2.
    pub const LOG2: Self = Self(0x03);
    /// e to the power of x.
    pub const E: Self = Self(0x04);
    /// 10 to the power of x.
    pub const EXP10: Self = Self(0x05);
    /// 2 to the power of x.
    pub const EXP2: Self = Self(0x06);
    /// 1/x.
    pub const RECIPROCAL: Self = Self(0x07);
    /// x².
    pub const SQUARE: Self = Self(0x08);
    /// x³.
    pub const CUBE: Self = Self(0x09);
    /// √x.
    pub const SQUARE_ROOT: Self = Self(0x0A);
    /// ∛x.
    pub const CUBE_ROOT: Self = Self(0x0B);
    /// Non-linear: each raw reading has factors of its own, which Get Sensor
    /// Reading Factors answers.
    pub const NON_LINEAR: Self = Self(0x70);

    /// Whether factors must be asked for each reading: 70h, and 71h–7Fh (OEM).
    pub const fn is_non_linear(self) -> bool {
        self.0 >= 0x70 && self.0 <= 0x7F
    }

    /// Applies the function. Codes without one leave `x` as it is, non-linear
    /// ones included: their factors already belong to the one reading.
    ///
    /// Of a negative number, logarithms and the square root are a not-a-number
    /// that C prints as `-nan`, or as `nan` for [`LOG10`](Self::LOG10) (seen with
    /// glibc 2.36; before 2.29, so in Rocky 8, all logarithms give `nan`).
    pub fn apply(self, x: f64) -> f64 {
        let negative = x < 0.0;
        match Self(self.0 & 0x7F) {
            Self::LN | Self::LOG2 | Self::SQUARE_ROOT if negative => INVALID,
            Self::LOG10 if negative => REFUSED,
            Self::LN => double_double::ln(x),
            Self::LOG10 => double_double::log10(x),
            // ipmitool divides logarithms (1.8.18, 1.8.19): the last bit differs from log2's.
            Self::LOG2 => double_double::ln(x) / core::f64::consts::LN_2,
            Self::E => double_double::exp(x),
            Self::EXP10 => double_double::exp10(x),
            Self::EXP2 => double_double::exp2(x),
            Self::RECIPROCAL => 1.0 / x,
            Self::SQUARE => x * x,
            Self::CUBE => double_double::cube(x),
            Self::SQUARE_ROOT => libm::sqrt(x),
            Self::CUBE_ROOT => libm::cbrt(x),
            _ => x,
        }
    }

    /// The x that [`apply`](Self::apply) takes to `y`, up to rounding; of two, the positive one.
    pub fn invert(self, y: f64) -> f64 {
        match Self(self.0 & 0x7F) {
            Self::LN => double_double::exp(y),
            Self::LOG10 => double_double::exp10(y),
            Self::LOG2 => double_double::exp2(y),
            Self::E => libm::log(y),
            Self::EXP10 => libm::log10(y),
            Self::EXP2 => libm::log2(y),
            Self::RECIPROCAL => 1.0 / y,
            Self::SQUARE => libm::sqrt(y),
            Self::CUBE => libm::cbrt(y),
            Self::SQUARE_ROOT => y * y,
            Self::CUBE_ROOT => y * y * y,
            _ => y,
        }
    }
}
