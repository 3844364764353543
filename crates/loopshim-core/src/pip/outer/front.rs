//! The front: the process the caller started. It waits for its turn, has a
//! supervisor run pip in a session of its own, shows what that says, and ends as
//! pip did. Killed or hung up on once pip runs, it takes nothing with it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::pip::arguments::Change;
use crate::pip::fields::Fields;
use crate::pip::settings::Settings;
use crate::{Ending, Original, World};

use super::caller::Caller;
use super::channel::{self, Message};
use super::request::Request;
use super::turn::Turn;
use super::waiting::{self, Manners, Outcome};

/// The first argument that makes a supervisor of us, together with a socket for
/// standard input.
pub const SUPERVISE: &str = "--loopshim-supervise";

/// How many supervisors may die under one request.
const SUPERVISORS_MAX: u32 = 4;

/// How much longer each further one is waited for.
const PAUSE: Duration = Duration::from_millis(100);

/// Has the change made and answers as pip would.
pub fn run(world: &mut World, settings: &Settings, original: Original, change: &Change) -> Ending {
    super::processes::keep_children();
    let manners = match Manners::of_waiting() {
        Ok(manners) => manners,
        Err(error) => return cannot_start(world, &error),
    };
    let mut last_error = None;
    for number in 0..SUPERVISORS_MAX {
        std::thread::sleep(PAUSE * number);
        let mut request = Request::new(world, settings, &original, change);
        if request.is_inside_its_own_turn() {
            return Ending::Original(original);
        }
        let turn = match waiting::wait(&mut request) {
            Outcome::Answered(ending) => return ending,
            Outcome::Ready(turn) => turn,
        };
        let supervised = supervised(&request, turn, &manners);
        drop(request);
        match supervised {
            Ok(ending) => return ending,
            // The supervisor was killed: what its pip is doing goes on to its end
            // under the lock, and we wait for it and mend.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => last_error = Some(error),
            Err(error) => return cannot_start(world, &error),
        }
    }
    let reason = last_error.map_or_else(String::new, |error| error.to_string());
    super::super::refuse(
        world,
        &format!("its supervisors were killed, {SUPERVISORS_MAX} of them {reason}"),
        1,
    )
}

fn cannot_start(world: &mut World, error: &io::Error) -> Ending {
    super::super::refuse(world, &format!("cannot start pip: {error}"), 1)
}

/// Hands the turn to a supervisor and shows what it sends, up to its last message.
fn supervised(request: &Request<'_>, turn: Turn, manners: &Manners) -> io::Result<Ending> {
    let (ours, theirs) = super::patiently(UnixStream::pair)?;
    hand_down(&ours, request, &turn)?;
    // A signal before this ends us, and the turn with us. From here on it goes to
    // the supervisor, to be read behind the request.
    let signals = Signals::pass_on(&ours)?;
    manners.wait(false);
    let started = super::patiently(|| start(request.world, theirs.try_clone()?.into()));
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            turn.leave();
            return Err(error);
        }
    };
    drop(theirs);
    // It is the supervisor's and pip's alone, and ends with them.
    drop(turn);
    let shown = show(&ours, &signals);
    if shown.is_err() {
        manners.wait(true);
        // It may be busy dying; its successor must find it dead.
        let _ = child.kill();
        let _ = child.wait();
        if let signal @ 1.. = signals.last() {
            // It was killed before it could be told: nobody was.
            return Ok(die_of(signal));
        }
    }
    shown
}

/// Sends all that the supervisor needs, before there is one.
fn hand_down(to: &UnixStream, request: &Request<'_>, turn: &Turn) -> io::Result<()> {
    let stdin = io::stdin();
    let mut files: Vec<BorrowedFd<'_>> = vec![stdin.as_fd()];
    let mut fields: Fields = request.handed_down();
    if let Some(ticket) = &turn.ticket {
        files.push(ticket.file().as_fd());
        fields = fields.with("ticket", ticket.number.to_string());
    }
    files.extend(turn.locks.iter().map(AsFd::as_fd));
    channel::send_request(to, &files, &fields)
}

/// Starts a supervisor. Its standard output and error are the caller's, for pip.
fn start(world: &World, channel: OwnedFd) -> io::Result<Child> {
    let mut command = Command::new(world.proc.join("self/exe"));
    command.arg0(&world.program).arg(SUPERVISE).args(&world.args).stdin(Stdio::from(channel));
    command.spawn()
}

fn show(channel: &UnixStream, signals: &Signals) -> io::Result<Ending> {
    let mut caller = Caller::default();
    loop {
        match Message::receive(channel)? {
            Message::Out(bytes) => caller.out(&bytes),
            Message::Err(bytes) => caller.err(&bytes),
            // One that is gone is read to its end.
            Message::Which => drop(channel::say_which(channel, signals.last())),
            Message::Status(status) => return Ok(Ending::Status(caller.status(status as u8))),
            Message::Signal(signal) => return Ok(die_of(signal)),
        }
    }
}

/// SIGINT and SIGTERM, for as long as they are passed on; not where they were
/// ignored when we were started: then pip ignores them too.
struct Signals {
    /// The last one; zero for none.
    last: Arc<AtomicUsize>,
    actions: Vec<SigId>,
}

impl Signals {
    /// Has the handlers themselves tell the supervisor: no thread, no pipe.
    fn pass_on(channel: &UnixStream) -> io::Result<Self> {
        let mut signals = Self { last: Arc::default(), actions: Vec::new() };
        for signal in super::processes::not_ignored([SIGINT, SIGTERM]) {
            let last = Arc::clone(&signals.last);
            signals.actions.push(signal_hook::flag::register_usize(signal, last, signal as usize)?);
            let told = super::patiently(|| channel.try_clone())?;
            signals.actions.push(signal_hook::low_level::pipe::register(signal, told)?);
        }
        Ok(signals)
    }

    fn last(&self) -> i32 {
        self.last.load(Ordering::SeqCst) as i32
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for action in self.actions.drain(..) {
            signal_hook::low_level::unregister(action);
        }
    }
}

/// Ends this process as the signal would have.
fn die_of(signal: i32) -> Ending {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    // A signal that kills nobody was none that pip died of.
    Ending::Status(128_u8.wrapping_add(signal as u8))
}
