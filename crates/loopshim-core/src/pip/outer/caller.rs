//! What the caller sees of us: its own standard output and error.

use std::io::{self, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// pip's words where nobody reads its standard output (pip 18 to 25).
const BROKEN_PIPE: &[u8] = b"ERROR: Pipe to stdout was broken\n";

/// The caller, as far as it has been told.
#[derive(Debug, Default)]
pub struct Caller {
    /// Nobody reads standard output.
    is_broken: bool,
}

impl Caller {
    /// Shows bytes on standard output.
    pub fn out(&mut self, bytes: &[u8]) {
        if !self.is_broken {
            self.is_broken = write_out(bytes).is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        }
    }

    /// Shows bytes on standard error.
    pub fn err(&self, bytes: &[u8]) {
        // pip does not notice either when nobody reads its errors.
        let _ = io::stderr().write_all(bytes);
    }

    /// The status to end with, where pip's was this one: what pip says and does
    /// when nobody reads its output; only that by now it is through, and has not
    /// stopped half-way.
    pub fn status(&self, status: u8) -> u8 {
        if self.is_broken {
            self.err(BROKEN_PIPE);
            return 1;
        }
        status
    }
}

/// Past the world's own streams, which have a closed pipe kill us, as C programs
/// die; Python does not.
fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Tells people something, on standard error; not where that would have to wait
/// for a reader, for whoever says something may hold up others meanwhile.
pub fn tell(text: &str) {
    let stderr = io::stderr();
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let is_ready = poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&at_once));
    if is_ready.is_ok_and(|ready| ready > 0) {
        // Nobody may be there to read it.
        let _ = stderr.lock().write_all(in_our_name(text).as_bytes());
    }
}

/// A line of ours: pip has none that begins so.
pub fn in_our_name(text: &str) -> String {
    format!("pip3: loopshim: {text}\n")
}
