//! Files read up to a limit.

use std::fs::File;
use std::io::{self, Read as _};

/// The first `limit` bytes of `file`, all at once where it tells its size.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata().map_or(0, |found| found.len()).min(limit);
    // One byte more, or the end would be looked for in a larger buffer.
    let mut bytes = Vec::with_capacity(size as usize + 1);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
