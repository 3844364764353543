//! The SDR repository as records.

use std::path::PathBuf;

use ipmi::bmc::Bmc;

use super::device::replace;
use super::values::{Bytes, Exactly};
use super::{Place, Problem};
use crate::json::{self, Fault, Read, Reader, Slot};

/// Records, which replace the profile's records and sensors, and state.
#[derive(Debug)]
pub(super) struct Sdr {
    records: Option<Vec<RecordBytes>>,
    hex: Option<Bytes>,
    pub(super) file: Option<PathBuf>,
    version: Option<u8>,
    free: Option<u16>,
    added: Option<u32>,
    erased: Option<u32>,
    operations: Option<u8>,
    allocation: Option<Exactly<9>>,
    largest_read: Option<u8>,
}

json::object!(Sdr {
    ; records, hex, file, version, free, added, erased, operations, allocation, largest_read
});

/// A record: bytes, or an object that has a comment beside them.
#[derive(Debug, Default)]
struct RecordBytes(Vec<u8>);

#[derive(Debug)]
struct Commented {
    bytes: Bytes,
    _comment: Option<String>,
}

json::object!(Commented { bytes; _comment as "comment" });

impl Slot for RecordBytes {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let Bytes(bytes) = match reader.peek() {
            Some(b'{') => Commented::read(reader)?.bytes,
            _ => Bytes::read(reader)?,
        };
        self.0 = bytes;
        Ok(())
    }
}

impl Sdr {
    /// Whether records are given.
    pub(super) fn has_records(&self) -> bool {
        self.records.is_some() || self.hex.is_some() || self.file.is_some()
    }

    pub(super) fn apply(self, bmc: &mut Bmc, place: &Place) -> Result<(), Problem> {
        let listed = self.records.map(|records| records.into_iter().map(|record| record.0).collect());
        let image = place.bytes(self.hex, self.file)?.map(|bytes| records_of(&bytes)).transpose()?;
        if let Some(records) = listed.or(image) {
            bmc.sdr.records = records;
            bmc.sensors.clear();
        }
        let sdr = &mut bmc.sdr;
        replace(&mut sdr.version, self.version);
        replace(&mut sdr.free, self.free);
        replace(&mut sdr.added, self.added);
        replace(&mut sdr.erased, self.erased);
        replace(&mut sdr.operations, self.operations);
        replace(&mut sdr.allocation, self.allocation.map(|bytes| bytes.0));
        replace(&mut sdr.largest_read, self.largest_read);
        Ok(())
    }
}

/// Bytes of a record's header, of which the last is the length of the rest.
const HEADER: usize = 5;

/// Records that stand one after the other, as `ipmitool sdr dump` writes them.
fn records_of(mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, Problem> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let len = bytes.get(HEADER - 1).map(|len| HEADER + usize::from(*len));
        let Some((record, rest)) = len.and_then(|len| bytes.split_at_checked(len)) else {
            return Err(Problem::new("", format!("record {} is cut off", records.len())));
        };
        records.push(record.to_vec());
        bytes = rest;
    }
    Ok(records)
}
