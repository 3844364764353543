//! The password that a daemon asks for.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::failure::system_text;
use crate::options::{Bytes, Remote};
use crate::{Failure, Status};

/// The first line of the password file, the variable, or what the user answers.
///
/// # Errors
/// Where the file cannot be read, or others may.
pub(super) fn password(remote: &Remote, role: &str) -> Result<Bytes, Failure> {
    use std::os::unix::ffi::OsStringExt as _;
    let line = match &remote.password_file {
        Some(path) if path == b"-" => first_line(BufReader::new(io::stdin())),
        Some(path) => first_line(BufReader::new(secret(path, role)?)),
        None => match std::env::var_os("RSYNC_PASSWORD") {
            Some(password) => return Ok(password.into_vec()),
            None => asked(),
        },
    };
    line.map_err(|error| Failure::new(Status::Syntax, system_text(&error)))
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
fn secret(path: &[u8], role: &str) -> Result<File, Failure> {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;
    let opened = File::open(std::ffi::OsStr::from_bytes(path))
        .and_then(|file| file.metadata().map(|facts| (file, facts.permissions().mode())));
    let (file, mode) = opened.map_err(|error| {
        let why = system_text(&error);
        let head = format!("[{role}] could not open password file ");
        let text = [head.as_bytes(), path, b": ", why.as_bytes()].concat();
        Failure::new(Status::Syntax, text).at("authenticate.c(247)")
    })?;
    if mode & 0o006 == 0 {
        return Ok(file);
    }
    let text = "ERROR: password file must not be other-accessible";
    Err(Failure::new(Status::Syntax, text).bare().at("authenticate.c(261)"))
}
