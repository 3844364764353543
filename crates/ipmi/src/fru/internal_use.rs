use alloc::vec::Vec;

use crate::Error;

use super::CommonHeader;

/// Internal use area (FRU 1.0 r1.3 section 9): a format version, then data of
/// the device's own. It states no length; it ends where the next area starts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InternalUse {
    data: Vec<u8>,
}

const WHAT: &str = "FRU internal use area";

impl InternalUse {
    /// An area of this data, followed by zeros up to a multiple of eight bytes.
    pub fn new(data: impl Into<Vec<u8>>) -> Self {
        let mut data = data.into();
        let len = (data.len() + 1).next_multiple_of(8) - 1;
        data.resize(len, 0);
        Self { data }
    }

    /// The data with its padding, without the version byte.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Reads the area that is all of `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] for no bytes, [`Error::Version`] for another format than 1.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let (version, data) = bytes.split_first().ok_or(Error::Truncated { what: WHAT, offset: 0 })?;
        if version & 0x0F != CommonHeader::VERSION {
            return Err(Error::Version { what: WHAT, version: *version });
        }
        Ok(Self::new(data))
    }

    /// The area's bytes, a multiple of eight.
    pub fn encode(&self) -> Vec<u8> {
        [&[CommonHeader::VERSION], self.data.as_slice()].concat()
    }
}
