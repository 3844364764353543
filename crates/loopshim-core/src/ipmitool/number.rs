//! Numbers as the original reads them from arguments: C's `strtol` and
//! `strtoul` with base 0 (leading blanks, a sign, `0x`, octal), then a range.

/// Why an argument is not the number asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// Something other than digits follows.
    Malformed,
    /// The value does not fit.
    OutOfRange,
}

/// An unsigned byte.
pub fn to_u8(text: &[u8]) -> Result<u8, NumberError> {
    to_u64(text)?.try_into().map_err(|_| NumberError::OutOfRange)
}

/// An unsigned 16-bit number.
pub fn to_u16(text: &[u8]) -> Result<u16, NumberError> {
    to_u64(text)?.try_into().map_err(|_| NumberError::OutOfRange)
}

/// An unsigned 32-bit number.
pub fn to_u32(text: &[u8]) -> Result<u32, NumberError> {
    to_u64(text)?.try_into().map_err(|_| NumberError::OutOfRange)
}

/// A signed 32-bit number.
pub fn to_i32(text: &[u8]) -> Result<i32, NumberError> {
    to_i64(text)?.try_into().map_err(|_| NumberError::OutOfRange)
}

/// An unsigned 64-bit number; `-1` wraps to the largest, as in C.
pub fn to_u64(text: &[u8]) -> Result<u64, NumberError> {
    let (negative, magnitude) = magnitude(text)?;
    let value = u64::try_from(magnitude).map_err(|_| NumberError::OutOfRange)?;
    Ok(if negative { value.wrapping_neg() } else { value })
}

/// A signed 64-bit number.
pub fn to_i64(text: &[u8]) -> Result<i64, NumberError> {
    let (negative, magnitude) = magnitude(text)?;
    let value = i128::try_from(magnitude).map_err(|_| NumberError::OutOfRange)?;
    i64::try_from(if negative { -value } else { value }).map_err(|_| NumberError::OutOfRange)
}

/// Bytes as pairs of hexadecimal digits. `Err`: what is wrong with them if they
/// were to be a key.
pub fn hex_bytes(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    if !text.len().is_multiple_of(2) {
        return Err("Number of Kg key characters is not even");
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    let digits = text.iter().map(digit).collect::<Option<Vec<u8>>>();
    let digits = digits.ok_or("Kg key is not hexadecimal number")?;
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Sign and magnitude; an empty text is zero, as `strtol` has it. The
/// magnitude saturates far above any range asked for.
fn magnitude(text: &[u8]) -> Result<(bool, u128), NumberError> {
    // C strings end at NUL; arguments cannot hold one.
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let (negative, digits) = match &text[start..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => (16, rest),
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    if digits.is_empty() {
        // Nothing converted: `strtol` leaves the end at the start of the text.
        return if text.is_empty() { Ok((false, 0)) } else { Err(NumberError::Malformed) };
    }
    let mut value: u128 = 0;
    for &byte in digits {
        let digit = char::from(byte).to_digit(radix).ok_or(NumberError::Malformed)?;
        value = value.saturating_mul(u128::from(radix)).saturating_add(u128::from(digit));
    }
    Ok((negative, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_strtol_reads() {
        assert_eq!(to_u8(b"255"), Ok(255));
        assert_eq!(to_u8(b"0x1F"), Ok(31));
        assert_eq!(to_u8(b"010"), Ok(8));
        assert_eq!(to_u8(b""), Ok(0));
        assert_eq!(to_u8(b" +7"), Ok(7));
        assert_eq!(to_i32(b"-5"), Ok(-5));
        assert_eq!(to_u64(b"-1"), Ok(u64::MAX));
    }

    #[test]
    fn refuses_what_strtol_refuses() {
        assert_eq!(to_u8(b"256"), Err(NumberError::OutOfRange));
        assert_eq!(to_u8(b"abc"), Err(NumberError::Malformed));
        assert_eq!(to_u8(b"08"), Err(NumberError::Malformed));
        assert_eq!(to_u8(b"1 "), Err(NumberError::Malformed));
        assert_eq!(to_u8(b"0x"), Err(NumberError::Malformed));
        assert_eq!(to_u8(b"-"), Err(NumberError::Malformed));
    }

    #[test]
    fn reads_pairs_of_digits() {
        assert_eq!(hex_bytes(b"0aFf"), Ok(vec![0x0A, 0xFF]));
        assert_eq!(hex_bytes(b""), Ok(Vec::new()));
        assert_eq!(hex_bytes(b"abc"), Err("Number of Kg key characters is not even"));
        assert_eq!(hex_bytes(b"0x"), Err("Kg key is not hexadecimal number"));
    }
}
