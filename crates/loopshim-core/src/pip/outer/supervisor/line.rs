//! Waiting: for the breaker, for pauses between attempts, and for the turn.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::super::queue::{self, Holder, Queue};
use super::super::{bypassing, now, random, shared};
use super::{ABOUT, Signal, Supervisor, Turn, spawn};
use crate::pip::arguments;
use crate::pip::fields::Fields;
use crate::pip::flow::{Action, Event};

/// When a request that waits says so.
const PATIENT_FOR: Duration = Duration::from_secs(2);

/// Longest command shown to people, in bytes.
const COMMAND_MAX: usize = 160;

impl Supervisor<'_> {
    /// What happens next; `None` when nothing did for that long.
    pub(super) fn next(&self, time: Duration) -> Option<Signal> {
        // Beyond any request's life: the largest that the clock can add.
        let time = time.min(Duration::from_secs(1 << 30));
        self.signals.recv_timeout(time).ok()
    }

    pub(super) fn wait(&mut self, time: Duration) -> Action {
        let started = Instant::now();
        loop {
            let left = time.saturating_sub(started.elapsed());
            let event = match self.next(left) {
                None => return self.flow.handle(Event::WaitOver, random()),
                Some(Signal::FrontGone) => Event::Abandoned,
                Some(Signal::Signalled(signal)) => Event::Signalled(signal),
                Some(Signal::TurnCame(_) | Signal::Ended(_)) => continue,
            };
            match self.flow.handle(event, random()) {
                Action::Nothing => {}
                action => return action,
            }
        }
    }

    /// Leaves the queue, so that others have their turn, and waits.
    pub(super) fn step_back(&mut self, time: Duration) -> Action {
        self.leave_queue();
        self.entry.delayed += time;
        self.wait(time)
    }

    fn holder(&self) -> Holder {
        Holder {
            number: 0,
            pid: std::os::unix::process::parent_id(),
            command: self.command_text(),
            since: now(self.world),
        }
    }

    /// The command for people, without secrets.
    pub(super) fn command_text(&self) -> String {
        let words = crate::redact::arguments(crate::Tool::Pip3, self.world).args;
        let words: Vec<_> =
            words.into_iter().skip(1).map(std::os::unix::ffi::OsStringExt::from_vec).collect();
        arguments::for_people("pip3", &words, COMMAND_MAX)
    }

    /// Waits for its turn.
    pub(super) fn stand_in_line(&mut self) -> Action {
        let started = Instant::now();
        self.join_queue();
        let before = self.entry.waited;
        let mut told = false;
        loop {
            let limit = self.settings.lock_timeout;
            let patience = if told { limit } else { PATIENT_FOR.min(limit) };
            let signal = self.next(patience.saturating_sub(started.elapsed()));
            self.entry.waited = before + started.elapsed();
            let event = match signal {
                Some(Signal::TurnCame(Ok(turn))) => {
                    self.turn = Some(turn);
                    Event::TurnCame(self.delay())
                }
                Some(Signal::TurnCame(Err(error))) => {
                    self.say(&format!("the queue cannot be joined: {error}"));
                    Event::TimedOut
                }
                Some(Signal::FrontGone) => Event::Abandoned,
                Some(Signal::Signalled(signal)) => Event::Signalled(signal),
                Some(Signal::Ended(_)) => continue,
                None if started.elapsed() >= limit => {
                    self.say_who("gave up waiting");
                    Event::TimedOut
                }
                None => {
                    told = true;
                    self.say_who("waiting");
                    continue;
                }
            };
            match self.flow.handle(event, random()) {
                Action::Nothing => {}
                action => return action,
            }
        }
    }

    /// Has a thread wait for the turn: it is blocked in the kernel, which wakes it.
    fn join_queue(&self) {
        let (holder, queue, sites, sender) =
            (self.holder(), self.queue.clone(), self.target.lockable(), self.sender.clone());
        let interpreter = self.target.interpreter.clone();
        if let Some(queue) = &queue
            && queue.directory().size(ABOUT) == 0
        {
            let site = sites.first().map(|site| site.display().to_string()).unwrap_or_default();
            shared::replace(queue.directory(), ABOUT, &Fields::default().with("site", site));
        }
        spawn(move || {
            let turn = take_turn(queue.as_ref(), &holder, &sites, interpreter.as_deref());
            let _ = sender.send(Signal::TurnCame(turn));
        });
    }

    /// Gives up the place in the queue and all locks.
    pub(super) fn leave_queue(&mut self) {
        if let Some(turn) = self.turn.take() {
            turn.leave();
        }
    }

    fn say_who(&self, what: &str) {
        let site = self
            .target
            .sites
            .first()
            .map_or_else(|| "this pip".to_owned(), |site| site.display().to_string());
        let own = std::os::unix::process::parent_id();
        let first = self.queue.as_ref().and_then(|queue| queue.holders().into_iter().next());
        let who = match first.filter(|holder| holder.pid != own) {
            Some(holder) => {
                let age = now(self.world).saturating_sub(holder.since).as_secs();
                format!("process {}, {}, which came {age} s ago", holder.pid, holder.command)
            }
            None => "a pip that came past the queue".to_owned(),
        };
        let limit = self.settings.lock_timeout.as_secs();
        self.say(&format!("{what} for {who}; both change {site} (LOOPSHIM_PIP_LOCK_TIMEOUT: {limit} s)"));
    }
}

/// Draws a ticket and waits: for those before, then for those who change the
/// directories by way of another queue, or of none.
///
/// # Errors
/// When the queue cannot be read, or there is a lasting want of files.
pub(in crate::pip) fn take_turn(
    queue: Option<&Queue>,
    holder: &Holder,
    sites: &[PathBuf],
    interpreter: Option<&Path>,
) -> io::Result<Turn> {
    let ticket = match queue.map(|queue| queue.draw(holder)) {
        Some(Ok(ticket)) => Some(ticket),
        // There is a queue, and others stand in it: past it goes nobody.
        Some(Err(error)) if super::super::is_shortage(&error) => return Err(error),
        // One that cannot be written leaves the directories' own locks.
        Some(Err(_)) | None => None,
    };
    if let Some(ticket) = &ticket {
        ticket.wait()?;
    }
    let locks = queue::lock_directories(sites)?;
    if let Some(interpreter) = interpreter {
        bypassing::wait(interpreter);
    }
    Ok(Turn { ticket, locks })
}
