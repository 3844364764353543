//! Factors for a described sensor: such that its raw bytes express the values
//! given exactly, or else as finely as they can.

use ipmi::sensor::{DataFormat, Factors};

/// Exponents of ten tried, coarsest first: coarse units read best.
const EXPONENTS: [i8; 5] = [0, -1, -2, -3, -4];
/// The largest multiplier that fits its ten bits.
const LARGEST_M: i16 = 511;

/// Factors, with no offset, for `values` in `format`.
pub(super) fn fit(values: &[f64], format: DataFormat) -> Factors {
    let (lowest, highest) = format.range().unwrap_or((0, 255));
    let candidates =
        || EXPONENTS.into_iter().flat_map(|exponent| (1..=LARGEST_M).map(move |m| (m, exponent)));
    let fits = |(m, exponent): (i16, i8), exact: bool| {
        let step = f64::from(m) * 10f64.powi(exponent.into());
        values.iter().all(|value| {
            let raw = value / step;
            let near = (raw - raw.round()).abs() < 1e-6;
            raw.round() >= f64::from(lowest) && raw.round() <= f64::from(highest) && (near || !exact)
        })
    };
    let exact = candidates().find(|candidate| fits(*candidate, true));
    let finest = || {
        let step = |(m, exponent): &(i16, i8)| f64::from(*m) * 10f64.powi((*exponent).into());
        candidates().filter(|candidate| fits(*candidate, false)).min_by(|a, b| step(a).total_cmp(&step(b)))
    };
    let (m, exponent) = exact.or_else(finest).unwrap_or((LARGEST_M, 0));
    Factors::new(m, 0, 0, exponent).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_factors_are_found_and_else_the_finest() {
        let of = |values: &[f64], format| {
            let factors = fit(values, format);
            (factors.m(), factors.result_exponent())
        };
        assert_eq!(of(&[45.0, 85.0], DataFormat::Unsigned), (1, 0));
        assert_eq!(of(&[5600.0, 300.0], DataFormat::Unsigned), (25, 0));
        assert_eq!(of(&[12.06, 10.8], DataFormat::Unsigned), (6, -2));
        assert_eq!(of(&[-5.0, 100.0], DataFormat::TwosComplement), (1, 0));
        // No common step: 1.00001 and 255.
        assert_eq!(of(&[1.000_01, 255.0], DataFormat::Unsigned), (1, 0));
        assert_eq!(of(&[], DataFormat::Unsigned), (1, 0));
    }
}
