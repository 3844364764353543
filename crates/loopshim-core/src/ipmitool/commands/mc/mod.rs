//! `mc` and `bmc`: the management controller itself (IPMI 2.0 sections 20–22
//! and 27).

mod device_id;
mod enables;
mod guid;
mod selftest;
mod system_info;
mod watchdog;

pub use system_info::get_block as system_info_block;

use crate::ipmitool::{Arg, Failed, Outcome, Session, help};
use crate::{log, out};

/// Runs `ipmitool mc …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        log!(session, ERR, "Not enough parameters given.");
        help(session);
        return Err(Failed);
    };
    let is = |word: &str| session.personality.is_verb(verb, word);
    if is("help") {
        help(session);
        Ok(())
    } else if is("reset") {
        reset(session, verb, rest)
    } else if is("info") {
        device_id::print(session)
    } else if is("guid") {
        guid::print(session, rest)
    } else if is("getenables") {
        enables::print(session)
    } else if is("setenables") {
        enables::change(session, rest)
    } else if is("selftest") {
        selftest::print(session)
    } else if is("watchdog") {
        watchdog::run(session, verb, rest)
    } else if is("getsysinfo") {
        system_info::get(session, verb, rest)
    } else if is("setsysinfo") {
        system_info::set(session, verb, rest)
    } else {
        let failed = session.complain("Invalid mc/bmc command: ", verb, "");
        help(session);
        Err(failed)
    }
}

/// Network function of everything here.
const APP: u8 = 0x06;

fn help(session: &mut Session<'_>) {
    session.help(help::mc::MC);
    let guid = session.personality.guid_help();
    log!(session, NOTICE, "{guid}");
    session.help(help::mc::MC_AFTER_GUID);
    enables::help(session);
    system_info::help(session);
}

fn invalid(session: &mut Session<'_>, verb: &[u8], word: &[u8]) -> Failed {
    let line = [b"Invalid mc/bmc ", verb, b" command: "].concat();
    session.complain(&String::from_utf8_lossy(&line), word, "")
}

fn reset(session: &mut Session<'_>, verb: &[u8], rest: &[Arg]) -> Outcome {
    let Some(word) = rest.first() else {
        log!(session, ERR, "Not enough parameters given.");
        session.help(help::mc::RESET);
        return Err(Failed);
    };
    let is = |name: &str| session.personality.is_verb(word, name);
    if is("help") {
        session.help(help::mc::RESET);
        Ok(())
    } else if is("cold") {
        // No answer is as good as one: the controller is restarting.
        match session.send(APP, 0x02, &[]) {
            Some(reply) if !reply.is_ok() => Err(reset_failed(session, reply.completion)),
            _ => sent(session, "cold"),
        }
    } else if is("warm") {
        session.ask((APP, 0x03), &[], "MC reset command failed.", "MC reset command failed")?;
        sent(session, "warm")
    } else {
        let failed = invalid(session, verb, word);
        session.help(help::mc::RESET);
        Err(failed)
    }
}

fn reset_failed(session: &mut Session<'_>, code: u8) -> Failed {
    let words = crate::ipmitool::text::completion::completion_name(code);
    log!(session, ERR, "MC reset command failed: {words}");
    Failed
}

fn sent(session: &mut Session<'_>, kind: &str) -> Outcome {
    out!(session, "Sent {kind} reset command to MC\n");
    Ok(())
}
