//! The chassis, board and product areas (FRU Information Storage Definition
//! 1.0 sections 10 to 12), one printed line a field.

use super::device::Device;
use super::field::Fields;
use crate::ipmitool::Session;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::time::{self, OldClock};

/// An area with text fields: what its first bytes are, and the names of its
/// fields as printed.
pub(super) struct Area {
    head: Head,
    /// Names of the predefined fields, in order; `Board FRU ID` and its like
    /// are shown with `-v` only.
    fields: Words,
    /// Name of the fields a manufacturer adds.
    extra: &'static str,
}

/// What precedes the text fields, after format version and length.
enum Head {
    /// The chassis type.
    Chassis,
    /// Language code and manufacturing date.
    Board,
    /// Language code.
    Product,
}

/// Chassis information area.
pub(super) const CHASSIS: Area = Area {
    head: Head::Chassis,
    fields: words!["Chassis Part Number", "Chassis Serial"],
    extra: "Chassis Extra",
};

/// Board information area.
pub(super) const BOARD: Area = Area {
    head: Head::Board,
    fields: words!["Board Mfg", "Board Product", "Board Serial", "Board Part Number", "Board FRU ID"],
    extra: "Board Extra",
};

/// Product information area.
pub(super) const PRODUCT: Area = Area {
    head: Head::Product,
    fields: words![
        "Product Manufacturer",
        "Product Name",
        "Product Part Number",
        "Product Version",
        "Product Serial",
        "Product Asset Tag",
        "Product FRU ID",
    ],
    extra: "Product Extra",
};

impl Area {
    /// Reads and prints the area at `offset` bytes. Prints nothing when it
    /// cannot be read or has no length.
    pub(super) fn print(&self, session: &mut Session<'_>, device: &mut Device, offset: u32) {
        let Some(area) = read(session, device, offset) else { return };
        let position = self.print_head(session, &area);
        let mut fields = Fields::new(&area, position, session.personality);
        for name in self.fields {
            let text = fields.next_text();
            if session.verbose > 0 || !name.ends_with("FRU ID") {
                print_line(session, name, &text);
            }
        }
        while let Some(text) = fields.next_extra() {
            print_line(session, self.extra, &text);
        }
    }

    /// Prints what precedes the text fields; where these start.
    fn print_head(&self, session: &mut Session<'_>, area: &[u8]) -> usize {
        match self.head {
            Head::Chassis => {
                print_line(session, "Chassis Type", chassis_type(area[2]).as_bytes());
                3
            }
            Head::Board => {
                let minutes = u32::from_le_bytes([area[3], area[4], area[5], 0]);
                let date = board_date(session, minutes);
                print_line(session, "Board Mfg Date", &date);
                6
            }
            Head::Product => 3,
        }
    }
}

/// An area's bytes: as many as its second byte says in units of eight.
fn read(session: &mut Session<'_>, device: &mut Device, offset: u32) -> Option<Vec<u8>> {
    let mut start = [0; 2];
    device.read(session, offset, &mut start).ok()?;
    let mut area = vec![0; usize::from(start[1]) * 8];
    if area.is_empty() {
        return None;
    }
    device.read(session, offset, &mut area).ok()?;
    Some(area)
}

/// Columns of a field's name.
const NAME_WIDTH: usize = 22;

fn print_line(session: &mut Session<'_>, name: &str, text: &[u8]) {
    if !text.is_empty() {
        let console = &mut session.console;
        console.put(b" ");
        console.put_padded(name.as_bytes(), NAME_WIDTH);
        console.put(b": ");
        console.put(text);
        console.put(b"\n");
    }
}

/// 1996-01-01 in seconds since 1970, where manufacturing dates start.
const SECONDS_TO_1996: u32 = 820_454_400;

/// A manufacturing date in the version's form: 1.8.18 prints 1996 for an
/// unspecified (zero) one.
fn board_date(session: &mut Session<'_>, minutes: u32) -> Vec<u8> {
    let stamp = match minutes {
        0 if session.personality.board_date_may_be_unspecified() => time::UNSPECIFIED,
        _ => SECONDS_TO_1996 + minutes * 60,
    };
    session.times.sentence(stamp, OldClock::Local)
}

fn chassis_type(code: u8) -> &'static str {
    CHASSIS_TYPES.get(code.into()).unwrap_or("Unknown")
}

/// Chassis types, in the order of the SMBIOS enumeration they come from.
const CHASSIS_TYPES: Words = words![
    "Unspecified",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "LapTop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All in One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "SubChassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system Chassis",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosure",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chassis_types_beyond_the_table_are_unknown() {
        assert_eq!(chassis_type(23), "Rack Mount Chassis");
        assert_eq!(chassis_type(29), "Blade Enclosure");
        assert_eq!(chassis_type(30), "Unknown");
    }
}
