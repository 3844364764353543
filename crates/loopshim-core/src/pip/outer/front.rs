//! The front: the process the caller started. It has a supervisor do the work
//! in a session of its own, shows what that says, and ends as pip did. Killed
//! or hung up on, it takes nothing with it.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::{Ending, World};

use super::channel::{self, Message};

/// The first argument that makes a supervisor of us, together with a socket for
/// standard input.
pub const SUPERVISE: &str = "--loopshim-supervise";

/// How many supervisors may die under one request.
const SUPERVISORS_MAX: u32 = 4;

/// pip's words where nobody reads its standard output (pip 18 to 25).
const BROKEN_PIPE: &[u8] = b"ERROR: Pipe to stdout was broken\n";

/// How much longer each further one is waited for.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a signal waits for a supervisor to hand it to.
const START_MAX: Duration = Duration::from_secs(5);

/// Has the invocation supervised and answers as pip would.
pub fn run(world: &mut World) -> Ending {
    let supervisor = Arc::new(Supervisor::default());
    pass_on_signals(&supervisor);
    let mut last_error = None;
    for number in 0..SUPERVISORS_MAX {
        std::thread::sleep(PAUSE * number);
        match supervised(world, &supervisor) {
            Ok(Message::Status(status)) => return Ending::Status(status as u8),
            Ok(Message::Signal(signal)) => return die_of(signal),
            Ok(Message::Execute) => return execute(world),
            Ok(Message::Out(_) | Message::Err(_)) => {}
            // The supervisor was killed: what its pip is doing goes on to its end
            // under the lock, and the next supervisor waits for it and mends.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                // Unless the caller ended it before it could listen to signals.
                if let signal @ 1.. = supervisor.signal.load(Ordering::SeqCst) {
                    return die_of(signal);
                }
                last_error = Some(error);
            }
            Err(error) => return super::super::refuse(world, &format!("cannot start pip: {error}"), 1),
        }
    }
    let reason = last_error.map_or_else(String::new, |error| error.to_string());
    super::super::refuse(
        world,
        &format!("its supervisors were killed, {SUPERVISORS_MAX} of them {reason}"),
        1,
    )
}

/// What the thread for signals shares with the rest.
#[derive(Debug, Default)]
struct Supervisor {
    /// Its number, while there is one.
    pid: Mutex<Option<Pid>>,
    /// A supervisor was started.
    started: Condvar,
    /// The last signal for it; zero for none.
    signal: AtomicI32,
}

impl Supervisor {
    /// Hands a signal to it, as soon as there is one.
    fn pass(&self, signal: i32) {
        self.signal.store(signal, Ordering::SeqCst);
        let Some(signal) = Signal::from_named_raw(signal) else { return };
        let lacking = |pid: &mut Option<Pid>| pid.is_none();
        // Nobody panics with the lock held.
        let Ok(pid) = self.pid.lock() else { return };
        if let Ok((pid, _)) = self.started.wait_timeout_while(pid, START_MAX, lacking)
            && let Some(pid) = *pid
        {
            // It may just have ended.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    /// Says which process it is by now.
    fn is_now(&self, pid: Option<Pid>) {
        if let Ok(mut known) = self.pid.lock() {
            *known = pid;
        }
        self.started.notify_all();
    }
}

/// Starts a supervisor and shows what it sends, up to its last message.
fn supervised(world: &World, supervisor: &Supervisor) -> io::Result<Message> {
    let (ours, theirs) = super::patiently(UnixStream::pair)?;
    let mut child = super::patiently(|| start(world, theirs.try_clone()?.into()))?;
    drop(theirs);
    supervisor.is_now(Pid::from_raw(child.id() as i32));
    let shown = show(&ours);
    if shown.is_err() {
        // It may be busy dying; its successor must find it dead.
        let _ = child.kill();
        supervisor.is_now(None);
        let _ = child.wait();
    }
    shown
}

fn start(world: &World, channel: OwnedFd) -> io::Result<Child> {
    let mut command = Command::new(world.proc.join("self/exe"));
    command.arg0(&world.program).arg(SUPERVISE).args(&world.args).stdin(Stdio::from(channel));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

fn show(channel: &UnixStream) -> io::Result<Message> {
    channel::send_streams(channel)?;
    let mut is_broken = false;
    loop {
        match Message::receive(channel)? {
            Message::Out(_) if is_broken => {}
            Message::Out(bytes) => is_broken = is_broken_pipe(write_out(&bytes)),
            // pip does not notice either when nobody reads its errors.
            Message::Err(bytes) => drop(io::stderr().write_all(&bytes)),
            // What pip says and does when nobody reads its output; only that by
            // now it is through, and has not stopped half-way.
            Message::Status(_) if is_broken => {
                let _ = io::stderr().write_all(BROKEN_PIPE);
                return Ok(Message::Status(1));
            }
            last => return Ok(last),
        }
    }
}

/// Past the world's own streams, which have a closed pipe kill us, as C programs
/// die; Python does not.
fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn is_broken_pipe(written: io::Result<()>) -> bool {
    written.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Hands SIGINT and SIGTERM to the supervisor, unless they were ignored when we
/// were started: then pip ignores them too.
fn pass_on_signals(supervisor: &Arc<Supervisor>) {
    let ignored = super::processes::ignored_signals();
    let wanted: Vec<i32> =
        [SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0).collect();
    let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
    let supervisor = Arc::clone(supervisor);
    // Without a thread the signals are held back until pip is through.
    let _ = std::thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            supervisor.pass(signal);
        }
    });
}

/// Ends this process as the signal would have.
fn die_of(signal: i32) -> Ending {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    // A signal that kills nobody was none that pip died of.
    Ending::Status(128_u8.wrapping_add(signal as u8))
}

/// Nothing to supervise, after all.
fn execute(world: &mut World) -> Ending {
    let settings = crate::pip::settings::Settings::read(|name| world.var(name));
    let original =
        settings.ok().and_then(|settings| super::real::find(world, &settings, crate::original::find));
    match original {
        Some(original) => Ending::Original(original),
        None => super::super::refuse(world, &"the real pip is gone", super::super::NOT_FOUND),
    }
}
