use alloc::vec::Vec;

use crate::Error;
use crate::reader::Reader;

use super::{Entity, EventReadingType, IdString, RecordSharing, SensorKey, SensorType};

/// Event-only sensor record, type 03h (IPMI 2.0 section 43.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventOnlySensor {
    /// Which sensor.
    pub key: SensorKey,
    /// What it monitors.
    pub entity: Entity,
    /// What its events are about.
    pub sensor_type: SensorType,
    /// How its events are to be understood.
    pub event_reading_type: EventReadingType,
    /// Sensors that share this record.
    pub sharing: RecordSharing,
    /// Reserved for OEM use.
    pub oem: u8,
    /// The sensor's name.
    pub id_string: IdString,
}

impl EventOnlySensor {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("event-only sensor record", bytes);
        let key = SensorKey::decode(reader.array()?);
        let entity = Entity::from_bytes(reader.array()?);
        let [sensor_type, event_reading_type] = reader.array()?;
        let sharing = RecordSharing::decode(reader.array()?);
        let [_, oem] = reader.array()?;
        Ok(Self {
            key,
            entity,
            sensor_type: SensorType(sensor_type),
            event_reading_type: EventReadingType(event_reading_type),
            sharing,
            oem,
            id_string: IdString::read(&mut reader)?,
        })
    }

    /// The body's bytes, reserved ones zero.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32);
        bytes.extend_from_slice(&self.key.encode());
        bytes.extend_from_slice(&self.entity.to_bytes());
        bytes.extend([self.sensor_type.0, self.event_reading_type.0]);
        bytes.extend_from_slice(&self.sharing.encode());
        bytes.extend([0, self.oem]);
        self.id_string.write(&mut bytes);
        bytes
    }
}
