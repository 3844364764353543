//! The machine's programs: run with fixed words, a clean environment and no
//! standard input, so that what they print can be taken apart.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Where programs are looked for, in this order: as sudo does it on EL, and
/// what is installed by hand last.
pub const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";

/// What a program did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Its status; `None` when a signal ended it.
    pub status: Option<i32>,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self { status: output.status.code(), stdout: output.stdout, stderr: output.stderr }
    }
}

impl Done {
    /// Whether it ended well.
    pub fn succeeded(&self) -> bool {
        self.status == Some(0)
    }

    /// Its standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Its last words, for a message.
    pub fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(if self.stderr.is_empty() { &self.stdout } else { &self.stderr });
        let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no message").trim();
        match self.status {
            Some(status) => format!("{line} (status {status})"),
            None => format!("{line} (ended by a signal)"),
        }
    }
}

/// Runs programs.
pub trait Commands {
    /// Runs `words`, the program first; `input` is its standard input.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run_with(&self, words: &[&str], input: &[u8]) -> io::Result<Done>;

    /// Runs `words`, which may change the machine: what the machine is locked by is
    /// their standard input, so that whoever is killed meanwhile leaves them the lock.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run_locked(&self, words: &[&str], lock: Option<&File>) -> io::Result<Done>;

    /// Whether there is such a program.
    fn has(&self, program: &str) -> bool;

    /// Runs `words` without input.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run(&self, words: &[&str]) -> io::Result<Done> {
        self.run_with(words, b"")
    }
}

/// The programs of the system this process runs on.
#[derive(Debug, Clone, Copy)]
pub struct OfThisSystem;

impl Commands for OfThisSystem {
    fn run_with(&self, words: &[&str], input: &[u8]) -> io::Result<Done> {
        let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
        let mut child = command(words, stdin)?.spawn()?;
        // Small enough for the pipe: it is a configuration, not data.
        if let Some(mut stdin) = child.stdin.take() {
            io::Write::write_all(&mut stdin, input)?;
        }
        child.wait_with_output().map(Done::from)
    }

    fn run_locked(&self, words: &[&str], lock: Option<&File>) -> io::Result<Done> {
        let stdin = lock.map(File::try_clone).transpose()?.map_or_else(Stdio::null, Stdio::from);
        command(words, stdin)?.output().map(Done::from)
    }

    fn has(&self, program: &str) -> bool {
        let can_run = |path: &Path| rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
        if program.starts_with('/') {
            return can_run(Path::new(program));
        }
        PATH.split(':').any(|folder| can_run(&Path::new(folder).join(program)))
    }
}

fn command(words: &[&str], stdin: Stdio) -> io::Result<Command> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("PATH", PATH).env("LC_ALL", "C").env("HOME", "/root");
    // Package managers ask otherwise.
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// No programs at all: a tree of files is not run.
#[derive(Debug, Clone, Copy)]
pub struct NoCommands;

impl Commands for NoCommands {
    fn run_with(&self, _words: &[&str], _input: &[u8]) -> io::Result<Done> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn run_locked(&self, words: &[&str], _lock: Option<&File>) -> io::Result<Done> {
        self.run(words)
    }

    fn has(&self, _program: &str) -> bool {
        false
    }
}
