//! The system event log (IPMI 2.0 section 31) and its clock.

use alloc::vec::Vec;

use super::{Answer, Bmc, Call};
use crate::CompletionCode;

/// Record id that means the last entry; also "no next entry".
const LAST: u16 = 0xFFFF;
/// Byte count that means the whole entry.
const WHOLE_ENTRY: u8 = 0xFF;
/// Bytes of an entry.
const ENTRY: usize = 16;
/// Erasure of Clear SEL has completed.
const ERASED: u8 = 0x01;
/// Record types from here on carry no time stamp (section 32.2).
const UNSTAMPED: u8 = 0xE0;

/// The log: its entries in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sel {
    /// The entries, record ids included.
    pub entries: Vec<[u8; ENTRY]>,
    /// Most entries the log holds.
    pub capacity: u16,
    /// SEL version, 51h for IPMI 2.0.
    pub version: u8,
    /// Time of the last addition, in seconds since 1970.
    pub added: u32,
    /// Time of the last erasure.
    pub erased: u32,
    /// Which operations are supported (section 31.2, byte 15); bit 7 overflow.
    pub operations: u8,
    /// Entries allotted to a record of largest size.
    pub largest_record: u8,
    /// The clock that stamps entries.
    pub clock: SelClock,
    /// Minutes local time is ahead of UTC; 07FFh is unspecified.
    pub utc_offset: u16,
    /// The reservation in force, if one was given out.
    pub reservation: Option<u16>,
}

/// How the log's clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelClock {
    /// It stands at a time, in seconds since 1970.
    Stopped(u32),
    /// It runs, ahead of the time given with a request by so many seconds.
    Running(i64),
}

impl Default for Sel {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            capacity: 512,
            version: 0x51,
            added: 0,
            erased: 0,
            // Get Allocation Info, Reserve, Delete.
            operations: 0x0B,
            largest_record: 1,
            clock: SelClock::Running(0),
            utc_offset: 0x07FF,
            reservation: None,
        }
    }
}

/// Gives out a reservation for partial reads, deletions and clearing.
pub(crate) fn reserve(bmc: &mut Bmc) -> Vec<u8> {
    let reservation = bmc.next_reservation();
    bmc.sel.reservation = Some(reservation);
    reservation.to_le_bytes().into()
}

/// Add SEL Entry: answers the id the entry was given.
pub(crate) fn add(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let mut entry = [0; ENTRY];
    entry.copy_from_slice(&call.data[..ENTRY]);
    Ok(bmc.sel.add(entry, call.now())?.to_le_bytes().into())
}

impl Sel {
    /// The log's time, in seconds since 1970.
    pub fn time(&self, now: u64) -> u32 {
        match self.clock {
            SelClock::Stopped(time) => time,
            SelClock::Running(ahead) => now.saturating_add_signed(ahead) as u32,
        }
    }

    /// Adds an entry with an id, and a time stamp if its type has one, of the
    /// log's making; returns the id. C4h when the log is full.
    pub fn add(&mut self, mut entry: [u8; ENTRY], now: u64) -> Result<u16, CompletionCode> {
        if self.entries.len() >= usize::from(self.capacity) {
            self.operations |= 0x80;
            return Err(CompletionCode::OUT_OF_SPACE);
        }
        let id = self.entries.iter().map(entry_id).max().unwrap_or(0).wrapping_add(1);
        let time = self.time(now);
        entry[..2].copy_from_slice(&id.to_le_bytes());
        if entry[2] < UNSTAMPED {
            entry[3..7].copy_from_slice(&time.to_le_bytes());
        }
        self.entries.push(entry);
        self.added = time;
        Ok(id)
    }

    pub(crate) fn info(&self) -> Vec<u8> {
        let count = self.entries.len().min(usize::from(u16::MAX)) as u16;
        let free = usize::from(self.room()) * ENTRY;
        let mut data = Vec::from([self.version]);
        data.extend(count.to_le_bytes());
        data.extend(u16::try_from(free).unwrap_or(u16::MAX).to_le_bytes());
        data.extend(self.added.to_le_bytes());
        data.extend(self.erased.to_le_bytes());
        data.push(self.operations);
        data
    }

    pub(crate) fn allocation(&self) -> Vec<u8> {
        let units = [self.capacity, ENTRY as u16, self.room(), self.room()];
        let mut data: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        data.push(self.largest_record);
        data
    }

    fn room(&self) -> u16 {
        self.capacity.saturating_sub(self.entries.len().min(usize::from(u16::MAX)) as u16)
    }

    /// Part of an entry, after the id of the entry that follows it.
    pub(crate) fn get(&self, call: Call<'_>) -> Answer {
        let (offset, count) = (usize::from(call.byte(4)), call.byte(5));
        if offset > 0 && Some(call.word(0)) != self.reservation {
            return Err(CompletionCode::RESERVATION_CANCELLED);
        }
        let index = self.index_of(call.word(2)).ok_or(CompletionCode::NOT_PRESENT)?;
        let tail = self.entries[index].get(offset..).ok_or(CompletionCode::OUT_OF_RANGE)?;
        let len = if count == WHOLE_ENTRY { tail.len() } else { tail.len().min(usize::from(count)) };
        let next = self.entries.get(index + 1).map_or(LAST, entry_id);
        Ok([&next.to_le_bytes(), &tail[..len]].concat())
    }

    pub(crate) fn delete(&mut self, call: Call<'_>) -> Answer {
        self.check_reservation(call)?;
        let index = self.index_of(call.word(2)).ok_or(CompletionCode::NOT_PRESENT)?;
        let id = entry_id(&self.entries.remove(index));
        self.erased = self.time(call.now());
        self.operations &= 0x7F;
        Ok(id.to_le_bytes().into())
    }

    pub(crate) fn clear(&mut self, call: Call<'_>) -> Answer {
        const INITIATE: u8 = 0xAA;
        const STATUS: u8 = 0x00;
        self.check_reservation(call)?;
        if call.data.get(2..5) != Some(b"CLR") {
            return Err(CompletionCode::INVALID_FIELD);
        }
        match call.byte(5) {
            INITIATE => {
                self.entries.clear();
                self.erased = self.time(call.now());
                self.operations &= 0x7F;
            }
            STATUS => {}
            _ => return Err(CompletionCode::INVALID_FIELD),
        }
        Ok([ERASED].into())
    }

    pub(crate) fn set_time(&mut self, call: Call<'_>) -> Answer {
        let time = u32::from_le_bytes([call.byte(0), call.byte(1), call.byte(2), call.byte(3)]);
        self.clock = match self.clock {
            SelClock::Stopped(_) => SelClock::Stopped(time),
            SelClock::Running(_) => SelClock::Running(i64::from(time).wrapping_sub_unsigned(call.now())),
        };
        Ok(Vec::new())
    }

    pub(crate) fn set_utc_offset(&mut self, call: Call<'_>) -> Answer {
        self.utc_offset = call.word(0);
        Ok(Vec::new())
    }

    /// Deleting and clearing need the reservation in force.
    fn check_reservation(&self, call: Call<'_>) -> Result<(), CompletionCode> {
        if Some(call.word(0)) == self.reservation {
            Ok(())
        } else {
            Err(CompletionCode::RESERVATION_CANCELLED)
        }
    }

    fn index_of(&self, id: u16) -> Option<usize> {
        match id {
            0 => (!self.entries.is_empty()).then_some(0),
            LAST => self.entries.len().checked_sub(1),
            id => self.entries.iter().position(|entry| entry_id(entry) == id),
        }
    }
}

fn entry_id(entry: &[u8; ENTRY]) -> u16 {
    u16::from_le_bytes([entry[0], entry[1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn entries_are_numbered_stamped_read_deleted_and_cleared() {
        let mut bmc = Bmc::default();
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x0A, cmd, data), 0x6501_0203);
        let mut entry = [0xEE; 16];
        entry[2] = 0x02;
        assert_eq!(send(0x44, &entry).data, [1, 0]);
        assert_eq!(send(0x44, &entry).data, [2, 0]);
        assert_eq!(send(0x43, &[0, 0, 0, 0, 0, 0xFF]).data[..9], [2, 0, 1, 0, 2, 0x03, 0x02, 0x01, 0x65]);
        assert_eq!(send(0x43, &[0, 0, 0, 0, 3, 4]).completion, CompletionCode::RESERVATION_CANCELLED);
        assert_eq!(send(0x46, &[9, 0, 1, 0]).completion, CompletionCode::RESERVATION_CANCELLED);
        assert_eq!(send(0x42, &[]).data, [1, 0]);
        assert_eq!(send(0x43, &[1, 0, 0, 0, 3, 4]).data, [2, 0, 0x03, 0x02, 0x01, 0x65]);
        assert_eq!(send(0x46, &[1, 0, 1, 0]).data, [1, 0]);
        assert_eq!(send(0x40, &[]).data[..5], [0x51, 1, 0, 0xF0, 0x1F]);
        assert_eq!(send(0x47, &[1, 0, b'C', b'L', b'R', 0xAA]).data, [1]);
        assert_eq!(send(0x43, &[0, 0, 0, 0, 0, 0xFF]).completion, CompletionCode::NOT_PRESENT);
    }

    #[test]
    fn a_full_log_refuses_and_says_so() {
        let mut bmc = Bmc::default();
        bmc.sel.capacity = 1;
        let mut add = || bmc.answer(&Request::new(0x0A, 0x44, [2; 16]), 0).completion;
        assert!(add().is_ok());
        assert_eq!(add(), CompletionCode::OUT_OF_SPACE);
        assert_eq!(bmc.sel.operations & 0x80, 0x80);
    }

    #[test]
    fn the_clock_runs_from_where_it_was_set() {
        let mut bmc = Bmc::default();
        bmc.answer(&Request::new(0x0A, 0x49, [0, 0, 0, 0x60]), 1000);
        assert_eq!(bmc.sel.time(1007), 0x6000_0007);
        bmc.sel.clock = SelClock::Stopped(5);
        assert_eq!(bmc.sel.time(1007), 5);
    }
}
