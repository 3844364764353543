//! `chassis bootparam set bootflag … options=…`: when the boot flags lose
//! their validity (IPMI 2.0 table 28-14, parameter 3).

use super::boot_device::{acknowledge, finish, start};
use super::boot_parameter::{FLAG_VALID, Written, fetch, write};
use crate::ipmitool::text::{Described, described};
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

/// A cause: bit, name, description.
const CAUSES: Described = described![
    (0x10, "PEF", "Clear valid bit on reset/power cycle cause by PEF"),
    (0x08, "timeout", "Automatically clear boot flag valid bit on timeout"),
    (0x04, "watchdog", "Clear valid bit on reset/power cycle cause by watchdog"),
    (0x02, "reset", "Clear valid bit on push button reset/soft reset"),
    (0x01, "power", "Clear valid bit on power up via power push button or wake event"),
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
        match CAUSES.iter().find(|(_, known, _)| personality.is_verb(name, known)) {
            Some((bit, ..)) if inverted => change.set |= bit as u8,
            Some((bit, ..)) => change.clear |= bit as u8,
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
    for (_, name, description) in CAUSES {
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
