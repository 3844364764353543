//! `kontronoem`: commands of Kontron's boards.

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Network function and LUN of Kontron's commands.
const OEM: (u8, u8) = (0x3E, 3);
/// What each of them begins with.
const KEY: [u8; 4] = [0xB4, 0x90, 0x91, 0x8B];
/// Boot devices, by code.
const DEVICES: Words = words!["BIOS", "FDD", "HDD", "CDROM", "network"];

/// Runs `ipmitool kontronoem …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let Some(verb) = args.first() else {
        log!(session, ERR, "Not enough parameters given.");
        help(session);
        return Err(Failed);
    };
    if personality.is_verb(verb, "help") {
        help(session);
        Ok(())
    } else if personality.is_verb(verb, "setsn") {
        write_fru(session, 0x0C, [" ", "serial number"])
    } else if personality.is_verb(verb, "setmfgdate") {
        write_fru(session, 0x0E, ["", "manufacturing date"])
    } else if personality.is_verb(verb, "nextboot") {
        choose_boot_device(session, args.get(1))
    } else {
        session.complain("Invalid Kontron command: ", verb, "");
        help(session);
        Err(Failed)
    }
}

fn help(session: &mut Session<'_>) {
    out!(session, "Kontron Commands:  setsn setmfgdate nextboot\n");
}

/// Asks the board for a number to be written into its FRU device. What
/// follows on a Kontron board is not modelled: so far nothing is printed or
/// changed.
fn write_fru(session: &mut Session<'_>, cmd: u8, [indent, what]: [&str; 2]) -> Outcome {
    let refusal = match session.send_lun(OEM.0, OEM.1, cmd, &KEY) {
        None => "Device not present (No Response)",
        Some(reply) if !reply.is_ok() => "This option is not implemented for this board",
        Some(_) => return session.unmodelled(),
    };
    out!(session, "{indent}{refusal}\nFRU {what} set failed\n");
    Err(Failed)
}

fn choose_boot_device(session: &mut Session<'_>, device: Option<&Arg>) -> Outcome {
    let Some(device) = device else {
        log!(session, ERR, "Not enough parameters given.");
        out!(session, "nextboot <device>\nSupported devices:\n");
        DEVICES.iter().for_each(|name| out!(session, "- {name}\n"));
        return Err(Failed);
    };
    let code = DEVICES.iter().position(|name| name.as_bytes() == device);
    let outcome = match code {
        Some(code) => send_boot_device(session, code as u8),
        None => {
            session.console.put(&[b"Unknown boot device: ", &device[..], b"\n"].concat());
            Err(Failed)
        }
    };
    out!(session, "Nextboot set {}\n", if outcome.is_ok() { "successfully" } else { "failed" });
    outcome
}

fn send_boot_device(session: &mut Session<'_>, code: u8) -> Outcome {
    // FFh: of any kind of the device.
    let data = [&KEY[..], &[0x9D, code, 0xFF]].concat();
    let why = match session.send_lun(OEM.0, OEM.1, 0x02, &data) {
        None => "No Response".into(),
        Some(reply) if !reply.is_ok() => completion_name(reply.completion),
        Some(_) => return Ok(()),
    };
    out!(session, "Device not present ({why})\n");
    Err(Failed)
}
