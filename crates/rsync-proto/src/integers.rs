//! Numbers as they lie on the wire, least significant byte first.
//!
//! `varint` and `varlong` announce in the leading one-bits of their first byte
//! how many bytes follow beyond the least; what is left of that byte is the
//! number's most significant part.

use crate::{Input, Violation};

/// Reads four bytes.
///
/// # Errors
/// Those of the input.
pub fn read_int<I: Input>(input: &mut I) -> Result<i32, I::Error> {
    input.array().map(i32::from_le_bytes)
}

/// Writes four bytes.
pub fn write_int(output: &mut Vec<u8>, number: i32) {
    output.extend_from_slice(&number.to_le_bytes());
}

/// Reads two bytes.
///
/// # Errors
/// Those of the input.
pub fn read_shortint<I: Input>(input: &mut I) -> Result<u16, I::Error> {
    input.array().map(u16::from_le_bytes)
}

/// Writes two bytes.
pub fn write_shortint(output: &mut Vec<u8>, number: u16) {
    output.extend_from_slice(&number.to_le_bytes());
}

/// Reads a number of one to five bytes.
///
/// # Errors
/// [`Violation::NumberTooLong`], or those of the input.
pub fn read_varint<I: Input>(input: &mut I) -> Result<i32, I::Error> {
    read_marked::<I, 4>(input, 1).map(i32::from_le_bytes)
}

/// Writes a number in one to five bytes.
pub fn write_varint(output: &mut Vec<u8>, number: i32) {
    write_marked(output, number.to_le_bytes(), 1);
}

/// Reads a number of `least` to nine bytes; `least` is 3 for sizes and
/// statistics, 4 for times.
///
/// # Errors
/// [`Violation::NumberTooLong`], or those of the input.
pub fn read_varlong<I: Input>(input: &mut I, least: usize) -> Result<i64, I::Error> {
    read_marked::<I, 8>(input, least).map(i64::from_le_bytes)
}

/// Writes a number in `least` to nine bytes.
pub fn write_varlong(output: &mut Vec<u8>, number: i64, least: usize) {
    write_marked(output, number.to_le_bytes(), least);
}

/// Reads a length of one or two bytes and as many bytes.
///
/// # Errors
/// Those of the input.
pub fn read_vstring<I: Input>(input: &mut I) -> Result<Vec<u8>, I::Error> {
    let first = input.byte()?;
    let length = match first & 0x80 {
        0 => usize::from(first),
        _ => usize::from(first & 0x7f) << 8 | usize::from(input.byte()?),
    };
    input.bytes(length)
}

/// Writes a string of at most [`VSTRING_MAX`] bytes; of a longer one, the
/// first so many.
pub fn write_vstring(output: &mut Vec<u8>, string: &[u8]) {
    let string = &string[..string.len().min(VSTRING_MAX)];
    if string.len() > 0x7f {
        output.push(0x80 | (string.len() >> 8) as u8);
    }
    output.push(string.len() as u8);
    output.extend_from_slice(string);
}

/// Most bytes in a `vstring`: 15 bits of length.
pub const VSTRING_MAX: usize = 0x7fff;

fn read_marked<I: Input, const N: usize>(input: &mut I, least: usize) -> Result<[u8; N], I::Error> {
    // One byte more than the number has: where the marker fills the whole first
    // byte, the number's own bytes all follow.
    let mut bytes = [0; 9];
    let first = input.byte()?;
    let extra = first.leading_ones() as usize;
    let top = least - 1 + extra;
    if top > N {
        return Err(Violation::NumberTooLong.into());
    }
    for byte in &mut bytes[..top] {
        *byte = input.byte()?;
    }
    // Eight or more ones in a byte leave no bit below the zero that ends them.
    bytes[top] = first & (0x7f_u8.checked_shr(extra as u32).unwrap_or(0));
    let (number, beyond) = bytes.split_at(N);
    if beyond.iter().any(|&byte| byte != 0) {
        return Err(Violation::NumberTooLong.into());
    }
    let mut result = [0; N];
    result.copy_from_slice(number);
    Ok(result)
}

fn write_marked<const N: usize>(output: &mut Vec<u8>, number: [u8; N], least: usize) {
    let used = N - number.iter().rev().take_while(|&&byte| byte == 0).count();
    let count = used.max(least);
    let extra = count - least;
    let top = number[count - 1];
    // The bits of the first byte below the marker for `extra` bytes.
    let room = 0x7f_u8 >> extra;
    let marker = !(0xff_u8.checked_shr(extra as u32).unwrap_or(0));
    let (first, rest) = if top <= room { (marker | top, count - 1) } else { (marker | (room + 1), count) };
    output.push(first);
    let end = output.len() + rest;
    // All of it and cut again: a copy of known length takes no call.
    output.extend_from_slice(&number);
    output.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;
    use proptest::prelude::*;

    fn varint(number: i32) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_varint(&mut bytes, number);
        bytes
    }

    fn varlong(number: i64, least: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_varlong(&mut bytes, number, least);
        bytes
    }

    #[test]
    fn numbers_are_written_as_peers_were_seen_to() {
        assert_eq!(varint(0x1ff), [0x81, 0xff]);
        assert_eq!(varint(0x98), [0x80, 0x98]);
        assert_eq!(varint(0xc01), [0x8c, 0x01]);
        assert_eq!(varint(5), [5]);
        assert_eq!(varint(-1), [0xf0, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(varlong(6, 3), [0, 6, 0]);
        assert_eq!(varlong(4096, 3), [0, 0, 0x10]);
        assert_eq!(varlong(0x6593_7d25, 4), [0x65, 0x25, 0x7d, 0x93]);
    }

    #[test]
    fn numbers_too_long_are_refused() {
        let too_long = SliceError::Violation(Violation::NumberTooLong);
        assert_eq!(read_varint(&mut &[0xf8, 0, 0, 0, 0, 0, 0][..]), Err(too_long));
        assert_eq!(read_varint(&mut &[0xff; 9][..]), Err(too_long));
        assert_eq!(read_varint(&mut &[0xf1, 0, 0, 0, 0][..]), Err(too_long));
        assert_eq!(read_varlong(&mut &[0xff; 12][..], 3), Err(too_long));
        assert_eq!(read_varlong(&mut &[0xfc; 12][..], 4), Err(too_long));
        assert_eq!(read_varint(&mut &[0xf0, 0, 0, 0][..]), Err(SliceError::End));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(number: i32, long: i64, least in 3_usize..5) {
            prop_assert_eq!(read_varint(&mut &varint(number)[..]), Ok(number));
            prop_assert_eq!(read_varlong(&mut &varlong(long, least)[..], least), Ok(long));
        }

        #[test]
        fn strings_survive(string in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut bytes = Vec::new();
            write_vstring(&mut bytes, &string);
            prop_assert_eq!(read_vstring(&mut &bytes[..]), Ok(string));
        }

        #[test]
        fn any_bytes_are_a_number_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let _ = read_varint(&mut &bytes[..]);
            let _ = read_varlong(&mut &bytes[..], 3);
        }
    }
}
