//! The SDR repository as the original reads it: record by record, the header
//! first, the body in pieces as large as the BMC allows (IPMI 2.0 section 33).

mod cache;
mod file;
mod fill;
mod record;
mod walk;

pub use file::load;
pub use fill::{Queued, add_from_sensors, add_record, copy, erase};
pub use record::Record;
pub use walk::{Header, Walk};

/// Record types (IPMI 2.0 section 43).
pub mod kind {
    /// Full sensor record.
    pub const FULL_SENSOR: u8 = 0x01;
    /// Compact sensor record.
    pub const COMPACT_SENSOR: u8 = 0x02;
    /// Event-only record.
    pub const EVENT_ONLY: u8 = 0x03;
    /// Entity association record.
    pub const ENTITY_ASSOCIATION: u8 = 0x08;
    /// Generic device locator record.
    pub const GENERIC_LOCATOR: u8 = 0x10;
    /// FRU device locator record.
    pub const FRU_LOCATOR: u8 = 0x11;
    /// Management controller device locator record.
    pub const MC_LOCATOR: u8 = 0x12;
    /// OEM record.
    pub const OEM: u8 = 0xC0;
}

/// What one run remembers of the repository; lives in the session.
#[derive(Debug, Default)]
pub struct SdrRepository {
    /// The sensors are read from the controller's device SDRs: decided once by
    /// its device id, kept for later walks.
    device_sdrs: bool,
    /// Most bytes asked for at once; shrinks when the BMC refuses. `None`
    /// before the first record.
    read_size: Option<u8>,
    /// The walk that fills `records`, wherever it has got to.
    walk: Option<Walk>,
    /// Records read so far, of the types the original keeps.
    records: Vec<Record>,
}
