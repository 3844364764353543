//! Sensor data records (IPMI 2.0 section 43).
//!
//! A record is a five-byte header and a body; [`Record`] types both,
//! [`RawRecord`] keeps the body's bytes and so reproduces any record exactly.

mod compact_sensor;
mod entity;
mod entity_association;
mod event_only_sensor;
mod fru_device_locator;
mod full_sensor;
mod generic_device_locator;
mod id_string;
mod mc_device_locator;
mod message_channel_info;
mod oem;
mod record;
mod sensor_common;
mod sharing;
mod slave_address;
mod threshold;
mod units;

pub use compact_sensor::CompactSensor;
pub use entity::{Entity, EntityId};
pub use entity_association::{AssociationFlags, ContainedEntity, DeviceEntityAssociation, EntityAssociation};
pub use event_only_sensor::EventOnlySensor;
pub use fru_device_locator::{FruDevice, FruDeviceLocator};
pub use full_sensor::FullSensor;
pub use generic_device_locator::GenericDeviceLocator;
pub use id_string::{IdEncoding, IdString};
pub use mc_device_locator::{DeviceSupport, McDeviceLocator};
pub use message_channel_info::{ChannelUse, MessageChannelInfo};
pub use oem::OemRecord;
pub use record::{Body, OtherRecord, RawRecord, Record, RecordType, records};
pub use sensor_common::{
    Access, Capabilities, EventControl, EventMasks, EventReadingType, Initialization, SensorCommon,
    SensorKey, SensorType,
};
pub use sharing::{ModifierType, RecordSharing};
pub use slave_address::SlaveAddress;
pub use threshold::{Hysteresis, Threshold, ThresholdSet, Thresholds};
pub use units::{Combination, Rate, Unit, Units};
