//! `delloem vFlash`: the SD card in the controller.

use super::{Controller, OEM, check_bracketed, first, unlicensed};
use crate::ipmitool::help::delloem as help;
use crate::ipmitool::interface::Kind;
use crate::ipmitool::text::{Names, name_of, names};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

const FAILURE: &str = "Error in getting SD Card Extended Information";
/// The card's own completion codes.
const STATES: Names = names![(0x00, "SUCCESS"), (0x01, "NO_SD_CARD"), (0x63, "UNKNOWN_ERROR")];

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    if session.interface != Kind::Open {
        log!(session, ERR, "vFlash support is enabled only for wmi and open interface.");
        log!(session, ERR, "Its not enabled for lan and lanplus interface.");
        return Err(Failed);
    }
    if matches!(first(words), None | Some(b"help")) {
        return session.explain(help::FLASH);
    }
    let controller = Controller::ask(session);
    match words {
        [info, card] if info == b"info" && card == b"Card" => print(session, controller),
        _ => session.misused(help::FLASH),
    }
}

fn print(session: &mut Session<'_>, controller: Controller) -> Outcome {
    let reply = session.send(OEM, 0xA4, &[0, 0]);
    let reply = check_bracketed(session, reply, FAILURE)?;
    let (state, flags) = (reply.at(0), reply.at(1));
    if state == 0x33 && controller.is_licensed() {
        unlicensed(session);
        return Err(Failed);
    }
    if state != 0 {
        log!(session, ERR, "{FAILURE} ({})", name_of(state.into(), STATES));
        return Err(Failed);
    }
    if flags & 0x04 == 0 {
        log!(session, ERR, "vFlash SD card is unavailable, please insert the card of");
        log!(session, ERR, "size 256MB or greater");
        return Err(Failed);
    }
    let size =
        |at: usize| i32::from_le_bytes([reply.at(at), reply.at(at + 1), reply.at(at + 2), reply.at(at + 3)]);
    out!(session, "vFlash SD Card Properties\n");
    out!(session, "SD Card size       : {:8}MB\n", size(2));
    out!(session, "Available size     : {:8}MB\n", size(6));
    let names =
        ["Initialized    ", "Licensed       ", "Attached       ", "Enabled        ", "Write Protected"];
    for (name, bit) in names.iter().zip([0x80, 0x40, 0x20, 0x10, 0x08]) {
        out!(session, "{name}    : {:>10}\n", if flags & bit != 0 { "Yes" } else { "No" });
    }
    let health = ["OK", "Warning", "Critical", "Undefined"][usize::from(flags & 3)];
    out!(session, "Health             : {health:>10}\n");
    out!(session, "Bootable partition : {:10}\n", reply.at(10));
    Ok(())
}
