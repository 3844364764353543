use alloc::vec::Vec;

use crate::Error;
use crate::reader::Reader;

use super::{
    CompactSensor, DeviceEntityAssociation, EntityAssociation, EventOnlySensor, FruDeviceLocator, FullSensor,
    GenericDeviceLocator, McDeviceLocator, MessageChannelInfo, OemRecord,
};

/// Record type (IPMI 2.0 section 43, byte 4 of every header).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(pub u8);

impl RecordType {
    /// Full sensor (section 43.1).
    pub const FULL_SENSOR: Self = Self(0x01);
    /// Compact sensor (section 43.2).
    pub const COMPACT_SENSOR: Self = Self(0x02);
    /// Event-only sensor (section 43.3).
    pub const EVENT_ONLY_SENSOR: Self = Self(0x03);
    /// Entity association (section 43.4).
    pub const ENTITY_ASSOCIATION: Self = Self(0x08);
    /// Device-relative entity association (section 43.5).
    pub const DEVICE_ENTITY_ASSOCIATION: Self = Self(0x09);
    /// Generic device locator (section 43.7).
    pub const GENERIC_DEVICE_LOCATOR: Self = Self(0x10);
    /// FRU device locator (section 43.8).
    pub const FRU_DEVICE_LOCATOR: Self = Self(0x11);
    /// Management controller device locator (section 43.9).
    pub const MC_DEVICE_LOCATOR: Self = Self(0x12);
    /// Management controller confirmation (section 43.10); its body is kept as bytes.
    pub const MC_CONFIRMATION: Self = Self(0x13);
    /// BMC message channel info (section 43.11).
    pub const MESSAGE_CHANNEL_INFO: Self = Self(0x14);
    /// OEM (section 43.12).
    pub const OEM: Self = Self(0xC0);
}

/// A record whose body is bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Record id. A repository may give another in its responses.
    pub id: u16,
    /// SDR version: 51h, which is 1.5 and also 2.0's.
    pub version: u8,
    /// What the body is.
    pub record_type: RecordType,
    body: Vec<u8>,
}

impl RawRecord {
    /// Length of a header.
    pub const HEADER_LEN: usize = 5;

    /// A record of version 51h.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when the body exceeds 255 bytes.
    pub fn new(id: u16, record_type: RecordType, body: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let body = body.into();
        if body.len() > 255 {
            return Err(Error::TooLong { what: "sensor data record" });
        }
        Ok(Self { id, version: Record::VERSION, record_type, body })
    }

    /// The bytes after the header, at most 255.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Reads the record at the start of `bytes`, which may go on after it.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when header or body end early.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("sensor data record", bytes);
        let id = reader.u16()?;
        let [version, record_type, length] = reader.array()?;
        let body = reader.take(length.into())?.to_vec();
        Ok(Self { id, version, record_type: RecordType(record_type), body })
    }

    /// Header and body: the bytes [`decode`](Self::decode) reads.
    pub fn encode(&self) -> Vec<u8> {
        let [low, high] = self.id.to_le_bytes();
        let mut bytes = alloc::vec![low, high, self.version, self.record_type.0, self.body.len() as u8];
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// The records of a repository dump: one after another, as `ipmitool sdr dump` writes them.
///
/// Ends after the last record or the first error.
pub fn records(mut bytes: &[u8]) -> impl Iterator<Item = Result<RawRecord, Error>> {
    core::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let record = RawRecord::decode(bytes);
        let taken = record.as_ref().map_or(bytes.len(), |record| RawRecord::HEADER_LEN + record.body.len());
        bytes = &bytes[taken..];
        Some(record)
    })
}

/// A sensor data record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Record id; 0000h and FFFFh have special meanings in requests.
    pub id: u16,
    /// SDR version, [`Record::VERSION`].
    pub version: u8,
    /// What the record says.
    pub body: Body,
}

impl Record {
    /// 51h: the version of IPMI 1.5 and 2.0 records.
    pub const VERSION: u8 = 0x51;

    /// A record of the current version.
    pub const fn new(id: u16, body: Body) -> Self {
        Self { id, version: Self::VERSION, body }
    }

    /// Reads the record at the start of `bytes`, which may go on after it.
    /// Reserved bits and bytes after a body's last field are dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when the bytes end early or the body is too short for its type.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_raw(&RawRecord::decode(bytes)?)
    }

    /// Reads the body of a raw record.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when the body is too short for its type.
    pub fn from_raw(raw: &RawRecord) -> Result<Self, Error> {
        let body = Body::decode(raw.record_type, &raw.body)?;
        Ok(Self { id: raw.id, version: raw.version, body })
    }

    /// The record with its body as bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when the body exceeds 255 bytes, which only an OEM record's can.
    pub fn to_raw(&self) -> Result<RawRecord, Error> {
        let raw = RawRecord::new(self.id, self.body.record_type(), self.body.encode())?;
        Ok(RawRecord { version: self.version, ..raw })
    }

    /// Header and body.
    ///
    /// # Errors
    ///
    /// As [`Record::to_raw`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.to_raw().map(|raw| raw.encode())
    }
}

/// A record's body by its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Type 01h.
    FullSensor(FullSensor),
    /// Type 02h.
    CompactSensor(CompactSensor),
    /// Type 03h.
    EventOnlySensor(EventOnlySensor),
    /// Type 08h.
    EntityAssociation(EntityAssociation),
    /// Type 09h.
    DeviceEntityAssociation(DeviceEntityAssociation),
    /// Type 10h.
    GenericDeviceLocator(GenericDeviceLocator),
    /// Type 11h.
    FruDeviceLocator(FruDeviceLocator),
    /// Type 12h.
    McDeviceLocator(McDeviceLocator),
    /// Type 14h.
    MessageChannelInfo(MessageChannelInfo),
    /// Type C0h.
    Oem(OemRecord),
    /// Any other type.
    Other(OtherRecord),
}

/// A body of a type that has no variant in [`Body`], and only of such a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherRecord {
    record_type: RecordType,
    bytes: Vec<u8>,
}

impl OtherRecord {
    /// The record's type.
    pub const fn record_type(&self) -> RecordType {
        self.record_type
    }

    /// The body's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Body {
    /// Reads a body of the given type.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it is too short for the type.
    pub fn decode(record_type: RecordType, bytes: &[u8]) -> Result<Self, Error> {
        Ok(match record_type {
            RecordType::FULL_SENSOR => Self::FullSensor(FullSensor::decode(bytes)?),
            RecordType::COMPACT_SENSOR => Self::CompactSensor(CompactSensor::decode(bytes)?),
            RecordType::EVENT_ONLY_SENSOR => Self::EventOnlySensor(EventOnlySensor::decode(bytes)?),
            RecordType::ENTITY_ASSOCIATION => Self::EntityAssociation(EntityAssociation::decode(bytes)?),
            RecordType::DEVICE_ENTITY_ASSOCIATION => {
                Self::DeviceEntityAssociation(DeviceEntityAssociation::decode(bytes)?)
            }
            RecordType::GENERIC_DEVICE_LOCATOR => {
                Self::GenericDeviceLocator(GenericDeviceLocator::decode(bytes)?)
            }
            RecordType::FRU_DEVICE_LOCATOR => Self::FruDeviceLocator(FruDeviceLocator::decode(bytes)?),
            RecordType::MC_DEVICE_LOCATOR => Self::McDeviceLocator(McDeviceLocator::decode(bytes)?),
            RecordType::MESSAGE_CHANNEL_INFO => Self::MessageChannelInfo(MessageChannelInfo::decode(bytes)?),
            RecordType::OEM => Self::Oem(OemRecord::decode(bytes)?),
            _ => Self::Other(OtherRecord { record_type, bytes: bytes.to_vec() }),
        })
    }

    /// The body's bytes.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::FullSensor(body) => body.encode(),
            Self::CompactSensor(body) => body.encode(),
            Self::EventOnlySensor(body) => body.encode(),
            Self::EntityAssociation(body) => body.encode(),
            Self::DeviceEntityAssociation(body) => body.encode(),
            Self::GenericDeviceLocator(body) => body.encode(),
            Self::FruDeviceLocator(body) => body.encode(),
            Self::McDeviceLocator(body) => body.encode(),
            Self::MessageChannelInfo(body) => body.encode(),
            Self::Oem(body) => body.encode(),
            Self::Other(body) => body.bytes.clone(),
        }
    }

    /// The type that [`decode`](Self::decode) takes to this variant.
    pub const fn record_type(&self) -> RecordType {
        match self {
            Self::FullSensor(_) => RecordType::FULL_SENSOR,
            Self::CompactSensor(_) => RecordType::COMPACT_SENSOR,
            Self::EventOnlySensor(_) => RecordType::EVENT_ONLY_SENSOR,
            Self::EntityAssociation(_) => RecordType::ENTITY_ASSOCIATION,
            Self::DeviceEntityAssociation(_) => RecordType::DEVICE_ENTITY_ASSOCIATION,
            Self::GenericDeviceLocator(_) => RecordType::GENERIC_DEVICE_LOCATOR,
            Self::FruDeviceLocator(_) => RecordType::FRU_DEVICE_LOCATOR,
            Self::McDeviceLocator(_) => RecordType::MC_DEVICE_LOCATOR,
            Self::MessageChannelInfo(_) => RecordType::MESSAGE_CHANNEL_INFO,
            Self::Oem(_) => RecordType::OEM,
            Self::Other(body) => body.record_type,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_cut_into_records() {
        let dump = [1, 0, 0x51, 0xC0, 4, 1, 2, 3, 9, 2, 0, 0x51, 0x77, 0];
        let read: Vec<_> = records(&dump).collect::<Result<_, _>>().unwrap();
        assert_eq!(read.iter().map(|record| record.record_type.0).collect::<Vec<_>>(), [0xC0, 0x77]);
        assert_eq!(read.iter().flat_map(RawRecord::encode).collect::<Vec<_>>(), dump);
    }

    #[test]
    fn a_cut_dump_ends_with_one_error() {
        let read: Vec<_> = records(&[1, 0, 0x51, 0xC0, 4, 1, 2]).collect();
        assert_eq!(read, [Err(Error::Truncated { what: "sensor data record", offset: 7 })]);
    }

    #[test]
    fn unknown_types_keep_their_bytes() {
        let bytes = [7, 0, 0x51, 0x77, 3, 1, 2, 3];
        let record = Record::decode(&bytes).unwrap();
        assert!(matches!(&record.body, Body::Other(other) if other.bytes() == [1, 2, 3]));
        assert_eq!(record.encode().unwrap(), bytes);
    }
}
