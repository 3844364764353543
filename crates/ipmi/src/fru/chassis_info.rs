use alloc::vec::Vec;

use crate::Error;

use super::area::{self, AreaReader};
use super::{Checksum, Field};

/// Chassis type: SMBIOS's "System Enclosure or Chassis Types" (FRU 1.0 r1.3
/// section 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChassisType(pub u8);

impl ChassisType {
    /// Other.
    pub const OTHER: Self = Self(1);
    /// Unknown.
    pub const UNKNOWN: Self = Self(2);
    /// Desktop.
    pub const DESKTOP: Self = Self(3);
    /// Main server chassis.
    pub const MAIN_SERVER: Self = Self(17);
    /// Expansion chassis.
    pub const EXPANSION: Self = Self(18);
    /// Rack mount chassis.
    pub const RACK_MOUNT: Self = Self(23);
}

impl Default for ChassisType {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

/// Chassis info area (FRU 1.0 r1.3 section 10). Its text is always English.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ChassisInfo {
    /// Kind of chassis.
    pub chassis_type: ChassisType,
    /// Part number.
    pub part_number: Field,
    /// Serial number.
    pub serial_number: Field,
    /// Custom fields.
    pub custom: Vec<Field>,
    /// Of the area.
    pub checksum: Checksum,
}

const WHAT: &str = "FRU chassis info area";

impl ChassisInfo {
    /// Reads the area at the start of `bytes`, which may go on after it.
    /// Fields missing before the end are read as empty.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when area or field end early, [`Error::Version`] for
    /// another format than 1, [`Error::OutOfRange`] for a length of zero.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut area = AreaReader::open(WHAT, bytes)?;
        let [chassis_type] = area.array()?;
        let mut fields = area.fields();
        Ok(Self {
            chassis_type: ChassisType(chassis_type),
            part_number: fields.predefined()?,
            serial_number: fields.predefined()?,
            custom: fields.custom()?,
            checksum: area.checksum,
        })
    }

    /// The area's bytes, a multiple of eight.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] above 2040 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let fields = [&self.part_number, &self.serial_number].into_iter().chain(&self.custom);
        area::encode(WHAT, &[self.chassis_type.0], fields, self.checksum)
    }
}
