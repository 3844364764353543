//! Becoming another program, and starting one.
//!
//! The standard library's `Command` can also do what nobody here asks for; with
//! its tree of variables and the C library's allocator behind it, that is a
//! thirtieth of the smallest shim.

use std::convert::Infallible;
use std::ffi::{CString, OsStr, OsString};
use std::io::{self, PipeReader, PipeWriter};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use nix::errno::Errno;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use rustix::io::{FdFlags, fcntl_setfd, retry_on_intr};
use rustix::process::{Pid, WaitOptions, waitpid};

/// Makes this process run `program`, with all of `args` (the name it is to go by
/// first) and these variables. Returns only if that failed.
pub(crate) fn replace(program: &Path, args: Vec<OsString>, vars: Vec<(OsString, OsString)>) -> io::Error {
    let replaced = move || -> io::Result<Infallible> {
        let program = c_string(program.as_os_str().as_bytes().to_vec())?;
        let args = args.into_iter().map(|arg| c_string(arg.into_vec())).collect::<Result<Vec<_>, _>>()?;
        let vars = environment(vars)?;
        // Ignored by a Rust program, which others are not to inherit.
        sigpipe::reset();
        Ok(nix::unistd::execve(&program, &args, &vars)?)
    };
    let Err(error) = replaced();
    error
}

/// A program that was started.
pub(crate) struct Child(Pid);

impl Child {
    /// Starts `program` with this process's variables and streams.
    ///
    /// # Errors
    /// When it cannot be executed.
    pub(crate) fn start(program: &Path, args: &[&OsStr]) -> io::Result<Self> {
        let args = [&[program.as_os_str()], args].concat();
        let args = args.iter().map(|arg| c_string(arg.as_bytes().to_vec())).collect::<Result<Vec<_>, _>>()?;
        let vars = environment(std::env::vars_os().collect())?;
        let mut attributes = PosixSpawnAttr::init()?;
        attributes.set_flags(PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF)?;
        attributes.set_sigdefault(&SigSet::from(Signal::SIGPIPE))?;
        // It owns nothing, and destroying it takes the C library's allocator.
        let nothing = ManuallyDrop::new(PosixSpawnFileActions::init()?);
        let child = posix_spawn(program, &nothing, &attributes, &args, &vars)?;
        Pid::from_raw(child.as_raw()).map(Self).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// As [`Child::start`], with pipes in place of standard input and output.
    ///
    /// # Errors
    /// As there, or when no pipe can be made.
    pub(crate) fn start_between_pipes(
        program: &Path,
        args: &[&OsStr],
    ) -> io::Result<(Self, PipeWriter, PipeReader)> {
        let ((its_input, to_it), (from_it, its_output)) = (io::pipe()?, io::pipe()?);
        fcntl_setfd(&its_input, FdFlags::empty())?;
        fcntl_setfd(&its_output, FdFlags::empty())?;
        // A shell puts them in their places: telling the C library what is to
        // become of handles takes its allocator.
        let place = |pipe: RawFd| format!("/proc/self/fd/{pipe}");
        let (input, output) = (place(its_input.as_raw_fd()), place(its_output.as_raw_fd()));
        let script = format!("exec \"$0\" \"$@\" <{input} >{output}");
        let words = [OsStr::new("-c"), OsStr::new(&script), program.as_os_str()];
        let child = Self::start(Path::new("/bin/sh"), &[&words, args].concat())?;
        Ok((child, to_it, from_it))
    }

    /// Waits for its end.
    pub(crate) fn wait(&self) {
        // It is our child, and nobody else waits for it.
        let _ = retry_on_intr(|| waitpid(Some(self.0), WaitOptions::empty()));
    }
}

fn environment(vars: Vec<(OsString, OsString)>) -> io::Result<Vec<CString>> {
    let entries = vars.into_iter().map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat());
    entries.map(c_string).collect()
}

fn c_string(bytes: Vec<u8>) -> io::Result<CString> {
    CString::new(bytes).map_err(|_| Errno::EINVAL.into())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn what_is_started_talks_through_pipes_and_dies_of_a_broken_one() {
        let script = OsStr::new("read -r line; echo \"got $line\"; trap - PIPE; kill -PIPE $$; echo alive");
        let args = [OsStr::new("-c"), script];
        let (child, mut to_it, mut from_it) =
            Child::start_between_pipes(Path::new("/bin/sh"), &args).expect("a shell");
        to_it.write_all(b"it\n").expect("a shell that reads");
        let mut said = String::new();
        from_it.read_to_string(&mut said).expect("a shell that writes");
        child.wait();
        assert_eq!(said, "got it\n");
    }

    #[test]
    fn what_is_no_program_is_an_error() {
        assert!(Child::start(Path::new("/nowhere"), &[]).is_err());
        let error = replace(Path::new("/nowhere"), vec!["nowhere".into()], Vec::new());
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = replace(Path::new("/bin/sh"), vec!["a\0b".into()], Vec::new());
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
