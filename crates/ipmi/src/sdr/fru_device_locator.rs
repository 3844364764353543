use alloc::vec::Vec;

use crate::reader::Reader;
use crate::{Bits, Channel, Error, Lun};

use super::{Entity, IdString, SlaveAddress};

/// How a FRU device is accessed (IPMI 2.0 table 43-7, bytes 7 and 8 bit 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FruDevice {
    /// By Read/Write FRU Data to the controller, with this FRU device id.
    Logical(u8),
    /// As a chip at this address, on a private bus or IPMB.
    Physical(SlaveAddress),
}

/// FRU device locator record, type 11h (IPMI 2.0 section 43.8).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FruDeviceLocator {
    /// Controller through which the device is reached; 00h when it is on IPMB itself.
    pub access_address: SlaveAddress,
    /// FRU device id or chip address.
    pub device: FruDevice,
    /// LUN for the access.
    pub access_lun: Lun,
    /// Private bus behind the controller, 0 if none.
    pub bus: Bits<3>,
    /// Channel of the controller.
    pub channel: Channel,
    /// Device type (table 43-12): 10h is a logical FRU device or DIMM memory.
    pub device_type: u8,
    /// Device type modifier (table 43-12): for 10h, 00h is IPMI FRU inventory.
    pub device_type_modifier: u8,
    /// The entity the FRU information describes.
    pub entity: Entity,
    /// Reserved for OEM use.
    pub oem: u8,
    /// The device's name.
    pub id_string: IdString,
}

impl FruDeviceLocator {
    /// A logical FRU device of the BMC with IPMI FRU inventory.
    pub fn logical(device_id: u8, id_string: IdString, entity: Entity) -> Self {
        Self {
            access_address: SlaveAddress::BMC,
            device: FruDevice::Logical(device_id),
            access_lun: Lun::low(0),
            bus: Bits::low(0),
            channel: Channel::low(0),
            device_type: 0x10,
            device_type_modifier: 0,
            entity,
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
        let mut reader = Reader::new("FRU device locator record", bytes);
        let [access_address, device, route, channel, _] = reader.array()?;
        let [device_type, device_type_modifier] = reader.array()?;
        let entity = Entity::from_bytes(reader.array()?);
        Ok(Self {
            access_address: SlaveAddress::from_byte(access_address),
            device: if route & 0x80 != 0 {
                FruDevice::Logical(device)
            } else {
                FruDevice::Physical(SlaveAddress::from_byte(device))
            },
            access_lun: Lun::low(route >> 3),
            bus: Bits::low(route),
            channel: Channel::low(channel >> 4),
            device_type,
            device_type_modifier,
            entity,
            oem: reader.byte()?,
            id_string: IdString::read(&mut reader)?,
        })
    }

    /// The body's bytes, reserved ones zero.
    pub fn encode(&self) -> Vec<u8> {
        let (device, logical) = match self.device {
            FruDevice::Logical(id) => (id, 0x80),
            FruDevice::Physical(address) => (address.to_byte(), 0),
        };
        let mut bytes = alloc::vec![
            self.access_address.to_byte(),
            device,
            logical | self.access_lun.get() << 3 | self.bus.get(),
            self.channel.get() << 4,
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
