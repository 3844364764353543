//! `lan stats`: packets counted by a channel (IPMI 2.0 section 23.4).

use super::{lan_channel, parameter, require_lan};
use crate::ipmitool::help::lan as help;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Level, Outcome, Reply, Session};
use crate::out;

const GET: (u8, u8) = (0x0C, 0x04);

/// The counters, of two bytes each.
const COUNTERS: Words = words![
    "IP Rx Packet",
    "IP Rx Header Errors",
    "IP Rx Address Errors",
    "IP Rx Fragmented",
    "IP Tx Packet",
    "UDP Rx Packet",
    "RMCP Rx Valid",
    "UDP Proxy Packet Received",
    "UDP Proxy Packet Dropped",
];

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let Some(verb) = words.first() else { return session.misused(help::LAN) };
    let named = if words.len() == 2 { words.get(1) } else { None };
    let channel = lan_channel(session, named)?;
    if session.personality.is_verb(verb, "get") {
        print(session, channel)
    } else if session.personality.is_verb(verb, "clear") {
        require_lan(session, channel, "")?;
        fetch(session, channel, true, Level::INFO).map(drop)
    } else {
        session.misused(help::LAN)
    }
}

fn print(session: &mut Session<'_>, channel: u8) -> Outcome {
    require_lan(session, channel, "")?;
    let reply = fetch(session, channel, false, Level::ERR)?;
    if session.verbose > 1 {
        out!(session, "--- Rx Stats ---\n");
        for index in (0..18).step_by(2) {
            out!(session, "{:02X} {:02X} - ", reply.at(index), reply.at(index + 1));
        }
        out!(session, "\n");
    }
    for (index, name) in COUNTERS.into_iter().enumerate() {
        let count = u16::from_be_bytes([reply.at(2 * index), reply.at(2 * index + 1)]);
        out!(session, "{name:<26}: {count}\n");
    }
    Ok(())
}

fn fetch(session: &mut Session<'_>, channel: u8, clear: bool, level: Level) -> Result<Reply, Failed> {
    let reply = session.send(GET.0, GET.1, &[channel, u8::from(clear)]);
    let why = match reply {
        Some(reply) if reply.is_ok() => return Ok(reply),
        Some(reply) => {
            format!(": {}", parameter::completion(session, reply.completion, &parameter::READ_COMPLETIONS))
        }
        None => String::new(),
    };
    session.console.log(level, format_args!("Get LAN Stats command failed{why}"));
    Err(Failed)
}
