use alloc::vec::Vec;

use crate::reader::Reader;
use crate::{Channel, Error};

use super::{Entity, SlaveAddress};

/// Flags of the two association records (IPMI 2.0 table 43-4, byte 8, and 43-5, byte 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AssociationFlags {
    /// Contained entities are two ranges (first to last), rather than a list of four.
    pub range: bool,
    /// Other records continue this one.
    pub linked: bool,
    /// The container's presence sensor is always accessible.
    pub presence_accessible: bool,
}

impl AssociationFlags {
    /// Reads the byte; bits 4:0 are reserved.
    pub const fn decode(byte: u8) -> Self {
        Self { range: byte & 0x80 != 0, linked: byte & 0x40 != 0, presence_accessible: byte & 0x20 != 0 }
    }

    /// The byte.
    pub const fn encode(self) -> u8 {
        (self.range as u8) << 7 | (self.linked as u8) << 6 | (self.presence_accessible as u8) << 5
    }
}

/// Entity association record, type 08h (IPMI 2.0 section 43.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EntityAssociation {
    /// The entity that contains the others.
    pub container: Entity,
    /// List or ranges, linked or not.
    pub flags: AssociationFlags,
    /// What it contains; id 00h is unused.
    pub contained: [Entity; 4],
}

impl EntityAssociation {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("entity association record", bytes);
        let container = Entity::from_bytes(reader.array()?);
        let flags = AssociationFlags::decode(reader.byte()?);
        let mut contained = [Entity::default(); 4];
        for entity in &mut contained {
            *entity = Entity::from_bytes(reader.array()?);
        }
        Ok(Self { container, flags, contained })
    }

    /// The body's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.container.to_bytes().to_vec();
        bytes.push(self.flags.encode());
        bytes.extend(self.contained.iter().flat_map(|entity| entity.to_bytes()));
        bytes
    }
}

/// An entity relative to a device: where the device is, and what it has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ContainedEntity {
    /// The device's slave address; 00h for system-relative instances.
    pub address: SlaveAddress,
    /// The device's channel.
    pub channel: Channel,
    /// The entity.
    pub entity: Entity,
}

/// Device-relative entity association record, type 09h (IPMI 2.0 section 43.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DeviceEntityAssociation {
    /// The entity that contains the others, and its device.
    pub container: ContainedEntity,
    /// List or ranges, linked or not.
    pub flags: AssociationFlags,
    /// What it contains; id 00h is unused.
    pub contained: [ContainedEntity; 4],
}

impl DeviceEntityAssociation {
    /// Reserved bytes that end the record.
    const RESERVED: usize = 6;

    /// Reads the body; the six reserved bytes at its end may be missing.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("device-relative entity association record", bytes);
        let [id, instance, address, channel] = reader.array()?;
        let container = ContainedEntity {
            address: SlaveAddress::from_byte(address),
            channel: Channel::low(channel >> 4),
            entity: Entity::from_bytes([id, instance]),
        };
        let flags = AssociationFlags::decode(reader.byte()?);
        let mut contained = [ContainedEntity::default(); 4];
        for place in &mut contained {
            let [address, channel, id, instance] = reader.array()?;
            place.address = SlaveAddress::from_byte(address);
            place.channel = Channel::low(channel >> 4);
            place.entity = Entity::from_bytes([id, instance]);
        }
        Ok(Self { container, flags, contained })
    }

    /// The body's bytes, reserved ones zero.
    pub fn encode(&self) -> Vec<u8> {
        let ContainedEntity { address, channel, entity } = self.container;
        let mut bytes = entity.to_bytes().to_vec();
        bytes.extend([address.to_byte(), channel.get() << 4, self.flags.encode()]);
        for place in &self.contained {
            bytes.extend([place.address.to_byte(), place.channel.get() << 4]);
            bytes.extend_from_slice(&place.entity.to_bytes());
        }
        bytes.extend([0; Self::RESERVED]);
        bytes
    }
}
