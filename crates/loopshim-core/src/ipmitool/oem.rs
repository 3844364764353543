//! Which manufacturer's and carrier's extensions apply to the BMC at hand.

use super::Session;
use super::text::completion::completion_name;
use super::text::events::Dialect;
use crate::log;

/// Manufacturer ids (IANA enterprise numbers) that change what is printed.
pub mod manufacturer {
    /// None given, or not known.
    pub const UNKNOWN: u32 = 0;
    /// Hewlett-Packard.
    pub const HP: u32 = 11;
    /// Dell.
    pub const DELL: u32 = 674;
    /// Quanta.
    pub const QUANTA: u32 = 7244;
    /// Newisys, called Viking by 1.8.19.
    pub const NEWISYS: u32 = 9237;
    /// Supermicro.
    pub const SUPERMICRO: u32 = 10876;
    /// PICMG.
    pub const PICMG: u32 = 12634;
    /// Kontron.
    pub const KONTRON: u32 = 15000;
    /// VITA.
    pub const VITA: u32 = 33196;
    /// Supermicro's second number.
    pub const SUPERMICRO_47488: u32 = 47488;
}

/// What the start of a session found out about the BMC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carrier {
    /// Manufacturer id; zero when the transport did not ask, as the original's
    /// dummy interface does not: then it is asked each time it matters.
    pub manufacturer: u32,
    /// The BMC answered as a PICMG (AdvancedTCA) controller.
    pub picmg: bool,
    /// The BMC answered as a VITA 46.11 controller.
    pub vita: bool,
}

impl Session<'_> {
    /// The BMC's manufacturer id, asked for with Get Device ID unless known.
    pub fn manufacturer(&mut self) -> u32 {
        if self.carrier.manufacturer != manufacturer::UNKNOWN {
            return self.carrier.manufacturer;
        }
        let Some(reply) = self.send(0x06, 0x01, &[]) else {
            log!(self, ERR, "Get Device ID command failed");
            return manufacturer::UNKNOWN;
        };
        if !reply.is_ok() {
            let code = reply.completion;
            log!(self, ERR, "Get Device ID command failed: {code:#x} {}", completion_name(code));
            return manufacturer::UNKNOWN;
        }
        let id = self.personality.manufacturer_id([reply.at(6), reply.at(7), reply.at(8)]);
        log!(self, DEBUG, "Iana: {id}");
        id
    }

    /// Whose sensor-specific states a sensor of this type has; may ask the BMC
    /// for its manufacturer.
    pub fn event_dialect(&mut self, sensor_type: u8, event_type: u8) -> Dialect {
        use super::text::events::{SENSOR_SPECIFIC, is_oem_sensor_type};
        let oem = event_type == SENSOR_SPECIFIC && is_oem_sensor_type(sensor_type);
        if oem && self.manufacturer() == manufacturer::KONTRON {
            Dialect::Kontron
        } else if self.carrier.vita {
            Dialect::Vita
        } else {
            Dialect::Standard
        }
    }
}
