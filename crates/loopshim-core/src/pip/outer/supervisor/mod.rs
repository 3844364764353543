//! The supervisor: in a session of its own it takes a request through the queue
//! and through as many runs of pip as it needs, and tells the front the end of
//! it. The decisions are [`Flow`]'s.

mod answer;
pub mod breaker;
pub(in crate::pip) mod line;
mod share;
mod turn;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};

use super::attempt::HELD_VARIABLE;
use super::channel::{self, Message, Streams};
use super::ledger::Entry;
use super::places::Places;
use super::queue::{Queue, Ticket};
use super::shared::{self, Answer as SharedAnswer};
use super::site::Installed;
use super::target::{self, Target};
use super::temporary::Temporary;
use super::tree::{self, Digests};
use super::{front, orphans, processes};
use crate::pip::arguments::{self, Change, Command};
use crate::pip::distribution;
use crate::pip::fields::Fields;
use crate::pip::flow::{Action, Event, Flow};
use crate::pip::settings::Settings;
use crate::{Ending, Original, World};

/// What a queue is of: a file in its directory.
pub const ABOUT: &str = "about";

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
pub(in crate::pip) struct Turn {
    pub(in crate::pip) ticket: Option<Ticket>,
    pub(in crate::pip) locks: Vec<File>,
}

impl Turn {
    /// Lets the next one have its turn.
    pub(in crate::pip) fn leave(self) {
        drop(self.locks);
        if let Some(ticket) = self.ticket {
            ticket.leave();
        }
    }
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
        let target = target::find(world, &world.args, &original, &change, places.runtime.as_ref());
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
        let flow = Flow::new(settings.attempts, settings.delay_max);
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
        self.note_source();
        let delay = self.delay();
        self.entry.delayed = delay;
        let mut action = self.flow.handle(Event::Arrived(delay), super::random());
        loop {
            action = match action {
                Action::Finish(answer) => return self.finish(answer),
                Action::Wait(time) => self.wait(time),
                Action::StepBack(time) => self.step_back(time),
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

    /// Notes the folder that is to be installed: now, for we may not live to.
    fn note_source(&self) {
        if let (Some(state), Some((folder, Some(digests)))) = (&self.places.state, &self.folder) {
            orphans::note(self.world, state, folder, &digests.sources);
        }
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

/// Starts a thread. Without one there is no supervision: the front, which sees
/// us end, starts another supervisor.
fn spawn(work: impl FnOnce() + Send + 'static) {
    if thread::Builder::new().stack_size(256 << 10).spawn(work).is_err() {
        std::process::exit(1);
    }
}
