use alloc::vec::Vec;

use crate::reader::Reader;
use crate::{Bits, Channel, Error, Lun};

use super::{Entity, IdString, SlaveAddress};

/// Generic device locator record, type 10h (IPMI 2.0 section 43.7).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GenericDeviceLocator {
    /// Controller through which the device is reached; 00h when it is on IPMB itself.
    pub access_address: SlaveAddress,
    /// The device.
    pub slave_address: SlaveAddress,
    /// Channel of the controller.
    pub channel: Channel,
    /// LUN for Master Write-Read.
    pub access_lun: Lun,
    /// Private bus behind the controller, 0 if none.
    pub bus: Bits<3>,
    /// Number of further addresses the device takes.
    pub address_span: Bits<3>,
    /// Device type (table 43-12).
    pub device_type: u8,
    /// Device type modifier (table 43-12).
    pub device_type_modifier: u8,
    /// The entity the device belongs to.
    pub entity: Entity,
    /// Reserved for OEM use.
    pub oem: u8,
    /// The device's name.
    pub id_string: IdString,
}

impl GenericDeviceLocator {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("generic device locator record", bytes);
        let [access_address, slave_address, route, span, _] = reader.array()?;
        let [device_type, device_type_modifier] = reader.array()?;
        let entity = Entity::from_bytes(reader.array()?);
        Ok(Self {
            access_address: SlaveAddress::from_byte(access_address),
            slave_address: SlaveAddress::from_byte(slave_address),
            // The channel's top bit is where a slave address has its read/write bit.
            channel: Channel::low(slave_address << 3 & 8 | route >> 5),
            access_lun: Lun::low(route >> 3),
            bus: Bits::low(route),
            address_span: Bits::low(span >> 5),
            device_type,
            device_type_modifier,
            entity,
            oem: reader.byte()?,
            id_string: IdString::read(&mut reader)?,
        })
    }

    /// The body's bytes, reserved ones zero.
    pub fn encode(&self) -> Vec<u8> {
        let channel = self.channel.get();
        let mut bytes = alloc::vec![
            self.access_address.to_byte(),
            self.slave_address.to_byte() | channel >> 3,
            channel << 5 | self.access_lun.get() << 3 | self.bus.get(),
            self.address_span.get() << 5,
            0,
            self.device_type,
            self.device_type_modifier,
        ];
        bytes.extend_from_slice(&self.entity.to_bytes());
        bytes.push(self.oem);
        self.id_string.write(&mut bytes);
        bytes
    }
}
