//! `chassis power`, `power`: Chassis Control (IPMI 2.0 section 28.3).

use super::CHASSIS;
use crate::ipmitool::{Arg, Outcome, Session};
use crate::{log, out};

/// A state to put the power into.
struct Control {
    /// Separated by blanks.
    words: &'static str,
    code: u8,
    name: &'static str,
}

/// In the order in which words are compared; in 1.8.18 the first beginning
/// counts.
const CONTROLS: &[Control] = &[
    Control { words: "up on", code: 1, name: "Up/On" },
    Control { words: "down off", code: 0, name: "Down/Off" },
    Control { words: "cycle", code: 2, name: "Cycle" },
    Control { words: "reset", code: 3, name: "Reset" },
    Control { words: "diag", code: 4, name: "Diag" },
    Control { words: "acpi soft", code: 5, name: "Soft" },
];

pub(super) fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let word = match args.first() {
        Some(word) if !personality.is_verb(word, "help") => word,
        _ => {
            log!(session, NOTICE, "chassis power Commands: status, on, off, cycle, reset, diag, soft");
            return Ok(());
        }
    };
    if personality.is_verb(word, "status") {
        return print_status(session);
    }
    let is = |control: &&Control| control.words.split(' ').any(|name| personality.is_verb(word, name));
    match CONTROLS.iter().find(is) {
        Some(control) => apply(session, control),
        None => Err(session.complain("Invalid chassis power command: ", word, "")),
    }
}

fn print_status(session: &mut Session<'_>) -> Outcome {
    let silence = "Unable to get Chassis Power Status";
    let reply = session.ask((CHASSIS, 0x01), &[], silence, "Get Chassis Power Status failed")?;
    out!(session, "Chassis Power is {}\n", if reply.at(0) & 1 != 0 { "on" } else { "off" });
    Ok(())
}

fn apply(session: &mut Session<'_>, control: &Control) -> Outcome {
    let name = control.name;
    let silence = format!("Unable to set Chassis Power Control to {name}");
    let refusal = format!("Set Chassis Power Control to {name} failed");
    session.ask((CHASSIS, 0x02), &[control.code], &silence, &refusal)?;
    out!(session, "Chassis Power Control: {name}\n");
    Ok(())
}
