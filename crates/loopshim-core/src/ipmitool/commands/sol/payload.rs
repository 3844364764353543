//! `sol payload`, `sol deactivate`: who may use the payload (IPMI 2.0
//! sections 24.2, 24.6 and 24.7).

use super::{THIS_CHANNEL, channel_number, instance, usage};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Network function "application".
const APP: u8 = 0x06;
/// Largest user id.
const USER_MAX: u8 = 63;

pub(super) fn access(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let [verb, place @ ..] = args else {
        return Err(usage(session));
    };
    if place.len() > 2 {
        return Err(usage(session));
    }
    let channel = place.first().map_or(Ok(THIS_CHANNEL), |word| channel_number(session, word))?;
    let user = place.get(1).map_or(Ok(1), |word| user_id(session, word))?;
    let is = |word: &str| personality.is_verb(verb, word);
    if is("enable") {
        change(session, channel, user, true)
    } else if is("disable") {
        change(session, channel, user, false)
    } else if is("status") {
        print(session, channel, user)
    } else {
        Err(usage(session))
    }
}

fn user_id(session: &mut Session<'_>, word: &[u8]) -> Result<u8, Failed> {
    match number::to_u8(word) {
        Ok(user @ 1..=USER_MAX) => Ok(user),
        _ => {
            session.complain("Given User ID '", word, "' is either invalid or out of range.");
            log!(session, ERR, "User ID is limited to range <1..{USER_MAX}>.");
            Err(Failed)
        }
    }
}

fn change(session: &mut Session<'_>, channel: u8, user: u8, enables: bool) -> Outcome {
    let disable = if enables { 0 } else { 0x40 };
    let reply = session.send(APP, 0x4C, &[channel, user | disable, 0x02, 0, 0, 0]);
    let why = match reply {
        Some(reply) if reply.is_ok() => return Ok(()),
        Some(reply) => format!(": {}", completion_name(reply.completion)),
        None => String::new(),
    };
    let verb = if enables { "en" } else { "dis" };
    log!(session, ERR, "Error {verb}abling SOL payload for user {user} on channel {channel}{why}");
    Err(Failed)
}

fn print(session: &mut Session<'_>, channel: u8, user: u8) -> Outcome {
    let Some(reply) = session.send(APP, 0x4D, &[channel, user]) else {
        log!(session, ERR, "Error. No valid response received.");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let words = completion_name(reply.completion);
        log!(session, ERR, "Error getting SOL payload status for user {user} on channel {channel}: {words}");
        return Err(Failed);
    }
    if reply.len() != 4 {
        log!(session, ERR, "Error parsing SOL payload status for user {user} on channel {channel}");
        return Err(Failed);
    }
    let state = if reply.at(0) & 0x02 != 0 { "en" } else { "dis" };
    out!(session, "User {user} on channel {channel} is {state}abled\n");
    Ok(())
}

pub(super) fn deactivate(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let mut number = 1;
    for word in words {
        match instance(session, word) {
            Some(given) => number = given?,
            None => return Err(usage(session)),
        }
    }
    if !(1..=15).contains(&number) {
        log!(session, ERR, "Error: Instance must range from 1 to 15");
        return Err(Failed);
    }
    match session.send(APP, 0x49, &[1, number, 0, 0, 0, 0]).map(|reply| reply.completion) {
        Some(0) => return Ok(()),
        Some(0x80) => log!(session, ERR, "Info: SOL payload already de-activated"),
        Some(0x81) => log!(session, ERR, "Info: SOL payload type disabled"),
        Some(code) => log!(session, ERR, "Error de-activating SOL payload: {}", completion_name(code)),
        None => log!(session, ERR, "Error: No response de-activating SOL payload"),
    }
    Err(Failed)
}
