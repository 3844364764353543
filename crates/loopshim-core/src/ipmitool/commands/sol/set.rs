//! `sol set`: Set SOL Configuration Parameters (IPMI 2.0 section 26.2).

use super::{BIT_RATES, THIS_CHANNEL, TRANSPORT, channel_number, info, invalid_value};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, help, number};
use crate::log;

const PROGRESS: &str = "set-in-progress";
const TRUTHS: &[(&str, u8)] = &[("true", 1), ("false", 0)];
const STATES: &[(&str, u8)] = &[("set-complete", 0), (PROGRESS, 1), ("commit-write", 2)];
const PRIVILEGES: &[(&str, u8)] = &[("user", 2), ("operator", 3), ("admin", 4), ("oem", 5)];

pub(super) fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let is_unguarded = |word: &[u8]| personality.is_verb(word, "noguard");
    let (parameter, value, place) = match args {
        [parameter, value, place @ ..] if place.len() <= 2 => (parameter, value, place),
        _ => return Err(usage(session)),
    };
    let (channel, guarded) = match place {
        [] => (THIS_CHANNEL, true),
        [word] if is_unguarded(word) => (THIS_CHANNEL, false),
        [channel, rest @ ..] => {
            (channel_number(session, channel)?, !rest.iter().any(|word| is_unguarded(word)))
        }
    };
    set(session, channel, (parameter, value), guarded)
}

fn usage(session: &mut Session<'_>) -> Failed {
    session.help(help::sol::SET);
    Failed
}

type Setting<'a> = (&'a [u8], &'a [u8]);

/// Sets a parameter, guarded by `set-in-progress` unless it is that one.
fn set(session: &mut Session<'_>, channel: u8, (parameter, value): (&Arg, &Arg), guarded: bool) -> Outcome {
    let setting: Setting<'_> = (parameter, value);
    let data = encode(session, channel, setting)?;
    let guarded = guarded && parameter != PROGRESS.as_bytes();
    if guarded && set_progress(session, channel, PROGRESS).is_err() {
        return Err(session.complain("Error: set of parameter \"", parameter, "\" failed"));
    }
    let sent = send(session, channel, setting, &data);
    if !guarded || matches!(sent, Err(Refusal::Silent)) {
        return sent.map_err(|_| Failed);
    }
    if sent.is_ok() {
        // Not every BMC knows how to commit.
        let _ = set_progress(session, channel, "commit-write");
    }
    if set_progress(session, channel, "set-complete").is_err() {
        log!(session, ERR, "Error could not set \"set-in-progress\" to \"set-complete\"");
        return Err(Failed);
    }
    sent.map_err(|_| Failed)
}

fn set_progress(session: &mut Session<'_>, channel: u8, state: &str) -> Outcome {
    let setting: Setting<'_> = (PROGRESS.as_bytes(), state.as_bytes());
    let data = encode(session, channel, setting)?;
    send(session, channel, setting, &data).map_err(|_| Failed)
}

/// Why a parameter was not set.
enum Refusal {
    /// No answer came.
    Silent,
    /// The BMC said no.
    Refused,
}

fn send(session: &mut Session<'_>, channel: u8, setting: Setting<'_>, data: &[u8]) -> Result<(), Refusal> {
    let (parameter, value) = setting;
    let Some(reply) = session.send(TRANSPORT, 0x21, &[&[channel], data].concat()) else {
        session.complain("Error setting SOL parameter '", parameter, "'");
        return Err(Refusal::Silent);
    };
    let personality = session.personality;
    let commits = personality.is_verb(parameter, PROGRESS) && personality.is_verb(value, "commit-write");
    if reply.is_ok() || commits {
        return Ok(());
    }
    let why = match reply.completion {
        0x80 => "Parameter not supported",
        0x81 => "Attempt to set set-in-progress when not in set-complete state",
        0x82 => "Attempt to write read-only parameter",
        0x83 => "Attempt to read write-only parameter",
        code => {
            let words = completion_name(code);
            let line =
                [b"Error setting SOL parameter '", parameter, b"' to '", value, b"': ", words.as_bytes()];
            session.console.log_bytes(Level::ERR, &line.concat());
            return Err(Refusal::Refused);
        }
    };
    session.complain("Error setting SOL parameter '", parameter, &format!("': {why}"));
    Err(Refusal::Refused)
}

/// Selector and data of a setting; what shares a parameter with another is
/// read first.
fn encode(session: &mut Session<'_>, channel: u8, setting: Setting<'_>) -> Result<Vec<u8>, Failed> {
    let (parameter, _) = setting;
    Ok(match parameter {
        b"set-in-progress" => {
            let valid = "set-complete, set-in-progress and commit-write";
            vec![0, choice(session, setting, STATES, valid)?]
        }
        b"enabled" => vec![1, choice(session, setting, TRUTHS, "true and false")?],
        b"force-encryption" => {
            let bit = choice(session, setting, TRUTHS, "true and false")? << 7;
            vec![2, bit | others(session, channel, parameter, 2)?[0] & 0x4F]
        }
        b"force-authentication" => {
            let bit = choice(session, setting, TRUTHS, "true and false")? << 6;
            vec![2, bit | others(session, channel, parameter, 2)?[0] & 0x8F]
        }
        b"privilege-level" => {
            let level = choice(session, setting, PRIVILEGES, "user, operator, admin, and oem")?;
            vec![2, level | others(session, channel, parameter, 2)?[0] & 0xC0]
        }
        b"character-accumulate-level" => {
            let level = ranged(session, setting, 1, u8::MAX)?;
            vec![3, level, others(session, channel, parameter, 3)?[1]]
        }
        b"character-send-threshold" => {
            let threshold = ranged(session, setting, 0, u8::MAX)?;
            vec![3, others(session, channel, parameter, 3)?[0], threshold]
        }
        b"retry-count" => {
            let count = ranged(session, setting, 0, 7)?;
            vec![4, count, others(session, channel, parameter, 4)?[1]]
        }
        b"retry-interval" => {
            let interval = ranged(session, setting, 0, u8::MAX)?;
            vec![4, others(session, channel, parameter, 4)?[0], interval]
        }
        b"non-volatile-bit-rate" => vec![5, bit_rate(session, setting)?],
        b"volatile-bit-rate" => vec![6, bit_rate(session, setting)?],
        _ => return Err(session.complain("Error: invalid SOL parameter ", parameter, "")),
    })
}

/// The present data of a parameter of which only a part is to change.
fn others(session: &mut Session<'_>, channel: u8, parameter: &[u8], selector: u8) -> Result<[u8; 2], Failed> {
    let settings = info::read(session, channel)
        .map_err(|_| session.complain("Error fetching SOL parameters for ", parameter, " update"))?;
    Ok(settings.value(selector))
}

fn choice(
    session: &mut Session<'_>,
    (parameter, value): Setting<'_>,
    words: &[(&str, u8)],
    valid: &str,
) -> Result<u8, Failed> {
    let found = words.iter().find(|(word, _)| word.as_bytes() == value);
    found.map(|(_, code)| *code).ok_or_else(|| {
        invalid_value(session, value, parameter);
        log!(session, ERR, "Valid values are {valid}");
        Failed
    })
}

fn ranged(
    session: &mut Session<'_>,
    (parameter, value): Setting<'_>,
    min: u8,
    max: u8,
) -> Result<u8, Failed> {
    number::to_u8(value).ok().filter(|given| (min..=max).contains(given)).ok_or_else(|| {
        invalid_value(session, value, parameter);
        log!(session, ERR, "Valid values are {min}-{max}");
        Failed
    })
}

fn bit_rate(session: &mut Session<'_>, (parameter, value): Setting<'_>) -> Result<u8, Failed> {
    let rates = BIT_RATES.iter().filter(|(code, _)| *code != 0);
    let found = rates.into_iter().find(|(_, rate)| rate.as_bytes() == value);
    match found {
        _ if value == b"serial" => Ok(0),
        Some((code, _)) => Ok(code as u8),
        None => {
            let line = [b"Invalid value \"", value, b"\" for parameter \"", parameter, b"\""].concat();
            session.console.log_bytes(Level::ERR, &line);
            log!(session, ERR, "Valid values are serial, 9.6 19.2, 38.4, 57.6 and 115.2");
            Err(Failed)
        }
    }
}
