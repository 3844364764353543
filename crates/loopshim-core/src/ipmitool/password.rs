//! Passwords from files and prompts, as the original reads them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::{Arg, Console, Level, files};

/// Most bytes of a password kept from a file.
const FILE_PASSWORD_MAX: usize = 20;

/// The first line of the file at `path`; `None` after logging why.
pub fn from_file(path: &[u8], console: &mut Console<'_>) -> Option<Arg> {
    let Some(file) = files::open(console, path) else {
        console.log_bytes(Level::ERR, &[b"Unable to open password file ", path].concat());
        return None;
    };
    let mut line = Vec::new();
    let read = BufReader::new(file.take(FILE_PASSWORD_MAX as u64)).read_until(b'\n', &mut line);
    if !matches!(read, Ok(1..)) {
        console.log_bytes(Level::ERR, &[b"Unable to read password from file ", path].concat());
        return None;
    }
    let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n' | b'\t' | 0)).unwrap_or(line.len());
    // A line that starts with one of these is kept whole.
    if end > 0 {
        line.truncate(end);
    }
    Some(line)
}

/// Asks for a secret as C's `getpass` does: on `terminal`, without echo, or
/// where there is none on standard error and from `stdin`. End of input is an
/// empty answer.
pub fn ask(terminal: &Path, stdin: &mut dyn Read, console: &mut Console<'_>, prompt: &str) -> Arg {
    let Ok(mut terminal) = File::options().read(true).write(true).open(terminal) else {
        console.put_err(prompt.as_bytes());
        return read_line(stdin);
    };
    let Ok(before) = tcgetattr(&terminal) else { return ask_openly(&mut terminal, prompt) };
    let mut silent = before.clone();
    // Without signals, too: Ctrl-C is a character of the password.
    silent.local_modes -= LocalModes::ECHO | LocalModes::ISIG;
    if tcsetattr(&terminal, OptionalActions::Flush, &silent).is_err() {
        return ask_openly(&mut terminal, prompt);
    }
    let answer = ask_openly(&mut terminal, prompt);
    // The line end that was typed was not shown. A terminal that is gone needs
    // neither it nor its echo back.
    let _ = terminal.write_all(b"\n");
    let _ = tcsetattr(&terminal, OptionalActions::Flush, &before);
    answer
}

fn ask_openly(terminal: &mut File, prompt: &str) -> Arg {
    // If the prompt cannot be shown there may still be an answer.
    let _ = terminal.write_all(prompt.as_bytes());
    read_line(terminal)
}

fn read_line(input: &mut dyn Read) -> Arg {
    let mut line = Vec::new();
    // One byte at a time: what follows the line belongs to the command.
    let mut byte = [0];
    while matches!(input.read(&mut byte), Ok(1)) && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    line
}
