//! Get Device ID (IPMI 2.0 section 20.1).

use alloc::vec::Vec;

use crate::reader::Reader;
use crate::sdr::DeviceSupport;
use crate::{Bits, Error, ManufacturerId};

/// Response data of Get Device ID (IPMI 2.0 table 20-2), after the completion code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceId {
    /// Device id; 00h is unspecified.
    pub device_id: u8,
    /// Whether the device provides device SDRs.
    pub provides_device_sdrs: bool,
    /// Device revision.
    pub device_revision: Bits<4>,
    /// Whether the device is being updated or initialized, rather than in normal operation.
    pub unavailable: bool,
    /// Major firmware revision, binary.
    pub firmware_major: Bits<7>,
    /// Minor firmware revision, BCD.
    pub firmware_minor: u8,
    /// IPMI version, BCD, the least significant digit in bits 7:4: 02h is 2.0, 51h is 1.5.
    pub ipmi_version: u8,
    /// Additional device support.
    pub support: DeviceSupport,
    /// Manufacturer.
    pub manufacturer: ManufacturerId,
    /// Product id, the manufacturer's.
    pub product_id: u16,
    /// Auxiliary firmware revision, optional.
    pub auxiliary: Option<[u8; 4]>,
}

impl DeviceId {
    /// IPMI 2.0.
    pub const IPMI_2_0: u8 = 0x02;

    /// Reads the response data. One to three auxiliary bytes are ignored, as are
    /// bytes after the fourth.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] below 11 bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("Get Device ID response", bytes);
        let [device_id, revision, major, minor, ipmi_version, support] = reader.array()?;
        Ok(Self {
            device_id,
            provides_device_sdrs: revision & 0x80 != 0,
            device_revision: Bits::low(revision),
            unavailable: major & 0x80 != 0,
            firmware_major: Bits::low(major),
            firmware_minor: minor,
            ipmi_version,
            support: DeviceSupport(support),
            manufacturer: ManufacturerId::from_bytes(reader.array()?),
            product_id: reader.u16()?,
            auxiliary: reader.array().ok(),
        })
    }

    /// The response data: 11 bytes, or 15 with the auxiliary revision.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![
            self.device_id,
            u8::from(self.provides_device_sdrs) << 7 | self.device_revision.get(),
            u8::from(self.unavailable) << 7 | self.firmware_major.get(),
            self.firmware_minor,
            self.ipmi_version,
            self.support.0,
        ];
        bytes.extend_from_slice(&self.manufacturer.to_bytes());
        bytes.extend_from_slice(&self.product_id.to_le_bytes());
        bytes.extend(self.auxiliary.iter().flatten());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 15] = [0x20, 0x81, 0x03, 0x45, 0x02, 0xBF, 0x7C, 0x2A, 0x00, 0x38, 0x19, 1, 2, 3, 4];

    #[test]
    fn fields_stand_where_the_table_puts_them() {
        let id = DeviceId::decode(&BYTES).unwrap();
        assert_eq!((id.device_revision.get(), id.provides_device_sdrs), (1, true));
        assert_eq!((id.firmware_major.get(), id.firmware_minor, id.unavailable), (3, 0x45, false));
        assert_eq!((id.manufacturer.get(), id.product_id), (10876, 0x1938));
        assert!(id.support.contains(DeviceSupport::CHASSIS | DeviceSupport::SENSOR));
        assert!(!id.support.contains(DeviceSupport::BRIDGE));
        assert_eq!(id.encode(), BYTES);
    }

    #[test]
    fn the_auxiliary_revision_is_optional() {
        let id = DeviceId::decode(&BYTES[..11]).unwrap();
        assert_eq!(id.auxiliary, None);
        assert_eq!(id.encode(), BYTES[..11]);
        assert!(DeviceId::decode(&BYTES[..10]).is_err());
    }
}
