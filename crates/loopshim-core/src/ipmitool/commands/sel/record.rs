//! An event record in sixteen bytes, as the original keeps it in memory and in
//! `writeraw` files (IPMI 2.0 sections 31.6.1 and 32).

use crate::ipmitool::Reply;

/// First record type of manufacturers, with a time.
const OEM_TIMED: u8 = 0xC0;
/// First record type of manufacturers without a time.
const OEM_UNTIMED: u8 = 0xE0;
/// Record type of a Linux kernel's last words.
const KERNEL_PANIC: u8 = 0xF0;

/// A record of the system event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Record(pub(super) [u8; Record::LEN]);

/// What the record type says about the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A standard event.
    Event,
    /// A manufacturer's record with a time.
    OemTimed,
    /// A manufacturer's record without.
    Oem,
    /// Text of a Linux kernel panic.
    KernelPanic,
}

impl Record {
    /// Bytes of a record.
    pub(super) const LEN: usize = 16;

    /// The record in the answer to Get SEL Entry, after the next record's id.
    pub(super) fn from_reply(reply: &Reply) -> Self {
        let mut record = Self(std::array::from_fn(|index| reply.at(2 + index)));
        if record.kind() == Kind::OemTimed {
            // The original keeps the manufacturer id the other way round.
            record.0[7..10].reverse();
        }
        record
    }

    pub(super) fn id(self) -> u16 {
        u16::from_le_bytes([self.0[0], self.0[1]])
    }

    pub(super) fn record_type(self) -> u8 {
        self.0[2]
    }

    pub(super) fn kind(self) -> Kind {
        match self.record_type() {
            ..OEM_TIMED => Kind::Event,
            OEM_TIMED..OEM_UNTIMED => Kind::OemTimed,
            KERNEL_PANIC => Kind::KernelPanic,
            _ => Kind::Oem,
        }
    }

    /// Seconds since 1970, or since the controller started.
    pub(super) fn timestamp(self) -> u32 {
        u32::from_le_bytes([self.0[3], self.0[4], self.0[5], self.0[6]])
    }

    pub(super) fn generator(self) -> u16 {
        u16::from_le_bytes([self.0[7], self.0[8]])
    }

    /// Version of the event message format.
    pub(super) fn event_revision(self) -> u8 {
        self.0[9]
    }

    pub(super) fn sensor_type(self) -> u8 {
        self.0[10]
    }

    pub(super) fn sensor_number(self) -> u8 {
        self.0[11]
    }

    /// Event/reading type, 7 bits.
    pub(super) fn event_type(self) -> u8 {
        self.0[12] & 0x7F
    }

    pub(super) fn is_deassertion(self) -> bool {
        self.0[12] & 0x80 != 0
    }

    /// Event type and direction in one byte.
    pub(super) fn event_byte(self) -> u8 {
        self.0[12]
    }

    pub(super) fn data(self) -> [u8; 3] {
        [self.0[13], self.0[14], self.0[15]]
    }

    /// Number of the state that the event is about.
    pub(super) fn offset(self) -> u8 {
        self.0[13] & 0x0F
    }

    /// What event data byte 2 is (0–3, IPMI 2.0 table 29-6).
    pub(super) fn data_2_use(self) -> u8 {
        self.0[13] >> 6
    }

    /// What event data byte 3 is.
    pub(super) fn data_3_use(self) -> u8 {
        self.0[13] >> 4 & 3
    }

    /// A memory error whose data byte 3 names processor and module.
    pub(super) fn names_memory_module(self) -> bool {
        self.sensor_type() == 0x0C && self.sensor_number() == 0 && self.data_3_use() == 2
    }

    /// Manufacturer id of a timed OEM record.
    pub(super) fn manufacturer(&self) -> &[u8] {
        &self.0[7..10]
    }

    /// The part of an OEM record that is the manufacturer's own.
    pub(super) fn oem_data(&self) -> &[u8] {
        if self.kind() == Kind::OemTimed { &self.0[10..] } else { &self.0[3..] }
    }

    /// The text in a kernel panic's record.
    pub(super) fn panic_text(&self) -> &[u8] {
        let text = &self.0[5..];
        &text[..text.iter().position(|&byte| byte == 0).unwrap_or(text.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_record_type() {
        let kind = |record_type| {
            let mut record = Record::default();
            record.0[2] = record_type;
            record.kind()
        };
        assert_eq!([0x02, 0xBF].map(kind), [Kind::Event; 2]);
        assert_eq!([0xC0, 0xDF].map(kind), [Kind::OemTimed; 2]);
        assert_eq!([0xE0, 0xEF, 0xF1, 0xFF].map(kind), [Kind::Oem; 4]);
        assert_eq!(kind(0xF0), Kind::KernelPanic);
    }

    #[test]
    fn the_manufacturer_of_a_received_record_is_turned() {
        let mut buffer = [0; Reply::CAPACITY];
        buffer[..18].copy_from_slice(&[2, 0, 1, 0, 0xC1, 4, 3, 2, 1, 0x11, 0x22, 0x33, 1, 2, 3, 4, 5, 6]);
        let record = Record::from_reply(&Reply::new(0, buffer.into(), 18));
        assert_eq!(record.manufacturer(), [0x33, 0x22, 0x11]);
        assert_eq!((record.id(), record.timestamp()), (1, 0x0102_0304));
        assert_eq!(record.oem_data(), [1, 2, 3, 4, 5, 6]);
    }
}
