//! Opening the files named on the command line, with the original's checks
//! and words.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::transport::dummy::errno_text;
use super::{Console, Level, Session};

/// The contents of the file at `path`; `None` after logging why it cannot be
/// opened. What cannot be read (a directory, say) reads as empty.
pub fn read(session: &mut Session<'_>, path: &[u8]) -> Option<Vec<u8>> {
    let mut file = open(&mut session.console, path)?;
    let mut contents = Vec::new();
    // What was read before an error counts.
    let _ = file.read_to_end(&mut contents);
    Some(contents)
}

/// Opens the file at `path` for reading; `None` after logging why not.
pub fn open(console: &mut Console<'_>, path: &[u8]) -> Option<File> {
    let name = Path::new(OsStr::from_bytes(path));
    if fs::symlink_metadata(name).is_err() {
        log_about(console, "File ", path, " does not exist");
        return None;
    }
    File::open(name)
        .map_err(|error| {
            let why = format!(": {}", errno_text(&error));
            log_about(console, "Unable to open file ", path, &why);
        })
        .ok()
}

/// Opens the file at `path` for writing, emptied; it is made if there is none.
/// An existing one must be a regular file with one link. `None` after logging
/// why not.
pub fn create(session: &mut Session<'_>, path: &[u8]) -> Option<File> {
    let name = Path::new(OsStr::from_bytes(path));
    let refusal = match fs::symlink_metadata(name) {
        Err(_) => match File::create(name) {
            Ok(file) => return Some(file),
            Err(error) => {
                let why = format!(" for write: {}", errno_text(&error));
                log_about(&mut session.console, "Unable to open file ", path, &why);
                return None;
            }
        },
        Ok(found) if !found.is_file() => format!(" has invalid mode: {}", found.mode()),
        Ok(found) if found.nlink() != 1 => format!(" has invalid link count: {} != 1", found.nlink()),
        Ok(_) => String::new(),
    };
    if !refusal.is_empty() {
        log_about(&mut session.console, "File ", path, &refusal);
        return None;
    }
    match OpenOptions::new().read(true).write(true).truncate(true).open(name) {
        Ok(file) => Some(file),
        Err(error) => {
            let why = format!(": {}", errno_text(&error));
            log_about(&mut session.console, "Unable to open file ", path, &why);
            None
        }
    }
}

fn log_about(console: &mut Console<'_>, before: &str, path: &[u8], after: &str) {
    let line = [before.as_bytes(), path, after.as_bytes()].concat();
    console.log_bytes(Level::ERR, &line);
}
