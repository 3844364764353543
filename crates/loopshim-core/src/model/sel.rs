//! The system event log.

use std::path::PathBuf;

use ipmi::bmc::{self, SelClock};

use super::device::replace;
use super::values::{Bytes, Exactly};
use super::{Place, Problem};
use crate::json;

/// Entries and state of the log.
#[derive(Debug)]
pub(super) struct Sel {
    entries: Option<Vec<Exactly<16>>>,
    hex: Option<Bytes>,
    pub(super) file: Option<PathBuf>,
    capacity: Option<u16>,
    version: Option<u8>,
    added: Option<u32>,
    erased: Option<u32>,
    operations: Option<u8>,
    largest_record: Option<u8>,
    /// Stops the clock at a time, in seconds since 1970.
    stopped_at: Option<u32>,
    /// How far the clock is ahead of the host's, in seconds.
    ahead: Option<i64>,
    utc_offset: Option<i16>,
}

json::object!(Sel {
    ; entries, hex, file, capacity, version, added, erased, operations, largest_record, stopped_at,
    ahead, utc_offset
});

/// Bytes of an entry.
const ENTRY: usize = 16;

impl Sel {
    pub(super) fn apply(self, sel: &mut bmc::Sel, place: &Place) -> Result<(), Problem> {
        if let Some(entries) = self.entries {
            sel.entries = entries.into_iter().map(|entry| entry.0).collect();
        }
        if let Some(bytes) = place.bytes(self.hex, self.file)? {
            sel.entries = entries_of(&bytes)?;
        }
        replace(&mut sel.capacity, self.capacity);
        replace(&mut sel.version, self.version);
        replace(&mut sel.added, self.added);
        replace(&mut sel.erased, self.erased);
        replace(&mut sel.operations, self.operations);
        replace(&mut sel.largest_record, self.largest_record);
        replace(&mut sel.clock, self.ahead.map(SelClock::Running));
        replace(&mut sel.clock, self.stopped_at.map(SelClock::Stopped));
        replace(&mut sel.utc_offset, self.utc_offset.map(i16::cast_unsigned));
        Ok(())
    }
}

fn entries_of(bytes: &[u8]) -> Result<Vec<[u8; ENTRY]>, Problem> {
    let (entries, rest) = bytes.as_chunks::<ENTRY>();
    if rest.is_empty() {
        return Ok(entries.to_vec());
    }
    Err(Problem::new("", format!("{} bytes are not a number of entries of {ENTRY}", bytes.len())))
}
