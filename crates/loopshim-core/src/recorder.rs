//! `/var/log/loopshim/calls.jsonl`: what callers ran and what they saw, for
//! every shim, when `config.json` says `"record": true`. One JSON object a
//! line, appended by a single write:
//!
//! ```json
//! {"time":1795223605.104512,"tool":"ipmitool","argv":["ipmitool","fru","print","0"],"cwd":"/root","uid":0,
//!  "callers":["sh","sshd"],"original":null,"status":0,"duration_us":412,"stdout":"…","stderr":"","cut":[]}
//! ```
//!
//! Recording never changes what the caller sees: standard input is left alone,
//! output is passed on first and copied second, and a failure to record is
//! silent. Where the shim becomes the original, the record is written before
//! that happens and has `"original"` set and no status, duration or output: to
//! have those, the shim would have to stand between the original and the
//! caller's terminal, signals and interleaving of streams, and that would show.

use std::cell::RefCell;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::json::Line;
use crate::octets::Octets;
use crate::rotated::Rotated;
use crate::trusted::TrustedDir;
use crate::{Tool, World, config, redact};

/// The directory the recordings are in.
pub const DIRECTORY: &str = "/var/log/loopshim";
/// The current file; older ones have `.1`, `.2` … added, oldest last.
pub const FILE: &str = "calls.jsonl";
/// Held while files are renamed.
const LOCK: &str = "calls.lock";

/// Longest chain of callers noted.
const CALLERS_MAX: usize = 16;

/// An invocation being recorded.
pub struct Recorder {
    bounds: config::Recorder,
    started: SystemTime,
    callers: Vec<Octets>,
    stdout: Rc<RefCell<Capture>>,
    stderr: Rc<RefCell<Capture>>,
}

/// How an invocation ended, as far as the shim can know.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// With this status.
    Status(u8),
    /// By becoming the original.
    Original(&'a Path),
}

impl Recorder {
    /// Starts to record: from here on `world`'s output is copied.
    pub fn start(world: &mut World, bounds: &config::Recorder) -> Self {
        let limit = bounds.output_bytes.get() as usize;
        let recorder = Self {
            bounds: bounds.clone(),
            started: (world.clock)(),
            callers: callers(&world.proc),
            stdout: Rc::new(RefCell::new(Capture::new(limit))),
            stderr: Rc::new(RefCell::new(Capture::new(limit))),
        };
        tee(&mut world.stdout, &recorder.stdout);
        tee(&mut world.stderr, &recorder.stderr);
        recorder
    }

    /// Writes the record, or, where that fails, nothing.
    pub fn finish(&self, world: &World, tool: Tool, ending: Ending<'_>) {
        // There is nobody to tell: the caller must see the original's output only.
        let _ = self.try_finish(world, tool, ending);
    }

    fn try_finish(&self, world: &World, tool: Tool, ending: Ending<'_>) -> io::Result<()> {
        let mut line = self.record(world, tool, ending).line();
        line.push(b'\n');
        let directory = TrustedDir::open_or_make(world, DIRECTORY, 0o700)?;
        let (size, count) = (self.bounds.file_bytes.get(), self.bounds.files.get());
        Rotated { directory: &directory, file: FILE, lock: LOCK, size, count }.append(&line)
    }

    fn record(&self, world: &World, tool: Tool, ending: Ending<'_>) -> Record {
        let words = redact::arguments(tool, world);
        let (argv, argv_cut) = bounded(&words.args, self.bounds.output_bytes.get() as usize);
        let (stdout, stderr) = (self.stdout.borrow(), self.stderr.borrow());
        let cuts = [("argv", argv_cut), ("stdout", stdout.is_cut()), ("stderr", stderr.is_cut())];
        let (original, status) = match ending {
            Ending::Status(status) => (None, Some(status)),
            Ending::Original(path) => (Some(Octets::from(path.as_os_str().as_bytes())), None),
        };
        let output = |capture: &Capture| status.map(|_| Octets::from(&*words.conceal(&capture.bytes)));
        Record {
            time: self.started.duration_since(UNIX_EPOCH).unwrap_or_default(),
            tool: tool.name(),
            argv,
            cwd: std::fs::read_link(world.proc.join("self/cwd"))
                .ok()
                .map(|path| Octets::from(path.as_os_str().as_bytes())),
            uid: rustix::process::getuid().as_raw(),
            callers: self.callers.clone(),
            original,
            status,
            duration_us: status.map(|_| elapsed(self.started, (world.clock)()).as_micros() as u64),
            stdout: output(&stdout),
            stderr: output(&stderr),
            cut: cuts.into_iter().filter(|(_, is_cut)| *is_cut).map(|(name, _)| name).collect(),
        }
    }
}

/// One line of the file.
struct Record {
    /// Start, since 1970.
    time: Duration,
    tool: &'static str,
    argv: Vec<Octets>,
    cwd: Option<Octets>,
    /// The user who called, before any set-user-id.
    uid: u32,
    /// Names of the parent processes, nearest first.
    callers: Vec<Octets>,
    /// The program the shim became.
    original: Option<Octets>,
    status: Option<u8>,
    duration_us: Option<u64>,
    stdout: Option<Octets>,
    stderr: Option<Octets>,
    /// Which of argv, stdout and stderr are longer than what is kept.
    cut: Vec<&'static str>,
}

impl Record {
    fn line(&self) -> Vec<u8> {
        let octets = |line: &mut Line, octets: &Octets| octets.write(line);
        let mut line = Line::new();
        let (seconds, micros) = (self.time.as_secs(), self.time.subsec_micros());
        line.member("time").plain(format_args!("{seconds}.{micros:06}"));
        line.member("tool").text(self.tool);
        line.member("argv").array(&self.argv, octets);
        line.member("cwd").optional(self.cwd.as_ref(), octets);
        line.member("uid").plain(format_args!("{}", self.uid));
        line.member("callers").array(&self.callers, octets);
        line.member("original").optional(self.original.as_ref(), octets);
        line.member("status").optional(self.status, |line, status| line.plain(format_args!("{status}")));
        line.member("duration_us")
            .optional(self.duration_us, |line, time| line.plain(format_args!("{time}")));
        line.member("stdout").optional(self.stdout.as_ref(), octets);
        line.member("stderr").optional(self.stderr.as_ref(), octets);
        line.member("cut").array(&self.cut, |line, name| line.text(name));
        line.finish()
    }
}

fn elapsed(start: SystemTime, end: SystemTime) -> Duration {
    end.duration_since(start).unwrap_or_default()
}

/// As many leading arguments as fit in `limit` bytes, and whether some did not.
fn bounded(args: &[Vec<u8>], limit: usize) -> (Vec<Octets>, bool) {
    let mut room = limit;
    let kept: Vec<Octets> = args
        .iter()
        .map_while(|arg| {
            room = room.checked_sub(arg.len())?;
            Some(Octets::from(arg.as_slice()))
        })
        .collect();
    let is_cut = kept.len() < args.len();
    (kept, is_cut)
}

/// The first bytes of a stream.
struct Capture {
    bytes: Vec<u8>,
    limit: usize,
    total: u64,
}

impl Capture {
    fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, total: 0 }
    }

    fn take(&mut self, written: &[u8]) {
        let room = self.limit.saturating_sub(self.bytes.len()).min(written.len());
        self.bytes.extend_from_slice(&written[..room]);
        self.total += written.len() as u64;
    }

    fn is_cut(&self) -> bool {
        self.total > self.bytes.len() as u64
    }
}

/// A stream that copies what it has passed on.
struct Tee {
    stream: Box<dyn Write>,
    capture: Rc<RefCell<Capture>>,
}

fn tee(stream: &mut Box<dyn Write>, capture: &Rc<RefCell<Capture>>) {
    let passed_on = std::mem::replace(stream, Box::new(io::sink()));
    *stream = Box::new(Tee { stream: passed_on, capture: Rc::clone(capture) });
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.capture.borrow_mut().take(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// The names of this process's parents, nearest first.
fn callers(proc: &Path) -> Vec<Octets> {
    let mut names = Vec::new();
    let mut parent = stat(&proc.join("self")).map(|(_, parent)| parent);
    while let Some(pid) = parent.filter(|&pid| pid != 0 && names.len() < CALLERS_MAX) {
        let found = stat(&proc.join(pid.to_string()));
        parent = found.as_ref().map(|(_, parent)| *parent);
        names.extend(found.map(|(name, _)| Octets::from(name.as_slice())));
    }
    names
}

/// A process's name and its parent's number, from `/proc/PID/stat` (proc(5)).
pub(crate) fn stat(process: &Path) -> Option<(Vec<u8>, u32)> {
    let text = std::fs::read(process.join("stat")).ok()?;
    // The name may itself hold parentheses and blanks: it ends at the last one.
    let start = text.iter().position(|&byte| byte == b'(')? + 1;
    let end = text.iter().rposition(|&byte| byte == b')')?;
    let after = std::str::from_utf8(text.get(end + 1..)?).ok()?;
    let parent = after.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some((text.get(start..end)?.to_vec(), parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_keeps_the_beginning_and_knows_of_the_rest() {
        let mut capture = Capture::new(5);
        capture.take(b"abc");
        assert!(!capture.is_cut());
        capture.take(b"defg");
        assert_eq!((capture.bytes.as_slice(), capture.is_cut()), (&b"abcde"[..], true));
    }

    #[test]
    fn arguments_are_kept_whole_or_not_at_all() {
        let args = [b"ab".to_vec(), b"cde".to_vec(), b"f".to_vec()];
        assert_eq!(bounded(&args, 6).0.len(), 3);
        assert!(!bounded(&args, 6).1);
        assert_eq!(bounded(&args, 4), (vec![Octets::from(&b"ab"[..])], true));
    }

    #[test]
    fn a_tee_copies_only_what_was_passed_on() {
        struct Narrow;
        impl Write for Narrow {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                if bytes.is_empty() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(1) }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let capture = Rc::new(RefCell::new(Capture::new(10)));
        let mut stream: Box<dyn Write> = Box::new(Narrow);
        tee(&mut stream, &capture);
        assert_eq!(stream.write(b"xyz").ok(), Some(1));
        assert!(stream.write(b"").is_err());
        assert_eq!(capture.borrow().bytes, b"x");
    }
}
