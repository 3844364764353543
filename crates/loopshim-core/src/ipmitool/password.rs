//! Passwords from files and prompts, as the original reads them.

use std::io::{BufRead, BufReader, Read};

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

/// Asks for a secret on standard error and reads it from `stdin`, as C's
/// `getpass` does without a terminal. End of input is an empty answer.
pub fn ask(stdin: &mut dyn Read, console: &mut Console<'_>, prompt: &str) -> Arg {
    console.put_err(prompt.as_bytes());
    let mut line = Vec::new();
    // One byte at a time: what follows the line belongs to the command.
    let mut byte = [0];
    while matches!(stdin.read(&mut byte), Ok(1)) && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    line
}
