//! `chassis status`: Get Chassis Status (IPMI 2.0 section 28.2).

use super::CHASSIS;
use crate::ipmitool::{Outcome, Session};
use crate::out;

/// A line for one bit: byte, mask, label, and the words for set and clear.
type Flag = (usize, u8, &'static str, [&'static str; 2]);

const TRUE: [&str; 2] = ["true", "false"];
const ACTIVE: [&str; 2] = ["active", "inactive"];
const ALLOWED: [&str; 2] = ["allowed", "not allowed"];

const POWER: &[Flag] = &[
    (0, 0x01, "System Power         : ", ["on", "off"]),
    (0, 0x02, "Power Overload       : ", TRUE),
    (0, 0x04, "Power Interlock      : ", ACTIVE),
    (0, 0x08, "Main Power Fault     : ", TRUE),
    (0, 0x10, "Power Control Fault  : ", TRUE),
];

const LAST_EVENT: &[(u8, &str)] =
    &[(0x01, "ac-failed "), (0x02, "overload "), (0x04, "interlock "), (0x08, "fault "), (0x10, "command")];

const MISCELLANEOUS: &[Flag] = &[
    (2, 0x01, "Chassis Intrusion    : ", ACTIVE),
    (2, 0x02, "Front-Panel Lockout  : ", ACTIVE),
    (2, 0x04, "Drive Fault          : ", TRUE),
    (2, 0x08, "Cooling/Fan Fault    : ", TRUE),
];

const FRONT_PANEL: &[Flag] = &[
    (3, 0x80, "Sleep Button Disable : ", ALLOWED),
    (3, 0x40, "Diag Button Disable  : ", ALLOWED),
    (3, 0x20, "Reset Button Disable : ", ALLOWED),
    (3, 0x10, "Power Button Disable : ", ALLOWED),
    (3, 0x08, "Sleep Button Disabled: ", TRUE),
    (3, 0x04, "Diag Button Disabled : ", TRUE),
    (3, 0x02, "Reset Button Disabled: ", TRUE),
    (3, 0x01, "Power Button Disabled: ", TRUE),
];

const RESTORE_POLICY: [&str; 4] = ["always-off", "previous", "always-on", "unknown"];

pub(super) fn print(session: &mut Session<'_>) -> Outcome {
    let failed = "Error sending Chassis Status command";
    let reply = session.ask((CHASSIS, 0x01), &[], failed, failed)?;
    let print = |session: &mut Session<'_>, flags: &[Flag]| {
        for (byte, mask, label, [set, clear]) in flags {
            out!(session, "{label}{}\n", if reply.at(*byte) & mask != 0 { set } else { clear });
        }
    };
    print(session, POWER);
    out!(session, "Power Restore Policy : {}\n", RESTORE_POLICY[usize::from(reply.at(0) >> 5 & 3)]);
    let last = LAST_EVENT.iter().filter(|(mask, _)| reply.at(1) & mask != 0).map(|(_, name)| *name);
    out!(session, "Last Power Event     : {}\n", last.collect::<String>());
    print(session, MISCELLANEOUS);
    if reply.len() > 3 {
        match reply.at(3) {
            0 => out!(session, "Front Panel Control  : none\n"),
            _ => print(session, FRONT_PANEL),
        }
    }
    Ok(())
}
