//! `chassis status`: Get Chassis Status (IPMI 2.0 section 28.2).

use super::CHASSIS;
use crate::ipmitool::text::words::{Row, Rows, packed};
use crate::ipmitool::text::{Names, names};
use crate::ipmitool::{Outcome, Reply, Session};
use crate::out;

/// A line for one bit: byte, mask, label, and the words for set and clear.
const fn flag(byte: u16, mask: u16, label: &'static str, [set, clear]: [&'static str; 2]) -> Row<2, 3> {
    ([byte, mask], [label, set, clear])
}

const TRUE: [&str; 2] = ["true", "false"];
const ACTIVE: [&str; 2] = ["active", "inactive"];
const ALLOWED: [&str; 2] = ["allowed", "not allowed"];

const POWER: Rows = packed!(
    2,
    3,
    [
        flag(0, 0x01, "System Power         : ", ["on", "off"]),
        flag(0, 0x02, "Power Overload       : ", TRUE),
        flag(0, 0x04, "Power Interlock      : ", ACTIVE),
        flag(0, 0x08, "Main Power Fault     : ", TRUE),
        flag(0, 0x10, "Power Control Fault  : ", TRUE),
    ]
);

const LAST_EVENT: Names = names![
    (0x01, "ac-failed "),
    (0x02, "overload "),
    (0x04, "interlock "),
    (0x08, "fault "),
    (0x10, "command")
];

const MISCELLANEOUS: Rows = packed!(
    2,
    3,
    [
        flag(2, 0x01, "Chassis Intrusion    : ", ACTIVE),
        flag(2, 0x02, "Front-Panel Lockout  : ", ACTIVE),
        flag(2, 0x04, "Drive Fault          : ", TRUE),
        flag(2, 0x08, "Cooling/Fan Fault    : ", TRUE),
    ]
);

const FRONT_PANEL: Rows = packed!(
    2,
    3,
    [
        flag(3, 0x80, "Sleep Button Disable : ", ALLOWED),
        flag(3, 0x40, "Diag Button Disable  : ", ALLOWED),
        flag(3, 0x20, "Reset Button Disable : ", ALLOWED),
        flag(3, 0x10, "Power Button Disable : ", ALLOWED),
        flag(3, 0x08, "Sleep Button Disabled: ", TRUE),
        flag(3, 0x04, "Diag Button Disabled : ", TRUE),
        flag(3, 0x02, "Reset Button Disabled: ", TRUE),
        flag(3, 0x01, "Power Button Disabled: ", TRUE),
    ]
);

const RESTORE_POLICY: [&str; 4] = ["always-off", "previous", "always-on", "unknown"];

pub(super) fn print(session: &mut Session<'_>) -> Outcome {
    let failed = "Error sending Chassis Status command";
    let reply = session.ask((CHASSIS, 0x01), &[], failed, failed)?;
    print_flags(session, POWER, &reply);
    out!(session, "Power Restore Policy : {}\n", RESTORE_POLICY[usize::from(reply.at(0) >> 5 & 3)]);
    let last = LAST_EVENT.iter().filter(|(mask, _)| u16::from(reply.at(1)) & mask != 0).map(|(_, name)| name);
    out!(session, "Last Power Event     : {}\n", last.collect::<String>());
    print_flags(session, MISCELLANEOUS, &reply);
    if reply.len() > 3 {
        match reply.at(3) {
            0 => out!(session, "Front Panel Control  : none\n"),
            _ => print_flags(session, FRONT_PANEL, &reply),
        }
    }
    Ok(())
}

fn print_flags(session: &mut Session<'_>, mut flags: Rows, reply: &Reply) {
    while let (Some(byte), Some(mask), Some(label), Some(set), Some(clear)) =
        (flags.code(), flags.code(), flags.word(), flags.word(), flags.word())
    {
        let is_set = u16::from(reply.at(byte.into())) & mask != 0;
        out!(session, "{label}{}\n", if is_set { set } else { clear });
    }
}
