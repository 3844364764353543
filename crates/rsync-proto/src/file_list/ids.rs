//! Names of users and groups after a list that was sent whole.

use crate::integers::{read_varint, write_varint};
use crate::violation::Field;
use crate::{Input, Violation};

/// The number of a user or group, and the name.
pub type Named = (u32, Box<[u8]>);

/// Most names accepted after a list: more than any machine has users.
const IDS_MAX: usize = 1 << 20;

/// Reads numbers with their names; `with_zero` where the peers agreed to send
/// the name of number 0 as well.
///
/// # Errors
/// [`Violation::OutOfRange`] where there is no end of them, or those of the
/// input.
pub fn read_ids<I: Input>(input: &mut I, with_zero: bool) -> Result<Vec<Named>, I::Error> {
    let mut ids = Vec::new();
    loop {
        let id = read_varint(input)? as u32;
        if id == 0 && !with_zero {
            return Ok(ids);
        }
        ids.push((id, read_name(input)?));
        if id == 0 {
            return Ok(ids);
        }
        if ids.len() > IDS_MAX {
            return Err(Violation::OutOfRange(Field::IdList).into());
        }
    }
}

/// Writes numbers with their names, number 0 in `zero` where the peers agreed
/// to send its name.
pub fn write_ids(output: &mut Vec<u8>, ids: &[Named], zero: Option<&[u8]>) {
    for (id, name) in ids.iter().filter(|(id, _)| *id != 0) {
        write_varint(output, *id as i32);
        write_name(output, name);
    }
    write_varint(output, 0);
    if let Some(name) = zero {
        write_name(output, name);
    }
}

pub(super) fn read_name<I: Input>(input: &mut I) -> Result<Box<[u8]>, I::Error> {
    let length = input.byte()?;
    input.bytes(length.into()).map(Into::into)
}

/// A longer name is sent as none: cut, it would be another user's.
pub(super) fn write_name(output: &mut Vec<u8>, name: &[u8]) {
    let name = if name.len() <= usize::from(u8::MAX) { name } else { &[] };
    output.push(name.len() as u8);
    output.extend_from_slice(name);
}
