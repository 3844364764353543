//! `lan set … auth`: authentication types by privilege level.

use super::parameter;
use crate::ipmitool::{Level, Outcome, Session};
use crate::log;

const TYPES: [(&str, u8); 6] =
    [("none", 0x01), ("md2", 0x02), ("md5", 0x04), ("password", 0x10), ("key", 0x10), ("oem", 0x20)];

const LEVELS: [&str; 4] = ["callback", "user", "operator", "admin"];

pub(super) fn set(session: &mut Session<'_>, channel: u8, levels: &[u8], types: &[u8]) -> Outcome {
    let before = parameter::need(session, channel, parameter::AUTHENTICATION_ENABLES)?;
    let mut enables: [u8; 5] = before.first();
    let [callback, user, operator, admin, oem] = enables;
    let name = parameter::AUTHENTICATION_ENABLES.name;
    log!(
        session,
        DEBUG,
        "{name:<24}: callback=0x{callback:02x} user=0x{user:02x} operator=0x{operator:02x} \
         admin=0x{admin:02x} oem=0x{oem:02x}"
    );
    let personality = session.personality;
    let mut wanted = 0;
    for word in tails(types) {
        match TYPES.iter().find(|(name, _)| personality.is_word_in_any_case(word, name)) {
            Some((_, bit)) => wanted |= bit,
            None => warn(session, b"Invalid authentication type: ", word),
        }
    }
    for word in tails(levels) {
        match LEVELS.iter().position(|name| personality.is_word_in_any_case(word, name)) {
            Some(level) => enables[level] = wanted,
            None => warn(session, b"Invalid authentication level: ", word),
        }
    }
    if session.verbose > 1 {
        session.dump("authtype data", &enables);
    }
    parameter::set(session, channel, parameter::AUTHENTICATION_ENABLES, &enables)
}

/// The text, and what follows each of its commas: the original does not end
/// its words there.
fn tails(text: &[u8]) -> Vec<&[u8]> {
    let commas = text.iter().enumerate().filter(|(_, byte)| **byte == b',');
    std::iter::once(text).chain(commas.map(|(at, _)| &text[at + 1..])).collect()
}

fn warn(session: &mut Session<'_>, before: &[u8], word: &[u8]) {
    session.console.log_bytes(Level::WARN, &[before, word].concat());
}
