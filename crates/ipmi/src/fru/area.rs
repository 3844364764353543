//! What the three info areas have in common: version, length in multiples of
//! 8 bytes, fixed bytes, fields up to an end mark, padding, checksum
//! (FRU 1.0 r1.3 sections 10 to 12).

use alloc::vec::Vec;

use crate::Error;
use crate::reader::Reader;

use super::{Checksum, CommonHeader, Field, TypeLength};

/// An info area being read.
pub(super) struct AreaReader<'a> {
    fixed: Reader<'a>,
    /// Of the whole area.
    pub(super) checksum: Checksum,
}

impl<'a> AreaReader<'a> {
    /// Opens the area at the start of `bytes`, which may go on after it.
    pub(super) fn open(what: &'static str, bytes: &'a [u8]) -> Result<Self, Error> {
        let [version, length] = Reader::new(what, bytes).array()?;
        if version & 0x0F != CommonHeader::VERSION {
            return Err(Error::Version { what, version });
        }
        let area = Reader::new(what, bytes).take(usize::from(length) * 8)?;
        let [_, _, content @ .., _] = area else { return Err(Error::OutOfRange { what }) };
        Ok(Self { fixed: Reader::new(what, content), checksum: Checksum::of(area) })
    }

    /// The next fixed bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.fixed.array()
    }

    /// The fields that follow the fixed bytes.
    pub(super) fn fields(&mut self) -> FieldReader<'a> {
        FieldReader { rest: self.fixed.rest() }
    }
}

/// The fields of an area being read, up to the end mark or the end of the area.
pub(super) struct FieldReader<'a> {
    rest: &'a [u8],
}

impl FieldReader<'_> {
    /// The next of the fields that every area of the kind has; empty when the
    /// area ends before it.
    pub(super) fn predefined(&mut self) -> Result<Field, Error> {
        self.next().map(Option::unwrap_or_default)
    }

    /// All fields not yet read.
    pub(super) fn custom(&mut self) -> Result<Vec<Field>, Error> {
        let mut fields = Vec::new();
        while let Some(field) = self.next()? {
            fields.push(field);
        }
        Ok(fields)
    }

    fn next(&mut self) -> Result<Option<Field>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let field = Field::decode(self.rest)?;
        // Nothing after an end mark is a field, even where one seems missing.
        self.rest = match &field {
            Some(field) => &self.rest[1 + field.bytes().len()..],
            None => &[],
        };
        Ok(field)
    }
}

/// The bytes of an area with these fixed bytes and fields.
pub(super) fn encode<'a>(
    what: &'static str,
    fixed: &[u8],
    fields: impl IntoIterator<Item = &'a Field>,
    checksum: Checksum,
) -> Result<Vec<u8>, Error> {
    let mut bytes = alloc::vec![CommonHeader::VERSION, 0];
    bytes.extend_from_slice(fixed);
    fields.into_iter().for_each(|field| field.encode(&mut bytes));
    bytes.push(TypeLength::END.0);
    let len = (bytes.len() + 1).next_multiple_of(8);
    bytes.resize(len - 1, 0);
    bytes[1] = u8::try_from(len / 8).map_err(|_| Error::TooLong { what })?;
    bytes.push(checksum.byte(&bytes));
    Ok(bytes)
}
