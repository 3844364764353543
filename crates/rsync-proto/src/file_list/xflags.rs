//! The flags before an entry: what it has in common with the one before it.

use crate::compat::Ability;
use crate::integers::{read_varint, write_varint};
use crate::{Input, Violation};

use super::Format;

/// A directory's: its contents are part of the transfer by name.
pub(super) const TOP_DIRECTORY: u32 = 0x0001;
pub(super) const SAME_MODE: u32 = 0x0002;
/// A second byte of flags follows; where flags are `varint`s, it says nothing
/// but keeps them from being zero.
const EXTENDED: u32 = 0x0004;
pub(super) const SAME_USER: u32 = 0x0008;
pub(super) const SAME_GROUP: u32 = 0x0010;
/// The name begins as the name before it.
pub(super) const SAME_NAME: u32 = 0x0020;
/// The length of the name's rest is a `varint`.
pub(super) const LONG_NAME: u32 = 0x0040;
pub(super) const SAME_TIME: u32 = 0x0080;
/// A device's.
pub(super) const SAME_MAJOR: u32 = 0x0100;
/// A directory's: nothing in it is sent.
pub(super) const NO_CONTENT: u32 = 0x0100;
pub(super) const HARD_LINKED: u32 = 0x0200;
pub(super) const USER_NAME: u32 = 0x0400;
pub(super) const GROUP_NAME: u32 = 0x0800;
/// With [`HARD_LINKED`]: the first of the entries that are one file.
pub(super) const HARD_LINK_FIRST: u32 = 0x1000;
pub(super) const NANOSECONDS: u32 = 0x2000;
pub(super) const SAME_ACCESS_TIME: u32 = 0x4000;
pub(super) const CREATED_WHEN_MODIFIED: u32 = 0x2_0000;

/// Flags in two bytes that stand for the list's end with its errors.
const END_WITH_ERRORS: u32 = 0x1000 | EXTENDED;

/// What stands where an entry's flags are expected.
pub(super) enum Next {
    /// An entry with these flags.
    Entry(u32),
    /// The end of the list, with what went wrong, as [`IoErrors`](crate::multiplex::IoErrors) has it.
    End(i32),
}

/// Reads the flags of an entry, or the end of the list.
pub(super) fn read<I: Input>(input: &mut I, format: &Format) -> Result<Next, I::Error> {
    if format.abilities.has(Ability::VARINT_FLAGS) {
        let flags = read_varint(input)?;
        return match u32::try_from(flags) {
            Ok(0) => read_varint(input).map(Next::End),
            Ok(flags) => Ok(Next::Entry(flags & !EXTENDED)),
            Err(_) => Err(Violation::NumberTooLong.into()),
        };
    }
    let mut flags = u32::from(input.byte()?);
    if flags == 0 {
        return Ok(Next::End(0));
    }
    if flags & EXTENDED != 0 {
        flags |= u32::from(input.byte()?) << 8;
    }
    if flags == END_WITH_ERRORS {
        return read_varint(input).map(Next::End);
    }
    Ok(Next::Entry(flags & !EXTENDED))
}

/// Writes the flags of an entry.
pub(super) fn write(output: &mut Vec<u8>, format: &Format, mut flags: u32, is_directory: bool) {
    if format.abilities.has(Ability::VARINT_FLAGS) {
        return write_varint(output, if flags == 0 { EXTENDED } else { flags } as i32);
    }
    // Zero would end the list; this flag says nothing of what is no directory.
    if flags == 0 && !is_directory {
        flags = TOP_DIRECTORY;
    }
    if flags == 0 || flags > 0xff {
        let [low, high, ..] = (flags | EXTENDED).to_le_bytes();
        output.extend_from_slice(&[low, high]);
    } else {
        output.push(flags as u8);
    }
}

/// Writes the end of a list.
pub(super) fn write_end(output: &mut Vec<u8>, format: &Format, errors: i32) {
    if format.abilities.has(Ability::VARINT_FLAGS) {
        output.push(0);
        write_varint(output, errors);
    } else if errors != 0 && super::encode::ends_with_errors(format) {
        let [low, high, ..] = END_WITH_ERRORS.to_le_bytes();
        output.extend_from_slice(&[low, high]);
        write_varint(output, errors);
    } else {
        output.push(0);
    }
}
