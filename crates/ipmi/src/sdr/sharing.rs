use crate::Bits;
use crate::sensor::Direction;

/// Kind of the suffix that tells sensors sharing a record apart
/// (IPMI 2.0 table 43-2, byte 24 bits 5:4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ModifierType {
    /// Decimal numbers.
    #[default]
    Numeric,
    /// Letters, A to Z, then AA.
    Alphabetic,
    /// Reserved code 2.
    Reserved2,
    /// Reserved code 3.
    Reserved3,
}

/// Record sharing of compact and event-only sensors (IPMI 2.0 table 43-2, bytes
/// 24 and 25; table 43-3, bytes 13 and 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RecordSharing {
    /// Whether the monitored quantity flows in or out.
    pub direction: Direction,
    /// Kind of suffix.
    pub modifier_type: ModifierType,
    /// Number of sensors sharing the record; 0 and 1 both mean one.
    pub count: Bits<4>,
    /// Whether each sensor has the next entity instance, rather than the same.
    pub increments_instance: bool,
    /// Number of the first suffix.
    pub modifier_offset: Bits<7>,
}

impl RecordSharing {
    /// Reads the two bytes.
    pub const fn decode([kind, offset]: [u8; 2]) -> Self {
        Self {
            direction: Direction::from_bits(kind >> 6),
            modifier_type: match kind >> 4 & 3 {
                0 => ModifierType::Numeric,
                1 => ModifierType::Alphabetic,
                2 => ModifierType::Reserved2,
                _ => ModifierType::Reserved3,
            },
            count: Bits::low(kind),
            increments_instance: offset & 0x80 != 0,
            modifier_offset: Bits::low(offset),
        }
    }

    /// The two bytes.
    pub const fn encode(self) -> [u8; 2] {
        [
            (self.direction as u8) << 6 | (self.modifier_type as u8) << 4 | self.count.get(),
            (self.increments_instance as u8) << 7 | self.modifier_offset.get(),
        ]
    }
}
