//! PICMG's OEM records in the multirecord area: AdvancedTCA (PICMG 3.0) and
//! AdvancedMC (AMC.0) shelf, carrier and module descriptions.

mod amc;
mod atca;
mod clock;

use super::multirecord::{HEADER, Record};
use crate::ipmitool::Session;
use crate::out;

/// Bytes of manufacturer id, record id and record version.
const OEM_HEADER: usize = 5;

/// Bytes of a GUID.
const GUID: usize = 16;

/// A record with a reading position, both counted from its header.
struct Cursor<'a> {
    record: &'a Record,
    at: usize,
}

impl Cursor<'_> {
    /// The next byte.
    fn u8(&mut self) -> u8 {
        self.at += 1;
        self.record.u8(self.at - 1)
    }

    /// The next two bytes, little-endian.
    fn u16(&mut self) -> u16 {
        self.at += 2;
        self.record.u16(self.at - 2)
    }

    /// The next three bytes, little-endian.
    fn u24(&mut self) -> u32 {
        self.at += 3;
        self.record.u24(self.at - 3)
    }

    /// The next four bytes, little-endian.
    fn u32(&mut self) -> u32 {
        self.at += 4;
        self.record.u32(self.at - 4)
    }

    /// Where the record ends.
    fn end(&self) -> usize {
        HEADER + self.record.len()
    }

    /// Whether something of the record is left.
    fn more(&self) -> bool {
        self.at < self.end()
    }
}

/// Prints a PICMG record.
pub(super) fn print(session: &mut Session<'_>, record: &Record) {
    let id = record.u8(HEADER + 3);
    let cursor = &mut Cursor { record, at: HEADER + OEM_HEADER };
    match id {
        0x04 => atca::print_backplane(session, cursor),
        0x10 => atca::print_address_table(session, cursor),
        0x11 => atca::print_power_distribution(session, cursor),
        0x12 => atca::print_activation(session, cursor),
        0x13 => out!(session, "    FRU_PICMG_SHMC_IP_CONN\n"),
        0x14 => atca::print_board(session, cursor),
        0x16 => amc::print_current(session, cursor),
        0x17 => amc::print_activation(session, cursor),
        0x18 => amc::print_carrier(session, cursor),
        0x19 => amc::print_module(session, cursor),
        0x1A => amc::print_carrier_info(session, cursor),
        0x20..=0x2B => {
            out!(session, "    Not implemented yet. uTCA specific record found!!\n");
            out!(session, "     - Record ID: 0x{id:02x}\n");
        }
        0x2C => clock::print_carrier(session, cursor),
        0x2D => clock::print_configuration(session, cursor),
        _ => out!(session, "    Unknown OEM Extension Record ID: {id:x}\n"),
    }
}

/// Amperes from tenths, in the single precision the original computes with.
fn amperes(tenths: u16) -> f64 {
    (f32::from(tenths) / 10.0).into()
}
