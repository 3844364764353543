//! `chassis` and `power`: chassis and power state (IPMI 2.0 section 28).

mod boot_device;
mod boot_mailbox;
mod boot_parameter;
mod boot_valid;
mod power;
mod restart;
mod selftest;
mod status;

use crate::ipmitool::help::{self, Help};
use crate::ipmitool::number::NumberError;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Network function of everything here but the self test.
const CHASSIS: u8 = 0x00;

/// Runs `ipmitool chassis …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let (verb, rest) = match args.split_first() {
        Some((verb, rest)) if !personality.is_verb(verb, "help") => (verb, rest),
        _ => return help(session, personality.chassis_help()),
    };
    let is = |word: &str| personality.is_verb(verb, word);
    if is("status") {
        status::print(session)
    } else if is("selftest") {
        selftest::print(session)
    } else if is("power") {
        power::run(session, rest)
    } else if is("identify") {
        identify(session, rest)
    } else if is("poh") {
        restart::print_hours(session)
    } else if is("restart_cause") {
        restart::print_cause(session)
    } else if is(personality.chassis_policy_verb()) {
        policy(session, rest)
    } else if is("bootparam") {
        boot_parameter::run(session, rest)
    } else if is("bootdev") {
        boot_device::run(session, rest)
    } else if personality.has_boot_mailbox() && is("bootmbox") {
        boot_mailbox::run(session, rest)
    } else {
        Err(session.complain("Invalid chassis command: ", verb, ""))
    }
}

/// Runs `ipmitool power …`, a shortcut to `chassis power`.
pub fn run_power(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    power::run(session, args)
}

/// Logs help where the original never sets a result.
fn help(session: &mut Session<'_>, help: Help) -> Outcome {
    session.help(help);
    after_help(session)
}

/// The outcome where the original never sets a result: 1.8.18's starts as
/// success, 1.8.19's as failure.
fn after_help(session: &Session<'_>) -> Outcome {
    if session.personality.chassis_help_fails() { Err(Failed) } else { Ok(()) }
}

fn identify(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    let data: &[u8] = match rest.first() {
        None => &[],
        Some(word) if session.personality.is_verb(word, "help") => {
            return help(session, help::chassis::IDENTIFY);
        }
        Some(word) if session.personality.is_verb(word, "force") => &[0, 1],
        Some(word) => &[interval(session, word)?],
    };
    let Some(reply) = session.send(CHASSIS, 0x04, data) else {
        log!(session, ERR, "Unable to set Chassis Identify");
        return Err(Failed);
    };
    if !reply.is_ok() {
        log!(session, ERR, "Set Chassis Identify failed: {}", completion_name(reply.completion));
        if data.len() > 1 {
            log!(session, WARN, "Chassis may not support Force Identify On\n");
        }
        return Err(Failed);
    }
    out!(session, "Chassis identify interval: ");
    match data {
        [] => out!(session, "default (15 seconds)\n"),
        [0] => out!(session, "off\n"),
        [seconds] => out!(session, "{seconds} seconds\n"),
        _ => out!(session, "indefinite\n"),
    }
    Ok(())
}

fn interval(session: &mut Session<'_>, word: &[u8]) -> Result<u8, Failed> {
    number::to_u8(word).map_err(|error| {
        match error {
            NumberError::Malformed => log!(session, ERR, "Invalid interval given."),
            NumberError::OutOfRange => log!(session, ERR, "Given interval is too big."),
        }
        Failed
    })
}

/// Power restore policies: word and code (IPMI 2.0 table 28-8).
const POLICIES: &[(&str, u8)] = &[("always-on", 2), ("previous", 1), ("always-off", 0)];
/// The code that asks which policies exist.
const NO_CHANGE: u8 = 3;

fn policy(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    let word = match rest.first() {
        Some(word) if !personality.is_verb(word, "help") => word,
        _ => {
            return help(session, help::chassis::POLICY);
        }
    };
    let found = POLICIES.iter().find(|(name, _)| personality.is_verb(word, name));
    let (name, code) = match found {
        _ if personality.is_verb(word, "list") => ("", NO_CHANGE),
        Some(policy) => *policy,
        None => return Err(session.complain("Invalid chassis policy: ", word, "")),
    };
    let refused = "Power Restore Policy command failed";
    let reply = session.ask((CHASSIS, 0x06), &[code], "Error in Power Restore Policy command", refused)?;
    if code != NO_CHANGE {
        out!(session, "Set chassis power restore policy to {name}\n");
        return Ok(());
    }
    out!(session, "Supported chassis power policy:  ");
    for (code, name) in [(0, "always-off "), (2, "always-on "), (1, "previous")] {
        if reply.at(0) & 1 << code != 0 {
            out!(session, "{name}");
        }
    }
    out!(session, "\n");
    Ok(())
}
