//! JSON in and out. Files are read by code that is the same for every type:
//! what a type adds is a table of its members' names and places, so that the
//! many types of `bmc.json` weigh little in a small program.

mod number;
mod read;
mod reader;
mod string;
mod write;

pub(crate) use read::{Read, Slot, choice, default, member, name, object};
pub(crate) use reader::{Fault, Reader, Refusal};
pub(crate) use write::Line;

/// Takes `text` as one value.
///
/// # Errors
/// When it is no JSON, or does not have `T`'s form.
pub(crate) fn parse<T: Read>(text: &[u8]) -> Result<T, Fault> {
    let mut reader = Reader::new(text);
    let value = T::read(&mut reader)?;
    reader.end()?;
    Ok(value)
}
