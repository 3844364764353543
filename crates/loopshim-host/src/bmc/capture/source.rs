//! The BMC that is being captured: sessions to it, what it has been asked, what
//! it said, and what could not be had.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::thread;
use std::time::Duration;

use ipmi::{CompletionCode, Request, Response};

use super::tool::{Session, Tool};

/// Attempts at a request that the BMC is too busy for, and the pause between.
const ATTEMPTS: usize = 4;
const PAUSE: Duration = Duration::from_millis(150);
/// "Node busy", "timeout while processing", "not supported in present state
/// because of an update": worth another attempt.
const PASSING: [u8; 3] = [0xC0, 0xC3, 0xD1];
/// How often a session that ended is opened again.
const REOPENINGS: usize = 3;

/// Which controller answers, at which of its LUNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Target {
    /// IPMB channel and address of another controller than the BMC.
    pub(super) satellite: Option<(u8, u8)>,
    pub(super) lun: u8,
}

impl Target {
    pub(super) const BMC: Self = Self { satellite: None, lun: 0 };

    fn options(self) -> Vec<String> {
        let mut options = Vec::new();
        if let Some((channel, address)) = self.satellite {
            options.extend([
                "-b".to_owned(),
                channel.to_string(),
                "-t".to_owned(),
                format!("0x{address:02x}"),
            ]);
        }
        if self.lun != 0 {
            options.extend(["-l".to_owned(), self.lun.to_string()]);
        }
        options
    }
}

/// Network function, command, data.
type Question = (u8, u8, Vec<u8>);

/// A BMC and what has been learnt of it.
pub(super) struct Source {
    tool: Tool,
    sessions: BTreeMap<Target, Option<Session>>,
    reopenings: usize,
    answers: BTreeMap<(Target, Question), Option<Response>>,
    /// What could not be read, in sentences.
    pub(super) notes: Vec<String>,
    noted: BTreeSet<String>,
    shows_progress: bool,
    asked: usize,
}

impl Source {
    /// Opens the way to the BMC itself.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn open(tool: Tool) -> Result<Self, String> {
        let session = tool.open()?;
        Ok(Self {
            tool,
            sessions: BTreeMap::from([(Target::BMC, Some(session))]),
            reopenings: 0,
            answers: BTreeMap::new(),
            notes: Vec::new(),
            noted: BTreeSet::new(),
            shows_progress: std::io::stderr().is_terminal(),
            asked: 0,
        })
    }

    /// Asks the BMC; the answer, of whatever completion.
    pub(super) fn ask(&mut self, netfn: u8, cmd: u8, data: &[u8]) -> Option<Response> {
        self.ask_at(Target::BMC, netfn, cmd, data)
    }

    /// Asks a controller, once for each request.
    pub(super) fn ask_at(&mut self, target: Target, netfn: u8, cmd: u8, data: &[u8]) -> Option<Response> {
        let key = (target, (netfn, cmd, data.to_vec()));
        if let Some(known) = self.answers.get(&key) {
            return known.clone();
        }
        let answer = self.ask_anew(target, netfn, cmd, data);
        self.answers.insert(key, answer.clone());
        answer
    }

    /// Asks even if it has been asked before: reservations, chained records.
    pub(super) fn ask_anew(&mut self, target: Target, netfn: u8, cmd: u8, data: &[u8]) -> Option<Response> {
        let request = Request { netfn, lun: target.lun, cmd, data: data.to_vec() };
        self.asked += 1;
        let mut answer = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                thread::sleep(PAUSE);
            }
            answer = self.exchange(target, &request);
            match &answer {
                Some(response) if PASSING.contains(&response.completion.0) => {}
                // ipmitool itself has already tried as often as it is told to.
                _ => break,
            }
        }
        match &answer {
            None => self.note_command(target, netfn, cmd, "no answer"),
            Some(response) if PASSING.contains(&response.completion.0) => {
                self.note_command(target, netfn, cmd, "the controller stays busy");
            }
            Some(_) => {}
        }
        answer
    }

    /// The data of a successful answer of at least so many bytes. A shorter one
    /// is noted.
    pub(super) fn get(&mut self, netfn: u8, cmd: u8, data: &[u8], least: usize) -> Option<Vec<u8>> {
        self.get_at(Target::BMC, netfn, cmd, data, least)
    }

    pub(super) fn get_at(
        &mut self,
        target: Target,
        netfn: u8,
        cmd: u8,
        data: &[u8],
        least: usize,
    ) -> Option<Vec<u8>> {
        let response = self.ask_at(target, netfn, cmd, data)?;
        if !response.completion.is_ok() {
            return None;
        }
        if response.data.len() < least {
            let problem = format!("cut off: {} bytes of at least {least}", response.data.len());
            self.note_command(target, netfn, cmd, &problem);
            return None;
        }
        Some(response.data)
    }

    /// A channel's community string. The answer is not kept among the others,
    /// which end up in the file.
    pub(super) fn community(&mut self, channel: u8, parameter: u8) -> Option<Vec<u8>> {
        let answer = self.ask_anew(Target::BMC, 0x0C, 0x02, &[channel, parameter, 0, 0])?;
        answer.completion.is_ok().then(|| answer.data.get(1..).unwrap_or_default().to_vec())
    }

    fn exchange(&mut self, target: Target, request: &Request) -> Option<Response> {
        loop {
            let session = self.session(target)?;
            match session.ask(request) {
                Ok(answer) => return answer,
                Err(said) => {
                    self.sessions.remove(&target);
                    if self.reopenings == REOPENINGS {
                        self.note(&format!("ipmitool ended: {said}"));
                        self.sessions.insert(target, None);
                        return None;
                    }
                    self.reopenings += 1;
                }
            }
        }
    }

    /// The open way to a controller; `None` if there is none (any more).
    fn session(&mut self, target: Target) -> Option<&mut Session> {
        if !self.sessions.contains_key(&target) {
            let opened = self.tool.with(&target.options()).open();
            if let Err(said) = &opened {
                self.note(&format!("no way to {target:?}: {said}"));
            }
            self.sessions.insert(target, opened.ok());
        }
        self.sessions.get_mut(&target)?.as_mut()
    }

    /// Notes once what could not be read.
    pub(super) fn note(&mut self, what: &str) {
        if self.noted.insert(what.to_owned()) {
            self.notes.push(what.to_owned());
        }
    }

    fn note_command(&mut self, target: Target, netfn: u8, cmd: u8, problem: &str) {
        let place = target.satellite.map_or(String::new(), |(_, address)| format!(" at {address:02x}h"));
        self.note(&format!("command {netfn:02x} {cmd:02x}{place}: {problem}"));
    }

    /// Tells a person who watches what is being read.
    pub(super) fn progress(&self, what: &str) {
        if self.shows_progress {
            let _ = write!(std::io::stderr(), "\r\x1b[K{what} ({} requests)", self.asked);
        }
    }

    /// Ends the line of progress.
    pub(super) fn progress_done(&self) {
        if self.shows_progress {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    /// How many requests have been sent.
    pub(super) const fn asked(&self) -> usize {
        self.asked
    }

    /// All that the BMC itself was asked at LUN 0 and answered.
    pub(super) fn answers(&self) -> impl Iterator<Item = (Request, &Response)> {
        let answered = self.answers.iter().filter(|((target, _), _)| *target == Target::BMC);
        answered.filter_map(|((_, (netfn, cmd, data)), response)| {
            Some((Request::new(*netfn, *cmd, data.clone()), response.as_ref()?))
        })
    }
}

/// Whether a completion code says that the command as such is not there.
pub(super) fn is_missing(completion: CompletionCode) -> bool {
    matches!(completion, CompletionCode::INVALID_COMMAND | CompletionCode::INVALID_LUN)
}
