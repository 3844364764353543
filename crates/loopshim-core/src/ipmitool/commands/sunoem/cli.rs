//! `sunoem cli`: a command line of the service processor, polled for what it
//! prints. Commands come from the arguments.

use std::time::{Duration, SystemTime};

use super::{OEM, text};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::{log, out};

/// Command, and what its first bytes are: version, step, sequence, spare, handle.
const CLI: u8 = 0x19;
const HEADER: usize = 8;
/// Bytes of text at most, with the NUL.
const TEXT: usize = 72;
/// Steps of a connection.
const OPEN: u8 = 0;
const FORCE: u8 = 1;
const POLL: u8 = 3;
const END: u8 = 4;
/// Versions of the protocol: with an alternating sequence, and before.
const SEQUENCED: u8 = 2;
const LEGACY: u8 = 1;
/// How often what fails is tried again.
const RETRIES: u32 = 3;
/// Completion code of a command that timed out.
const TIMEOUT: u8 = 0xC3;

/// Runs `cli [force] [COMMAND …]`.
pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let (step, words) = match words {
        [force, rest @ ..] if force == b"force" => (FORCE, rest),
        _ => (OPEN, words),
    };
    if words.is_empty() && (session.stdin_is_terminal)() {
        // A conversation with a service processor is for the original.
        return session.unmodelled();
    }
    let (version, reply) = connect(session, step)?;
    out!(session, "Connected. Use ^D to exit.\n");
    session.console.flush();
    if words.is_empty() {
        log!(session, ERR, "Failed to set interactive mode: Inappropriate ioctl for device");
        return Err(Failed);
    }
    let handle = [4, 5, 6, 7].map(|at| reply.at(at));
    let sequence = u8::from(version == SEQUENCED);
    Line { version, step: POLL, sequence, handle }.talk(session, words)
}

/// Opens a connection; the version it has, and the answer.
fn connect(session: &mut Session<'_>, step: u8) -> Result<(u8, Reply), Failed> {
    let (mut version, mut retries) = (SEQUENCED, 0);
    loop {
        let Some(reply) = session.send(OEM, CLI, &[version, step, 0, 0, 0, 0, 0, 0, 0]) else {
            log!(session, ERR, "Sun OEM cli command failed");
            return Err(Failed);
        };
        if reply.is_ok() && reply.at(1) == 0 {
            return Ok((version, reply));
        }
        let why = text(&reply, HEADER);
        let personality = session.personality;
        let says = |text: &[u8], words: &str| personality.is_verb(text, words);
        let invalid = "Invalid version";
        if (says(why, invalid) || says(text(&reply, HEADER + 1), invalid)) && version == SEQUENCED {
            version = LEGACY;
            continue;
        }
        if says(why, "Busy") && retries < RETRIES {
            retries += 1;
            log!(session, INFO, "Failed to connect: {}, retrying", String::from_utf8_lossy(why));
            (session.pause)(Duration::from_secs(2));
            continue;
        }
        return Err(session.complain("Failed to connect: ", why, ""));
    }
}

/// An open connection.
struct Line {
    version: u8,
    step: u8,
    sequence: u8,
    handle: [u8; 4],
}

impl Line {
    /// Sends the words, a line each, and prints what comes.
    fn talk(mut self, session: &mut Session<'_>, words: &[Arg]) -> Outcome {
        let mut words = words.iter().map(Vec::as_slice);
        let (mut rest, mut until): (&[u8], _) = (&[], SystemTime::UNIX_EPOCH);
        let mut begun = false;
        loop {
            let now = whole_seconds((session.clock)());
            let mut line = Vec::new();
            if now >= until {
                let next = if begun { Some(rest) } else { words.next() };
                match next {
                    None => self.step = END,
                    Some(word) if !begun && is_wait(session, word) => until = now + delay(&word[6..]),
                    Some(word) => {
                        let (now, later) = word.split_at(word.len().min(TEXT - 2));
                        line.extend(now);
                        begun = !later.is_empty();
                        rest = later;
                        line.extend(if begun { &b""[..] } else { b"\n" });
                    }
                }
            }
            let (reply, code) = self.exchange(session, &line)?;
            if !reply.is_ok() || code != 0 {
                // Success is told by one.
                return if code == 1 { Ok(()) } else { Err(Failed) };
            }
        }
    }

    /// Sends text and prints the answer, as often as there is more.
    fn exchange(&mut self, session: &mut Session<'_>, line: &[u8]) -> Result<(Reply, u8), Failed> {
        let mut line = line;
        loop {
            let reply = self.send(session, line)?;
            line = &[];
            let answer = text(&reply, HEADER);
            let answer = &answer[..answer.len().min(TEXT - 1)];
            session.console.put(answer);
            session.console.flush();
            let code = match reply.at(1) {
                0 if !answer.is_empty() => continue,
                code if self.step == END && code != 0 && reply.is_ok() => 1,
                code => code,
            };
            return Ok((reply, code));
        }
    }

    fn send(&mut self, session: &mut Session<'_>, line: &[u8]) -> Result<Reply, Failed> {
        let head = [self.version, self.step, self.sequence, 0];
        let data = [&head[..], &self.handle, line, &[0]].concat();
        for _ in 0..=RETRIES {
            let Some(reply) = session.send(OEM, CLI, &data) else {
                log!(session, ERR, "Communication error.");
                return Err(Failed);
            };
            if reply.completion != TIMEOUT {
                self.sequence ^= u8::from(self.version == SEQUENCED);
                return Ok(reply);
            }
        }
        log!(session, ERR, "Excessive timeout.");
        Err(Failed)
    }
}

fn whole_seconds(time: SystemTime) -> SystemTime {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs());
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Whether a word makes it wait: 1.8.19 knows that only without a number.
fn is_wait(session: &Session<'_>, word: &[u8]) -> bool {
    session.personality.is_verb(word, "@wait=")
}

fn delay(seconds: &[u8]) -> Duration {
    Duration::from_secs(number::to_i32(seconds).map_or(0, |seconds| seconds.max(0) as u64))
}
