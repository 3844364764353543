//! Files opened in one system call, where the standard library makes two with
//! musl's C library, and read up to a limit.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::retry_on_intr;

/// Opens a file to be read.
///
/// # Errors
/// When that is not possible.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with(path, OFlags::RDONLY)
}

/// Opens a file in some way; if it is made by that, for its owner only.
///
/// # Errors
/// When that is not possible.
pub(crate) fn open_with(path: &Path, way: OFlags) -> io::Result<File> {
    let open = || rustix::fs::open(path, way | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR);
    Ok(retry_on_intr(open)?.into())
}

/// The first `limit` bytes of `file`, all at once where it tells its size.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read_start(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata().map_or(0, |found| found.len()).min(limit);
    // One byte more, or the end would be looked for in a larger buffer.
    let mut bytes = Vec::with_capacity(size as usize + 1);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
