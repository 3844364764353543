//! `pip3 --loopshim-status`: what is going on, in words; and
//! `pip3 --loopshim-status restore NAME`, which puts back what was set aside.

use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Duration;

use super::breaker::Known;
use super::places::Places;
use super::quarantine::Kept;
use super::queue::{Holder, Queue};
use super::{breaker, ledger, quarantine, shared, waiting};
use crate::pip::breaker::State;
use crate::pip::settings::Settings;
use crate::trusted::TrustedDir;
use crate::{Ending, World};

/// How many of the last requests are looked through for failures, in bytes of
/// the ledger.
const LEDGER_TAIL: u64 = 64 << 10;
/// How many failures are shown.
const FAILURES_MAX: usize = 5;

/// Shows the state, or restores.
pub fn show(world: &mut World, settings: &Settings) -> Ending {
    let words: Vec<String> = world.args[1..].iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let (text, status) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => (Report::of(world, settings).in_words(super::now(world)), 0),
        ["restore", name] => restore(&Places::prepare(world), name),
        _ => ("Usage: pip3 --loopshim-status [restore NAME]\n".to_owned(), 2),
    };
    // A closed standard output loses the text; the status remains.
    let _ = world.stdout.write_all(text.as_bytes());
    Ending::Status(status)
}

fn restore(places: &Places, name: &str) -> (String, u8) {
    let Some(quarantine) = &places.quarantine else { return ("there is no quarantine here\n".to_owned(), 1) };
    let Some(kept) = quarantine::list(quarantine).into_iter().find(|kept| kept.name == name) else {
        return (format!("{name} is not in quarantine\n"), 1);
    };
    match quarantine::restore(quarantine, &kept) {
        Ok(()) => (format!("{} is back\n", kept.origin.display()), 0),
        Err(error) => (format!("{} stays in quarantine: {error}\n", kept.origin.display()), 1),
    }
}

/// What is going on, as values: of one user's requests, or, for root, of root's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The environments that somebody changes; `None` where no directory for
    /// queues can be written.
    pub environments: Option<Vec<Environment>>,
    /// Requests that failed and are held back; `None` where no state can be kept.
    pub held_back: Option<Vec<HeldBack>>,
    /// Metadata that was set aside, oldest first.
    pub quarantined: Vec<Kept>,
    /// The last requests that did not succeed, as lines of the ledger, oldest first.
    pub failures: Vec<String>,
}

/// An environment that is being changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Where its packages are, or, should that not be known, its queue's name.
    pub site: String,
    /// Who changes it, and behind that who waits, in order.
    pub holders: Vec<Holder>,
}

/// A request that failed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The command, without secrets.
    pub command: String,
    /// Final failures in a row.
    pub failures: u32,
    /// How long the next one would wait from now; zero: it is tried at once.
    pub left: Duration,
}

impl Report {
    /// Looks at everything.
    pub fn of(world: &World, settings: &Settings) -> Self {
        let places = Places::prepare(world);
        Self {
            environments: places.runtime.as_ref().map(environments),
            held_back: places.state.as_ref().map(|state| held_back(world, settings, state)),
            quarantined: places.quarantine.as_ref().map(quarantine::list).unwrap_or_default(),
            failures: failures(&places),
        }
    }

    /// The report for people.
    pub fn in_words(&self, now: Duration) -> String {
        let mut text = String::new();
        match &self.environments {
            Some(environments) if environments.is_empty() => {
                text.push_str("Nobody is changing an environment.\n");
            }
            Some(environments) => environments.iter().for_each(|one| text.push_str(&one.in_words(now))),
            None => text.push_str(
                "No directory for queues can be written: environments are locked, not queued for.\n",
            ),
        }
        match &self.held_back {
            Some(all) => all.iter().for_each(|one| text.push_str(&one.in_words())),
            None => text.push_str("No directory for state can be written: failures are not remembered.\n"),
        }
        for kept in &self.quarantined {
            text.push_str(&format!("In quarantine: {} from {}\n", kept.name, kept.origin.display()));
        }
        if !self.failures.is_empty() {
            text.push_str("The last that did not succeed:\n");
        }
        for line in &self.failures {
            text.push_str(&format!("  {line}\n"));
        }
        text
    }
}

impl Environment {
    fn in_words(&self, now: Duration) -> String {
        let line = |(at, holder): (usize, &Holder)| {
            let age = now.saturating_sub(holder.since).as_secs();
            let what = if at == 0 { "Changing" } else { "Waiting for" };
            format!("{what} {}: {} (process {}, since {age} s)\n", self.site, holder.command, holder.pid)
        };
        self.holders.iter().enumerate().map(line).collect()
    }
}

impl HeldBack {
    fn in_words(&self) -> String {
        let when = match self.left {
            Duration::ZERO => "the next one is tried at once".to_owned(),
            left => format!("the next one waits {} s", left.as_secs()),
        };
        format!("Failed {} times in a row: {}; {when}\n", self.failures, self.command)
    }
}

fn environments(runtime: &TrustedDir) -> Vec<Environment> {
    let names = runtime.names().unwrap_or_default();
    let environment = |name: String| {
        let directory = runtime.below(&name, 0o700).ok()?;
        let site = shared::record(&directory, waiting::ABOUT);
        let site = site.and_then(|about| about.text("site").map(str::to_owned)).unwrap_or(name);
        let holders = Queue::new(directory).holders();
        (!holders.is_empty()).then_some(Environment { site, holders })
    };
    names.into_iter().filter(|name| name.starts_with("queue-")).filter_map(environment).collect()
}

fn held_back(world: &World, settings: &Settings, state: &TrustedDir) -> Vec<HeldBack> {
    let known = breaker::list(state).into_iter();
    let open = known.filter_map(|Known { breaker, command }| {
        let left = match breaker.state(super::now(world), settings.delay_max) {
            State::Closed => return None,
            State::HalfOpen => Duration::ZERO,
            State::Open(left) => left,
        };
        Some(HeldBack { command, failures: breaker.failures, left })
    });
    open.collect()
}

/// The last lines of the ledger that tell of no success.
fn failures(places: &Places) -> Vec<String> {
    let Some(mut file) = places.log.as_ref().and_then(|log| log.read(ledger::FILE).ok()) else {
        return Vec::new();
    };
    let length = file.metadata().map_or(0, |found| found.len());
    let mut tail = Vec::new();
    let read = file
        .seek(SeekFrom::Start(length.saturating_sub(LEDGER_TAIL)))
        .and_then(|_| file.read_to_end(&mut tail));
    if read.is_err() {
        return Vec::new();
    }
    let tail = String::from_utf8_lossy(&tail);
    let succeeded = ["ok", "shared", ledger::CLEANED].map(|result| format!("\"result\":\"{result}\""));
    // The first line may be half a one.
    let is_failure =
        |line: &&str| line.starts_with('{') && !succeeded.iter().any(|result| line.contains(result.as_str()));
    let failed: Vec<&str> = tail.lines().filter(is_failure).collect();
    failed[failed.len().saturating_sub(FAILURES_MAX)..].iter().map(|line| (*line).to_owned()).collect()
}
