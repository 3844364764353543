//! Dell: sensor-specific events of processors, memory, buses and BIOS.

use super::super::record::Record;
use crate::ipmitool::text::{Names, names};
use crate::ipmitool::{Personality, Session};

/// First event data byte of an OS watchdog's secondary event, and the sensor
/// type of virtual MAC addresses.
pub(in super::super) const SECURITY_EVENT: u8 = 0xC1;

/// IPMI 1.5, as Get Device ID gives it: such a BMC names single modules.
const IPMI_1_5: u8 = 0x51;

/// Describes an event; asks for the BMC's IPMI version where memory is
/// concerned. Empty for events without a description.
pub(super) fn describe(session: &mut Session<'_>, record: &Record) -> Option<Vec<u8>> {
    if record.event_type() != 0x6F {
        return None;
    }
    let text = match record.sensor_type() {
        0x07 => processor(record),
        0x0C | 0x10 => {
            let version = super::device_id(session)?.at(4);
            memory(session.personality, record, version)
        }
        0x0F => post(record).to_owned(),
        0x13 | 0xC2 | 0xC3 => bus(record),
        0x20 => trusted_execution(record).to_owned(),
        0x23 => watchdog(record).to_owned(),
        0x2B => version_change(record).to_owned(),
        SECURITY_EVENT => virtual_mac(record),
        _ => String::new(),
    };
    Some(into_latin1(&text))
}

/// Letters counted beyond the alphabet are single bytes.
fn into_latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| letter as u32 as u8).collect()
}

/// Whether data bytes 2 and 3 are Dell's.
fn oem_bytes(record: &Record) -> (bool, bool) {
    let [data_1, ..] = record.data();
    (data_1 & 0x80 != 0, data_1 & 0x20 != 0)
}

fn processor(record: &Record) -> String {
    let [data_1, data_2, data_3] = record.data();
    if data_1 & 0xC0 != 0x80 {
        return String::new();
    }
    if data_2 != 0 {
        let number = data_2.trailing_zeros() + 1;
        let front_side_bus = record.offset() == 6 && record.sensor_number() == 0x0A;
        return match front_side_bus {
            true => format!("FSB {number} "),
            false => format!("CPU {number} | APIC ID {data_3} "),
        };
    }
    match record.offset() {
        0 => "CPU Internal Err | ",
        6 => "CPU Protocol Err | ",
        _ => "",
    }
    .to_owned()
}

fn memory(personality: Personality, record: &Record, version: u8) -> String {
    let (is_memory, offset) = (record.sensor_type() == 0x0C, record.offset());
    let (in_byte_2, in_byte_3) = oem_bytes(record);
    if !in_byte_2 && !in_byte_3 {
        let disabled = !is_memory && offset == 3;
        return if disabled { personality.dell_logging_disabled() } else { "" }.to_owned();
    }
    if is_memory && offset == 0 && record.sensor_number() == 0x1C {
        return if in_byte_2 && in_byte_3 { crc_error(record) } else { String::new() };
    }
    let mut text = match (is_memory, offset) {
        (true, 0) => "Correctable ECC | ",
        (true, 1) => "UnCorrectable ECC | ",
        (false, 0) => "Corr Memory Log Disabled | ",
        _ => "",
    }
    .to_owned();
    let [_, data_2, data_3] = record.data();
    let mut first_module = 0;
    if in_byte_2 {
        if data_2 >> 4 < 8 {
            text.push_str("Card ");
            text.push(char::from(b'A' + (data_2 >> 4)));
        }
        match data_2 & 0x0F {
            0x0F => {}
            bank if version == IPMI_1_5 => text.push_str(&format!("Bank {}", bank + 1)),
            bank => first_module = bank << 3,
        }
    }
    if in_byte_3 {
        text.push_str(&modules(version, data_2 >> 4, first_module, data_3));
    }
    text
}

fn crc_error(record: &Record) -> String {
    const PARTS: [&str; 4] =
        ["South Bound Memory", "South Bound Config", "North Bound memory", "North Bound memory-corr"];
    let [_, data_2, data_3] = record.data();
    let parts: Vec<&str> = (0..4).filter(|bit| data_2 >> bit & 1 != 0).map(|bit: usize| PARTS[bit]).collect();
    let channel = if data_3 < 0xFF { format!("|Failing_Channel:{data_3}") } else { String::new() };
    format!("CRC Error on:{}{channel}", parts.join(","))
}

/// The memory modules whose bits are set, numbered from `first`; `layout` says
/// how many of them a processor has.
fn modules(version: u8, layout: u8, first: u8, bits: u8) -> String {
    if version == IPMI_1_5 {
        return format!("DIMM {}", char::from(b'A'.wrapping_add(bits)));
    }
    let per_node = match layout {
        0x08 => Some(4),
        0x09 => Some(6),
        0x0A => Some(8),
        0x0B => Some(9),
        0x0C => Some(12),
        0x0D => Some(24),
        0x0E => Some(3),
        _ => None,
    };
    let name = |bit: u8| match per_node {
        Some(count) => {
            let index = first + bit;
            format!(" DIMM{}{}", char::from(b'A' + index / count), index % count + 1)
        }
        None => format!(" DIMM{}", u16::from(first) + u16::from(bit) + 1),
    };
    let names: Vec<String> = (0..8).filter(|bit| bits >> bit & 1 != 0).map(name).collect();
    names.join(",")
}

fn trusted_execution(record: &Record) -> &'static str {
    match (record.offset(), oem_bytes(record), record.data()[2]) {
        (0, (true, true), 0x01) => "BIOS TXT Error",
        (0, (true, true), 0x02) => "Processor/FIT TXT",
        (0, (true, true), 0x03) => "BIOS ACM TXT Error",
        (0, (true, true), 0x04) => "SINIT ACM TXT Error",
        (0, (true, true), 0xFF) => "Unrecognized TT Error12",
        _ => "",
    }
}

fn watchdog(record: &Record) -> &'static str {
    let [data_1, data_2, _] = record.data();
    match (data_1, data_2) {
        (SECURITY_EVENT, 4) => "Hard Reset|Interrupt type None,SMS/OS Timer used at expiration",
        _ => "",
    }
}

fn version_change(record: &Record) -> &'static str {
    let [_, data_2, data_3] = record.data();
    match (record.offset(), oem_bytes(record), data_2, data_3) {
        (2, (true, true), 2, 0) => "between BMC/iDRAC Firmware and other hardware",
        (2, (true, true), 2, 1) => "between BMC/iDRAC Firmware and CPU",
        _ => "",
    }
}

fn virtual_mac(record: &Record) -> String {
    if record.sensor_number() != 0x25 {
        return String::new();
    }
    match record.offset() {
        1 => {
            let place = match oem_bytes(record) {
                (true, true) => format!(" at {}", bus_address(record)),
                _ => String::new(),
            };
            format!("Failed to program Virtual Mac Address{place}")
        }
        2 => "Device option ROM failed to support link tuning or flex address".to_owned(),
        3 => "Failed to get link tuning or flex address data from BMC/iDRAC".to_owned(),
        _ => String::new(),
    }
}

fn bus_address(record: &Record) -> String {
    let [_, data_2, data_3] = record.data();
    format!("bus:{:02x} device:{:02x} function:{:x}", data_3 & 0x7F, data_2 >> 3, data_2 & 7)
}

fn bus(record: &Record) -> String {
    if record.sensor_number() == 0x29 {
        return match (record.offset(), oem_bytes(record)) {
            (2, (true, true)) => processor_link(record),
            _ => String::new(),
        };
    }
    let error = match record.offset() {
        2 => return "IO channel Check NMI".to_owned(),
        0 => "PCIe Error |",
        1 => "I/O Error |",
        4 => "PCI PERR |",
        5 => "PCI SERR |",
        _ => " ",
    };
    let slot = record.data()[2];
    match slot & 0x80 {
        0 => format!("{error}PCI {}", bus_address(record)),
        _ => format!("{error}Slot {}", slot & 0x7F),
    }
}

fn processor_link(record: &Record) -> String {
    let [_, data_2, data_3] = record.data();
    let partner = if data_3 & 2 != 0 { "PA_Type:IOH|" } else { "PA-Type:CPU|" };
    let reporter = if data_3 & 1 != 0 { "IOH" } else { "CPU" };
    format!(
        "Partner-(LinkId:{},AgentId:{})|ReportingAgent(LinkId:{},AgentId:{})|{}{partner}RA-Type:{reporter}",
        data_2 & 0xC0,
        data_2 & 0x30,
        data_2 & 0x0C,
        data_2 & 0x03,
        if data_3 & 0xFC == 0 { "LinkWidthDegraded|" } else { "" },
    )
}

fn post(record: &Record) -> &'static str {
    if record.offset() != 0x0F || !oem_bytes(record).0 {
        return "";
    }
    POST_ERRORS.get(record.data()[1].into()).unwrap_or_default()
}

const POST_ERRORS: Names = names![
    (0x80, "No memory is detected."),
    (0x81, "Memory is detected but is not configurable."),
    (0x82, "Memory is configured but not usable."),
    (0x83, "System BIOS shadow failed."),
    (0x84, "CMOS failed."),
    (0x85, "DMA controller failed."),
    (0x86, "Interrupt controller failed."),
    (0x87, "Timer refresh failed."),
    (0x88, "Programmable interval timer error."),
    (0x89, "Parity error."),
    (0x8A, "SIO failed."),
    (0x8B, "Keyboard controller failed."),
    (0x8C, "System management interrupt initialization failed."),
    (0x8D, "TXT-SX Error."),
    (0xC0, "Shutdown test failed."),
    (0xC1, "BIOS POST memory test failed."),
    (0xC2, "RAC configuration failed."),
    (0xC3, "CPU configuration failed."),
    (0xC4, "Incorrect memory configuration."),
    (0xFE, "General failure after video."),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sensor_type: u8, number: u8, data: [u8; 3]) -> Record {
        let mut record = Record::default();
        (record.0[10], record.0[11], record.0[12]) = (sensor_type, number, 0x6F);
        record.0[13..].copy_from_slice(&data);
        record
    }

    #[test]
    fn memory_modules() {
        let text = |version, data| memory(Personality::V1_8_18El8, &record(0x0C, 1, data), version);
        assert_eq!(text(0x02, [0xA0, 0x91, 0x05]), "Correctable ECC |  DIMMB3, DIMMB5");
        assert_eq!(text(0x02, [0xA1, 0x12, 0x81]), "UnCorrectable ECC | Card B DIMM17, DIMM24");
        assert_eq!(text(0x51, [0xA1, 0x12, 0x03]), "UnCorrectable ECC | Card BBank 3DIMM D");
        assert_eq!(text(0x02, [0x00, 0x12, 0x03]), "");
    }

    #[test]
    fn other_events() {
        assert_eq!(processor(&record(0x07, 0x0A, [0x86, 0x02, 0])), "FSB 2 ");
        assert_eq!(processor(&record(0x07, 1, [0x80, 0x00, 9])), "CPU Internal Err | ");
        assert_eq!(bus(&record(0x13, 1, [0xA4, 0x1A, 0x05])), "PCI PERR |PCI bus:05 device:03 function:2");
        assert_eq!(bus(&record(0xC3, 1, [0xA1, 0x1A, 0x85])), "I/O Error |Slot 5");
        assert_eq!(post(&record(0x0F, 1, [0x8F, 0xFE, 0])), "General failure after video.");
        assert_eq!(
            virtual_mac(&record(0xC1, 0x25, [0xA1, 8, 1])),
            "Failed to program Virtual Mac Address at bus:01 device:01 function:0"
        );
    }
}
