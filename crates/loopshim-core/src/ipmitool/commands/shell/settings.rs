//! `set`: settings for the commands that follow.

use crate::ipmitool::options::{authtype_named, privilege_named};
use crate::ipmitool::{Arg, Failed, Outcome, Session, help, number};
use crate::{log, out};

/// Runs `ipmitool set …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let (name, rest) = match args.split_first() {
        Some((name, rest)) if !personality.is_verb(name, "help") => (name, rest),
        _ => return usage(session),
    };
    let is = |word| personality.is_verb(name, word);
    if is("verbose") {
        session.verbose = level(session, "verbose", rest, session.verbose.wrapping_add(1))?;
        return Ok(());
    }
    if is("csv") {
        session.csv = level(session, "csv", rest, 1)? != 0;
        return Ok(());
    }
    let Some(value) = rest.first() else { return usage(session) };
    if is("localaddr") {
        session.link.my_addr = address(session, "localaddr", value)?;
        out!(session, "Set local IPMB address to 0x{:02x}\n", session.link.my_addr);
        return Ok(());
    }
    if is("targetaddr") {
        session.link.target_addr = address(session, "targetaddr", value)?;
        out!(session, "Set remote IPMB address to 0x{:02x}\n", session.link.target_addr);
        return Ok(());
    }
    set_remote(session, name, value)
}

/// Settings of a remote session, which a local interface does not have.
fn set_remote(session: &mut Session<'_>, name: &[u8], value: &[u8]) -> Outcome {
    let personality = session.personality;
    let is = |word| personality.is_verb(name, word);
    let what = if is("host") || is("hostname") {
        "hostname"
    } else if is("user") || is("username") {
        "username"
    } else if is("pass") || is("password") {
        "password"
    } else if is("authtype") {
        if authtype_named(value).is_none() {
            return Err(session.complain("Invalid authtype: ", value, ""));
        }
        "authtype"
    } else if is("privlvl") {
        if privilege_named(value).is_none() {
            return Err(session.complain("Invalid privilege level: ", value, ""));
        }
        "privilege level"
    } else if is("port") {
        if !number::to_i32(value).is_ok_and(|port| port <= i32::from(u16::MAX)) {
            return Err(session.complain("Given port '", value, "' is invalid."));
        }
        "port"
    } else {
        return usage(session);
    };
    log!(session, ERR, "Failed to set session {what}.");
    Err(Failed)
}

/// The number after `what`, or `otherwise` without one.
fn level(session: &mut Session<'_>, what: &str, rest: &[Arg], otherwise: i32) -> Result<i32, Failed> {
    let Some(word) = rest.first() else { return Ok(otherwise) };
    number::to_i32(word)
        .map_err(|_| session.complain(&format!("Given {what} '"), word, "' argument is invalid."))
}

fn address(session: &mut Session<'_>, what: &str, word: &[u8]) -> Result<u8, Failed> {
    number::to_u8(word).map_err(|_| session.complain(&format!("Given {what} '"), word, "' is invalid."))
}

fn usage(session: &mut Session<'_>) -> Outcome {
    session.help(help::shell::SET);
    Err(Failed)
}
