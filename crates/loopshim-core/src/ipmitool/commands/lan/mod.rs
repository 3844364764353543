//! `lan`: the configuration of LAN channels (IPMI 2.0 section 23).

pub mod address;
mod alert;
mod arp;
mod authentication;
mod parameter;
mod print;
mod set;
mod statistics;
mod vlan;

use crate::ipmitool::commands::channel::request::{first_lan, is_lan};
use crate::ipmitool::help::lan as help;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, number};
use crate::log;

/// Runs `ipmitool lan …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else { return session.misused(help::LAN) };
    let personality = session.personality;
    let is = |word: &str| personality.is_verb(verb, word);
    if is("help") {
        session.explain(help::LAN)
    } else if is("printconf") || is("print") {
        if rest.len() > 1 {
            return session.misused(help::LAN);
        }
        let channel = lan_channel(session, rest.first())?;
        print::run(session, channel)
    } else if is("set") {
        set::run(session, rest)
    } else if is("alert") {
        alert::run(session, rest)
    } else if is("stats") {
        statistics::run(session, rest)
    } else {
        session.console.log_bytes(Level::NOTICE, &[b"Invalid LAN command: ", &verb[..]].concat());
        Err(Failed)
    }
}

/// The LAN channel that `word` names, or the first there is.
fn lan_channel(session: &mut Session<'_>, word: Option<&Arg>) -> Result<u8, Failed> {
    let channel = match word {
        Some(word) => channel_number(session, word)?,
        None => first_lan(session),
    };
    if !is_lan(session, channel) {
        log!(session, ERR, "Invalid channel: {channel}");
        return Err(Failed);
    }
    Ok(channel)
}

fn channel_number(session: &mut Session<'_>, word: &[u8]) -> Result<u8, Failed> {
    number::to_u8(word).map_err(|_| session.complain("Invalid channel: ", word, ""))
}

/// Refuses a channel that is no LAN; `mark` ends the complaint.
fn require_lan(session: &mut Session<'_>, channel: u8, mark: &str) -> Outcome {
    if is_lan(session, channel) {
        return Ok(());
    }
    log!(session, ERR, "Channel {channel} is not a LAN channel{mark}");
    Err(Failed)
}
