//! System event log records (IPMI 2.0 section 32).

use crate::reader::Reader;
use crate::sdr::{EventReadingType, SensorType};
use crate::{Bits, Channel, Error, Lun, ManufacturerId};

/// A 16-byte SEL record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SelRecord {
    /// Record id; 0000h and FFFFh are reserved.
    pub id: u16,
    /// What was logged.
    pub entry: SelEntry,
}

/// A record's content by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SelEntry {
    /// System event, type 02h (table 32-1).
    System(SystemEvent),
    /// Timestamped OEM record, types C0h–DFh (table 32-2).
    OemTimestamped(OemTimestamped),
    /// OEM record without timestamp, types E0h–FFh (table 32-3).
    Oem(OemUntimestamped),
    /// Reserved type.
    Other(OtherEntry),
}

/// System event (IPMI 2.0 table 32-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SystemEvent {
    /// When logged: seconds since 1970-01-01 00:00, or since power-up below 2000_0000h (section 37).
    pub timestamp: u32,
    /// Who generated it.
    pub generator: Generator,
    /// Event message format revision: 04h, or 03h of IPMI 1.0.
    pub revision: u8,
    /// What the sensor measures.
    pub sensor_type: SensorType,
    /// Number of the sensor under its owner.
    pub sensor_number: u8,
    /// Whether the event went away, rather than came.
    pub deassertion: bool,
    /// How to understand the data, seven bits.
    pub event_type: Bits<7>,
    /// Event data 1 to 3 (table 29-6).
    pub data: [u8; 3],
}

impl SystemEvent {
    /// Revision of event messages since IPMI 1.5.
    pub const REVISION: u8 = 0x04;

    /// The event type as a sensor record has it.
    pub const fn event_reading_type(&self) -> EventReadingType {
        EventReadingType(self.event_type.get())
    }
}

/// Generator of an event (IPMI 2.0 table 32-1, bytes 8 and 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Generator {
    /// IPMB slave address (bit 0 clear) or system software id (bit 0 set).
    pub owner: u8,
    /// Channel the message came over.
    pub channel: Channel,
    /// Bits 3:2 of the second byte: IPMB device LUN extension or reserved.
    pub reserved: Bits<2>,
    /// Owner LUN.
    pub lun: Lun,
}

impl Generator {
    /// The BMC: owner 20h, channel 0, LUN 0.
    pub const BMC: Self =
        Self { owner: 0x20, channel: Channel::low(0), reserved: Bits::low(0), lun: Lun::low(0) };

    /// Reads the two bytes.
    pub const fn decode([owner, at]: [u8; 2]) -> Self {
        Self { owner, channel: Channel::low(at >> 4), reserved: Bits::low(at >> 2), lun: Lun::low(at) }
    }

    /// The two bytes.
    pub const fn encode(self) -> [u8; 2] {
        [self.owner, self.channel.get() << 4 | self.reserved.get() << 2 | self.lun.get()]
    }
}

/// Timestamped OEM record (IPMI 2.0 table 32-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OemTimestamped {
    /// Record type less C0h.
    pub kind: Bits<5>,
    /// When logged, as [`SystemEvent::timestamp`].
    pub timestamp: u32,
    /// Who defines the data.
    pub manufacturer: ManufacturerId,
    /// OEM data.
    pub data: [u8; 6],
}

/// OEM record without timestamp (IPMI 2.0 table 32-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OemUntimestamped {
    /// Record type less E0h.
    pub kind: Bits<5>,
    /// OEM data.
    pub data: [u8; 13],
}

/// A record of a reserved type: neither 02h nor C0h–FFh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OtherEntry {
    record_type: u8,
    /// The bytes after the type.
    pub data: [u8; 13],
}

impl OtherEntry {
    /// The record's type.
    pub const fn record_type(&self) -> u8 {
        self.record_type
    }
}

impl SelRecord {
    /// Length of every record.
    pub const LEN: usize = 16;

    /// Record type of a system event.
    pub const SYSTEM_EVENT: u8 = 0x02;

    /// Reads the record at the start of `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] below 16 bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("SEL record", bytes);
        Ok(Self::from_bytes(reader.array()?))
    }

    /// Reads a record; any 16 bytes are one.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [id_low, id_high, record_type, data @ ..] = bytes;
        let kind = Bits::low(record_type);
        let entry = match record_type {
            Self::SYSTEM_EVENT => SelEntry::System(system_event(data)),
            0xC0..=0xDF => SelEntry::OemTimestamped(oem_timestamped(kind, data)),
            0xE0.. => SelEntry::Oem(OemUntimestamped { kind, data }),
            _ => SelEntry::Other(OtherEntry { record_type, data }),
        };
        Self { id: u16::from_le_bytes([id_low, id_high]), entry }
    }

    /// Record type, byte 3.
    pub const fn record_type(&self) -> u8 {
        match &self.entry {
            SelEntry::System(_) => Self::SYSTEM_EVENT,
            SelEntry::OemTimestamped(entry) => 0xC0 | entry.kind.get(),
            SelEntry::Oem(entry) => 0xE0 | entry.kind.get(),
            SelEntry::Other(entry) => entry.record_type,
        }
    }

    /// The 16 bytes; exactly those that were decoded.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..2].copy_from_slice(&self.id.to_le_bytes());
        bytes[2] = self.record_type();
        bytes[3..].copy_from_slice(&match &self.entry {
            SelEntry::System(event) => system_event_bytes(event),
            SelEntry::OemTimestamped(entry) => oem_timestamped_bytes(entry),
            SelEntry::Oem(entry) => entry.data,
            SelEntry::Other(entry) => entry.data,
        });
        bytes
    }
}

fn system_event(data: [u8; 13]) -> SystemEvent {
    let [t0, t1, t2, t3, owner, at, revision, sensor_type, sensor_number, event, d1, d2, d3] = data;
    SystemEvent {
        timestamp: u32::from_le_bytes([t0, t1, t2, t3]),
        generator: Generator::decode([owner, at]),
        revision,
        sensor_type: SensorType(sensor_type),
        sensor_number,
        deassertion: event & 0x80 != 0,
        event_type: Bits::low(event),
        data: [d1, d2, d3],
    }
}

fn system_event_bytes(event: &SystemEvent) -> [u8; 13] {
    let [t0, t1, t2, t3] = event.timestamp.to_le_bytes();
    let [owner, at] = event.generator.encode();
    let kind = u8::from(event.deassertion) << 7 | event.event_type.get();
    let [d1, d2, d3] = event.data;
    let SensorType(sensor_type) = event.sensor_type;
    [t0, t1, t2, t3, owner, at, event.revision, sensor_type, event.sensor_number, kind, d1, d2, d3]
}

fn oem_timestamped(kind: Bits<5>, bytes: [u8; 13]) -> OemTimestamped {
    let [t0, t1, t2, t3, m0, m1, m2, data @ ..] = bytes;
    OemTimestamped {
        kind,
        timestamp: u32::from_le_bytes([t0, t1, t2, t3]),
        manufacturer: ManufacturerId::from_bytes([m0, m1, m2]),
        data,
    }
}

fn oem_timestamped_bytes(entry: &OemTimestamped) -> [u8; 13] {
    let [t0, t1, t2, t3] = entry.timestamp.to_le_bytes();
    let [m0, m1, m2] = entry.manufacturer.to_bytes();
    let [d0, d1, d2, d3, d4, d5] = entry.data;
    [t0, t1, t2, t3, m0, m1, m2, d0, d1, d2, d3, d4, d5]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_event_stands_where_the_table_puts_it() {
        let bytes = [1, 2, 2, 0x7D, 0x28, 0xE7, 0x65, 0x41, 0x61, 4, 1, 0x30, 0x81, 0x59, 71, 70];
        let record = SelRecord::from_bytes(bytes);
        let SelEntry::System(event) = record.entry else { panic!("{record:?}") };
        assert_eq!((record.id, event.timestamp), (0x0201, 0x65E7_287D));
        assert_eq!(
            (event.generator.owner, event.generator.channel.get(), event.generator.lun.get()),
            (0x41, 6, 1)
        );
        assert_eq!((event.sensor_type, event.sensor_number), (SensorType::TEMPERATURE, 0x30));
        assert!(event.deassertion && event.event_reading_type().is_threshold());
        assert_eq!(record.encode(), bytes);
    }

    #[test]
    fn every_type_returns_its_bytes() {
        for record_type in 0..=255 {
            let bytes = [9, 8, record_type, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xFF, 12, 13];
            let record = SelRecord::from_bytes(bytes);
            assert_eq!(record.record_type(), record_type);
            assert_eq!(record.encode(), bytes);
        }
        assert!(SelRecord::decode(&[0; 15]).is_err());
    }
}
