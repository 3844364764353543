use alloc::vec::Vec;

use crate::ManufacturerId;

/// An OEM record type, C0h to FFh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OemType(u8);

impl OemType {
    /// C0h, the one most used (PICMG's among them).
    pub const C0: Self = Self(0xC0);

    /// The type; `None` below C0h.
    pub const fn new(record_type: u8) -> Option<Self> {
        if record_type >= 0xC0 { Some(Self(record_type)) } else { None }
    }

    /// The type's number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// OEM record, types C0h–FFh (FRU 1.0 r1.3 section 18.7).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OemRecord {
    /// Which of the OEM types.
    pub record_type: OemType,
    /// Who defines the data.
    pub manufacturer: ManufacturerId,
    /// OEM data; a record holds at most 252 bytes.
    pub data: Vec<u8>,
}

impl OemRecord {
    /// Reads the data; `None` below three bytes.
    pub fn decode(record_type: OemType, bytes: &[u8]) -> Option<Self> {
        let (manufacturer, data) = bytes.split_first_chunk()?;
        let manufacturer = ManufacturerId::from_bytes(*manufacturer);
        Some(Self { record_type, manufacturer, data: data.to_vec() })
    }

    /// The data.
    pub fn encode(&self) -> Vec<u8> {
        [&self.manufacturer.to_bytes(), self.data.as_slice()].concat()
    }
}
