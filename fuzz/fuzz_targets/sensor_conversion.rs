//! Readings and values through any conversion: six bytes of factors, data
//! format, linearization, raw byte, then a value's eight bytes.
#![no_main]

use ipmi::sensor::{Conversion, DataFormat, Linearization, ReadingFactors};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: ([u8; 6], u8, u8, u8, [u8; 8])| {
    let (factor_bytes, format, linearization, raw, value) = input;
    let factors = ReadingFactors::decode(factor_bytes);
    assert_eq!(factors.encode(), factor_bytes);
    let conversion = Conversion {
        format: DataFormat::from_bits(format),
        linearization: Linearization(linearization),
        factors: factors.factors,
    };
    let reading = conversion.reading(raw);
    conversion.hysteresis(raw);
    conversion.tolerance(factors.tolerance());
    for value in [reading, f64::from_le_bytes(value)] {
        conversion.raw_as_ipmitool(value);
        if let Some(nearest) = conversion.raw(value) {
            assert!(conversion.format.number(nearest).is_some());
        }
    }
    if linearization & 0x7F == 0 && conversion.factors.m() != 0 {
        let number = conversion.format.number(raw);
        assert_eq!(conversion.raw(reading), number.and_then(|number| conversion.format.raw(number)));
    }
});
