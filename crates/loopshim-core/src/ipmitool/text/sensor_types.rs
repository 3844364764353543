//! Sensor types (IPMI 2.0 table 42-3) in the original's words.

use super::words::{Row, Rows, packed};
use super::{Words, words};
use crate::ipmitool::Session;
use crate::ipmitool::oem::manufacturer::{KONTRON, PICMG, VITA};

/// First sensor type left to manufacturers.
const OEM_MIN: u8 = 0xC0;

/// The last of the specification's sensor types.
pub const LAST_SENSOR_TYPE: u8 = 0x2C;

/// Sensor types by code.
pub const SENSOR_TYPES: Words = words![
    "reserved",
    "Temperature",
    "Voltage",
    "Current",
    "Fan",
    "Physical Security",
    "Platform Security",
    "Processor",
    "Power Supply",
    "Power Unit",
    "Cooling Device",
    "Other",
    "Memory",
    "Drive Slot / Bay",
    "POST Memory Resize",
    "System Firmwares",
    "Event Logging Disabled",
    "Watchdog1",
    "System Event",
    "Critical Interrupt",
    "Button",
    "Module / Board",
    "Microcontroller",
    "Add-in Card",
    "Chassis",
    "Chip Set",
    "Other FRU",
    "Cable / Interconnect",
    "Terminator",
    "System Boot Initiated",
    "Boot Error",
    "OS Boot",
    "OS Critical Stop",
    "Slot / Connector",
    "System ACPI Power State",
    "Watchdog2",
    "Platform Alert",
    "Entity Presence",
    "Monitor ASIC",
    "LAN",
    "Management Subsys Health",
    "Battery",
    "Session Audit",
    "Version Change",
    "FRU State",
];

/// Sensor types of manufacturers: manufacturer, code, name. C2h stands there
/// twice; the first counts.
const OEM_SENSOR_TYPES: Rows = packed!(
    2,
    1,
    [
        row(KONTRON, 0xC0, "Firmware Info"),
        row(KONTRON, 0xC2, "Init Agent"),
        row(KONTRON, 0xC2, "Board Reset(cPCI)"),
        row(KONTRON, 0xC3, "IPMBL Link State"),
        row(KONTRON, 0xC4, "Board Reset"),
        row(KONTRON, 0xC5, "FRU Information Agent"),
        row(KONTRON, 0xC6, "POST Value Sensor"),
        row(KONTRON, 0xC7, "FWUM Status"),
        row(KONTRON, 0xC8, "Switch Mngt Software Status"),
        row(KONTRON, 0xC9, "OEM Diagnostic Status"),
        row(KONTRON, 0xCA, "Component Firmware Upgrade"),
        row(KONTRON, 0xCB, "FRU Over Current"),
        row(KONTRON, 0xCC, "FRU Sensor Error"),
        row(KONTRON, 0xCD, "FRU Power Denied"),
        row(KONTRON, 0xCE, "Reserved"),
        row(KONTRON, 0xCF, "Board Reset"),
        row(KONTRON, 0xD0, "Clock Resource Control"),
        row(KONTRON, 0xD1, "Power State"),
        row(KONTRON, 0xD2, "FRU Mngt Power Failure"),
        row(KONTRON, 0xD3, "Jumper Status"),
        row(KONTRON, 0xF2, "RTM Module Hotswap"),
        row(PICMG, 0xF0, "FRU Hot Swap"),
        row(PICMG, 0xF1, "IPMB Physical Link"),
        row(PICMG, 0xF2, "Module Hot Swap"),
        row(PICMG, 0xF3, "Power Channel Notification"),
        row(PICMG, 0xF4, "Telco Alarm Input"),
        row(VITA, 0xF0, "FRU State"),
        row(VITA, 0xF1, "System IPMB Link"),
        row(VITA, 0xF2, "FRU Health"),
        row(VITA, 0xF3, "FRU Temperature"),
        row(VITA, 0xF4, "Payload Test Results"),
        row(VITA, 0xF5, "Payload Test Status"),
    ]
);

const fn row(manufacturer: u32, code: u16, name: &'static str) -> Row<2, 1> {
    ([manufacturer as u16, code], [name])
}

impl Session<'_> {
    /// The name of a sensor type, `Unknown` without one. For a manufacturer's
    /// type the BMC may be asked who made it.
    pub fn sensor_type_name(&mut self, code: u8) -> &'static str {
        let name = if code < OEM_MIN {
            SENSOR_TYPES.get(code.into())
        } else {
            let manufacturer = self.manufacturer();
            oem_sensor_type(manufacturer, self.carrier.picmg, self.carrier.vita, code)
        };
        name.unwrap_or("Unknown")
    }
}

/// The manufacturer's own name; else the last one of a carrier specification
/// the BMC supports.
fn oem_sensor_type(manufacturer: u32, picmg: bool, vita: bool, code: u8) -> Option<&'static str> {
    let (mut table, mut carriers) = (OEM_SENSOR_TYPES, None);
    while let (Some(owner), Some(known), Some(name)) = (table.code(), table.code(), table.word()) {
        let owner = u32::from(owner);
        match known == u16::from(code) {
            true if owner == manufacturer => return Some(name),
            true if picmg && owner == PICMG || vita && owner == VITA => carriers = Some(name),
            _ => {}
        }
    }
    carriers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manufacturers_name_goes_before_the_carriers() {
        assert_eq!(oem_sensor_type(KONTRON, true, false, 0xF2), Some("RTM Module Hotswap"));
        assert_eq!(oem_sensor_type(1, true, false, 0xF2), Some("Module Hot Swap"));
        assert_eq!(oem_sensor_type(1, true, true, 0xF2), Some("FRU Health"));
        assert_eq!(oem_sensor_type(1, false, false, 0xF2), None);
        assert_eq!(oem_sensor_type(KONTRON, false, false, 0xC2), Some("Init Agent"));
    }

    #[test]
    fn codes_are_the_specifications() {
        assert_eq!(SENSOR_TYPES.at(0x08_u8), "Power Supply");
        assert_eq!(SENSOR_TYPES.at(0x2C_u8), "FRU State");
        assert_eq!(SENSOR_TYPES.iter().count(), usize::from(LAST_SENSOR_TYPE) + 1);
    }
}
