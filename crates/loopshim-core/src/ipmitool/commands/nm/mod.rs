//! `nm`: Intel's Node Manager, which measures and limits a server's power
//! (Intel Node Manager 3.0 external interface, commands C0h to F2h).

mod alert;
mod period;
mod policy;
mod reading;
mod words;

use super::dcmi::words::{List, code_of};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::name_of;
use crate::ipmitool::{Arg, Failed, Outcome, Personality, Reply, Session, number};
use crate::{log, out};
use words::{COMMANDS, COMPLETIONS, DOMAINS, POLICY_PLACE, show};

/// Network function of OEMs that name themselves.
const OEM: u8 = 0x2E;
/// Intel's enterprise number, with which requests and answers begin.
const INTEL: [u8; 3] = [0x57, 0x01, 0x00];

/// Runs `ipmitool nm …`. A word it does not know is no failure.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    const TITLE: &str = "Node Manager Interface commands";
    let (verb, rest) = match args.split_first() {
        Some((verb, rest)) if !session.personality.is_verb(verb, "help") => (verb, rest),
        _ => return Err(show(session, TITLE, &COMMANDS)),
    };
    match code_of(verb, &COMMANDS) {
        Some(0x00) => reading::discover(session),
        Some(0x01) => reading::print_capabilities(session, rest),
        Some(0x02) => policy::control(session, rest),
        Some(0x03) => policy::run(session, rest),
        Some(0x04) => reading::print_statistics(session, rest),
        Some(0x05) => reading::set_range(session, rest),
        Some(0x06) => period::run(session, rest),
        Some(0x07) => reading::reset(session, rest),
        Some(0x08) => alert::run(session, rest),
        Some(0x09) => alert::thresholds(session, rest),
        _ => {
            show(session, TITLE, &COMMANDS);
            Ok(())
        }
    }
}

/// Sends a request to the manager and checks the answer.
fn ask(session: &mut Session<'_>, cmd: u8, data: &[u8]) -> Result<Reply, Failed> {
    let reply = session.send(OEM, cmd, &[&INTEL, data].concat());
    check(session, reply)
}

/// Complains about an answer that failed or is not the manager's.
fn check(session: &mut Session<'_>, reply: Option<Reply>) -> Result<Reply, Failed> {
    let Some(reply) = reply else {
        log!(session, ERR, "\n    No response to NM request");
        return Err(Failed);
    };
    let code = reply.completion;
    if code != 0 {
        let words = match code {
            0x80..=0xD6 => name_of(code.into(), COMPLETIONS),
            _ => completion_name(code),
        };
        let words = if is_old(session) { words::old(&words) } else { words.into_owned() };
        log!(session, ERR, "\n    NM request failed because: {words} ({code:x})");
        return Err(Failed);
    }
    if reply.at(0) != INTEL[0] {
        out!(session, "\n    A valid NM command was not returned! ({:x})", reply.at(0));
        return Err(Failed);
    }
    Ok(reply)
}

fn is_old(session: &Session<'_>) -> bool {
    session.personality == Personality::V1_8_18El8
}

fn word_at(reply: &Reply, at: usize) -> u16 {
    u16::from_le_bytes([reply.at(at), reply.at(at + 1)])
}

fn long_at(reply: &Reply, at: usize) -> u32 {
    u32::from(word_at(reply, at)) | u32::from(word_at(reply, at + 2)) << 16
}

/// Options and their listing.
struct Options<'l> {
    list: &'l List,
    title: &'l str,
    /// Whether the original, after a last option without its value, goes on to
    /// read the environment, in which it finds no option.
    overruns: bool,
}

impl Options<'_> {
    /// Hands each option's code to `take`, with the word after it: options that
    /// need none swallow one, too.
    fn read<'a>(
        &self,
        session: &mut Session<'_>,
        mut words: &'a [Arg],
        take: &mut dyn FnMut(&mut Session<'_>, u8, Option<&'a Arg>) -> Outcome,
    ) -> Outcome {
        while let Some((option, rest)) = words.split_first() {
            let Some(code) = code_of(option, self.list) else {
                return Err(show(session, self.title, self.list));
            };
            take(session, code, rest.first())?;
            if rest.is_empty() && self.overruns {
                return Err(show(session, self.title, self.list));
            }
            words = rest.get(1..).unwrap_or_default();
        }
        Ok(())
    }
}

/// The code of a domain; without a word it is the platform's.
fn domain(session: &mut Session<'_>, word: Option<&Arg>) -> Result<u8, Failed> {
    match word {
        None => Ok(0),
        Some(word) => code_of(word, &DOMAINS).ok_or_else(|| show(session, "Domain Scope:", &DOMAINS)),
    }
}

/// Which policy of which domain.
#[derive(Default)]
struct Place {
    domain: u8,
    policy: Option<u8>,
}

impl Place {
    /// Takes the option `domain` (1) or `policy_id` (2).
    fn take(&mut self, session: &mut Session<'_>, option: u8, value: Option<&Arg>) -> Outcome {
        if option == 1 {
            self.domain = domain(session, value)?;
            return Ok(());
        }
        let Some(policy) = byte(value) else {
            let range = if is_old(session) { ".\n" } else { " (0-255)\n" };
            log!(session, ERR, "Policy ID must be a positive integer{range}");
            return Err(Failed);
        };
        self.policy = Some(policy);
        Ok(())
    }

    /// The policy, which must be given; to 1.8.18 number 255 is none.
    fn policy(&self, session: &mut Session<'_>) -> Result<u8, Failed> {
        let none = if is_old(session) { Some(0xFF) } else { None };
        match self.policy.filter(|policy| Some(*policy) != none) {
            Some(policy) => Ok(policy),
            None => Err(show(session, "Missing policy_id parameter:", &POLICY_PLACE)),
        }
    }

    fn policy_or_last(&self) -> u8 {
        self.policy.unwrap_or(0xFF)
    }
}

fn byte(value: Option<&Arg>) -> Option<u8> {
    number::to_u8(value?).ok()
}

fn short(value: Option<&Arg>) -> Option<u16> {
    number::to_u16(value?).ok()
}
