//! The outside world as one value: arguments, environment, streams, clock and
//! the root directory. Tests build one of buffers; a process builds one of its
//! own.

use std::ffi::{CString, OsString};
use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use rustix::io::Errno;

use crate::Variables;

/// Everything an invocation can see of the machine it runs on.
pub struct World {
    /// `argv[0]`, as typed by the caller.
    pub program: OsString,
    /// The arguments after `argv[0]`.
    pub args: Vec<OsString>,
    /// The environment.
    pub vars: Variables,
    /// Standard input.
    pub stdin: Box<dyn Read>,
    /// Whether standard input is a terminal; few commands ask.
    pub stdin_is_terminal: fn() -> bool,
    /// Standard output, unbuffered: tools bring their own buffering.
    pub stdout: Box<dyn Write>,
    /// Whether standard output is a terminal (then it is line-buffered).
    pub stdout_is_terminal: bool,
    /// Standard error, unbuffered.
    pub stderr: Box<dyn Write>,
    /// The current time.
    pub clock: fn() -> SystemTime,
    /// What `/` means: `/` itself, or a staged tree in tests.
    pub root: PathBuf,
    /// Where the kernel describes processes: `/proc`, or a fabricated tree in
    /// tests. Apart from `root`, since a staged tree seldom has one.
    pub proc: PathBuf,
}

impl World {
    /// The world this process was started in. `LOOPSHIM_ROOT`, an absolute
    /// path, makes that directory its root for every file a shim looks for
    /// (configuration, state, devices); programs are still run from `/`.
    pub fn of_this_process() -> Self {
        let mut args = std::env::args_os();
        Self {
            program: args.next().unwrap_or_default(),
            args: args.collect(),
            vars: Variables::OfThisProcess,
            stdin: Box::new(Stdin),
            stdin_is_terminal: || io::IsTerminal::is_terminal(&rustix::stdio::stdin()),
            stdout: Box::new(RawStream(rustix::stdio::stdout())),
            stdout_is_terminal: io::IsTerminal::is_terminal(&rustix::stdio::stdout()),
            stderr: Box::new(RawStream(rustix::stdio::stderr())),
            clock: SystemTime::now,
            root: root_from(std::env::var_os("LOOPSHIM_ROOT")),
            proc: PathBuf::from("/proc"),
        }
    }

    /// An environment variable.
    pub fn var(&self, name: &str) -> Option<OsString> {
        self.vars.get(name)
    }

    /// `path` (absolute) below this world's root.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The host's name, as `uname -n` prints it.
    pub fn hostname(&self) -> Vec<u8> {
        rustix::system::uname().nodename().to_bytes().to_vec()
    }
}

/// `path` as it is named from `/`. Not by the standard library: its way asks the
/// C library, which brings its allocator along.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let here = || rustix::process::getcwd(Vec::new()).map(CString::into_bytes).unwrap_or_default();
    let here = if path.is_absolute() { PathBuf::new() } else { OsString::from_vec(here()).into() };
    here.components().chain(path.components()).filter(|part| *part != Component::CurDir).collect()
}

fn root_from(variable: Option<OsString>) -> PathBuf {
    variable.map(PathBuf::from).filter(|root| root.is_absolute()).unwrap_or_else(|| PathBuf::from("/"))
}

/// Standard input. Its buffer is the standard library's, and not made before
/// something is read: few commands do.
struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(buf)
    }
}

/// An output stream as a C program has it: without the standard library's line
/// buffer (ipmitool's own buffering is part of what a caller can observe), and
/// deadly once nobody reads it any more.
struct RawStream(BorrowedFd<'static>);

impl Write for RawStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let write = || rustix::io::write(self.0, buf);
        let written = write().or_else(|error| match error {
            // Rust starts with SIGPIPE ignored, C does not.
            Errno::PIPE => {
                sigpipe::reset();
                write()
            }
            error => Err(error),
        });
        Ok(written?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_named_from_the_root() {
        for path in ["/etc/bmc.json", "/a//./b/../c/", "bmc.json", "./d/bmc.json", "../e", "/"] {
            let known = std::path::absolute(path).expect("a current directory");
            assert_eq!(absolute(Path::new(path)), known, "{path}");
        }
    }

    #[test]
    fn only_an_absolute_path_replaces_the_root() {
        assert_eq!(root_from(Some("/staged".into())), Path::new("/staged"));
        assert_eq!(root_from(Some("staged".into())), Path::new("/"));
        assert_eq!(root_from(Some("".into())), Path::new("/"));
        assert_eq!(root_from(None), Path::new("/"));
    }
}
