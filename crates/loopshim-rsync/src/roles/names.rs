//! Names of `--files-from`: from a file, or from the peer who has it.

use std::fs::File;
use std::io::{BufRead, Read};

use rsync_proto::{Input as _, Version};

use crate::connection::Incoming;
use crate::fs::{Access, Trust, error_words, open_named};
use crate::options::Bytes;
use crate::{Failure, Status};

/// Longest name accepted.
const NAME_MAX: usize = 4095;

/// Opens a file of names that the user named.
///
/// # Errors
/// Where it cannot be.
pub fn open_names(path: &[u8], trust: Trust) -> Result<File, Failure> {
    open_named(path, Access::Read, trust).map_err(|error| {
        let why = error_words(error.into());
        let text = [b"failed to open files-from file ", path, b": ", why.as_bytes()].concat();
        Failure::new(Status::Syntax, text).on_the_way(error)
    })
}

/// The next name in a file: up to a zero byte, or else to the end of a line.
/// Empty lines are passed over, and those that begin with `#` or `;` where names
/// are not `forwarded` (as the original does).
///
/// # Errors
/// Where it cannot be read.
pub fn from_file(
    file: &mut impl BufRead,
    is_from0: bool,
    is_forwarded: bool,
) -> Result<Option<Bytes>, Failure> {
    loop {
        let mut name = Bytes::new();
        let end = if is_from0 { 0 } else { b'\n' };
        // A name that is too long is refused by whoever looks for it.
        let read = file.by_ref().take(NAME_MAX as u64 + 2).read_until(end, &mut name);
        let read = read.map_err(|error| Failure::new(Status::FileIo, crate::failure::system_text(&error)))?;
        if read == 0 {
            return Ok(None);
        }
        if name.last() == Some(&end) {
            name.pop();
        }
        if !is_from0 && name.last() == Some(&b'\r') {
            name.pop();
        }
        let is_comment = !is_from0 && !is_forwarded && matches!(name.first(), Some(b'#' | b';'));
        if !name.is_empty() && !is_comment {
            return Ok(Some(name));
        }
    }
}

/// The next name that the peer sends: each is ended by a zero byte, an empty
/// one is the end. Before protocol 31 they come between frames.
///
/// # Errors
/// Where the peer is gone, or a name is too long.
pub fn from_peer(incoming: &mut Incoming, version: Version) -> Result<Option<Bytes>, Failure> {
    let mut name = Bytes::new();
    loop {
        let byte = if version < Version::V31 { incoming.byte_between_frames()? } else { incoming.byte()? };
        match byte {
            0 => return Ok(Some(name).filter(|name| !name.is_empty())),
            byte if name.len() < NAME_MAX => name.push(byte),
            _ => return Err(Failure::new(Status::StreamIo, "a name of --files-from is too long")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_are_passed_over() {
        let mut file = &b"a\n\n# no\n;\nb c\r\nlast"[..];
        let mut names = Vec::new();
        while let Some(name) = from_file(&mut file, false, false).expect("read") {
            names.push(name);
        }
        assert_eq!(names, [b"a".to_vec(), b"b c".to_vec(), b"last".to_vec()]);
        let mut file = &b"#a\nb\0\0c"[..];
        assert_eq!(from_file(&mut file, true, false).expect("read"), Some(b"#a\nb".to_vec()));
        assert_eq!(from_file(&mut file, true, false).expect("read"), Some(b"c".to_vec()));
        assert_eq!(from_file(&mut file, true, false).expect("read"), None);
    }
}
