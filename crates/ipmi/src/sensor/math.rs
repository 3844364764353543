//! Powers of ten, and the error results of C's library: whether they print as
//! `nan` or `-nan` depends on a sign that Rust leaves open.

/// 10^`exponent` for the 4-bit exponents of a record (−8 to 7), as `pow(10, k)`
/// yields: the nearest double.
pub(super) const fn power_of_ten(exponent: i8) -> f64 {
    const POWERS: [f64; 16] =
        [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];
    let index = if exponent < -8 {
        0
    } else if exponent > 7 {
        15
    } else {
        exponent + 8
    };
    POWERS[index as usize]
}

/// What an invalid operation yields on x86, sign bit set: C prints `-nan`.
pub(super) const INVALID: f64 = f64::from_bits(0xFFF8_0000_0000_0000);

/// What C's library answers where it checks the argument itself: C prints `nan`.
pub(super) const REFUSED: f64 = f64::from_bits(0x7FF8_0000_0000_0000);
