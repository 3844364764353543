//! `chassis bootparam set bootflag … options=…`: when the boot flags lose
//! their validity (IPMI 2.0 table 28-14, parameter 3).

use super::boot_device::{acknowledge, finish, start};
use super::boot_parameter::{FLAG_VALID, Written, fetch, write};
use crate::ipmitool::{Outcome, Session, help};
use crate::log;

/// Bits to set and to clear.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Change {
    set: u8,
    clear: u8,
}

impl Change {
    pub(super) fn is_empty(self) -> bool {
        self.set == 0 && self.clear == 0
    }
}

/// A cause: name, bit, description.
const CAUSES: &[(&str, u8, &str)] = &[
    ("PEF", 0x10, "Clear valid bit on reset/power cycle cause by PEF"),
    ("timeout", 0x08, "Automatically clear boot flag valid bit on timeout"),
    ("watchdog", 0x04, "Clear valid bit on reset/power cycle cause by watchdog"),
    ("reset", 0x02, "Clear valid bit on push button reset/soft reset"),
    ("power", 0x01, "Clear valid bit on power up via power push button or wake event"),
];

/// Reads `options=…`; what could be read counts even after a complaint.
pub(super) fn read(session: &mut Session<'_>, words: &[u8]) -> Change {
    let mut change = Change::default();
    let Some(list) = words.strip_prefix(b"options=") else {
        session.complain("No options= keyword found \"", words, "\"");
        return change;
    };
    let personality = session.personality;
    let mut failed = false;
    for word in list.split(|byte| *byte == b',').filter(|word| !word.is_empty()) {
        if word == b"help" {
            failed = true;
            break;
        }
        let (inverted, name) = personality.boot_option_sense(word);
        match CAUSES.iter().find(|(known, ..)| personality.is_verb(name, known)) {
            Some((_, bit, _)) if inverted => change.set |= bit,
            Some((_, bit, _)) => change.clear |= bit,
            None => {
                failed = true;
                session.complain("Invalid option: ", word, "");
            }
        }
    }
    if failed {
        list_causes(session);
    }
    change
}

fn list_causes(session: &mut Session<'_>) {
    log!(session, NOTICE, " Legal options are:\n  help    : print this message");
    for (name, _, description) in CAUSES {
        log!(session, NOTICE, "  {name:<8}: {description}");
    }
    log!(session, NOTICE, " Any Option may be prepended with no- to invert sense of operation\n");
}

pub(super) fn help(session: &mut Session<'_>) {
    session.help(help::chassis::BOOT_FLAG);
    list_causes(session);
}

/// Changes the bits in the BMC.
pub(super) fn apply(session: &mut Session<'_>, change: &Change) -> Outcome {
    let progress = start(session);
    let acknowledged = acknowledge(session);
    if acknowledged != Written::Accepted {
        finish(session, &progress, false);
        return acknowledged.outcome(session);
    }
    let reply = match fetch(session, FLAG_VALID, 0, &FLAG_VALID.to_string(), false) {
        Ok(reply) => reply,
        Err(failed) => {
            if session.personality.has_boot_mailbox() {
                log!(session, ERR, "Failed to read boot valid flag");
            }
            finish(session, &progress, false);
            return Err(failed);
        }
    };
    let flags = reply.at(2) & !change.clear | change.set;
    let written = write(session, FLAG_VALID, &[flags]);
    finish(session, &progress, written == Written::Accepted);
    written.outcome(session)
}
