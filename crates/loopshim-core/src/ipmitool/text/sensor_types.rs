//! Sensor types (IPMI 2.0 table 42-3) in the original's words.

use crate::ipmitool::Session;
use crate::ipmitool::oem::manufacturer::{KONTRON, PICMG, VITA};

/// First sensor type left to manufacturers.
const OEM_MIN: u8 = 0xC0;

/// Sensor types by code.
pub const SENSOR_TYPES: &[&str] = &[
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
const OEM_SENSOR_TYPES: &[(u32, u8, &str)] = &[
    (KONTRON, 0xC0, "Firmware Info"),
    (KONTRON, 0xC2, "Init Agent"),
    (KONTRON, 0xC2, "Board Reset(cPCI)"),
    (KONTRON, 0xC3, "IPMBL Link State"),
    (KONTRON, 0xC4, "Board Reset"),
    (KONTRON, 0xC5, "FRU Information Agent"),
    (KONTRON, 0xC6, "POST Value Sensor"),
    (KONTRON, 0xC7, "FWUM Status"),
    (KONTRON, 0xC8, "Switch Mngt Software Status"),
    (KONTRON, 0xC9, "OEM Diagnostic Status"),
    (KONTRON, 0xCA, "Component Firmware Upgrade"),
    (KONTRON, 0xCB, "FRU Over Current"),
    (KONTRON, 0xCC, "FRU Sensor Error"),
    (KONTRON, 0xCD, "FRU Power Denied"),
    (KONTRON, 0xCE, "Reserved"),
    (KONTRON, 0xCF, "Board Reset"),
    (KONTRON, 0xD0, "Clock Resource Control"),
    (KONTRON, 0xD1, "Power State"),
    (KONTRON, 0xD2, "FRU Mngt Power Failure"),
    (KONTRON, 0xD3, "Jumper Status"),
    (KONTRON, 0xF2, "RTM Module Hotswap"),
    (PICMG, 0xF0, "FRU Hot Swap"),
    (PICMG, 0xF1, "IPMB Physical Link"),
    (PICMG, 0xF2, "Module Hot Swap"),
    (PICMG, 0xF3, "Power Channel Notification"),
    (PICMG, 0xF4, "Telco Alarm Input"),
    (VITA, 0xF0, "FRU State"),
    (VITA, 0xF1, "System IPMB Link"),
    (VITA, 0xF2, "FRU Health"),
    (VITA, 0xF3, "FRU Temperature"),
    (VITA, 0xF4, "Payload Test Results"),
    (VITA, 0xF5, "Payload Test Status"),
];

impl Session<'_> {
    /// The name of a sensor type, `Unknown` without one. For a manufacturer's
    /// type the BMC may be asked who made it.
    pub fn sensor_type_name(&mut self, code: u8) -> &'static str {
        let name = if code < OEM_MIN {
            SENSOR_TYPES.get(usize::from(code)).copied()
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
    let mut rows = OEM_SENSOR_TYPES.iter().filter(|row| row.1 == code);
    let own = rows.clone().find(|row| row.0 == manufacturer);
    let carrier = rows.rfind(|row| picmg && row.0 == PICMG || vita && row.0 == VITA);
    own.or(carrier).map(|row| row.2)
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
        assert_eq!(SENSOR_TYPES[0x08], "Power Supply");
        assert_eq!(SENSOR_TYPES[0x2C], "FRU State");
        assert_eq!(SENSOR_TYPES.len(), 0x2D);
    }
}
