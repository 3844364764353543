//! Processes, files and clocks of `pip3`.

pub mod attempt;
pub mod breaker;
pub mod builds;
pub mod bypassing;
pub mod caller;
pub mod channel;
pub mod clean;
pub mod front;
pub mod ledger;
pub mod orphans;
pub mod places;
pub mod processes;
pub mod quarantine;
pub mod queue;
pub mod real;
pub mod request;
pub mod shared;
pub mod site;
pub mod status;
pub mod supervisor;
pub mod target;
pub mod temporary;
pub mod tree;
pub mod turn;
pub mod waiting;

use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::OFlags;

use crate::World;

/// How long a lack of files, processes or memory is waited out.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opens a plain file in a folder that somebody else may change meanwhile: not
/// through a symbolic link, and without waiting for the other end of a FIFO.
///
/// # Errors
/// When it cannot be opened, or is no plain file.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::options().read(true).custom_flags(flags.bits() as i32).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// Does what needs a file or a process, and again for a while where there are
/// none left to be had.
///
/// # Errors
/// The last one, when it is of another kind or has not gone away in time.
pub fn patiently<T>(mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut pause = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        match act() {
            Err(error) if is_shortage(&error) && waited < PATIENCE => {
                std::thread::sleep(pause);
                waited += pause;
                pause = (pause * 2).min(Duration::from_secs(1));
            }
            result => return result,
        }
    }
}

/// Whether an error says that there is none left of something that comes back.
pub(in crate::pip) fn is_shortage(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let shortages = [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM, Errno::TOOMANYREFS];
    error.raw_os_error().is_some_and(|code| shortages.iter().any(|errno| errno.raw_os_error() == code))
}

/// Starts a thread, once there is room for one.
///
/// # Errors
/// When there is none for a while.
pub fn start(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // A thread that cannot be started drops what it was given.
    let work = Arc::new(Mutex::new(Some(work)));
    patiently(|| {
        let work = Arc::clone(&work);
        let run = move || {
            let work = work.lock().ok().and_then(|mut work| work.take());
            if let Some(work) = work {
                work();
            }
        };
        std::thread::Builder::new().stack_size(256 << 10).spawn(run).map(drop)
    })
}

/// Time since 1970.
pub fn now(world: &World) -> Duration {
    (world.clock)().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A random number, good enough for names and pauses.
pub fn random() -> u64 {
    // Its keys are the kernel's random bytes.
    std::hash::RandomState::new().build_hasher().finish()
}
