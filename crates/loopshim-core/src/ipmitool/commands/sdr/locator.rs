//! Records that have no reading: locators of devices, and event-only sensors.

use super::Style;
use crate::ipmitool::Session;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::text::entities::{DEVICE_TYPES, ENTITY_IDS};
use crate::ipmitool::text::{Names, name_of, names};
use crate::{log, out};

/// Width of the name column.
const NAME: usize = 16;

/// Prints an event-only record (IPMI 2.0 table 43-3).
pub(super) fn print_event_only(session: &mut Session<'_>, record: &Record, style: Style) {
    let (entity, instance) = record.entity().unwrap_or_default();
    let number = record.number();
    if style.verbose {
        return print_event_only_verbose(session, record);
    }
    put_name(session, record, style);
    if style.csv {
        out!(session, ",{number:02X}h,ns,{entity}.{instance},Event-Only\n");
    } else if style.extended {
        out!(session, " | {number:02X}h | ns  | {entity:2}.{instance} | Event-Only\n");
    } else {
        out!(session, " | Event-Only        | ns\n");
    }
}

fn print_event_only_verbose(session: &mut Session<'_>, record: &Record) {
    let sensor_type = record.sensor_type().unwrap_or(0);
    out!(session, "Sensor ID              : ");
    session.console.put(record.locator_name());
    out!(session, " (0x{:x})\n", record.number());
    print_entity(session, record);
    let type_name = session.sensor_type_name(sensor_type);
    out!(session, "Sensor Type            : {type_name} (0x{sensor_type:02x})\n");
    log!(session, DEBUG, "Event Type Code        : 0x{:02x}", record.at(6));
    out!(session, "\n");
}

/// Prints a management controller locator (table 43-9).
pub(super) fn print_mc(session: &mut Session<'_>, record: &Record, style: Style) {
    if style.verbose {
        return print_mc_verbose(session, record);
    }
    let (entity, instance) = record.entity().unwrap_or_default();
    let is_static = record.at(2) >> 5 & 1 != 0;
    let presence = if is_static { "Static" } else { "Dynamic" };
    let address = record.at(0);
    put_name(session, record, style);
    if style.csv {
        out!(session, ",00h,ok,{entity}.{instance}\n");
    } else if style.extended {
        out!(session, " | 00h | ok  | {entity:2}.{instance} | {presence} MC @ {address:02X}h\n");
    } else {
        let pad = if is_static { " " } else { "" };
        out!(session, " | {presence} MC @ {address:02X}h {pad} | ok\n");
    }
}

fn print_mc_verbose(session: &mut Session<'_>, record: &Record) {
    print_device_id(session, record);
    let (power, init) = (record.at(2) >> 5, record.at(2) & 0x0F);
    let required = |bit: u8| if power & bit != 0 { "" } else { "Not " };
    out!(session, "Device Slave Address   : {:02X}h\n", record.at(0));
    out!(session, "Channel Number         : {:X}h\n", record.at(1) & 0x0F);
    out!(session, "ACPI System P/S Notif  : {}Required\n", required(4));
    out!(session, "ACPI Device P/S Notif  : {}Required\n", required(2));
    out!(session, "Controller Presence    : {}\n", if power & 1 != 0 { "Static" } else { "Dynamic" });
    out!(session, "Logs Init Agent Errors : {}\n", yes_no(init & 8 != 0));
    let generation = ["Enable", "Disable", "Do Not Init Controller", "Reserved"][usize::from(init & 3)];
    out!(session, "Event Message Gen      : {generation}\n");
    out!(session, "Device Capabilities\n");
    for (bit, name) in CAPABILITIES {
        out!(session, " {name:<21} : {}\n", yes_no(u16::from(record.at(3)) & bit != 0));
    }
    out!(session, "\n");
}

const CAPABILITIES: Names = names![
    (0x80, "Chassis Device"),
    (0x40, "Bridge"),
    (0x20, "IPMB Event Generator"),
    (0x10, "IPMB Event Receiver"),
    (0x08, "FRU Inventory Device"),
    (0x04, "SEL Device"),
    (0x02, "SDR Repository"),
    (0x01, "Sensor Device"),
];

/// Prints a generic device locator (table 43-7).
pub(super) fn print_generic(session: &mut Session<'_>, record: &Record, style: Style) {
    if style.verbose {
        return print_generic_verbose(session, record);
    }
    let (entity, instance) = record.entity().unwrap_or_default();
    let (access, slave, oem) = (record.at(0), record.at(1), record.at(9));
    put_name(session, record, style);
    if style.csv {
        out!(session, ",00h,ns,{entity}.{instance}\n");
    } else if style.extended {
        out!(session, " | 00h | ns  | {entity:2}.{instance} | ");
        out!(session, "Generic Device @{access:02X}h:{slave:02X}h.{oem}\n");
    } else {
        out!(session, " | Generic @{access:02X}:{slave:02X}.{oem:<2} | ok\n");
    }
}

fn print_generic_verbose(session: &mut Session<'_>, record: &Record) {
    print_device_id(session, record);
    out!(session, "Device Access Address  : {:02X}h\n", record.at(0));
    out!(session, "Device Slave Address   : {:02X}h\n", record.at(1));
    out!(session, "Address Span           : {:02X}h\n", record.at(3) >> 5);
    out!(session, "Channel Number         : {:X}h\n", record.at(2) >> 5);
    print_bus_and_type(session, record, record.at(2));
}

/// Prints a FRU device locator (table 43-8).
pub(super) fn print_fru(session: &mut Session<'_>, record: &Record, style: Style) {
    if style.verbose {
        return print_fru_verbose(session, record);
    }
    let (entity, instance) = record.entity().unwrap_or_default();
    let device = record.at(1);
    let logical = is_logical(record);
    put_name(session, record, style);
    if style.csv {
        out!(session, ",00h,ns,{entity}.{instance}\n");
    } else if style.extended {
        let access = if logical { "Logical" } else { "Physical" };
        out!(session, " | 00h | ns  | {entity:2}.{instance} | {access} FRU @{device:02X}h\n");
    } else {
        let access = if logical { "Log" } else { "Phy" };
        out!(session, " | {access} FRU @{device:02X}h {entity:02x}.{instance:x} | ok\n");
    }
}

fn print_fru_verbose(session: &mut Session<'_>, record: &Record) {
    print_device_id(session, record);
    out!(session, "Device Access Address  : {:02X}h\n", record.at(0));
    let label = if is_logical(record) { "Logical FRU Device" } else { "Slave Address" };
    out!(session, "{label:<23}: {:02X}h\n", record.at(1));
    out!(session, "Channel Number         : {:X}h\n", record.at(3) >> 4);
    print_bus_and_type(session, record, record.at(2));
}

/// Whether the FRU is read by command rather than directly over a bus.
fn is_logical(record: &Record) -> bool {
    record.at(2) & 0x80 != 0
}

fn print_device_id(session: &mut Session<'_>, record: &Record) {
    out!(session, "Device ID              : ");
    session.console.put(record.raw_name());
    out!(session, "\n");
    print_entity(session, record);
}

fn print_entity(session: &mut Session<'_>, record: &Record) {
    let (entity, instance) = record.entity().unwrap_or_default();
    let name = name_of(entity.into(), ENTITY_IDS);
    out!(session, "Entity ID              : {entity}.{instance} ({name})\n");
}

fn print_bus_and_type(session: &mut Session<'_>, record: &Record, access: u8) {
    let (device, modifier) = (record.at(5), record.at(6));
    let name = name_of(u16::from_be_bytes([device, modifier]), DEVICE_TYPES);
    out!(session, "LUN.Bus                : {:X}h.{:X}h\n", access >> 3 & 3, access & 7);
    out!(session, "Device Type.Modifier   : {device:X}h.{modifier:X}h ({name})\n");
    out!(session, "OEM                    : {:02X}h\n", record.at(9));
    out!(session, "\n");
}

fn put_name(session: &mut Session<'_>, record: &Record, style: Style) {
    let width = if style.csv { 0 } else { NAME };
    session.console.put_padded(record.locator_name(), width);
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}
