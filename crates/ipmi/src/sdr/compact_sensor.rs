use alloc::vec::Vec;

use crate::Error;
use crate::reader::Reader;

use super::{Entity, EventReadingType, Hysteresis, IdString, RecordSharing, SensorCommon, SensorType};

/// Compact sensor record, type 02h (IPMI 2.0 section 43.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompactSensor {
    /// Key, entity, type, masks and units.
    pub common: SensorCommon,
    /// Sensors that share this record.
    pub sharing: RecordSharing,
    /// Raw hysteresis.
    pub hysteresis: Hysteresis,
    /// Reserved for OEM use.
    pub oem: u8,
    /// The sensor's name.
    pub id_string: IdString,
}

impl CompactSensor {
    /// A discrete sensor of the BMC with the given state offsets.
    pub fn discrete(
        number: u8,
        id_string: IdString,
        entity: Entity,
        sensor_type: SensorType,
        event_reading_type: EventReadingType,
        states: u16,
    ) -> Self {
        Self {
            common: SensorCommon::discrete(number, entity, sensor_type, event_reading_type, states),
            sharing: RecordSharing::default(),
            hysteresis: Hysteresis::default(),
            oem: 0,
            id_string,
        }
    }

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("compact sensor record", bytes);
        let common = SensorCommon::read(&mut reader)?;
        let sharing = RecordSharing::decode(reader.array()?);
        let [positive, negative, _, _, _, oem] = reader.array()?;
        let id_string = IdString::read(&mut reader)?;
        Ok(Self { common, sharing, hysteresis: Hysteresis { positive, negative }, oem, id_string })
    }

    /// The body's bytes, reserved ones zero.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(48);
        self.common.write(&mut bytes);
        bytes.extend_from_slice(&self.sharing.encode());
        bytes.extend([self.hysteresis.positive, self.hysteresis.negative, 0, 0, 0, self.oem]);
        self.id_string.write(&mut bytes);
        bytes
    }
}
