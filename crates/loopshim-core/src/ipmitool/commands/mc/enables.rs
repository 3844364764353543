//! `mc getenables`, `mc setenables`: global enables (IPMI 2.0 sections 22.1
//! and 22.2).

use super::APP;
use crate::ipmitool::text::{Described, described};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Bit, name and description of each enable.
const ENABLES: Described = described![
    (1 << 0, "recv_msg_intr", "Receive Message Queue Interrupt"),
    (1 << 1, "event_msg_intr", "Event Message Buffer Full Interrupt"),
    (1 << 2, "event_msg", "Event Message Buffer"),
    (1 << 3, "system_event_log", "System Event Logging"),
    (1 << 5, "oem0", "OEM 0"),
    (1 << 6, "oem1", "OEM 1"),
    (1 << 7, "oem2", "OEM 2"),
];

pub(super) fn help(session: &mut Session<'_>) {
    for (_, name, description) in ENABLES {
        log!(session, NOTICE, "    {name:<20}  {description}");
    }
}

pub(super) fn print(session: &mut Session<'_>) -> Outcome {
    let enabled = read(session)?;
    for (bit, _, description) in ENABLES {
        let state = if u16::from(enabled) & bit != 0 { "en" } else { "dis" };
        out!(session, "{description:<40} : {state}abled\n");
    }
    Ok(())
}

pub(super) fn change(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    match args.first() {
        None => {
            super::help(session);
            return Err(Failed);
        }
        Some(word) if session.personality.is_verb(word, "help") => {
            super::help(session);
            return Ok(());
        }
        Some(_) => {}
    }
    let before = read(session)?;
    let mut after = before;
    for (at, arg) in args.iter().enumerate() {
        let next = args.get(at + 1).map(Vec::as_slice).unwrap_or_default();
        after = apply(session, arg, next, after);
    }
    if after == before {
        out!(session, "\nNothing to change...\n");
    } else {
        let failed = "Set Global Enables command failed";
        session.ask((APP, 0x2E), &[after], failed, failed)?;
        out!(session, "\nVerifying...\n");
    }
    // The original does not look at how the verification went.
    let _ = print(session);
    Ok(())
}

fn read(session: &mut Session<'_>) -> Result<u8, Failed> {
    let failed = "Get Global Enables command failed";
    Ok(session.ask((APP, 0x2F), &[], failed, failed)?.at(0))
}

/// `enabled` after one `name=on` or `name=off`; a name that is another's
/// beginning is tried for both. The original steps over the byte after the
/// name unseen: after a bare name it finds the next word.
fn apply(session: &mut Session<'_>, arg: &[u8], next: &[u8], mut enabled: u8) -> u8 {
    for (bit, name, description) in ENABLES {
        if !session.personality.is_enable_name(arg, name) {
            continue;
        }
        let value = arg.get(name.len() + 1..).unwrap_or(next);
        if session.personality.is_verb(value, "off") {
            out!(session, "Disabling {description}\n");
            enabled &= !bit as u8;
        } else if session.personality.is_verb(value, "on") {
            out!(session, "Enabling {description}\n");
            enabled |= bit as u8;
        } else {
            session.complain("Unrecognized option: ", arg, "");
        }
    }
    enabled
}
