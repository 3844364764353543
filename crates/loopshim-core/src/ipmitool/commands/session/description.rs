//! One session's description, as Get Session Info returns it (IPMI 2.0 table
//! 22-25).

use crate::ipmitool::Session;
use crate::ipmitool::text::channels::{ACTIVITIES, PRIVILEGES};
use crate::ipmitool::text::{colons, dotted, name_of};
use crate::out;

/// A description; where a response is short, what was known before remains.
#[derive(Debug, Default)]
pub(super) struct Description([u8; Self::LENGTH]);

/// Lengths of the descriptions: of no session, of one on a serial channel
/// (also with PPP), and of one on a LAN.
const EMPTY: usize = 3;
const SERIAL: usize = 12;
const PPP: usize = 14;
const LAN: usize = Description::LENGTH;

impl Description {
    /// Bytes of the longest description.
    pub(super) const LENGTH: usize = 18;

    /// Takes over the bytes of a response.
    pub(super) fn receive(&mut self, data: &[u8]) {
        self.0.iter_mut().zip(data).for_each(|(known, byte)| *known = *byte);
    }

    /// How many sessions there can be.
    pub(super) fn possible(&self) -> u8 {
        self.0[1] & 0x3F
    }

    /// Prints the description of a response of `length` bytes.
    pub(super) fn print(&self, session: &mut Session<'_>, length: usize) {
        let fields = self.fields(length);
        if session.csv {
            let values: Vec<String> = fields.into_iter().map(|(_, value)| value).collect();
            out!(session, "{}\n", values.join(","));
            return;
        }
        for (name, value) in fields {
            out!(session, "{name:<30}: {value}\n");
        }
        out!(session, "\n");
    }

    fn fields(&self, length: usize) -> Vec<(&'static str, String)> {
        let at = |index: usize| self.0[index];
        let mut fields = vec![
            ("session handle", at(0).to_string()),
            ("slot count", self.possible().to_string()),
            ("active sessions", (at(2) & 0x3F).to_string()),
        ];
        if length == EMPTY {
            return fields;
        }
        let kind = if at(5) >> 4 != 0 { "IPMIv2/RMCP+" } else { "IPMIv1.5" };
        fields.extend([
            ("user id", (at(3) & 0x3F).to_string()),
            ("privilege level", name_of((at(4) & 0x0F).into(), PRIVILEGES).into_owned()),
            ("session type", kind.to_owned()),
            ("channel number", format!("0x{:02x}", at(5) & 0x0F)),
        ]);
        // The port is where a LAN session has it, for PPP as well.
        let port = ("console port", u16::from_le_bytes([at(16), at(17)]).to_string());
        match length {
            LAN => fields.extend([
                ("console ip", dotted(&self.0[6..10])),
                ("console mac", colons(&self.0[10..16])),
                port,
            ]),
            SERIAL | PPP => {
                fields.extend([
                    ("Session/Channel Activity Type", name_of(at(6).into(), ACTIVITIES).into_owned()),
                    ("Destination selector", (at(7) & 0x0F).to_string()),
                    ("console ip", dotted(&self.0[8..12])),
                ]);
                fields.extend((length == PPP).then_some(port));
            }
            _ => {}
        }
        fields
    }
}
