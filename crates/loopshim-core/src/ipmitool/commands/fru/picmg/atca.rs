//! AdvancedTCA records (PICMG 3.0 section 3): shelf and board descriptions.

use super::{Cursor, GUID};
use crate::ipmitool::Session;
use crate::ipmitool::text::{Words, words};
use crate::out;

/// Backplane point-to-point connectivity (record 04h).
pub(super) fn print_backplane(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_PICMG_BACKPLANE_P2P\n");
    let mut slot = [cursor.u8(), cursor.u8(), cursor.u8()];
    // The original looks for the next slot's end and accepts the record's own.
    while cursor.at <= cursor.end() {
        print_slot(session, cursor, slot);
        slot = [cursor.u8(), cursor.u8(), cursor.u8()];
    }
}

fn print_slot(session: &mut Session<'_>, cursor: &mut Cursor<'_>, [kind, address, channels]: [u8; 3]) {
    out!(session, "\n    Channel Type:  ");
    match channel_type(kind) {
        Some(name) => out!(session, "{name}\n"),
        None => out!(session, "Unknown IF (0x{kind:x})\n"),
    }
    out!(session, "    Slot Addr.   : {address:02x}\n");
    out!(session, "    Channel Count: {channels}\n");
    for _ in 0..channels {
        let bits = cursor.u24();
        let (slot, remote, local) = (bits & 0xFF, bits >> 8 & 0x1F, bits >> 13 & 0x1F);
        if session.verbose > 0 {
            out!(session, "       Chn: {local:02x}  ->  Chn: {remote:02x} in Slot: {slot:02x}\n");
        }
    }
}

fn channel_type(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0x00 | 0x07 => "PICMG 2.9",
        0x08 => "Single Port Fabric IF",
        0x09 => "Double Port Fabric IF",
        0x0A => "Full Channel Fabric IF",
        0x0B => "Base IF",
        0x0C => "Update Channel IF",
        0x0D => "ShMC Cross Connect",
        _ => return None,
    })
}

/// Bytes of a shelf address.
const SHELF_ADDRESS: usize = 20;

/// Address table (record 10h).
pub(super) fn print_address_table(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_PICMG_ADDRESS_TABLE\n");
    out!(session, "      Type/Len:  0x{:02x}\n", cursor.u8());
    out!(session, "      Shelf Addr: ");
    for _ in 0..SHELF_ADDRESS {
        out!(session, "0x{:02x} ", cursor.u8());
    }
    let entries = cursor.u8();
    out!(session, "\n      Addr Table Entries: 0x{entries:02x}\n");
    for _ in 0..entries {
        let (address, number, kind) = (cursor.u8(), cursor.u8(), cursor.u8());
        let ipmb = u16::from(address) * 2;
        out!(session, "        HWAddr: 0x{address:02x} (0x{ipmb:02x}) SiteNum: {number} ");
        let name = SITE_TYPES.get(kind.into()).unwrap_or("Reserved");
        out!(session, "SiteType: 0x{kind:02x} {name}\n");
    }
}

const SITE_TYPES: Words = words![
    "AdvancedTCA Board",
    "Power Entry",
    "Shelf FRU Information",
    "Dedicated ShMC",
    "Fan Tray",
    "Fan Filter Tray",
    "Alarm",
    "AdvancedMC Module",
    "PMC",
    "Rear Transition Module",
];

/// Shelf power distribution (record 11h).
pub(super) fn print_power_distribution(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_PICMG_SHELF_POWER_DIST\n");
    let feeds = cursor.u8();
    out!(session, "      Number of Power Feeds:   0x{feeds:02x}\n");
    for feed in 0..feeds {
        out!(session, "    Feed {feed}:\n");
        print_feed(session, cursor);
    }
}

fn print_feed(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    let (external, internal) = (cursor.u16(), cursor.u16());
    let (voltage, entries) = (cursor.u8(), cursor.u8());
    let (whole, tenths) = (external / 10, external % 10);
    out!(session, "      Max External Current:   {whole}.{tenths} Amps (0x{external:04x})\n");
    if internal == 0xFFFF {
        out!(session, "      Max Internal Current:   Not Specified\n");
    } else {
        let (whole, tenths) = (internal / 10, internal % 10);
        out!(session, "      Max Internal Current:   {whole}.{tenths} Amps (0x{internal:04x})\n");
    }
    // Half volts, 36 to 72.
    if (0x48..=0x90).contains(&voltage) {
        let (whole, tenths) = (voltage / 2, voltage % 2 * 5);
        out!(session, "      Min Expected Voltage:   -{whole:02}.{tenths}V\n");
    } else {
        out!(session, "      Min Expected Voltage:   -36V (actual invalid value 0x{voltage:x})\n");
    }
    for _ in 0..entries {
        let (address, id) = (cursor.u8(), cursor.u8());
        let ipmb = u16::from(address) * 2;
        out!(session, "        FRU HW Addr: 0x{address:02x} (0x{ipmb:02x})   FRU ID: 0x{id:02x}\n");
    }
}

/// Shelf activation and power management (record 12h).
pub(super) fn print_activation(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_PICMG_SHELF_ACTIVATION\n");
    out!(session, "      Allowance for FRU Act Readiness:   0x{:02x}\n", cursor.u8());
    let count = cursor.u8();
    out!(session, "      FRU activation and Power Desc Cnt: 0x{count:02x}\n");
    for _ in 0..count {
        out!(session, "         HW Addr: 0x{:02x} ", cursor.u8());
        out!(session, "         FRU ID: 0x{:02x} ", cursor.u8());
        out!(session, "         Max FRU Power: 0x{:04x} ", cursor.u16());
        out!(session, "         Config: 0x{:02x} \n", cursor.u8());
    }
}

/// Board point-to-point connectivity (record 14h).
pub(super) fn print_board(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_PICMG_BOARD_P2P\n");
    let guids = cursor.u8();
    out!(session, "      GUID count: {guids:2}\n");
    for guid in 0..guids {
        out!(session, "        GUID [{guid:2}]: 0x");
        for _ in 0..GUID {
            out!(session, "{:02x}", cursor.u8());
        }
        out!(session, "\n");
    }
    out!(session, "\n");
    while cursor.more() {
        print_link(session, cursor.u32());
    }
}

/// A link descriptor: designator 12 bits, type 8, extension 4, grouping 8.
fn print_link(session: &mut Session<'_>, link: u32) {
    let (channel, interface, ports) = (link & 0x3F, link >> 6 & 3, link >> 8 & 0xF);
    let (kind, extension, grouping) = ((link >> 12) as u8, link >> 20 & 0xF, link >> 24);
    out!(session, "      Link Grouping ID:     0x{grouping:02x}\n");
    out!(session, "      Link Type Extension:  0x{extension:02x} - {}\n", link_extension(kind, extension));
    out!(session, "      Link Type:            0x{kind:02x} - {}\n", link_type(kind));
    out!(session, "      Link Designator: \n");
    out!(session, "        Port Flag:            0x{ports:02x}\n");
    let name = ["Base Interface", "Fabric Interface", "Update Channel", "Reserved"][interface as usize];
    out!(session, "        Interface:            0x{interface:02x} - {name}\n");
    out!(session, "        Channel Number:       0x{channel:02x}\n\n");
}

fn link_extension(kind: u8, extension: u32) -> &'static str {
    match (kind, extension) {
        (0x01, 0) => "10/100/1000BASE-T Link (four-pair)",
        (0x01, 1) => "ShMC Cross-connect (two-pair)",
        (0x02, 0) => "1000Base-BX",
        (0x02, 1) => "10GBase-BX4 [XAUI]",
        (0x02, 2) => "FC-PI",
        (0x02, 3) => "1000Base-KX",
        (0x02, 4) => "10GBase-KX4",
        (0x32, 0) => "10GBase-KR",
        (0x32, 1) => "40GBase-KR4",
        _ => "Unknown",
    }
}

fn link_type(kind: u8) -> &'static str {
    match kind {
        0x01 => "PICMG 3.0 Base Interface 10/100/1000",
        0x02 => {
            "PICMG 3.1 Ethernet Fabric Interface\n                                   Base signaling Link Class"
        }
        0x03 => "PICMG 3.2 Infiniband Fabric Interface",
        0x04 => "PICMG 3.3 Star Fabric Interface",
        0x05 => "PICMG 3.4 PCI Express Fabric Interface",
        0x32 => {
            "PICMG 3.1 Ethernet Fabric Interface\n                                   10.3125Gbd signaling Link Class"
        }
        0xF0..=0xFE => "OEM GUID Definition",
        _ => "Reserved",
    }
}
