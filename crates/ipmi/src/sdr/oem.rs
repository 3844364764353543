use alloc::vec::Vec;

use crate::reader::Reader;
use crate::{Error, ManufacturerId};

/// OEM record, type C0h (IPMI 2.0 section 43.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OemRecord {
    /// Who defines the data.
    pub manufacturer: ManufacturerId,
    /// OEM data, at most 252 bytes in a record.
    pub data: Vec<u8>,
}

impl OemRecord {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] within the manufacturer id.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("OEM record", bytes);
        Ok(Self { manufacturer: ManufacturerId::from_bytes(reader.array()?), data: reader.rest().to_vec() })
    }

    /// The body's bytes.
    pub fn encode(&self) -> Vec<u8> {
        [&self.manufacturer.to_bytes(), self.data.as_slice()].concat()
    }
}
