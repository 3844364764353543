//! `lan set … arp`: what the BMC does about ARP.

use super::parameter;
use crate::ipmitool::help::lan as help;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Bits of the ARP parameter.
const GENERATE: u8 = 1;
const RESPOND: u8 = 2;

pub(super) fn run(session: &mut Session<'_>, channel: u8, words: &[Arg]) -> Outcome {
    let Some((verb, rest)) = words.split_first() else { return session.misused(help::SET_ARP) };
    let is = |word: &str| session.personality.is_verb(verb, word);
    if is("help") {
        session.explain(help::SET_ARP)
    } else if is("interval") {
        interval(session, channel, rest.first())
    } else if is("generate") {
        switch(session, channel, rest, GENERATE, "Gratuitous ARPs")
    } else if is("respond") {
        switch(session, channel, rest, RESPOND, "ARP responses")
    } else {
        session.explain(help::SET_ARP)
    }
}

/// How often ARPs are sent, in words: half seconds from one on, of which the
/// original drops the fraction.
pub(super) fn seconds(session: &Session<'_>, interval: u8) -> String {
    let whole = u16::from(interval).div_ceil(2);
    format!("{} seconds", session.figures().fixed(whole.into(), 1))
}

/// Longest interval.
const LONGEST: u8 = 127;

fn interval(session: &mut Session<'_>, channel: u8, word: Option<&Arg>) -> Outcome {
    let word = word.map_or(&b"(null)"[..], Vec::as_slice);
    let Ok(wanted) = number::to_u8(word) else {
        return Err(session.complain("Given ARP interval '", word, "' is invalid."));
    };
    let before = parameter::need(session, channel, parameter::ARP_INTERVAL)?.at(0);
    let (interval, outcome) = match wanted {
        0 => (before, Ok(())),
        1..=LONGEST => {
            let interval = wanted * 2 - 1;
            (interval, parameter::set(session, channel, parameter::ARP_INTERVAL, &[interval]))
        }
        _ => {
            log!(session, ERR, "Given ARP interval '{wanted}' is too big.");
            return Err(Failed);
        }
    };
    let seconds = seconds(session, interval);
    out!(session, "BMC-generated Gratuitous ARP interval:  {seconds}\n");
    outcome
}

fn switch(session: &mut Session<'_>, channel: u8, words: &[Arg], bit: u8, what: &str) -> Outcome {
    let personality = session.personality;
    let on = match words.first() {
        Some(word) if personality.is_verb(word, "on") => true,
        Some(word) if personality.is_verb(word, "off") => false,
        _ => return session.misused(help::SET_ARP),
    };
    let before = parameter::need(session, channel, parameter::ARP)?.at(0);
    let after = if on { before | bit } else { before & !bit };
    out!(session, "{}abling BMC-generated {what}\n", if on { "En" } else { "Dis" });
    parameter::set(session, channel, parameter::ARP, &[after])
}
