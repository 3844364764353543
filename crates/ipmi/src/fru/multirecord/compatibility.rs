use alloc::vec::Vec;

use crate::ManufacturerId;
use crate::sdr::EntityId;

/// Base and extended compatibility, record types 04h and 05h (FRU 1.0 r1.3
/// sections 18.5 and 18.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Compatibility {
    /// Who assigns the codes.
    pub manufacturer: ManufacturerId,
    /// Kind of entity that is compatible.
    pub entity: EntityId,
    /// Compatibility base.
    pub base: u8,
    /// Compatibility code start value; bit 7 is reserved.
    pub code_start: u8,
    /// Bit mask of compatible codes from the start on; at most 249 bytes in a record.
    pub code_mask: Vec<u8>,
}

impl Compatibility {
    /// Reads the data; `None` below six bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let ([m0, m1, m2, entity, base, code_start], code_mask) = bytes.split_first_chunk()?;
        Some(Self {
            manufacturer: ManufacturerId::from_bytes([*m0, *m1, *m2]),
            entity: EntityId(*entity),
            base: *base,
            code_start: *code_start,
            code_mask: code_mask.to_vec(),
        })
    }

    /// The data.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.manufacturer.to_bytes().to_vec();
        bytes.extend([self.entity.0, self.base, self.code_start]);
        bytes.extend_from_slice(&self.code_mask);
        bytes
    }
}
