//! `channel`: channels and what users may do on them (IPMI 2.0 sections 6.3
//! and 22.13–22.28).

mod access;
mod capabilities;
mod ciphers;
mod info;
mod key;
pub mod request;

use crate::ipmitool::{Arg, Failed, Outcome, Session, help};
use crate::log;

/// Channel of the session in use.
pub const PRESENT: u8 = 0x0E;

/// Runs `ipmitool channel …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        return incomplete(session);
    };
    let personality = session.personality;
    let is = |word: &str| personality.is_verb(verb, word);
    if is("help") {
        help(session);
        Ok(())
    } else if is("authcap") {
        let [channel, privilege] = rest else { return usage(session) };
        capabilities::print(session, channel, privilege)
    } else if verb == b"getaccess" {
        access::run(session, rest)
    } else if is("setaccess") {
        access::change(session, rest)
    } else if is("info") {
        let channel = match rest {
            [] => PRESENT,
            [channel] => session.channel_argument(channel)?,
            _ => return usage(session),
        };
        info::print(session, channel)
    } else if is("getciphers") {
        ciphers::run(session, rest)
    } else if personality.sets_channel_key() && is("setkg") {
        key::set(session, rest)
    } else {
        session.complain("Invalid CHANNEL command: ", verb, "\n");
        usage(session)
    }
}

fn incomplete(session: &mut Session<'_>) -> Outcome {
    log!(session, ERR, "Not enough parameters given.");
    usage(session)
}

fn usage(session: &mut Session<'_>) -> Outcome {
    help(session);
    Err(Failed)
}

fn help(session: &mut Session<'_>) {
    session.help(help::channel::CHANNEL);
    if session.personality.sets_channel_key() {
        session.help(help::channel::SET_KEY);
    }
    session.help(help::channel::PRIVILEGES);
}
