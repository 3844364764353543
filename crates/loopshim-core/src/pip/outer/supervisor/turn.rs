//! The turn: clean up, run pip, watch it, and judge what came of it.

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::super::attempt::{Attempt, Output, Start};
use super::super::builds::{self, Moment};
use super::super::queue::Ticket;
use super::super::site::{self, Installed};
use super::super::temporary::{self, Temporary};
use super::super::{clean, random, request, shared};
use super::{Signal, Supervisor, spawn};
use crate::pip::arguments::{self, Action as PipAction};
use crate::pip::distribution;
use crate::pip::failure::{self, Class};
use crate::pip::flow::{Action, Answer, Ended, Event};

/// Most faults of an installation that the ledger is told of.
const FAULTS_MAX: usize = 5;

impl Supervisor<'_> {
    /// Cleans up, runs pip and judges what came of it.
    pub(super) fn run_pip(&mut self) -> Action {
        if let Some(queue) = &self.request.queue {
            // Part 5 of the rule finds out where even this cannot be written.
            let _ = shared::forget(queue.directory());
        }
        self.prepare();
        let before = site::installed(&self.request.target.sites);
        let begun = self.temporary.as_ref().and_then(Temporary::changed);
        let started = Instant::now();
        let (mut attempt, mut child) = match self.start() {
            Ok(started) => started,
            Err(error) => {
                self.say(&format!("{} cannot be run: {error}", self.request.original.path.display()));
                return Action::Finish(Answer::TimedOut);
            }
        };
        let sender = self.sender.clone();
        spawn(move || {
            let _ = sender.send(Signal::Ended(child.wait()));
        });
        let (status, stuck) = self.watch(&mut attempt);
        if status.signal().is_some() && !self.flow.was_interrupted() {
            // What it was building goes on no more: it would be in the next one's way.
            attempt.kill_rest();
        }
        let (out, err) = attempt.output.read();
        let mut ended = if stuck { Ended::Stuck } else { self.judge(&before, &out, &err, status) };
        if matches!(ended, Ended::Stuck | Ended::Killed) && !self.clear_builds(begun) {
            // Another run would build on what is half there.
            ended = Ended::Failed(Class::Other);
        }
        self.request.entry.attempts.push((in_a_word(ended).to_owned(), started.elapsed()));
        self.last = Some((out, err, status));
        self.flow.handle(Event::Ended(ended), random())
    }

    /// Removes what is in pip's way.
    fn prepare(&mut self) {
        if let Some(runtime) = &self.request.places.runtime {
            temporary::purge(runtime);
        }
        let names: &[String] =
            if self.request.change.action == PipAction::Install { &self.names } else { &[] };
        let repairs = clean::run(self.request.world, &self.request.places, &self.request.target.sites, names);
        self.request.entry.removed += repairs.removed.len();
        self.request.entry.quarantined.extend(repairs.quarantined);
        // What is to go is not repaired first.
        self.is_beyond_repair =
            !repairs.refused.is_empty() || self.request.change.action == PipAction::Uninstall;
        for refused in repairs.refused {
            if !self.request.entry.notes.contains(&refused) {
                self.request.entry.notes.push(refused);
            }
        }
        // A fresh one for each run: the one before goes with what pip left in it.
        self.temporary = None;
        let request = &self.request;
        let make = |runtime| Temporary::make(request.world, runtime, &request.queue_name, &self.turn).ok();
        self.temporary = request.places.runtime.as_ref().and_then(make);
    }

    fn start(&self) -> io::Result<(Attempt, Child)> {
        // Who asks needs an answer: then pip talks to the caller itself.
        let asks = self.request.change.action == PipAction::Uninstall && !self.has_yes();
        let output = if request::is_terminal() || asks { Output::Inherited } else { Output::keep()? };
        let mut locks: Vec<&File> = self.turn.locks.iter().collect();
        locks.extend(self.turn.ticket.as_ref().map(Ticket::file));
        locks.extend(self.temporary.as_ref().and_then(Temporary::lock));
        let start = Start {
            world: self.request.world,
            original: self.request.original,
            stdin: &self.stdin,
            locks: &locks,
            temporary: self.temporary.as_ref().map(Temporary::path),
            queue: &self.request.queue_name,
            watched: self.request.target.sites.iter().chain(&self.request.target.scripts).cloned().collect(),
        };
        Attempt::start(start, output)
    }

    fn has_yes(&self) -> bool {
        self.request.world.args.iter().any(|arg| {
            let text = arg.as_bytes();
            arg == "--yes" || text.starts_with(b"-") && !text.starts_with(b"--") && text.contains(&b'y')
        })
    }

    /// Removes from the source folders what the pip that has been killed was
    /// building there since it had `begun`; whether nothing of it is left.
    fn clear_builds(&mut self, begun: Option<Moment>) -> bool {
        let folders = self.request.operands().map(Path::new).filter(|operand| operand.is_dir());
        let cleared = folders.map(|folder| match begun {
            Some(begun) => builds::remove_unfinished(folder, begun),
            None => Err(io::ErrorKind::Unsupported.into()),
        });
        match cleared.collect::<io::Result<()>>() {
            Ok(()) => true,
            Err(error) => {
                self.request.entry.notes.push(format!("its build cannot be cleared away: {error}"));
                false
            }
        }
    }

    /// Waits for the end of pip; whether it had to be ended.
    fn watch(&mut self, attempt: &mut Attempt) -> (ExitStatus, bool) {
        let limit = self.request.settings.stale;
        let interval = (limit / 20).clamp(Duration::from_millis(50), Duration::from_secs(30));
        let mut stuck = false;
        loop {
            match self.next(interval) {
                Some(Signal::Ended(status)) => return (status.unwrap_or_default(), stuck),
                Some(Signal::Signalled(signal)) => {
                    if let Action::Pass(signal) = self.flow.handle(Event::Signalled(signal), random()) {
                        let passed = attempt.pass(signal);
                        self.flow.handle(Event::Passed { passed }, random());
                    }
                }
                Some(Signal::FrontSignalled) => self.ask_which(),
                None if !stuck && attempt.is_stuck(limit) => {
                    stuck = true;
                    let evidence = attempt.kill();
                    self.request
                        .entry
                        .notes
                        .push(format!("no sign of life for {} s:\n{evidence}", limit.as_secs()));
                }
                None => {}
            }
        }
    }

    /// What pip's end amounts to.
    fn judge(&mut self, before: &[Installed], out: &[u8], err: &[u8], status: ExitStatus) -> Ended {
        let now = site::installed(&self.request.target.sites);
        self.changed = site::changed(before, &now);
        for installed in &self.changed {
            if !self.names.contains(&installed.name) {
                self.names.push(installed.name.clone());
            }
        }
        if status.signal().is_some() {
            return Ended::Killed;
        }
        if !status.success() {
            return Ended::Failed(self.class(&[out, err].concat()));
        }
        if self.request.change.action == PipAction::Uninstall || self.request.target.is_target_option {
            return Ended::Whole;
        }
        let mut faults = site::faults(&self.changed, &now);
        faults.extend(site::absent(&distribution::said_to_be_installed(out), &self.request.target.sites));
        if faults.is_empty() {
            return Ended::Whole;
        }
        self.request.entry.notes.extend(faults.iter().take(FAULTS_MAX).cloned());
        let again = faults == self.faults;
        self.faults = faults;
        if again { Ended::NotWholeAgain } else { Ended::NotWhole }
    }

    /// The kind of a failure, as far as another run could be of use.
    fn class(&mut self, output: &[u8]) -> Class {
        self.names.extend(failure::projects_without_record(output));
        match failure::classify(output) {
            // What was not mended before will not be the next time.
            Class::NoRecord | Class::TornRecord | Class::TornMetadata if self.is_beyond_repair => {
                Class::Other
            }
            // It may be the caller's own file that is not there.
            Class::VanishedFile if self.lacks_an_operand() => Class::Other,
            class => class,
        }
    }

    fn lacks_an_operand(&self) -> bool {
        let mut local = self.request.operands().filter(|operand| arguments::is_local(operand));
        local.any(|operand| !Path::new(operand).exists())
    }
}

fn in_a_word(ended: Ended) -> &'static str {
    match ended {
        Ended::Whole => "whole",
        Ended::NotWhole => "not-whole",
        Ended::NotWholeAgain => "not-whole-by-itself",
        Ended::Failed(class) => class.name(),
        Ended::Killed => "killed",
        Ended::Stuck => "stuck",
    }
}
