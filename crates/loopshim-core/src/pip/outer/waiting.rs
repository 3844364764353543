//! Waiting, in the front itself: for the breaker and for the turn; and the
//! sharing of an answer, for which no process but this one is needed.
//!
//! It holds next to nothing meanwhile, for many wait at once: a place in the
//! queue and the one before it. Killed, it is gone, and so is its place.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM, SIGTSTP, SIGTTOU};

use super::caller::{self, Caller};
use super::queue::Holder;
use super::request::{self, Request};
use super::shared::{self, Answer as SharedAnswer};
use super::turn::Turn;
use super::{now, processes, random, site, tree};
use crate::Ending;
use crate::pip::fields::Fields;
use crate::pip::flow::{Action, Answer, Event, Flow};
use crate::pip::sharing::{self, Now, Request as Asked};

/// When a request that waits says so.
const PATIENT_FOR: Duration = Duration::from_secs(2);

/// Most of the dead that the ledger is told of.
const DEAD_MAX: usize = 20;

/// What a queue is of: a file in its directory.
pub const ABOUT: &str = "about";

/// How waiting ended.
pub enum Outcome {
    /// With an answer, which the caller has been shown.
    Answered(Ending),
    /// pip is to be run: it is this request's turn.
    Ready(Turn),
}

/// A request that waits.
struct Waiting<'r, 'w> {
    request: &'r mut Request<'w>,
    flow: Flow,
    turn: Option<Turn>,
    shared: Option<SharedAnswer>,
}

/// Waits until the request is answered, or pip has to be run for it.
pub fn wait(request: &mut Request<'_>) -> Outcome {
    let flow = Flow::new(request.settings.attempts, request.settings.delay_max);
    let mut waiting = Waiting { request, flow, turn: None, shared: None };
    waiting.mention_degradation();
    let mut action = waiting.arrive();
    loop {
        action = match action {
            Action::Wait(time) => waiting.pause(time),
            Action::StepBack(time) => waiting.step_back(time),
            Action::Enqueue => waiting.stand_in_line(),
            Action::Examine => waiting.examine(),
            Action::Run => return Outcome::Ready(waiting.turn.unwrap_or_default()),
            Action::Finish(answer) => return Outcome::Answered(waiting.finish(answer)),
            Action::Nothing | Action::Pass(_) => unreachable!("no pip runs"),
        };
    }
}

/// What signals do to a front: while it waits they end it, as they would end any
/// program, but no key and no terminal stops it, for others would wait for it.
#[derive(Debug)]
pub struct Manners {
    waits: Arc<AtomicBool>,
    may_stop: Arc<AtomicBool>,
}

impl Manners {
    /// Those of one that waits, of signals that are not ignored.
    ///
    /// # Errors
    /// When handlers cannot be set.
    pub fn of_waiting() -> io::Result<Self> {
        let manners = Self { waits: Arc::new(true.into()), may_stop: Arc::new(false.into()) };
        for (signals, condition) in
            [([SIGINT, SIGTERM], &manners.waits), ([SIGTSTP, SIGTTOU], &manners.may_stop)]
        {
            for signal in processes::not_ignored(signals) {
                signal_hook::flag::register_conditional_default(signal, Arc::clone(condition))?;
            }
        }
        Ok(manners)
    }

    /// It waits, or looks on while another process does the work.
    pub fn wait(&self, waits: bool) {
        self.waits.store(waits, Ordering::SeqCst);
        self.may_stop.store(!waits, Ordering::SeqCst);
    }
}

impl Waiting<'_, '_> {
    fn arrive(&mut self) -> Action {
        let delay = self.request.delay();
        self.request.entry.delayed = delay;
        self.flow.handle(Event::Arrived(delay), random())
    }

    fn pause(&mut self, time: Duration) -> Action {
        // Nothing can happen but our end.
        std::thread::sleep(time);
        self.flow.handle(Event::WaitOver, random())
    }

    /// Leaves the queue, so that others have their turn, and waits.
    fn step_back(&mut self, time: Duration) -> Action {
        self.leave_queue();
        self.request.entry.delayed += time;
        self.pause(time)
    }

    /// Gives up the place in the queue and all locks.
    fn leave_queue(&mut self) {
        if let Some(turn) = self.turn.take() {
            turn.leave();
        }
    }

    /// Waits for its turn.
    fn stand_in_line(&mut self) -> Action {
        let started = Instant::now();
        let before = self.request.entry.waited;
        let turn = self.join_queue().and_then(|turn| self.await_turn(&turn, started));
        self.request.entry.waited = before + started.elapsed();
        let event = match turn {
            Ok(turn) => {
                let told = |dead: &Holder| {
                    format!("process {}, {}, ended before its turn was over", dead.pid, dead.command)
                };
                self.request.entry.notes.extend(turn.dead.iter().take(DEAD_MAX).map(told));
                self.turn = Some(turn);
                Event::TurnCame(self.request.delay())
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.say_who("gave up waiting");
                Event::TimedOut
            }
            Err(error) => {
                caller::tell(&format!("the queue cannot be joined: {error}"));
                Event::TimedOut
            }
        };
        self.flow.handle(event, random())
    }

    /// Has a thread wait for the turn: it is blocked in the kernel, which wakes it.
    fn join_queue(&self) -> io::Result<Receiver<io::Result<Turn>>> {
        let request = &self.request;
        let (holder, queue, sites) = (self.holder(), request.queue.clone(), request.target.lockable());
        let interpreter = request.target.interpreter.clone();
        if let Some(queue) = &queue
            && queue.directory().size(ABOUT) == 0
        {
            let site = sites.first().map(|site| site.display().to_string()).unwrap_or_default();
            shared::replace(queue.directory(), ABOUT, &Fields::default().with("site", site));
        }
        let (sender, turn) = mpsc::channel();
        super::start(move || {
            // Nobody may wait for it any more.
            let _ = sender.send(Turn::wait(queue.as_ref(), &holder, &sites, interpreter.as_deref()));
        })?;
        Ok(turn)
    }

    fn await_turn(&self, turn: &Receiver<io::Result<Turn>>, started: Instant) -> io::Result<Turn> {
        let limit = self.request.settings.lock_timeout;
        let mut patience = PATIENT_FOR.min(limit);
        loop {
            match turn.recv_timeout(patience.saturating_sub(started.elapsed())) {
                Ok(turn) => return turn,
                Err(RecvTimeoutError::Timeout) if started.elapsed() < limit => {
                    patience = limit;
                    self.say_who("waiting");
                }
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }

    fn holder(&self) -> Holder {
        Holder {
            number: 0,
            pid: std::process::id(),
            command: self.request.command_text(),
            since: now(self.request.world),
        }
    }

    fn say_who(&self, what: &str) {
        let request = &self.request;
        let site = request
            .target
            .sites
            .first()
            .map_or_else(|| "this pip".to_owned(), |site| site.display().to_string());
        let first = request.queue.as_ref().and_then(|queue| queue.holders().into_iter().next());
        let who = match first.filter(|holder| holder.pid != std::process::id()) {
            Some(holder) => {
                let age = now(request.world).saturating_sub(holder.since).as_secs();
                let stopped = if processes::is_stopped(holder.pid) { " and is stopped" } else { "" };
                format!("process {}, {}, which came {age} s ago{stopped}", holder.pid, holder.command)
            }
            None => "a pip that came past the queue".to_owned(),
        };
        let limit = request.settings.lock_timeout.as_secs();
        caller::tell(&format!("{what} for {who}; both change {site} (LOOPSHIM_PIP_LOCK_TIMEOUT: {limit} s)"));
    }

    /// Says once, as far as that can be remembered, that this machine lets us
    /// only lock and run.
    fn mention_degradation(&self) {
        const SAID: &str = "said";
        let places = &self.request.places;
        let said = places.runtime.as_ref().is_some_and(|runtime| runtime.size(SAID) > 0);
        if places.is_degraded() && !said {
            caller::tell(
                "its directories cannot be written (/run/loopshim, /var/lib/loopshim): it locks and runs pip, no more",
            );
            if let Some(runtime) = &places.runtime {
                shared::replace(runtime, SAID, &Fields::default());
            }
        }
    }

    /// Sees whether the answer of the run before is this one's too.
    fn examine(&mut self) -> Action {
        self.shared = self.shareable();
        self.flow.handle(Event::Examined { shared: self.shared.is_some() }, random())
    }

    fn shareable(&self) -> Option<SharedAnswer> {
        let (folder, digests) = self.request.folder.as_ref()?;
        let queue = self.request.queue.as_ref()?;
        let ticket = self.turn.as_ref()?.ticket.as_ref()?.number;
        let likeness = self.request.likeness.clone()?;
        let answer = shared::load(queue.directory())?;
        let asked = Asked { likeness: Some(likeness), tree: digests.as_ref()?.all.clone(), ticket };
        // What is cheap to refuse is refused before anything is read again.
        let glance = Now { tree: Some(&asked.tree), record: Some(&answer.finished.record) };
        if request::is_terminal() || !sharing::may_share(&asked, &answer.finished, glance) {
            return None;
        }
        let tree = tree::digest(folder)?.all;
        let record = site::whole_record(&answer.dist_info)?;
        let now = Now { tree: Some(&tree), record: Some(&record) };
        if !sharing::may_share(&asked, &answer.finished, now) {
            return None;
        }
        let here = std::env::current_dir().ok()?;
        let out = sharing::replayed(&answer.out, &answer.folder, folder, &here)?;
        let err = sharing::replayed(&answer.err, &answer.folder, folder, &here)?;
        Some(SharedAnswer { out, err, ..answer })
    }

    /// The end of a request for which no pip is run here.
    fn finish(mut self, answer: Answer) -> Ending {
        let mut caller = Caller::default();
        let status = match (answer, self.shared.take()) {
            (Answer::Shared, Some(shared)) => {
                self.request.entry.result = "shared";
                self.request.entry.shared_with = Some(shared.pid);
                self.request.remember(false);
                self.leave_queue();
                caller.out(&shared.out);
                caller.err(&shared.err);
                caller.status(0)
            }
            _ => {
                (self.request.entry.result, self.request.entry.status) = ("timed-out", 1);
                self.leave_queue();
                1
            }
        };
        self.request.write_down();
        Ending::Status(status)
    }
}
