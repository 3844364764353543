//! Powers and logarithms rounded once: sums of two doubles carry about 106 bits.
//!
//! The last bit shows: values above 2^53 are printed with all their digits, and
//! whole ones without decimals. The `libm` crate differs from glibc in one value
//! of twenty. What is here differs in one of thousands: nearly half-way between two
//! doubles, where glibc's choice depends on the processor too (with FMA or without).

use libm::{fma, scalbn};

/// The unevaluated sum of two doubles, the second below the first's last bit.
#[derive(Debug, Clone, Copy)]
struct DoubleDouble(f64, f64);

const LN_2: DoubleDouble = DoubleDouble(core::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);
const LN_10: DoubleDouble = DoubleDouble(core::f64::consts::LN_10, -2.170_756_223_382_249_4e-16);

/// e^x.
pub(super) fn exp(x: f64) -> f64 {
    DoubleDouble(within_reach(x), 0.0).exp()
}

/// 2^x.
pub(super) fn exp2(x: f64) -> f64 {
    LN_2.times(within_reach(x)).exp()
}

/// 10^x.
pub(super) fn exp10(x: f64) -> f64 {
    if x == 23.0 {
        // The one whole power half-way between two doubles; glibc takes the upper.
        return 1e23_f64.next_up();
    }
    LN_10.times(within_reach(x)).exp()
}

/// Natural logarithm.
pub(super) fn ln(x: f64) -> f64 {
    let rough = libm::log(x);
    if !rough.is_finite() {
        return rough;
    }
    // One Newton step: ln x = y + ln(x·e^−y), the latter's argument close to 1.
    let (power, twos) = DoubleDouble(-rough, 0.0).exp_scaled();
    let DoubleDouble(excess, rest) = power.times(scalbn(x, twos)).add(DoubleDouble(-1.0, 0.0));
    rough + (excess + (rest - excess * excess / 2.0))
}

/// Logarithm to base 10, from the natural one as C's library has always done,
/// which is not always the nearest double.
pub(super) fn log10(x: f64) -> f64 {
    /// log10 2 in two parts, the first with room for a product with an exponent.
    const LOG10_2: DoubleDouble = DoubleDouble(3.010_299_956_636_117_7e-1, 3.694_239_077_158_931e-13);
    if !(x > 0.0 && x.is_finite()) {
        return libm::log10(x);
    }
    let (fraction, exponent) = libm::frexp(x);
    // Fractions from 1/2 for numbers below 1, else from 1.
    let (fraction, twos) = if exponent > 0 { (fraction * 2.0, exponent - 1) } else { (fraction, exponent) };
    let twos = f64::from(twos);
    let small = twos * LOG10_2.1 + core::f64::consts::LOG10_E * ln(fraction);
    small + twos * LOG10_2.0
}

/// x³.
pub(super) fn cube(x: f64) -> f64 {
    let rough = x * x * x;
    if !rough.is_finite() {
        return rough;
    }
    let DoubleDouble(high, low) = DoubleDouble::product(x, x).times(x);
    high + low
}

/// Powers beyond ±10000 give 0 or infinity all the same, and infinite ones have no second double.
const fn within_reach(x: f64) -> f64 {
    x.clamp(-1e4, 1e4)
}

impl DoubleDouble {
    /// |high| ≥ |low|, or high is zero.
    fn normalised(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self(sum, low - (sum - high))
    }

    fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self(high, fma(a, b, -high))
    }

    fn times(self, factor: f64) -> Self {
        let Self(high, low) = Self::product(self.0, factor);
        Self::normalised(high, fma(self.1, factor, low))
    }

    fn multiply(self, other: Self) -> Self {
        let Self(high, low) = Self::product(self.0, other.0);
        Self::normalised(high, low + (self.0 * other.1 + self.1 * other.0))
    }

    fn divide(self, divisor: f64) -> Self {
        let quotient = self.0 / divisor;
        let rest = fma(-quotient, divisor, self.0) + self.1;
        Self::normalised(quotient, rest / divisor)
    }

    fn add(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        let back = sum - self.0;
        let error = (self.0 - (sum - back)) + (other.0 - back);
        Self::normalised(sum, error + (self.1 + other.1))
    }

    /// e to this power, rounded; beyond a double's range 0 or infinity.
    fn exp(self) -> f64 {
        if self.0.is_nan() {
            return self.0;
        }
        if self.0 > 710.0 {
            return f64::INFINITY;
        }
        if self.0 < -746.0 {
            return 0.0;
        }
        let (Self(high, low), twos) = self.exp_scaled();
        scalbn(high + low, twos)
    }

    /// e to this power as a number around 1 and a power of two.
    fn exp_scaled(self) -> (Self, i32) {
        let twos = libm::round(self.0 / LN_2.0);
        let power = Self(1.0, 0.0).add(self.add(LN_2.times(-twos)).exp_minus_1());
        (power, twos as i32)
    }

    /// e to this power less 1, for powers below 0.35: a short series for a 512th
    /// of it, then nine times (s + 1)² − 1 = 2s + s².
    fn exp_minus_1(self) -> Self {
        const DOUBLINGS: i32 = 9;
        let small = Self(scalbn(self.0, -DOUBLINGS), scalbn(self.1, -DOUBLINGS));
        let mut term = small;
        let mut sum = small;
        for nth in 2..=9_u8 {
            term = term.multiply(small).divide(nth.into());
            sum = sum.add(term);
        }
        for _ in 0..DOUBLINGS {
            sum = sum.times(2.0).add(sum.multiply(sum));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_powers_of_ten_are_the_nearest_doubles() {
        assert_eq!([exp10(22.0), exp10(70.0), exp10(-5.0), exp10(308.0)], [1e22, 1e70, 1e-5, 1e308]);
    }

    #[test]
    fn whole_powers_of_two_are_exact() {
        for power in -1000..=1000 {
            assert_eq!(exp2(f64::from(power)), scalbn(1.0, power));
        }
    }

    /// Values that another power function has one bit off; glibc's, and the true ones.
    #[test]
    fn the_last_bit_is_right() {
        assert_eq!(exp(49.0), 1.907_346_572_495_099_8e21);
        assert_eq!(exp(170.0), 6.761_793_810_485_009e73);
        assert_eq!(exp2(45.5), 4.975_821_619_160_76e13);
        assert_eq!(cube(-1_075_170.0), -1.242_886_336_957_413e18);
    }

    #[test]
    fn logarithms_of_whole_powers_are_whole() {
        for power in -28..=28 {
            assert_eq!(ln(scalbn(1.0, power)) / LN_2.0, f64::from(power));
        }
        assert_eq!(ln(scalbn(1.0, 29)) / LN_2.0, 29.0_f64.next_up(), "as with glibc's");
        for (power, x) in (0..).zip([1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]) {
            assert_eq!(log10(x), f64::from(power));
        }
    }

    #[test]
    fn limits() {
        assert_eq!([ln(0.0), log10(0.0)], [f64::NEG_INFINITY; 2]);
        assert_eq!([ln(f64::INFINITY), log10(f64::INFINITY)], [f64::INFINITY; 2]);
        assert_eq!([exp(0.0), exp(-0.0), exp2(0.0)], [1.0; 3]);
        assert_eq!([exp(1e5), exp10(309.0), exp2(1024.0), cube(1e200)], [f64::INFINITY; 4]);
        assert_eq!([exp(-1e5), exp10(f64::NEG_INFINITY)], [0.0; 2]);
        assert!(exp(f64::NAN).is_nan());
    }
}
