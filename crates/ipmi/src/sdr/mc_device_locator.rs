use alloc::vec::Vec;

use crate::reader::Reader;
use crate::{Channel, Error};

use super::{Entity, IdString, SlaveAddress};

/// Device support flags (IPMI 2.0 table 43-8, byte 9; also Get Device ID, table
/// 20-2, where bit 7 is the chassis device too).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DeviceSupport(pub u8);

impl DeviceSupport {
    /// Chassis device.
    pub const CHASSIS: Self = Self(1 << 7);
    /// Bridge.
    pub const BRIDGE: Self = Self(1 << 6);
    /// IPMB event generator.
    pub const EVENT_GENERATOR: Self = Self(1 << 5);
    /// IPMB event receiver.
    pub const EVENT_RECEIVER: Self = Self(1 << 4);
    /// FRU inventory device.
    pub const FRU_INVENTORY: Self = Self(1 << 3);
    /// SEL device.
    pub const SEL: Self = Self(1 << 2);
    /// SDR repository device.
    pub const SDR_REPOSITORY: Self = Self(1 << 1);
    /// Sensor device.
    pub const SENSOR: Self = Self(1);

    /// Whether all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl core::ops::BitOr for DeviceSupport {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Management controller device locator record, type 12h (IPMI 2.0 section 43.9).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct McDeviceLocator {
    /// The controller's address.
    pub slave_address: SlaveAddress,
    /// The controller's channel.
    pub channel: Channel,
    /// Power state notification (bits 7:5) and global initialization (bits 3:0) as they stand.
    pub initialization: u8,
    /// What the controller supports.
    pub support: DeviceSupport,
    /// The entity the controller belongs to.
    pub entity: Entity,
    /// Reserved for OEM use.
    pub oem: u8,
    /// The controller's name.
    pub id_string: IdString,
}

impl McDeviceLocator {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("management controller device locator record", bytes);
        let [slave_address, channel, initialization, support, _, _, _] = reader.array()?;
        let entity = Entity::from_bytes(reader.array()?);
        Ok(Self {
            slave_address: SlaveAddress::from_byte(slave_address),
            channel: Channel::low(channel),
            initialization,
            support: DeviceSupport(support),
            entity,
            oem: reader.byte()?,
            id_string: IdString::read(&mut reader)?,
        })
    }

    /// The body's bytes, reserved ones zero.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![
            self.slave_address.to_byte(),
            self.channel.get(),
            self.initialization,
            self.support.0,
            0,
            0,
            0,
        ];
        bytes.extend_from_slice(&self.entity.to_bytes());
        bytes.push(self.oem);
        self.id_string.write(&mut bytes);
        bytes
    }
}
