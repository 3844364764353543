//! `pip.jsonl`: each request that changed, or was to change, an environment. One
//! JSON object a line:
//!
//! ```json
//! {"time":1795223605,"pid":812,"uid":0,"argv":["install","-U","/tmp/hevnojky"],"site":"/usr/lib/…","waited_ms":1204,
//!  "delayed_ms":0,"attempts":[{"result":"killed","ms":310},{"result":"whole","ms":802}],"removed":2,
//!  "quarantined":[],"notes":[],"shared_with":null,"result":"ok","status":0}
//! ```
//!
//! Where a request then removed what earlier ones had left behind, a second line
//! says so, with [`CLEANED`] for a result.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::json::Line;
use crate::octets::Octets;
use crate::rotated::Rotated;
use crate::trusted::TrustedDir;
use crate::{Tool, World, redact};

/// The file.
pub const FILE: &str = "pip.jsonl";
/// Held while files are renamed.
const LOCK: &str = "pip.lock";
/// The result of a line that tells of no request, but of what one cleaned up.
pub const CLEANED: &str = "cleaned";
/// Size at which it is set aside, in bytes.
const SIZE: u64 = 4 << 20;
/// How many are kept.
const COUNT: u64 = 4;

/// What becomes of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// When it came, since 1970.
    pub time: Duration,
    /// Where its packages go.
    pub site: Option<PathBuf>,
    /// Time in the queue.
    pub waited: Duration,
    /// Time the breaker held it back.
    pub delayed: Duration,
    /// How each run of pip ended, and how long it took.
    pub attempts: Vec<(String, Duration)>,
    /// How many left-overs were removed.
    pub removed: usize,
    /// What was set aside.
    pub quarantined: Vec<PathBuf>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// Whose answer it was given.
    pub shared_with: Option<u32>,
    /// The result, in a word.
    pub result: &'static str,
    /// The status, or minus the signal.
    pub status: i32,
}

impl Entry {
    /// Adds it to the ledger. Silent, whatever happens: pip's answer counts.
    pub fn write(&self, world: &World, log: &TrustedDir) {
        let mut line = self.line(world);
        line.push(b'\n');
        let _ = Rotated { directory: log, file: FILE, lock: LOCK, size: SIZE, count: COUNT }.append(&line);
    }

    fn line(&self, world: &World) -> Vec<u8> {
        let octets = |line: &mut Line, octets: &Octets| octets.write(line);
        let path = |path: &PathBuf| Octets::from(path.as_os_str().as_bytes());
        let args: Vec<Octets> = redact::arguments(Tool::Pip3, world).args[1..]
            .iter()
            .map(|arg| Octets::from(arg.as_slice()))
            .collect();
        let mut line = Line::new();
        line.member("time").plain(format_args!("{}", self.time.as_secs()));
        line.member("pid").plain(format_args!("{}", std::process::id()));
        line.member("uid").plain(format_args!("{}", rustix::process::getuid().as_raw()));
        line.member("argv").array(&args, octets);
        line.member("site").optional(self.site.as_ref().map(path).as_ref(), octets);
        line.member("waited_ms").plain(format_args!("{}", self.waited.as_millis()));
        line.member("delayed_ms").plain(format_args!("{}", self.delayed.as_millis()));
        line.member("attempts").array(&self.attempts, |line, (result, took)| {
            line.plain(format_args!("{{\"result\":\"{result}\",\"ms\":{}}}", took.as_millis()));
        });
        line.member("removed").plain(format_args!("{}", self.removed));
        line.member("quarantined").array(&self.quarantined, |line, kept| path(kept).write(line));
        line.member("notes").array(&self.notes, |line, note| line.text(note));
        line.member("shared_with").optional(self.shared_with, |line, pid| line.plain(format_args!("{pid}")));
        line.member("result").text(self.result);
        line.member("status").plain(format_args!("{}", self.status));
        line.finish()
    }
}
