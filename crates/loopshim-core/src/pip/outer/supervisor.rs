//! The supervisor: in a session of its own it takes a request through the queue
//! and through as many runs of pip as it needs, and tells the front the end of
//! it. The decisions are [`Flow`]'s.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::attempt::{Attempt, HELD_VARIABLE, Output, Start};
use super::channel::{self, Message, Streams};
use super::ledger::Entry;
use super::places::Places;
use super::queue::{self, Holder, Queue, Ticket};
use super::shared::{self, Answer as SharedAnswer};
use super::site::{self, Installed};
use super::target::{self, Target};
use super::temporary::{self, Temporary};
use super::tree::{self, Digests};
use super::{clean, front, orphans, processes};
use crate::pip::arguments::{self, Action as PipAction, Change, Command};
use crate::pip::breaker::{Breaker, State};
use crate::pip::distribution;
use crate::pip::failure::{self, Class};
use crate::pip::fields::Fields;
use crate::pip::flow::{Action, Answer, Ended, Event, Flow};
use crate::pip::settings::Settings;
use crate::pip::sharing::{self, Finished, Now, Request};
use crate::{Ending, Original, World};

/// What a queue is of: a file in its directory.
pub const ABOUT: &str = "about";
/// A breaker's name: this and a digest.
pub const BREAKER: &str = "breaker-";
/// Most breakers kept.
const BREAKERS_MAX: usize = 500;

/// When a request that waits says so.
const PATIENT_FOR: Duration = Duration::from_secs(2);

/// Longest command shown to people, in bytes.
const COMMAND_MAX: usize = 160;

/// Takes the place of a supervisor, if that is what we were started as.
pub fn answer_front(world: &mut World, settings: &Settings) -> Option<Ending> {
    if world.args.first().is_none_or(|arg| arg != front::SUPERVISE) {
        return None;
    }
    let channel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    // Typed by somebody: an argument like any other, which pip will refuse.
    let streams = channel::receive_streams(&channel).ok()?;
    world.args.remove(0);
    // Already a leader: then it is our session.
    let _ = rustix::process::setsid();
    let Some(original) = super::real::find(world, settings, crate::original::find) else {
        // There was one when the front looked.
        let _ = Message::Execute.send(&channel);
        return Some(Ending::Status(0));
    };
    let Command::Change(change) = arguments::parse(&world.args) else {
        let _ = Message::Execute.send(&channel);
        return Some(Ending::Status(0));
    };
    Supervisor::new(world, settings, original, change, channel, streams).run();
    Some(Ending::Status(0))
}

/// What reaches the supervisor.
enum Signal {
    FrontGone,
    Signalled(i32),
    TurnCame(io::Result<Turn>),
    Ended(io::Result<ExitStatus>),
}

/// What one has whose turn it is.
struct Turn {
    ticket: Option<Ticket>,
    locks: Vec<File>,
}

struct Supervisor<'w> {
    world: &'w World,
    settings: &'w Settings,
    original: Original,
    change: Change,
    channel: UnixStream,
    streams: Streams,
    places: Places,
    target: Target,
    queue_name: String,
    queue: Option<Queue>,
    sender: Sender<Signal>,
    signals: Receiver<Signal>,
    /// The folder that is installed, and its digests at arrival.
    folder: Option<(PathBuf, Option<Digests>)>,
    likeness: Option<String>,
    /// Names of the projects that are to be installed, as far as known.
    names: Vec<String>,
    flow: Flow,
    turn: Option<Turn>,
    temporary: Option<Temporary>,
    /// Output and status of the last run.
    last: Option<(Vec<u8>, Vec<u8>, ExitStatus)>,
    faults: Vec<String>,
    changed: Vec<Installed>,
    /// Whether something that is broken had to be left as it is.
    is_beyond_repair: bool,
    shared: Option<SharedAnswer>,
    entry: Entry,
}

impl<'w> Supervisor<'w> {
    fn new(
        world: &'w World,
        settings: &'w Settings,
        original: Original,
        change: Change,
        channel: UnixStream,
        streams: Streams,
    ) -> Self {
        let places = Places::prepare(world);
        let target = target::find(world, &original, &change, places.runtime.as_ref());
        let queue_name = target.queue_name();
        let queue = places
            .runtime
            .as_ref()
            .and_then(|runtime| runtime.below(&queue_name, 0o700).ok())
            .map(Queue::new);
        let folder = change.only_folder(&world.args).map(|(_, path)| (path.to_owned(), tree::digest(path)));
        let likeness = shared::likeness(world, &change, &target).filter(|_| settings.coalesce);
        let names = wanted_names(world, &change);
        let (sender, signals) = mpsc::channel();
        let entry =
            Entry { time: super::now(world), site: target.sites.first().cloned(), ..Entry::default() };
        let flow = Flow::new(settings.attempts);
        Self {
            world,
            settings,
            original,
            change,
            channel,
            streams,
            places,
            target,
            queue_name,
            queue,
            sender,
            signals,
            folder,
            likeness,
            names,
            flow,
            turn: None,
            temporary: None,
            last: None,
            faults: Vec::new(),
            changed: Vec::new(),
            is_beyond_repair: false,
            shared: None,
            entry,
        }
    }

    fn run(mut self) {
        if self.is_inside_its_own_turn() {
            let _ = Message::Execute.send(&self.channel);
            return;
        }
        self.listen();
        self.mention_degradation();
        let delay = self.delay();
        let mut action = self.flow.handle(Event::Arrived(delay), super::random());
        loop {
            action = match action {
                Action::Finish(answer) => return self.finish(answer),
                Action::Wait(time) => self.wait(time),
                Action::Enqueue => self.stand_in_line(),
                Action::Examine => self.examine(),
                Action::Run => self.run_pip(),
                // Passed where pip runs; nothing is left to do elsewhere.
                Action::Nothing | Action::Pass(_) => self.wait(Duration::MAX),
            };
        }
    }

    /// Whether a pip that has the turn in this very queue started us: it waits
    /// for us, and we must not wait for it.
    fn is_inside_its_own_turn(&self) -> bool {
        let held = self.world.var(HELD_VARIABLE).and_then(|held| held.into_string().ok()).unwrap_or_default();
        let mut turns = held.split(';').filter_map(|turn| turn.split_once(':'));
        turns.any(|(pid, queue)| queue == self.queue_name && pid.parse().is_ok_and(processes::is_ancestor))
    }

    /// Has threads tell of the front's end and of signals.
    fn listen(&self) {
        let sender = self.sender.clone();
        if let Ok(channel) = self.channel.try_clone() {
            spawn(move || {
                // The front never writes: it only goes.
                let _ = io::Read::read(&mut &channel, &mut [0]);
                let _ = sender.send(Signal::FrontGone);
            });
        }
        let sender = self.sender.clone();
        if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) {
            spawn(move || {
                for signal in signals.forever() {
                    let _ = sender.send(Signal::Signalled(signal));
                }
            });
        }
    }

    /// Tells people something, on standard error.
    fn say(&self, text: &str) {
        // Nobody may be there to read it.
        let _ = Message::Err(format!("pip3: loopshim: {text}\n").into_bytes()).send(&self.channel);
    }

    /// Says once, as far as that can be remembered, that this machine lets us
    /// only lock and run.
    fn mention_degradation(&self) {
        const SAID: &str = "said";
        let said = self.places.runtime.as_ref().is_some_and(|runtime| runtime.size(SAID) > 0);
        if self.places.is_degraded() && !said {
            self.say("its directories cannot be written (/run/loopshim, /var/lib/loopshim): it locks and runs pip, no more");
            if let Some(runtime) = &self.places.runtime {
                shared::replace(runtime, SAID, &Fields::default());
            }
        }
    }

    fn is_terminal(&self) -> bool {
        let is_terminal = |stream: &OwnedFd| rustix::termios::isatty(stream);
        is_terminal(&self.streams.stdout) || is_terminal(&self.streams.stderr)
    }

    // --- The breaker -------------------------------------------------------

    /// How long the breaker holds this request back.
    fn delay(&mut self) -> Duration {
        if rustix::termios::isatty(&self.streams.stderr) {
            return Duration::ZERO;
        }
        match self.breaker().state(super::now(self.world), self.settings.delay_max) {
            State::Open(left) => {
                self.entry.delayed = left;
                left
            }
            State::Closed | State::HalfOpen => Duration::ZERO,
        }
    }

    fn breaker(&self) -> Breaker {
        let record = self.places.state.as_ref().and_then(|state| shared::record(state, &self.breaker_name()));
        let number = |name| record.as_ref().and_then(|record| record.number(name)).unwrap_or(0);
        Breaker { failures: number("failures") as u32, last: Duration::from_secs(number("last")) }
    }

    /// Identical requests have one breaker, wherever their folders lie.
    fn breaker_name(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(&self.target.identity);
        let folder = self.folder.as_ref().and_then(|(path, digests)| Some((path, digests.as_ref()?)));
        for arg in &self.world.args {
            let word = match folder {
                Some((path, digests)) if path.as_os_str() == arg => digests.sources.as_bytes(),
                _ => arg.as_bytes(),
            };
            digest.update((word.len() as u64).to_le_bytes());
            digest.update(word);
        }
        format!("{BREAKER}{}", target::hex(&digest.finalize()[..16]))
    }

    fn remember(&self, failed: bool) {
        let Some(state) = &self.places.state else { return };
        let (name, before) = (self.breaker_name(), self.breaker());
        if !failed {
            if before.failures > 0 {
                // It runs out by itself, if need be.
                let _ = state.remove(&name);
            }
            return;
        }
        let names = state.names().unwrap_or_default();
        let breakers = names.iter().filter(|name| name.starts_with(BREAKER));
        if breakers.clone().count() >= BREAKERS_MAX {
            breakers.for_each(|old| drop(state.remove(old)));
        }
        let after = before.failed(super::now(self.world), self.settings.delay_max);
        let record = Fields::default()
            .with("failures", after.failures.to_string())
            .with("last", after.last.as_secs().to_string())
            .with("command", self.command_text());
        shared::replace(state, &name, &record);
    }

    // --- Waiting -----------------------------------------------------------

    fn next(&self, time: Duration) -> Option<Signal> {
        // Beyond any request's life: the largest that the clock can add.
        let time = time.min(Duration::from_secs(1 << 30));
        self.signals.recv_timeout(time).ok()
    }

    fn wait(&mut self, time: Duration) -> Action {
        let end = Instant::now();
        loop {
            let left = time.saturating_sub(end.elapsed());
            let event = match self.next(left) {
                None => return self.flow.handle(Event::WaitOver, super::random()),
                Some(Signal::FrontGone) => Event::Abandoned,
                Some(Signal::Signalled(signal)) => Event::Signalled(signal),
                Some(Signal::TurnCame(_) | Signal::Ended(_)) => continue,
            };
            match self.flow.handle(event, super::random()) {
                Action::Nothing => {}
                action => return action,
            }
        }
    }

    fn holder(&self) -> Holder {
        Holder {
            number: 0,
            pid: std::os::unix::process::parent_id(),
            command: self.command_text(),
            since: super::now(self.world),
        }
    }

    fn command_text(&self) -> String {
        let words = crate::redact::arguments(crate::Tool::Pip3, self.world).args;
        let words: Vec<_> =
            words.into_iter().skip(1).map(std::os::unix::ffi::OsStringExt::from_vec).collect();
        arguments::for_people("pip3", &words, COMMAND_MAX)
    }

    /// Waits for its turn.
    fn stand_in_line(&mut self) -> Action {
        let started = Instant::now();
        let (holder, queue, sites, sender) =
            (self.holder(), self.queue.clone(), self.lockable(), self.sender.clone());
        if let Some(queue) = &queue {
            let about = Fields::default()
                .with("site", sites.first().map(|site| site.display().to_string()).unwrap_or_default());
            if queue.directory().size(ABOUT) == 0 {
                shared::replace(queue.directory(), ABOUT, &about);
            }
        }
        spawn(move || {
            let _ = sender.send(Signal::TurnCame(take_turn(queue.as_ref(), &holder, &sites)));
        });
        let mut told = false;
        loop {
            let limit = self.settings.lock_timeout;
            let patience = if told { limit } else { PATIENT_FOR.min(limit) };
            let signal = self.next(patience.saturating_sub(started.elapsed()));
            self.entry.waited = started.elapsed();
            let event = match signal {
                Some(Signal::TurnCame(Ok(turn))) => {
                    self.turn = Some(turn);
                    Event::TurnCame
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
            match self.flow.handle(event, super::random()) {
                Action::Nothing => {}
                action => return action,
            }
        }
    }

    /// The directories to lock themselves: those that exist, in a fixed order.
    fn lockable(&self) -> Vec<PathBuf> {
        let mut sites: Vec<PathBuf> =
            self.target.sites.iter().filter_map(|site| std::fs::canonicalize(site).ok()).collect();
        sites.sort();
        sites.dedup();
        sites
    }

    fn say_who(&self, what: &str) {
        let site = self
            .target
            .sites
            .first()
            .map_or_else(|| "this pip".to_owned(), |site| site.display().to_string());
        let first = self.queue.as_ref().and_then(|queue| queue.holders().into_iter().next());
        let who = match first {
            Some(holder) => {
                let age = super::now(self.world).saturating_sub(holder.since).as_secs();
                format!("process {}, {}, which came {age} s ago", holder.pid, holder.command)
            }
            None => "another process".to_owned(),
        };
        let limit = self.settings.lock_timeout.as_secs();
        self.say(&format!("{what} for {who}; both change {site} (LOOPSHIM_PIP_LOCK_TIMEOUT: {limit} s)"));
    }

    // --- The turn ----------------------------------------------------------

    /// Sees whether the answer of the run before is this one's too.
    fn examine(&mut self) -> Action {
        let shared = self.shareable().is_some();
        self.flow.handle(Event::Examined { shared }, super::random())
    }

    fn shareable(&mut self) -> Option<()> {
        let (folder, digests) = self.folder.as_ref()?;
        let queue = self.queue.as_ref()?;
        let ticket = self.turn.as_ref()?.ticket.as_ref()?.number;
        let likeness = self.likeness.clone()?;
        let answer = shared::load(queue.directory())?;
        let request = Request { likeness: Some(likeness), tree: digests.as_ref()?.all.clone(), ticket };
        // What is cheap to refuse is refused before anything is read again.
        let glance = Now { tree: Some(&request.tree), record: Some(&answer.finished.record) };
        if self.is_terminal() || !sharing::may_share(&request, &answer.finished, glance) {
            return None;
        }
        let tree = tree::digest(folder)?.all;
        let record = site::whole_record(&answer.dist_info)?;
        let now = Now { tree: Some(&tree), record: Some(&record) };
        if !sharing::may_share(&request, &answer.finished, now) {
            return None;
        }
        let here = std::env::current_dir().ok()?;
        let out = sharing::replayed(&answer.out, &answer.folder, folder, &here)?;
        let err = sharing::replayed(&answer.err, &answer.folder, folder, &here)?;
        self.entry.shared_with = Some(answer.pid);
        self.shared = Some(SharedAnswer { out, err, ..answer });
        Some(())
    }

    /// Cleans up, runs pip and judges what came of it.
    fn run_pip(&mut self) -> Action {
        if let Some(queue) = &self.queue {
            // Part 5 of the rule finds out where even this cannot be written.
            let _ = shared::forget(queue.directory());
        }
        self.prepare();
        let before = site::installed(&self.target.sites);
        let started = Instant::now();
        let (mut attempt, mut child) = match self.start() {
            Ok(started) => started,
            Err(error) => {
                self.say(&format!("{} cannot be run: {error}", self.original.path.display()));
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
        let ended = if stuck { Ended::Stuck } else { self.judge(&before, &out, &err, status) };
        self.entry.attempts.push((in_a_word(ended).to_owned(), started.elapsed()));
        self.last = Some((out, err, status));
        self.flow.handle(Event::Ended(ended), super::random())
    }

    fn prepare(&mut self) {
        if let Some(runtime) = &self.places.runtime {
            temporary::purge(runtime);
        }
        let names: &[String] = if self.change.action == PipAction::Install { &self.names } else { &[] };
        let repairs = clean::run(self.world, &self.places, &self.target.sites, names);
        self.entry.removed += repairs.removed.len();
        self.entry.quarantined.extend(repairs.quarantined);
        self.is_beyond_repair = !repairs.refused.is_empty();
        for refused in repairs.refused {
            if !self.entry.notes.contains(&refused) {
                self.entry.notes.push(refused);
            }
        }
        // A fresh one for each run: the one before goes with what pip left in it.
        self.temporary = None;
        self.temporary =
            self.places.runtime.as_ref().and_then(|runtime| Temporary::make(self.world, runtime).ok());
    }

    fn start(&self) -> io::Result<(Attempt, std::process::Child)> {
        // Who asks needs an answer: then pip talks to the caller itself.
        let asks = self.change.action == PipAction::Uninstall && !self.has_yes();
        let output =
            if self.is_terminal() || asks { Output::Inherited } else { Output::keep(&self.streams)? };
        let turn = self.turn.as_ref();
        let mut locks: Vec<&File> = turn.iter().flat_map(|turn| &turn.locks).collect();
        locks.extend(turn.and_then(|turn| turn.ticket.as_ref()).map(Ticket::file));
        locks.extend(self.temporary.as_ref().map(Temporary::file));
        let start = Start {
            world: self.world,
            original: &self.original,
            streams: &self.streams,
            locks: &locks,
            temporary: self.temporary.as_ref().map(Temporary::path),
            queue: &self.queue_name,
            watched: self.target.sites.iter().chain(&self.target.scripts).cloned().collect(),
        };
        Attempt::start(start, output)
    }

    fn has_yes(&self) -> bool {
        self.world.args.iter().any(|arg| {
            arg == "--yes"
                || (arg.as_bytes().starts_with(b"-")
                    && !arg.as_bytes().starts_with(b"--")
                    && arg.as_bytes().contains(&b'y'))
        })
    }

    /// Waits for the end of pip; whether it had to be ended.
    fn watch(&mut self, attempt: &mut Attempt) -> (ExitStatus, bool) {
        let limit = self.settings.stale;
        let interval = (limit / 20).clamp(Duration::from_millis(50), Duration::from_secs(30));
        let mut stuck = false;
        loop {
            match self.next(interval) {
                Some(Signal::Ended(status)) => return (status.unwrap_or_default(), stuck),
                Some(Signal::Signalled(signal)) => {
                    if let Action::Pass(signal) = self.flow.handle(Event::Signalled(signal), super::random())
                    {
                        let passed = attempt.pass(signal);
                        self.flow.handle(Event::Passed { passed }, super::random());
                    }
                }
                Some(Signal::FrontGone | Signal::TurnCame(_)) => {}
                None if !stuck && attempt.is_stuck(limit) => {
                    stuck = true;
                    let evidence = attempt.kill();
                    self.entry.notes.push(format!("no sign of life for {} s:\n{evidence}", limit.as_secs()));
                }
                None => {}
            }
        }
    }

    /// What pip's end amounts to.
    fn judge(&mut self, before: &[Installed], out: &[u8], err: &[u8], status: ExitStatus) -> Ended {
        let now = site::installed(&self.target.sites);
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
            let output = [out, err].concat();
            self.names.extend(failure::projects_without_record(&output));
            let class = match failure::classify(&output) {
                // What was not mended before will not be the next time.
                Class::NoRecord | Class::TornRecord | Class::TornMetadata if self.is_beyond_repair => {
                    Class::Other
                }
                class => class,
            };
            return Ended::Failed(class);
        }
        if self.change.action == PipAction::Uninstall || self.target.is_target_option {
            return Ended::Whole;
        }
        let faults = site::faults(&self.changed, &now);
        if faults.is_empty() {
            return Ended::Whole;
        }
        self.entry.notes.extend(faults.iter().take(5).cloned());
        let again = faults == self.faults;
        self.faults = faults;
        if again { Ended::NotWholeAgain } else { Ended::NotWhole }
    }

    // --- The end -----------------------------------------------------------

    fn finish(mut self, answer: Answer) {
        match answer {
            Answer::OfPip { failed } => {
                if !failed {
                    self.leave_answer();
                }
                if !self.flow.was_interrupted() {
                    self.remember(failed);
                }
                self.entry.result = if failed { "failed" } else { "ok" };
                self.release();
                self.tell_pips_answer();
            }
            Answer::Shared => {
                self.entry.result = "shared";
                self.remember(false);
                self.release();
                if let Some(answer) = self.shared.take() {
                    self.tell(&answer.out, &answer.err);
                }
                let _ = Message::Status(0).send(&self.channel);
            }
            Answer::TimedOut => self.end_without_pip("timed-out", Message::Status(1), 1),
            Answer::Signal(signal) => self.end_without_pip("signalled", Message::Signal(signal), -signal),
            Answer::Abandoned => self.end_without_pip("abandoned", Message::Status(1), 1),
        }
        self.keep_house();
    }

    fn end_without_pip(&mut self, result: &'static str, message: Message, status: i32) {
        (self.entry.result, self.entry.status) = (result, status);
        self.release();
        // Nobody may be there to read it.
        let _ = message.send(&self.channel);
    }

    /// Lets the next one have its turn.
    fn release(&mut self) {
        let parent = self
            .temporary
            .take()
            .map(|temporary| (temporary.path().to_owned(), temporary.parent().to_owned()));
        if let (Some((path, parent)), Some((out, err, _))) = (parent, &mut self.last) {
            // The caller knows nothing of a private directory.
            for stream in [out, err] {
                *stream = replace(stream, path.as_os_str().as_bytes(), parent.as_os_str().as_bytes());
            }
        }
        if let Some(turn) = self.turn.take() {
            drop(turn.locks);
            if let Some(ticket) = turn.ticket {
                ticket.leave();
            }
        }
    }

    /// Leaves the answer for identical requests that are already waiting.
    fn leave_answer(&mut self) {
        let Some(queue) = &self.queue else { return };
        let (Some(likeness), Some((folder, Some(digests))), [installed], Some((out, err, _))) =
            (&self.likeness, &self.folder, self.changed.as_slice(), &self.last)
        else {
            return;
        };
        let (Some(last_ticket), false) = (queue.last_drawn(), self.is_terminal()) else { return };
        let Some(record) = site::read(&installed.path.join("RECORD")) else { return };
        let private = self.temporary.as_ref().map(|one| {
            (one.path().as_os_str().as_bytes().to_vec(), one.parent().as_os_str().as_bytes().to_vec())
        });
        let public = |bytes: &Vec<u8>| match &private {
            Some((path, parent)) => replace(bytes, path, parent),
            None => bytes.clone(),
        };
        let answer = SharedAnswer {
            finished: Finished {
                likeness: likeness.clone(),
                tree: digests.all.clone(),
                last_ticket,
                record: target::hex(&Sha256::digest(&record)),
            },
            folder: folder.clone(),
            dist_info: installed.path.clone(),
            out: public(out),
            err: public(err),
            pid: std::process::id(),
        };
        shared::store(queue.directory(), &answer);
    }

    fn tell(&self, out: &[u8], err: &[u8]) {
        // The front may be gone: then nobody wants to know.
        let _ = channel::send_output(&self.channel, out, Message::Out);
        let _ = channel::send_output(&self.channel, err, Message::Err);
    }

    /// Shows what the last run of pip showed, and ends as it did.
    fn tell_pips_answer(&mut self) {
        let Some((out, err, status)) = self.last.take() else { return };
        self.tell(&out, &err);
        let mut end = match (status.code(), status.signal()) {
            (Some(code), _) => Message::Status(code),
            (None, Some(signal)) => Message::Signal(signal),
            (None, None) => Message::Status(1),
        };
        match self.flow.held() {
            // What pip says and does when it is interrupted; only later.
            Some(SIGINT) => {
                let _ = Message::Err(b"ERROR: Operation cancelled by user\n".to_vec()).send(&self.channel);
                end = Message::Status(1);
            }
            Some(signal) => end = Message::Signal(signal),
            None => {}
        }
        self.entry.status = match end {
            Message::Status(status) => status,
            Message::Signal(signal) => -signal,
            _ => 0,
        };
        let _ = end.send(&self.channel);
    }

    /// What the caller need not wait for.
    fn keep_house(&mut self) {
        if let Some(state) = &self.places.state {
            if let Some((folder, Some(digests))) = &self.folder {
                orphans::note(self.world, state, folder, &digests.sources);
            }
            let removed = orphans::collect(self.world, self.settings, state);
            self.entry
                .notes
                .extend(removed.iter().map(|path| format!("removed the orphan {}", path.display())));
        }
        if let Some(log) = &self.places.log {
            self.entry.write(self.world, log);
        }
    }
}

fn take_turn(queue: Option<&Queue>, holder: &Holder, sites: &[PathBuf]) -> io::Result<Turn> {
    // A queue that cannot be written leaves the directories' own locks.
    let ticket = queue.and_then(|queue| queue.draw(holder).ok());
    if let Some(ticket) = &ticket {
        ticket.wait()?;
    }
    Ok(Turn { ticket, locks: queue::lock_directories(sites) })
}

/// The projects that the arguments name, as far as they can be known.
fn wanted_names(world: &World, change: &Change) -> Vec<String> {
    let operands = change.operands.iter().filter_map(|&at| world.args.get(at));
    let names = operands.filter_map(|operand| {
        let path = Path::new(operand);
        if arguments::is_local(operand) && path.is_dir() {
            return shared::project_in(path);
        }
        distribution::of_operand(operand)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
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

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = sharing::find(rest, from) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// Starts a thread. Without one there is no supervision: the front, which sees
/// us end, starts another supervisor.
fn spawn(work: impl FnOnce() + Send + 'static) {
    if thread::Builder::new().stack_size(256 << 10).spawn(work).is_err() {
        std::process::exit(1);
    }
}
