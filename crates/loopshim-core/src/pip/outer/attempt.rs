//! One run of the real pip: started with what it inherits, watched for signs of
//! life, signalled only while it has changed nothing.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::MemfdFlags;
use rustix::io::FdFlags;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::processes::{self, Movement};
use crate::pip::sharing;
use crate::{Original, World};

/// Names the queues whose turn the ancestors of a process have, each behind the
/// supervisor's number: a pip started by what a pip builds must not wait for it.
pub const HELD_VARIABLE: &str = "LOOPSHIM_PIP_HELD";

/// What pip writes before it changes anything, in the words of pip 9 to 25.
const BEGINNINGS: [&[u8]; 3] = [b"Installing collected packages", b"Attempting uninstall", b"Uninstalling "];

/// Where pip's output goes.
#[derive(Debug)]
pub enum Output {
    /// To the caller, at once.
    Inherited,
    /// To files; one for both where the caller's two streams are one.
    Kept {
        /// Standard output, or both.
        out: File,
        /// Standard error.
        err: Option<File>,
    },
}

impl Output {
    /// Files for it.
    ///
    /// # Errors
    /// When none can be made.
    pub fn keep() -> io::Result<Self> {
        let file =
            || super::patiently(|| Ok(File::from(rustix::fs::memfd_create("pip", MemfdFlags::CLOEXEC)?)));
        let which = |stream: &dyn Fn() -> rustix::io::Result<rustix::fs::Stat>| {
            stream().ok().map(|found| (found.st_dev, found.st_ino))
        };
        let out = which(&|| rustix::fs::fstat(io::stdout()));
        let err = which(&|| rustix::fs::fstat(io::stderr()));
        let is_one = out.is_some() && out == err;
        Ok(Self::Kept { out: file()?, err: if is_one { None } else { Some(file()?) } })
    }

    /// What has been written to standard output and standard error.
    pub fn read(&self) -> (Vec<u8>, Vec<u8>) {
        let Self::Kept { out, err } = self else { return Default::default() };
        (all_of(out), err.as_ref().map(all_of).unwrap_or_default())
    }

    /// How much has been written.
    fn length(&self) -> u64 {
        let Self::Kept { out, err } = self else { return 0 };
        let length = |file: &File| file.metadata().map_or(0, |found| found.len());
        length(out) + err.as_ref().map_or(0, length)
    }
}

fn all_of(mut file: &File) -> Vec<u8> {
    let mut bytes = Vec::new();
    // It is memory: it can be read.
    let _ = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    bytes
}

/// What a run is given.
pub struct Start<'a> {
    /// The caller's arguments and environment.
    pub world: &'a World,
    /// The real pip.
    pub original: &'a Original,
    /// The caller's standard input.
    pub stdin: &'a OwnedFd,
    /// Locks that last as long as pip.
    pub locks: &'a [&'a File],
    /// Where it makes its temporary files.
    pub temporary: Option<&'a std::path::Path>,
    /// The queue whose turn it is.
    pub queue: &'a str,
    /// Directories that change when it begins to change the environment.
    pub watched: Vec<PathBuf>,
}

/// A running pip.
#[derive(Debug)]
pub struct Attempt {
    pid: u32,
    /// Its output.
    pub output: Output,
    watched: Vec<(PathBuf, Option<(i64, i64)>)>,
    movement: Movement,
    length: u64,
    moved: Instant,
}

impl Attempt {
    /// Starts pip.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(start: Start<'_>, output: Output) -> io::Result<(Self, Child)> {
        let child = super::patiently(|| start.spawn(&output))?;
        let watched = start.watched.into_iter().map(|path| (path.clone(), changed(&path))).collect();
        let attempt = Self {
            pid: child.id(),
            output,
            watched,
            movement: Movement::default(),
            length: 0,
            moved: Instant::now(),
        };
        Ok((attempt, child))
    }

    /// Passes a signal on, unless pip has begun to change the environment;
    /// whether it did. pip stands still while we look.
    pub fn pass(&self, signal: i32) -> bool {
        let (Some(pid), Some(signal)) = (Pid::from_raw(self.pid as i32), Signal::from_named_raw(signal))
        else {
            return false;
        };
        let send = |signal| rustix::process::kill_process(pid, signal).is_ok();
        if !send(Signal::STOP) {
            return false;
        }
        // Until it stands still, or is gone.
        let stopped = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let _ = rustix::process::waitid(WaitId::Pid(pid), stopped);
        let passed = !self.has_begun();
        if passed {
            match self.output {
                // As a terminal would: to all of them.
                Output::Inherited => drop(rustix::process::kill_process_group(pid, signal)),
                Output::Kept { .. } => drop(send(signal)),
            }
        }
        send(Signal::CONT);
        passed
    }

    fn has_begun(&self) -> bool {
        let (out, err) = self.output.read();
        let says = |text: &[u8]| BEGINNINGS.iter().any(|words| sharing::find(text, words).is_some());
        says(&out) || says(&err) || self.watched.iter().any(|(path, before)| changed(path) != *before)
    }

    /// Whether nothing of it has moved for as long as `limit`; looked at often
    /// enough that this means what it says.
    pub fn is_stuck(&mut self, limit: Duration) -> bool {
        let (movement, length) = (Movement::of_group(self.pid), self.output.length());
        if (&movement, length) != (&self.movement, self.length) {
            (self.movement, self.length, self.moved) = (movement, length, Instant::now());
        }
        self.moved.elapsed() >= limit
    }

    /// What is to be known of a stuck one; then its end.
    pub fn kill(&self) -> String {
        let evidence = processes::evidence(&self.movement);
        self.kill_rest();
        evidence
    }

    /// Ends what is left of its processes.
    pub fn kill_rest(&self) {
        if let Some(pid) = Pid::from_raw(self.pid as i32) {
            // What has already gone is gone.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Start<'_> {
    fn spawn(&self, output: &Output) -> io::Result<Child> {
        let mut command = self.original.command(self.world);
        if let Some(temporary) = self.temporary {
            command.env("TMPDIR", temporary);
        }
        let before =
            self.world.var(HELD_VARIABLE).and_then(|held| held.into_string().ok()).unwrap_or_default();
        command.env(HELD_VARIABLE, format!("{before}{}:{};", std::process::id(), self.queue));
        command.stdin(Stdio::from(self.stdin.try_clone()?)).process_group(0);
        match output {
            Output::Inherited => {
                // This process's own are the caller's.
                command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
            }
            Output::Kept { out, err } => {
                command.stdout(Stdio::from(out.try_clone()?));
                command.stderr(Stdio::from(err.as_ref().unwrap_or(out).try_clone()?));
            }
        }
        self.locks.iter().try_for_each(|lock| rustix::io::fcntl_setfd(lock.as_fd(), FdFlags::empty()))?;
        let child = command.spawn();
        for lock in self.locks {
            // Only pip is meant to have it; there is no other child to start.
            let _ = rustix::io::fcntl_setfd(lock.as_fd(), FdFlags::CLOEXEC);
        }
        child
    }
}

/// When a directory's entries last changed.
fn changed(path: &std::path::Path) -> Option<(i64, i64)> {
    std::fs::metadata(path).ok().map(|found| (found.mtime(), found.mtime_nsec()))
}
