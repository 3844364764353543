//! What a daemon gets before the session: the password that it asks for, and input
//! for a program of its own.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read as _, Write};

use rustix::fs::fstat;
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::failure::system_text;
use crate::fs::{Access, Trust, WayError, error_text, open_named};
use crate::options::{Bytes, Options};
use crate::{Failure, Status};

/// The first line of the password file, the variable, or what the user answers.
///
/// # Errors
/// Where the file cannot be read, or others may.
pub(super) fn password(options: &Options, role: &str) -> Result<Bytes, Failure> {
    use std::os::unix::ffi::OsStringExt as _;
    let line = match &options.remote.password_file {
        Some(path) if path == b"-" => first_line(BufReader::new(io::stdin())),
        Some(path) => first_line(BufReader::new(secret(path, options.links.trust(), role)?)),
        None => match std::env::var_os("RSYNC_PASSWORD") {
            Some(password) => return Ok(password.into_vec()),
            None => asked(),
        },
    };
    line.map_err(|error| Failure::new(Status::Syntax, system_text(&error)))
}

/// Longest early input, in bytes (observed: 3.5.0).
const EARLY_MAX: usize = 5120;

/// What `--early-input` names; nothing without it.
///
/// # Errors
/// Where it cannot be read, or is too long.
pub(super) fn early_input(options: &Options, role: &str) -> Result<Bytes, Failure> {
    let Some(path) = &options.remote.early_input else { return Ok(Bytes::new()) };
    let cannot = |call: &str, error: WayError| {
        let why = error_text(error.into());
        let head = format!("[{role}] failed to {call} ");
        let text = [head.as_bytes(), path, b": ", why.as_bytes()].concat();
        Failure::new(Status::StartClient, text).on_the_way(error)
    };
    let file = open_named(path, Access::Read, options.links.trust());
    let file = file.map_err(|error| cannot("open", error))?;
    let mut input = Bytes::new();
    let read = file.take(EARLY_MAX as u64 + 1).read_to_end(&mut input);
    read.map_err(|error| cannot("read", Errno::from_io_error(&error).unwrap_or(Errno::IO).into()))?;
    if input.len() <= EARLY_MAX {
        return Ok(input);
    }
    let text = [&path[..], format!(" is > {EARLY_MAX} bytes.").as_bytes()].concat();
    Err(Failure::new(Status::StartClient, text).bare())
}

fn first_line(mut from: impl BufRead) -> io::Result<Bytes> {
    let mut line = Bytes::new();
    from.read_until(b'\n', &mut line)?;
    let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    line.truncate(end);
    Ok(line)
}

/// Asks on the terminal, which does not show the answer; where there is none on
/// the standard streams.
fn asked() -> io::Result<Bytes> {
    const PROMPT: &[u8] = b"Password: ";
    let Ok(mut terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") else {
        io::stderr().write_all(PROMPT)?;
        return first_line(BufReader::new(io::stdin()));
    };
    let before = tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
    let line = terminal.write_all(PROMPT).and_then(|()| first_line(BufReader::new(terminal.try_clone()?)));
    tcsetattr(&terminal, OptionalActions::Flush, &before)?;
    terminal.write_all(b"\n")?;
    line
}

/// Opens a file with a password, which others may not read or change.
fn secret(path: &[u8], trust: Trust, role: &str) -> Result<File, Failure> {
    let opened = open_named(path, Access::Read, trust);
    let looked_at = opened.and_then(|file| Ok((fstat(&file)?.st_mode, file)));
    let (mode, file) = looked_at.map_err(|error| {
        let why = error_text(error.into());
        let head = format!("[{role}] could not open password file ");
        let text = [head.as_bytes(), path, b": ", why.as_bytes()].concat();
        Failure::new(Status::Syntax, text).at("authenticate.c(247)").on_the_way(error)
    })?;
    if mode & 0o006 == 0 {
        return Ok(file);
    }
    let text = "ERROR: password file must not be other-accessible";
    Err(Failure::new(Status::Syntax, text).bare().at("authenticate.c(261)"))
}
