//! The sensor data record repository (IPMI 2.0 section 33).

use alloc::vec::Vec;

use super::{Answer, Bmc, Call};
use crate::CompletionCode;

/// Record id that means the last record; also "no next record".
const LAST: u16 = 0xFFFF;
/// Byte count that means the whole record.
const WHOLE_RECORD: u8 = 0xFF;

/// The repository: its records as bytes, headers included, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdrRepository {
    /// The records.
    pub records: Vec<Vec<u8>>,
    /// SDR version, 51h for IPMI 2.0.
    pub version: u8,
    /// Free space in bytes.
    pub free: u16,
    /// Time of the last addition, in seconds since 1970.
    pub added: u32,
    /// Time of the last erasure.
    pub erased: u32,
    /// Which operations are supported (section 33.9, byte 15).
    pub operations: u8,
    /// Response data of Get SDR Repository Allocation Info.
    pub allocation: [u8; 9],
    /// Most record bytes in one response; asking for more is CAh.
    pub largest_read: u8,
    /// The reservation in force, if one was given out.
    pub reservation: Option<u16>,
}

impl Default for SdrRepository {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            version: 0x51,
            free: 0x1000,
            added: 0,
            erased: 0,
            // Get Allocation Info, Reserve, and updates in operation.
            operations: 0x23,
            allocation: [0x00, 0x02, 0x10, 0x00, 0x90, 0x01, 0x90, 0x01, 0x04],
            largest_read: 33,
            reservation: None,
        }
    }
}

/// Gives out a reservation for partial reads.
pub(crate) fn reserve(bmc: &mut Bmc) -> Vec<u8> {
    let reservation = bmc.next_reservation();
    bmc.sdr.reservation = Some(reservation);
    reservation.to_le_bytes().into()
}

impl SdrRepository {
    pub(crate) fn info(&self) -> Vec<u8> {
        let count = u16::try_from(self.records.len()).unwrap_or(u16::MAX);
        let mut data = Vec::from([self.version]);
        data.extend(count.to_le_bytes());
        data.extend(self.free.to_le_bytes());
        data.extend(self.added.to_le_bytes());
        data.extend(self.erased.to_le_bytes());
        data.push(self.operations);
        data
    }

    pub(crate) fn allocation(&self) -> Vec<u8> {
        self.allocation.into()
    }

    /// Part of a record, after the id of the record that follows it.
    pub(crate) fn get(&self, call: Call<'_>) -> Answer {
        let (offset, count) = (usize::from(call.byte(4)), call.byte(5));
        // Only reading from within a record needs its reservation.
        if offset > 0 && Some(call.word(0)) != self.reservation {
            return Err(CompletionCode::RESERVATION_CANCELLED);
        }
        let index = self.index_of(call.word(2)).ok_or(CompletionCode::NOT_PRESENT)?;
        let tail = self.records[index].get(offset..).ok_or(CompletionCode::OUT_OF_RANGE)?;
        let len = if count == WHOLE_RECORD { tail.len() } else { tail.len().min(usize::from(count)) };
        if len > usize::from(self.largest_read) {
            return Err(CompletionCode::CANNOT_RETURN_REQUESTED);
        }
        let next = self.records.get(index + 1).map_or(LAST, |record| record_id(record));
        Ok([&next.to_le_bytes(), &tail[..len]].concat())
    }

    fn index_of(&self, id: u16) -> Option<usize> {
        match id {
            0 => (!self.records.is_empty()).then_some(0),
            LAST => self.records.len().checked_sub(1),
            id => self.records.iter().position(|record| record_id(record) == id),
        }
    }
}

fn record_id(record: &[u8]) -> u16 {
    match record {
        [low, high, ..] => u16::from_le_bytes([*low, *high]),
        _ => LAST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    fn repository() -> Bmc {
        let mut bmc = Bmc::default();
        let record = |id: u8| [&[id, 0, 0x51, 0x01, 43][..], &[id; 43]].concat();
        bmc.sdr.records = [record(1), record(2)].into();
        bmc
    }

    #[test]
    fn records_chain_and_are_too_long_for_one_response() {
        let mut bmc = repository();
        let mut send = |data: &[u8]| bmc.answer(&Request::new(0x0A, 0x23, data), 0);
        assert_eq!(send(&[0, 0, 0, 0, 0, 5]).data, [2, 0, 1, 0, 0x51, 0x01, 43]);
        assert_eq!(send(&[0, 0, 2, 0, 0, 5]).data[..3], [0xFF, 0xFF, 2]);
        assert_eq!(send(&[0, 0, 0xFF, 0xFF, 0, 2]).data, [0xFF, 0xFF, 2, 0]);
        assert_eq!(send(&[0, 0, 0, 0, 0, 0xFF]).completion, CompletionCode::CANNOT_RETURN_REQUESTED);
        assert_eq!(send(&[0, 0, 7, 0, 0, 5]).completion, CompletionCode::NOT_PRESENT);
    }

    #[test]
    fn reading_within_a_record_takes_the_reservation_in_force() {
        let mut bmc = repository();
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x0A, cmd, data), 0);
        assert_eq!(send(0x23, &[0, 0, 1, 0, 5, 4]).completion, CompletionCode::RESERVATION_CANCELLED);
        assert_eq!(send(0x22, &[]).data, [1, 0]);
        assert_eq!(send(0x23, &[1, 0, 1, 0, 5, 4]).data, [2, 0, 1, 1, 1, 1]);
        assert_eq!(send(0x22, &[]).data, [2, 0]);
        assert_eq!(send(0x23, &[1, 0, 1, 0, 5, 4]).completion, CompletionCode::RESERVATION_CANCELLED);
    }
}
