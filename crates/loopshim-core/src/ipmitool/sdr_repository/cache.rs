//! The records read so far, and looking a record up: what is at hand first,
//! then reading on until it is found.

use super::{Record, Walk, kind};
use crate::ipmitool::{Failed, Outcome, Session};
use crate::log;

impl Session<'_> {
    /// Begins the walk that fills the cache, unless it has begun. `Err` after
    /// logging why.
    pub fn open_sdr(&mut self) -> Outcome {
        if self.sdr.walk.is_none() {
            self.sdr.walk = Walk::start(self, false);
        }
        if self.sdr.walk.is_none() {
            log!(self, ERR, "Unable to open SDR for reading");
            return Err(Failed);
        }
        Ok(())
    }

    /// Reads the next record of a type the original keeps into the cache and
    /// gives its number there. Other types and unreadable records are passed
    /// over, the latter after telling `unreadable`.
    pub fn next_sdr(&mut self, mut unreadable: impl FnMut(&mut Self)) -> Option<usize> {
        // Taken out while it runs: reading needs the session too.
        let mut walk = self.sdr.walk.take()?;
        let mut number = None;
        while let Some(header) = walk.next_header(self) {
            match walk.record(self, &header) {
                None => unreadable(self),
                Some(record) if is_kept(record.kind) => {
                    number = Some(self.sdr.push(record));
                    break;
                }
                Some(_) => {}
            }
        }
        self.sdr.walk = Some(walk);
        number
    }

    /// The cache number of the first record that `matches`.
    pub fn find_sdr(&mut self, matches: impl Fn(&Record) -> bool) -> Option<usize> {
        self.open_sdr().ok()?;
        if let Some(number) = self.sdr.records.iter().position(&matches) {
            return Some(number);
        }
        while let Some(number) = self.next_sdr(|_| ()) {
            if matches(&self.sdr.records[number]) {
                return Some(number);
            }
        }
        None
    }

    /// The cache numbers of all records that `matches`; reads all there are.
    /// `Err` when the repository cannot be opened, which has been logged.
    pub fn find_all_sdrs(&mut self, matches: impl Fn(&Record) -> bool) -> Result<Vec<usize>, Failed> {
        self.read_all_sdrs()?;
        let records = self.sdr.records.iter().enumerate();
        Ok(records.filter(|(_, record)| matches(record)).map(|(number, _)| number).collect())
    }

    /// Reads all records into the cache.
    pub fn read_all_sdrs(&mut self) -> Outcome {
        self.open_sdr()?;
        while self.next_sdr(|_| ()).is_some() {}
        Ok(())
    }

    /// The cache number of the sensor `number` of type `sensor_type` owned by
    /// `owner` (slave address or software id; the LUN is not looked at).
    pub fn find_sensor(&mut self, owner: u8, number: u8, sensor_type: u8) -> Option<usize> {
        self.find_sdr(|record| {
            record.sensor_type() == Some(sensor_type) && record.at(2) == number && record.at(0) == owner
        })
    }

    /// The cache number of the first record named `name`.
    pub fn find_sdr_by_name(&mut self, name: &[u8]) -> Option<usize> {
        self.find_sdr(|record| record.is_named(name))
    }
}

impl super::SdrRepository {
    /// The records in the cache, in the order read.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Puts `record` back in its place after its reading factors changed.
    pub fn replace(&mut self, number: usize, record: Record) {
        if let Some(place) = self.records.get_mut(number) {
            *place = record;
        }
    }

    pub(super) fn push(&mut self, record: Record) -> usize {
        self.records.push(record);
        self.records.len() - 1
    }

    /// Ends the walk: nothing more will come from the BMC.
    pub(super) fn finish(&mut self) {
        self.walk.get_or_insert_with(Walk::finished);
    }
}

/// Whether the original keeps records of this type at all; OEM records, for
/// one, it reads and forgets.
pub(super) fn is_kept(record_kind: u8) -> bool {
    matches!(
        record_kind,
        kind::FULL_SENSOR
            | kind::COMPACT_SENSOR
            | kind::EVENT_ONLY
            | kind::ENTITY_ASSOCIATION
            | kind::GENERIC_LOCATOR
            | kind::FRU_LOCATOR
            | kind::MC_LOCATOR
    )
}
