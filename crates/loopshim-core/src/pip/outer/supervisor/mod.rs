//! The supervisor: in a session of its own it takes a request whose turn it is
//! through as many runs of pip as it needs, and tells the front the end of it.
//! The decisions are [`Flow`]'s.

mod answer;
mod turn;

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

use super::channel::{self, Message, SIGNALLED};
use super::request::Request;
use super::site::Installed;
use super::temporary::Temporary;
use super::turn::Turn;
use super::{caller, front};
use crate::pip::arguments::{self, Command};
use crate::pip::fields::Fields;
use crate::pip::flow::{Action, Event, Flow};
use crate::pip::settings::Settings;
use crate::{Ending, World};

/// Takes the place of a supervisor, if that is what we were started as.
pub fn answer_front(world: &mut World, settings: &Settings) -> Option<Ending> {
    if world.args.first().is_none_or(|arg| arg != front::SUPERVISE) {
        return None;
    }
    // Typed by somebody: an argument like any other, which pip will refuse.
    let (files, fields) = channel::receive_request(io::stdin()).ok()?;
    world.args.remove(0);
    // Already a leader: then it is our session.
    let _ = rustix::process::setsid();
    super::processes::keep_children();
    if run(world, settings, files, &fields).is_none() {
        // There was one when the front looked.
        let _ = Message::Err(caller::in_our_name("the real pip is gone").into_bytes()).send(io::stdin());
        let _ = Message::Status(1).send(io::stdin());
    }
    Some(Ending::Status(0))
}

/// Runs the request that a front has handed down; `None` where that cannot be.
fn run(world: &World, settings: &Settings, files: Vec<OwnedFd>, fields: &Fields) -> Option<()> {
    let original = super::real::find(world, settings, crate::original::find)?;
    let Command::Change(change) = arguments::parse(&world.args) else { return None };
    let request = Request::taken_over(world, settings, &original, &change, fields)?;
    let mut files = files.into_iter();
    let stdin = files.next()?;
    let ticket = match (fields.number("ticket"), &request.queue) {
        (Some(number), Some(queue)) => Some(queue.taken_over(number, files.next()?.into())),
        _ => None,
    };
    let turn = Turn { ticket, locks: files.map(Into::into).collect(), dead: Vec::new() };
    Supervisor::new(request, turn, stdin).run();
    Some(())
}

/// What reaches the supervisor.
enum Signal {
    /// The front was signalled.
    FrontSignalled,
    Signalled(i32),
    Ended(io::Result<ExitStatus>),
}

struct Supervisor<'w> {
    request: Request<'w>,
    /// The caller's standard input; its output is this process's own.
    stdin: OwnedFd,
    sender: Sender<Signal>,
    signals: Receiver<Signal>,
    /// Names of the projects that are to be installed, as far as known.
    names: Vec<String>,
    flow: Flow,
    turn: Turn,
    temporary: Option<Temporary>,
    /// Output and status of the last run.
    last: Option<(Vec<u8>, Vec<u8>, ExitStatus)>,
    faults: Vec<String>,
    changed: Vec<Installed>,
    /// Whether something that is broken had to be left as it is.
    is_beyond_repair: bool,
}

impl<'w> Supervisor<'w> {
    fn new(request: Request<'w>, turn: Turn, stdin: OwnedFd) -> Self {
        let (sender, signals) = mpsc::channel();
        Self {
            stdin,
            sender,
            signals,
            names: request.names(),
            flow: Flow::at_its_turn(request.settings.attempts),
            request,
            turn,
            temporary: None,
            last: None,
            faults: Vec::new(),
            changed: Vec::new(),
            is_beyond_repair: false,
        }
    }

    fn run(mut self) {
        self.listen();
        let mut action = self.flow.handle(Event::Examined { shared: false }, super::random());
        loop {
            action = match action {
                Action::Run => self.run_pip(),
                Action::Wait(time) => self.pause(time),
                Action::Finish(answer) => return self.finish(answer),
                other => unreachable!("{other:?} when it is its turn"),
            };
        }
    }

    /// Has threads tell of signals: the front's, and this process's own.
    fn listen(&self) {
        let sender = self.sender.clone();
        spawn(move || {
            let stdin = io::stdin();
            let mut letter = [0];
            // Until the front is gone: what pip does goes on all the same.
            while matches!(rustix::io::retry_on_intr(|| rustix::io::read(&stdin, &mut letter)), Ok(1)) {
                let signal = match letter[0] {
                    SIGNALLED => Signal::FrontSignalled,
                    number => Signal::Signalled(number.into()),
                };
                let _ = sender.send(signal);
            }
        });
        let sender = self.sender.clone();
        if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) {
            spawn(move || {
                for signal in signals.forever() {
                    let _ = sender.send(Signal::Signalled(signal));
                }
            });
        }
    }

    /// What happens next; `None` when nothing did for that long.
    fn next(&self, time: Duration) -> Option<Signal> {
        self.signals.recv_timeout(time).ok()
    }

    /// Has the front say by which signal it was signalled.
    fn ask_which(&self) {
        // One that is gone wants nothing more.
        let _ = Message::Which.send(io::stdin());
    }

    /// Waits between two runs.
    fn pause(&mut self, time: Duration) -> Action {
        let started = Instant::now();
        loop {
            match self.next(time.saturating_sub(started.elapsed())) {
                None => return self.flow.handle(Event::WaitOver, super::random()),
                Some(Signal::FrontSignalled) => self.ask_which(),
                Some(Signal::Signalled(signal)) => {
                    self.flow.handle(Event::Signalled(signal), super::random());
                }
                Some(Signal::Ended(_)) => {}
            }
        }
    }

    /// Tells people something, on standard error.
    fn say(&self, text: &str) {
        // Nobody may be there to read it.
        let _ = Message::Err(caller::in_our_name(text).into_bytes()).send(io::stdin());
    }
}

/// Starts a thread. Without one there is no supervision: the front, which sees
/// us end, asks for its turn again.
fn spawn(work: impl FnOnce() + Send + 'static) {
    if super::start(work).is_err() {
        std::process::exit(1);
    }
}
