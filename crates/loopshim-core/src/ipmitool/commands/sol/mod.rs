//! `sol`: Serial over LAN (IPMI 2.0 section 26).

mod info;
mod payload;
mod set;

use super::{Arg, Outcome, Session};
use crate::ipmitool::text::{Names, names};
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Failed, Level, help, number};
use crate::{log, out};

/// Network function "transport".
const TRANSPORT: u8 = 0x0C;
/// The channel the request arrives on.
const THIS_CHANNEL: u8 = 0x0E;
/// Names of the parameters, by selector.
const PARAMETERS: Words = words![
    "Set In Progress (0)",
    "Enable (1)",
    "Authentication (2)",
    "Character Interval (3)",
    "Retry (4)",
    "Nonvolatile Bitrate (5)",
    "Volatile Bitrate (6)",
    "Payload Channel (7)",
    "Payload Port (8)",
];
/// Bit rates by code (IPMI 2.0 table 26-5) as `sol` and `isol` print them.
pub(super) const BIT_RATES: Names = names![
    (0x00, "IPMI-Over-Serial-Setting"),
    (0x06, "9.6"),
    (0x07, "19.2"),
    (0x08, "38.4"),
    (0x09, "57.6"),
    (0x0A, "115.2"),
];

/// Runs `ipmitool sol …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let (verb, rest) = match args.split_first() {
        Some((verb, rest)) if !personality.is_verb(verb, "help") => (verb, rest),
        _ => {
            usage(session);
            return Ok(());
        }
    };
    let is = |word: &str| personality.is_verb(verb, word);
    if is("info") {
        match rest {
            [] => info::print(session, THIS_CHANNEL),
            [word] => {
                let channel = channel_number(session, word)?;
                info::print(session, channel)
            }
            _ => Err(usage(session)),
        }
    } else if is("payload") {
        payload::access(session, rest)
    } else if is("set") {
        set::run(session, rest)
    } else if is("activate") {
        activate(session, rest)
    } else if is("deactivate") {
        payload::deactivate(session, rest)
    } else if is("looptest") {
        test_loop(session, rest)
    } else {
        Err(usage(session))
    }
}

fn usage(session: &mut Session<'_>) -> Failed {
    let set = session.personality.sol_set_help();
    log!(session, NOTICE, "SOL Commands: info [<channel number>]");
    log!(session, NOTICE, "{set}");
    session.help(help::sol::SOL_AFTER_SET);
    Failed
}

/// A channel number that is not reserved (IPMI 2.0 section 6.3).
fn channel_number(session: &mut Session<'_>, word: &[u8]) -> Result<u8, Failed> {
    match number::to_u8(word) {
        Ok(channel @ (0..=0x0B | 0x0E | 0x0F)) => Ok(channel),
        _ => {
            session.complain("Given Channel number '", word, "' is either invalid or out of range.");
            log!(session, ERR, "Channel number must be from ranges: <0x0..0xB>, <0xE..0xF>");
            Err(Failed)
        }
    }
}

/// The number after `instance=`; `None` for another word.
fn instance(session: &mut Session<'_>, word: &[u8]) -> Option<Result<u8, Failed>> {
    let value = word.strip_prefix(b"instance=")?;
    Some(number::to_u8(value).map_err(|_| invalid_instance(session, value)))
}

fn invalid_instance(session: &mut Session<'_>, value: &[u8]) -> Failed {
    session.complain("Given instance '", value, "' is invalid.");
    usage(session)
}

fn activate(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let personality = session.personality;
    for word in words {
        if personality.is_verb(word, "usesolkeepalive") || personality.is_verb(word, "nokeepalive") {
            continue;
        }
        match instance(session, word) {
            Some(instance) => drop(instance?),
            None => return Err(usage(session)),
        }
    }
    Err(refuse_local(session))
}

/// What the original says on an interface without RMCP+.
fn refuse_local(session: &mut Session<'_>) -> Failed {
    log!(session, ERR, "Error: This command is only available over the lanplus interface");
    Failed
}

fn test_loop(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    const TIMES: i32 = 200;
    if words.len() > 3 {
        return Err(usage(session));
    }
    let mut times = TIMES;
    if let Some(word) = words.first() {
        times = number::to_i32(word)
            .map_err(|_| session.complain("Given cnt '", word, "' is invalid."))
            .map(|times| if times <= 0 { TIMES } else { times })?;
    }
    if let Some(word) = words.get(1) {
        number::to_i32(word).map_err(|_| session.complain("Given interval '", word, "' is invalid."))?;
    }
    if let Some(word) = words.get(2) {
        number::to_u8(word).map_err(|_| invalid_instance(session, word))?;
    }
    out!(session, "remain loop test counter: {times}\n");
    let failed = refuse_local(session);
    out!(session, "SOL looptest failed: -1\n");
    Err(failed)
}

/// Logs that a parameter cannot have this value.
pub(super) fn invalid_value(session: &mut Session<'_>, value: &[u8], parameter: &[u8]) {
    let line = [b"Invalid value ", value, b" for parameter ", parameter].concat();
    session.console.log_bytes(Level::ERR, &line);
}
