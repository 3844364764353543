//! Values of extended attributes too long for the list: which of them a
//! generator asks for beside an item, and what the sender answers.
//!
//! Attributes are counted from one in the order of the entry's list; each
//! number is told by its distance to the one before it, and zero ends them.

use crate::file_list::{Attributes, Value};
use crate::integers::{read_varint, write_varint};
use crate::violation::Field;
use crate::{Input, Violation};

/// Longest value accepted, in bytes: the kernel's own limit is 64 KiB.
const VALUE_MAX: i32 = 16 << 20;

/// Writes which attributes are asked for, by position from zero, ascending.
pub fn write_requests(output: &mut Vec<u8>, positions: impl Iterator<Item = usize>) {
    let mut previous = 0;
    for position in positions {
        let number = position as i32 + 1;
        write_varint(output, number - previous);
        previous = number;
    }
    output.push(0);
}

/// Reads which attributes of an entry that has `attributes` are asked for.
///
/// # Errors
/// [`Violation::Reference`] for one that is not there or was sent whole, or
/// those of the input.
pub fn read_requests<I: Input>(input: &mut I, attributes: &Attributes) -> Result<Vec<usize>, I::Error> {
    let mut positions = Vec::new();
    let mut previous = 0;
    while let Some(position) = read_position(input, &mut previous, attributes)? {
        positions.push(position);
    }
    Ok(positions)
}

/// Writes the values of attributes by position.
pub fn write_values(output: &mut Vec<u8>, values: &[(usize, &[u8])]) {
    let mut previous = 0;
    for (position, value) in values {
        let number = *position as i32 + 1;
        write_varint(output, number - previous);
        write_varint(output, value.len() as i32);
        output.extend_from_slice(value);
        previous = number;
    }
    output.push(0);
}

/// Reads values that were asked for.
///
/// # Errors
/// As [`read_requests`]; [`Violation::OutOfRange`] for a length no value has.
pub fn read_values<I: Input>(
    input: &mut I,
    attributes: &Attributes,
) -> Result<Vec<(usize, Vec<u8>)>, I::Error> {
    let mut values = Vec::new();
    let mut previous = 0;
    while let Some(position) = read_position(input, &mut previous, attributes)? {
        let length = read_varint(input)?;
        if !(0..=VALUE_MAX).contains(&length) {
            return Err(Violation::OutOfRange(Field::ExtendedAttribute).into());
        }
        values.push((position, input.bytes(length as usize)?));
    }
    Ok(values)
}

fn read_position<I: Input>(
    input: &mut I,
    previous: &mut i32,
    attributes: &Attributes,
) -> Result<Option<usize>, I::Error> {
    let distance = read_varint(input)?;
    if distance == 0 {
        return Ok(None);
    }
    let number = previous.checked_add(distance).filter(|_| distance > 0);
    let position = number.and_then(|number| usize::try_from(number - 1).ok());
    let is_digest = |position: &usize| matches!(attributes.get(*position), Some((_, Value::Digest { .. })));
    let position = position.filter(is_digest).ok_or(Violation::Reference(Field::ExtendedAttribute))?;
    *previous = position as i32 + 1;
    Ok(Some(position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;

    fn attributes() -> Attributes {
        let digest = || Value::Digest { length: 100, md5: [0; 16] };
        let name = |name: &str| name.as_bytes().into();
        vec![
            (name("a"), digest()),
            (name("b"), Value::Whole((*b"x").into())),
            (name("c"), digest()),
            (name("d"), digest()),
        ]
    }

    #[test]
    fn requests_and_values_are_read_as_written() {
        let mut bytes = Vec::new();
        write_requests(&mut bytes, [0, 2, 3].into_iter());
        assert_eq!(bytes, [1, 2, 1, 0]);
        assert_eq!(read_requests(&mut &bytes[..], &attributes()), Ok(vec![0, 2, 3]));
        let mut bytes = Vec::new();
        write_values(&mut bytes, &[(0, b"one"), (3, b"")]);
        assert_eq!(
            read_values(&mut &bytes[..], &attributes()),
            Ok(vec![(0, b"one".to_vec()), (3, Vec::new())])
        );
    }

    #[test]
    fn what_was_sent_whole_or_is_not_there_is_refused() {
        let refused = Err(SliceError::Violation(Violation::Reference(Field::ExtendedAttribute)));
        for bytes in [&[2, 0][..], &[5, 0], &[1, 1, 0], &[0xf0, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(read_requests(&mut &bytes[..], &attributes()), refused, "{bytes:?}");
        }
    }
}
