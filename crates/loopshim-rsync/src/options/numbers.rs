//! Numbers as they are written in options.

/// Why a text is no number that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberError {
    /// It is none.
    Invalid,
    /// It is out of range.
    Range,
}

/// A whole number as C writes it: decimal, `0x…` or `0…`; nothing is 0.
pub(super) fn integer(text: &[u8]) -> Result<i32, NumberError> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    if text.is_empty() {
        return Ok(0);
    }
    let (is_negative, digits) = match &text[start..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', _, ..] => (8, digits),
        digits => (10, digits),
    };
    if digits.is_empty() {
        return Err(NumberError::Invalid);
    }
    let mut value: i64 = 0;
    for &digit in digits {
        let digit = char::from(digit).to_digit(base).ok_or(NumberError::Invalid)?;
        value = value.saturating_mul(base.into()).saturating_add(digit.into());
    }
    let value = if is_negative { value.saturating_neg() } else { value };
    value.try_into().map_err(|_| NumberError::Range)
}

/// A size: `1.5k`, `1KiB+1`, `2mb`; a number alone is of `unit`. In bytes.
pub(super) fn size(text: &[u8], unit: u8) -> Result<u64, NumberError> {
    if text.first() == Some(&b'-') && text.get(1).is_some_and(|digit| *digit != b'0') {
        return Err(NumberError::Range);
    }
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (whole, mut rest) = text.split_at(end);
    let mut fraction: &[u8] = b"";
    if let Some(after) = rest.strip_prefix(b".") {
        let end = after.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(after.len());
        (fraction, rest) = after.split_at(end);
    }
    let (letter, rest) = match rest.split_first() {
        Some((letter, after)) if b"bkmgtp".contains(&letter.to_ascii_lowercase()) => (*letter, after),
        _ => (unit, rest),
    };
    let (base, rest): (i128, _) = match rest {
        [b'b' | b'B', rest @ ..] => (1000, rest),
        [b'i' | b'I', b'b' | b'B', rest @ ..] if !letter.eq_ignore_ascii_case(&b'b') => (1024, rest),
        rest => (1024, rest),
    };
    let power = b"bkmgtp".iter().position(|known| *known == letter.to_ascii_lowercase()).unwrap_or(0);
    let adjustment = match rest {
        b"" => 0,
        b"+1" if text.first() != Some(&b'+') => 1,
        b"-1" => -1,
        _ => return Err(NumberError::Invalid),
    };
    let unit = base.pow(power as u32);
    let size = scaled(whole, fraction, unit).map_or(i128::MAX, |size| size + adjustment);
    // The largest that fits is not taken either.
    if size >= i128::from(i64::MAX) { Err(NumberError::Range) } else { Ok(size.max(0) as u64) }
}

/// `whole.fraction` units, rounded down; `None` where that is too much to count.
fn scaled(whole: &[u8], fraction: &[u8], unit: i128) -> Option<i128> {
    let value = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0_i128, |value, digit| value.checked_mul(10)?.checked_add(i128::from(digit - b'0')))
    };
    // More digits of a fraction than these are less than a byte.
    let fraction = &fraction[..fraction.len().min(18)];
    let part = value(fraction)? * unit / 10_i128.pow(fraction.len() as u32);
    value(whole)?.checked_mul(unit)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_are_those_of_c() {
        for (text, value) in [
            ("", 0),
            ("5", 5),
            ("-5", -5),
            ("+5", 5),
            (" 5", 5),
            ("0x10", 16),
            ("010", 8),
            ("-2147483648", i32::MIN),
        ] {
            assert_eq!(integer(text.as_bytes()), Ok(value), "{text}");
        }
        for text in ["x", "5x", "5 ", "08", "0x", "0b1", "1e1", "-", " "] {
            assert_eq!(integer(text.as_bytes()), Err(NumberError::Invalid), "{text}");
        }
        for text in ["2147483648", "-2147483649", "99999999999999999999"] {
            assert_eq!(integer(text.as_bytes()), Err(NumberError::Range), "{text}");
        }
    }

    #[test]
    fn sizes_are_what_the_original_makes_of_them() {
        for (text, value) in [
            ("", 0),
            (".", 0),
            ("1.", 1),
            ("1.999", 1),
            ("1b", 1),
            ("1bb", 1),
            ("1.5k", 1536),
            ("1kB", 1000),
            ("7.5kb", 7500),
            ("1KiB+1", 1025),
            ("1kb-1", 999),
            ("1-1", 0),
            ("010", 10),
            ("1.0009765625k", 1025),
            ("0.1k", 102),
            ("8191p", 9_222_246_136_947_933_184),
            ("12345678901", 12_345_678_901),
        ] {
            assert_eq!(size(text.as_bytes(), b'b'), Ok(value), "{text}");
        }
        for text in [
            "1 k", "+1", "1k+2", "1e3", "1ki", "1E", "1Kk", "1k+", "0x10", "-0", "1,5k", " 1", "1ib",
            "1.5.5k", "x",
        ] {
            assert_eq!(size(text.as_bytes(), b'b'), Err(NumberError::Invalid), "{text}");
        }
        for text in ["-1", "9000000T", "9223372036854775807", "18446744073709551616"] {
            assert_eq!(size(text.as_bytes(), b'b'), Err(NumberError::Range), "{text}");
        }
        assert_eq!(size(b"1.5", b'k'), Ok(1536));
        assert_eq!(size(b"511b", b'k'), Ok(511));
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_none(text in "[-+0-9.xkmgtpbiB ]{0,40}") {
            let _ = integer(text.as_bytes());
            let _ = size(text.as_bytes(), b'k');
        }
    }
}
