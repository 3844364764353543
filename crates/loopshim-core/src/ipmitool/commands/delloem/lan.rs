//! `delloem lan`: which network port the controller uses.

use super::{Controller, OEM, check_bracketed, first, unlicensed};
use crate::ipmitool::help::delloem as help;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

const PORTS: Words = words!["None", "LOM1", "LOM2", "LOM3", "LOM4", "dedicated"];
/// Before the twelfth generation.
const OLD_MODES: [&str; 4] =
    ["shared", "shared with failover lom2", "dedicated", "shared with Failover all loms"];
/// Since then; the first codes are the ports', the others the failover's.
const MODES: Words = words![
    "dedicated",
    "shared with lom1",
    "shared with lom2",
    "shared with lom3",
    "shared with lom4",
    "shared with failover lom1",
    "shared with failover lom2",
    "shared with failover lom3",
    "shared with failover lom4",
    "shared with failover all loms",
];
const NO_SHARING: &str = "ERROR: Cannot set shared Mode for Blades.";
const GETTING: &str = "Error in getting nic selection";
const SETTING: &str = "Error in setting nic selection";

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    if matches!(first(words), None | Some(b"help")) {
        return session.explain(help::LAN);
    }
    let controller = Controller::ask(session);
    if controller == Controller::IDRAC_11G_MODULAR {
        log!(session, ERR, "lan is not supported on this system.");
        return Err(Failed);
    }
    let rest = &words[1..];
    match (first(words), first(rest)) {
        (Some(b"set"), None) => session.misused(help::LAN),
        (Some(b"set"), _) => set(session, controller, rest),
        (Some(b"get"), None) => print(session, controller),
        (Some(b"get"), Some(b"active")) => print_active(session),
        (Some(b"get"), _) => session.explain(help::LAN),
        _ => session.misused(help::LAN),
    }
}

fn set(session: &mut Session<'_>, controller: Controller, words: &[Arg]) -> Outcome {
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    if controller.is_licensed() {
        let reply = session.send(OEM, 0x29, &[]);
        let current = check_bracketed(session, reply, GETTING).map(|reply| [reply.at(0), reply.at(1)]);
        let wanted = current.map_err(|_| Refused::Usage);
        return match wanted.and_then(|current| select(controller, current, &words)) {
            Ok(mode) => {
                // Whatever comes of it, the original counts it as success.
                send_mode(session, &mode, mode[0] == 1);
                Ok(())
            }
            Err(Refused::Usage) => session.misused(help::LAN),
            Err(Refused::For(why)) => {
                log!(session, ERR, "{why}");
                Err(Failed)
            }
        };
    }
    let mode = match words.as_slice() {
        [b"shared"] => 0,
        [b"dedicated", ..] => 2,
        // The original does not look at the first of the words.
        [_, b"with", b"failover", b"lom2", ..] => 1,
        [_, b"with", b"failover", b"all", b"loms", ..] => 3,
        _ => return session.misused(help::LAN),
    };
    send_mode(session, &[mode], false);
    Ok(())
}

/// Why a mode cannot be selected.
enum Refused {
    Usage,
    For(&'static str),
}

/// The port and the failover that `words` make of the current ones.
fn select(controller: Controller, [port, failover]: [u8; 2], words: &[&[u8]]) -> Result<[u8; 2], Refused> {
    let (fails_over, which) = match words {
        [b"dedicated", ..] => return Ok([1, 0]),
        [b"shared", b"with", b"failover", which @ ..] => (true, which),
        [b"shared", b"with", which @ ..] => (false, which),
        _ => return Err(Refused::Usage),
    };
    let code = match which {
        [b"lom1", ..] => 2,
        [b"lom2", ..] => 3,
        [b"lom3", ..] => 4,
        [b"lom4", ..] => 5,
        [b"none", ..] if fails_over => 0,
        [b"all", b"loms", ..] if fails_over => 6,
        _ => return Err(Refused::Usage),
    };
    if controller.is_modular() {
        Err(Refused::For(NO_SHARING))
    } else if !fails_over {
        Ok([code, if failover == code { 0 } else { failover }])
    } else if matches!(code, 2..=5) && port == code {
        Err(Refused::For("ERROR: Cannot set shared with failover lom same as current shared lom."))
    } else if port == 1 {
        Err(Refused::For("ERROR: Cannot set shared with failover loms when NIC is set to dedicated Mode."))
    } else {
        Ok([port, code])
    }
}

fn send_mode(session: &mut Session<'_>, mode: &[u8], needs_license: bool) {
    let cmd = if mode.len() == 2 { 0x28 } else { 0x24 };
    let reply = session.send(OEM, cmd, mode);
    if needs_license && reply.as_ref().is_some_and(|reply| reply.completion == 0x6F) {
        unlicensed(session);
    } else if check_bracketed(session, reply, SETTING).is_ok() {
        out!(session, "configured successfully");
    }
}

fn print(session: &mut Session<'_>, controller: Controller) -> Outcome {
    let cmd = if controller.is_licensed() { 0x29 } else { 0x25 };
    let reply = session.send(OEM, cmd, &[]);
    let reply = check_bracketed(session, reply, GETTING)?;
    let (mode, failover) = (reply.at(0), reply.at(1));
    if !controller.is_licensed() {
        // Beyond the table the original prints what lies there.
        out!(session, "{}\n", OLD_MODES.get(usize::from(mode)).unwrap_or(&""));
        return Ok(());
    }
    if !matches!((mode, failover), (1..=5, 0..=6)) {
        log!(session, ERR, "Error Outof bond Value received ({mode}) ({failover})");
        return Err(Failed);
    }
    let name = MODES.at(mode - 1);
    if mode == 1 {
        out!(session, "{name}\n");
        return Ok(());
    }
    out!(session, "Shared LOM   :  {name}\n");
    match failover {
        0 => out!(session, "Failover LOM :  None\n"),
        1 => {}
        _ => out!(session, "Failover LOM :  {}\n", MODES.at(failover + 3)),
    }
    Ok(())
}

fn print_active(session: &mut Session<'_>) -> Outcome {
    const FAILURE: &str = "Error in getting Active LOM Status";
    let reply = session.send(OEM, 0xC1, &[0, 0, 0]);
    let port = check_bracketed(session, reply, FAILURE)?.at(0);
    let reply = session.send(OEM, 0xC1, &[1, 0, 0]);
    let has_link = check_bracketed(session, reply, FAILURE)?.at(1) != 0;
    let name = PORTS.get(port.into()).filter(|_| has_link).unwrap_or(PORTS.at(0_u8));
    out!(session, "\n{name}\n");
    Ok(())
}
