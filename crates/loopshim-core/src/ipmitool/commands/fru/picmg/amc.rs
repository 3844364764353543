//! AdvancedMC records (AMC.0 section 3): carrier and module descriptions.

use super::{Cursor, GUID, amperes};
use crate::ipmitool::Session;
use crate::out;

/// Module current requirements (record 16h).
pub(super) fn print_current(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_AMC_CURRENT\n");
    let current = amperes(u16::from(cursor.u8()));
    let power = current * 12.0;
    out!(session, "      Current draw(@12V): {current:.2} A [ {power:.2} Watt ]\n\n");
}

/// Carrier activation and current management (record 17h).
pub(super) fn print_activation(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_AMC_ACTIVATION\n");
    let current = amperes(cursor.u16());
    let power = current * 12.0;
    out!(session, "      Maximum Internal Current(@12V): {current:.2} A [ {power:.2} Watt ]\n");
    out!(session, "      Module Activation Readiness:    {} sec.\n", cursor.u8());
    out!(session, "      Descriptor Count: {}\n\n", cursor.u8());
    while cursor.more() {
        let (address, current, _reserved) = (cursor.u8(), cursor.u8(), cursor.u8());
        out!(session, "        IPMB-Address:         0x{address:x}\n");
        out!(session, "        Max. Module Current:  {:.2} A\n\n", amperes(u16::from(current)));
    }
}

/// Carrier point-to-point connectivity (record 18h).
pub(super) fn print_carrier(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_CARRIER_P2P\n");
    while cursor.more() {
        let (resource, count) = (cursor.u8(), cursor.u8());
        let kind = if resource & 0x80 != 0 { "AMC" } else { "Local" };
        out!(session, "\n      Resource ID:      {}  Type: {kind}\n", resource & 7);
        out!(session, "      Descriptor Count: {count}\n");
        for _ in 0..count {
            let (resource, ports) = (cursor.u8(), cursor.u16());
            let (remote, local) = (ports & 0x1F, ports >> 5 & 0x1F);
            let kind = if resource & 0x80 != 0 { "AMC  " } else { "local" };
            out!(session, "        Port: {local:02}\t->  Remote Port: {remote:02}\t");
            out!(session, "[ {kind} ID: {:02} ]\n", resource & 0xF);
        }
    }
}

/// Module point-to-point connectivity (record 19h). The original walks off its
/// format here: it takes 16 bytes for each byte of a GUID, and prints the rest
/// of the record once for each GUID.
pub(super) fn print_module(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_AMC_P2P\n");
    let guids = cursor.record.u8(cursor.at);
    out!(session, "      GUID count: {guids:2}\n");
    for guid in 0..guids {
        out!(session, "        GUID {guid:2}: ");
        for index in 0..GUID {
            out!(session, "{:02x}\n", cursor.record.u8(cursor.at + index));
            cursor.at += GUID;
        }
        cursor.at += 1;
        print_channels(session, cursor);
        while cursor.more() {
            print_link(session, cursor);
        }
    }
}

fn print_channels(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    let resource = cursor.u8();
    let kind = if resource & 0x80 != 0 { "AMC Module:" } else { "On-Carrier Device" };
    out!(session, "      {kind}   Resource ID: {}\n", resource & 0xF);
    let count = cursor.u8();
    out!(session, "       Descriptor Count: {count}\n");
    for _ in 0..count {
        let lanes = cursor.u24();
        for lane in 0..4 {
            out!(session, "        Lane {lane} Port: {}\n", lanes >> (5 * lane) & 0x1F);
        }
        out!(session, "\n");
    }
}

/// A link descriptor: channel 8 bits, port flags 4, type 8, extension 4,
/// grouping 8, asymmetric match 2.
fn print_link(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    let (link, last) = (cursor.u32(), cursor.u8());
    out!(session, "      Link Designator:  Channel ID: {}\n            Port Flag 0: ", link & 0xFF);
    for flag in 8..12 {
        out!(session, "{}", if link >> flag & 1 != 0 { "o" } else { "-" });
    }
    let (kind, extension) = ((link >> 12) as u8, link >> 20 & 0xF);
    out!(session, "\n        Link Type:       {kind:02x} - {}", link_type(kind));
    out!(session, "        Link Type Ext:   {extension}{}\n", link_extension(kind, extension));
    out!(session, "        Link group Id:   {}\n", link >> 24);
    out!(session, "        Link Asym Match: {}\n\n", last & 3);
}

/// A link type's name with its line's end, which the original forgets for the
/// types it does not know.
fn link_type(kind: u8) -> &'static str {
    match kind {
        0x02 => "AMC.1 PCI Express\n",
        0x03 | 0x04 => "AMC.1 PCI Express Advanced Switching\n",
        0x05 => "AMC.2 Ethernet\n",
        0x06 => "AMC.4 Serial Rapid IO\n",
        0x07 => "AMC.3 Storage\n",
        _ => "reserved or OEM GUID",
    }
}

fn link_extension(kind: u8, extension: u32) -> &'static str {
    match (kind, extension) {
        (0x02, 0) => " -  Gen 1 capable - non SSC",
        (0x02, 1) => " -  Gen 1 capable - SSC",
        (0x02, 2) => " -  Gen 2 capable - non SSC",
        (0x02, 3) => " -  Gen 2 capable - SSC",
        (0x05, 0) => " -  1000Base-Bx (SerDES Gigabit) Ethernet Link",
        (0x05, 1) => " -  10Gbit XAUI Ethernet Link",
        (0x07, 0) => " -  Fibre Channel",
        (0x07, 1) => " -  Serial ATA",
        (0x07, 2) => " -  Serial Attached SCSI",
        (0x02 | 0x05 | 0x07, _) => " -  Invalid",
        _ => "",
    }
}

/// Carrier information table (record 1Ah).
pub(super) fn print_carrier_info(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_CARRIER_INFO\n");
    let (version, sites) = (cursor.u8(), cursor.u8());
    out!(session, "      AMC.0 extension version: R{}.{}\n", version & 0xF, version >> 4);
    out!(session, "      Carrier Sie Number Cnt: {sites}\n");
    for _ in 0..sites {
        out!(session, "       Site ID: {} \n", cursor.u8());
    }
    out!(session, "\n");
}
