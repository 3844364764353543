//! A file of lines that is set aside when it has grown enough, and the oldest
//! of those set aside dropped.

use std::io::{self, Write};

use crate::trusted::TrustedDir;

/// The current file and its predecessors, which have `.1`, `.2` … added,
/// oldest last.
pub(crate) struct Rotated<'a> {
    /// Where they are.
    pub(crate) directory: &'a TrustedDir,
    /// Name of the current file.
    pub(crate) file: &'a str,
    /// Name of the file that is locked while files are renamed.
    pub(crate) lock: &'a str,
    /// Size at which the current file is set aside.
    pub(crate) size: u64,
    /// Number of files, the current one included.
    pub(crate) count: u64,
}

impl Rotated<'_> {
    /// Adds a line, with its end of line; one longer than a file is dropped.
    pub(crate) fn append(&self, line: &[u8]) -> io::Result<()> {
        let length = line.len() as u64;
        if length > self.size {
            return Ok(());
        }
        if self.directory.size(self.file) + length > self.size && !self.rotate(length)? {
            return Ok(());
        }
        // One write at the end of the file: records of simultaneous callers
        // follow one another whole.
        self.directory.append(self.file)?.write(line).map(drop)
    }

    /// Sets the current file aside; false if there is still no room for
    /// `length` bytes, because another process is at it.
    fn rotate(&self, length: u64) -> io::Result<bool> {
        let lock = self.directory.try_lock(self.lock)?;
        // Whoever held the lock before may have done it already.
        if self.directory.size(self.file) + length <= self.size {
            return Ok(true);
        }
        if lock.is_none() {
            // Better a file somewhat too large than a lost record, to a point.
            return Ok(self.directory.size(self.file) < self.size.saturating_mul(2));
        }
        let file = self.file;
        for number in (1..self.count).rev() {
            let older = format!("{file}.{number}");
            let newer = if number == 1 { file.to_owned() } else { format!("{file}.{}", number - 1) };
            match self.directory.rename(&newer, &older) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if self.count == 1 {
            self.directory.make_anew(file)?;
        }
        Ok(true)
    }
}
