use ipmi::sensor::{Conversion, DataFormat, Factors, Linearization, ReadingFactors};
use proptest::prelude::*;

fn format() -> impl Strategy<Value = DataFormat> {
    (0..3_u8).prop_map(DataFormat::from_bits)
}

fn factors() -> impl Strategy<Value = Factors> {
    (-512..=511_i16, -512..=511_i16, -8..=7_i8, -8..=7_i8)
        .prop_filter_map("fields in range", |(m, b, b_exponent, exponent)| {
            Factors::new(m, b, b_exponent, exponent).ok()
        })
}

proptest! {
    #[test]
    fn the_six_factor_bytes_return(bytes in any::<[u8; 6]>()) {
        prop_assert_eq!(ReadingFactors::decode(bytes).encode(), bytes);
    }

    #[test]
    fn a_linear_reading_returns_to_its_raw_byte(format in format(), factors in factors(), raw: u8) {
        prop_assume!(factors.m() != 0);
        let conversion = Conversion { format, linearization: Linearization::LINEAR, factors };
        let number = format.number(raw).unwrap();
        prop_assert_eq!(conversion.raw(conversion.reading(raw)), format.raw(number));
    }

    /// Where the function is one-to-one and readings neither overflow nor collapse.
    #[test]
    fn a_linearized_reading_returns_to_its_raw_byte(code in 0..=0x0B_u8, m in 1..=2_i16, raw in 1..=127_u8) {
        let factors = Factors::new(m, 0, 0, 0).unwrap();
        let conversion = Conversion { format: DataFormat::Unsigned, linearization: Linearization(code), factors };
        prop_assert_eq!(conversion.raw(conversion.reading(raw)), Some(raw));
    }

    #[test]
    fn nothing_panics(format in 0..4_u8, code: u8, factors in any::<[u8; 6]>(), raw: u8, bits: u64) {
        let factors = ReadingFactors::decode(factors).factors;
        let format = DataFormat::from_bits(format);
        let conversion = Conversion { format, linearization: Linearization(code), factors };
        let values = [conversion.reading(raw), conversion.hysteresis(raw), conversion.tolerance(raw)];
        for value in values.into_iter().chain([f64::from_bits(bits)]) {
            conversion.raw(value);
            conversion.raw_as_ipmitool(value);
        }
    }
}
