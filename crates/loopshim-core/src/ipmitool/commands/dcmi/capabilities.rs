//! `dcmi discover`: Get DCMI Capabilities Info (DCMI 1.5 section 6.1.1).

use super::ask;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::{log, out};

/// The parameters read, by number from 1, as errors call them.
const PARAMETERS: Words =
    words!["platform", "mandatory_attributes", "optional_attributes", "managebility access"];

const MANDATORY: Words = words![
    "Identification support available",
    "SEL logging available",
    "Chassis power available",
    "Temperature monitor available",
];
const OPTIONAL: Words = words!["Power management available"];
const ACCESS: Words = words![
    "In-band KCS channel available",
    "Out-of-band serial TMODE available",
    "Out-of-band secondary LAN channel available",
    "Out-of-band primary LAN channel available",
    "SOL enabled",
    "VLAN capable",
];
const IDENTIFICATION: Words = words!["GUID", "DHCP hostname", "Asset tag"];
const TEMPERATURES: Words = words!["inlet", "cpu", "baseboard"];

pub(super) fn discover(session: &mut Session<'_>) -> Outcome {
    for (number, name) in (1..).zip(PARAMETERS) {
        if print(session, number).is_err() {
            log!(session, ERR, "Error discovering {name} capabilities!\n");
            return Err(Failed);
        }
    }
    Ok(())
}

fn print(session: &mut Session<'_>, number: u8) -> Outcome {
    let reply = ask(session, 0x01, &[number])?;
    // Conformance 1.0, 1.1 and 1.5: major before minor.
    if !matches!((reply.at(1), reply.at(2)), (1, 0 | 1 | 5)) {
        log!(session, ERR, "ERROR!  This command is not available on this platform");
        return Err(Failed);
    }
    if !matches!(reply.at(3), 1 | 2) {
        log!(session, ERR, "ERROR!  This command is not compatible with this version");
        return Err(Failed);
    }
    match number {
        1 => print_platform(session, &reply),
        2 => print_mandatory(session, &reply),
        3 => print_power(session, &reply),
        _ => print_access(session, &reply),
    }
    Ok(())
}

/// The names of the bits set, from the lowest.
fn print_set(session: &mut Session<'_>, names: Words, bits: u8) {
    for (bit, name) in names.iter().enumerate() {
        if bits >> bit & 1 != 0 {
            out!(session, "        {name}\n");
        }
    }
}

fn print_platform(session: &mut Session<'_>, reply: &Reply) {
    let word = session.personality.dcmi_capabilities();
    out!(session, "    Supported DCMI capabilities:\n");
    let groups = [("Mandatory platform", MANDATORY), ("Optional platform", OPTIONAL)];
    for ((title, names), at) in groups.into_iter().chain([("Managebility access", ACCESS)]).zip(4..) {
        out!(session, "\n         {title} {word}\n");
        print_set(session, names, reply.at(at));
    }
}

fn print_mandatory(session: &mut Session<'_>, reply: &Reply) {
    let log = u16::from_le_bytes([reply.at(4), reply.at(5)]);
    let rollover = if log & 0x8000 != 0 { "enabled" } else { "not present" };
    out!(session, "\n    Mandatory platform attributes:\n");
    out!(session, "\n         SEL Attributes: ");
    out!(session, "\n               SEL automatic rollover is {rollover}");
    out!(session, "\n               {} SEL entries\n", log & 0xFFF);
    out!(session, "\n         Identification Attributes: \n");
    print_set(session, IDENTIFICATION, reply.at(6));
    out!(session, "\n         Temperature Monitoring Attributes: \n");
    print_set(session, TEMPERATURES, reply.at(7));
}

fn print_power(session: &mut Session<'_>, reply: &Reply) {
    out!(session, "\n    Optional Platform Attributes: \n\n         Power Management:\n");
    match reply.at(4) {
        0x40 => out!(session, "                Slave address of device: 20h (BMC)\n"),
        address => out!(
            session,
            "                Slave address of device: {address:x}h (8bits)(Satellite/External controller)\n"
        ),
    }
    match reply.at(5) >> 4 {
        0 => out!(session, "                Channel number is 0h (Primary BMC)\n"),
        channel => out!(session, "                Channel number is {channel:x}h \n"),
    }
    out!(session, "                    Device revision is {} \n", reply.at(5) & 0xF);
}

fn print_access(session: &mut Session<'_>, reply: &Reply) {
    out!(session, "\n    Manageability Access Attributes: \n");
    for (name, at) in [("Primary LAN", 4), ("Secondary LAN", 5)] {
        match reply.at(at) {
            0xFF => out!(session, "         {name} channel is not available for OOB\n"),
            channel => out!(session, "         {name} channel number: {channel} is available\n"),
        }
    }
    match reply.at(6) {
        0xFF => out!(session, "         No serial channel is available\n"),
        channel => out!(session, "         Serial channel number: {channel} is available\n"),
    }
}
