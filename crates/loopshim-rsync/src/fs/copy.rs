//! Copying between files without the bytes passing through the program.

use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fd::AsFd;
use rustix::io::Errno;

/// How the bytes came to the other file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// Both files share them now.
    Shared,
    /// The kernel or we copied so many.
    Bytes(u64),
}

/// Bytes at once.
const CHUNK: usize = 256 << 10;
/// Most that one call of the kernel is asked for.
const LARGE: usize = 1 << 30;

static HAS_CLONE: AtomicBool = AtomicBool::new(true);

/// Copies all of `from` to the beginning of `to`, which is empty: by sharing
/// where the file system can, else inside the kernel, else through a buffer.
/// What is added beyond `length` meanwhile need not be copied.
///
/// # Errors
/// What the system says.
pub fn copy_range(from: impl AsFd, to: impl AsFd, length: u64) -> Result<Copied, Errno> {
    // Small files are not worth the attempt: they are copied as fast.
    if length > CHUNK as u64 && HAS_CLONE.load(Ordering::Relaxed) {
        match rustix::fs::ioctl_ficlone(&to, &from) {
            Ok(()) => return Ok(Copied::Shared),
            Err(Errno::OPNOTSUPP | Errno::NOTTY | Errno::NOSYS) => HAS_CLONE.store(false, Ordering::Relaxed),
            // Between file systems, or lengths that do not fit blocks.
            Err(_) => {}
        }
    }
    if length <= CHUNK as u64 {
        return through_buffer(from, to, 0, length).map(Copied::Bytes);
    }
    let mut copied = 0;
    loop {
        match rustix::fs::copy_file_range(&from, None, &to, None, LARGE) {
            Ok(0) => return through_buffer(from, to, copied, u64::MAX).map(Copied::Bytes),
            Ok(some) => copied += some as u64,
            Err(Errno::INTR) => {}
            // Other file systems before Linux 5.3, or a file system without it.
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {
                return through_buffer(from, to, copied, u64::MAX).map(Copied::Bytes);
            }
            Err(errno) => return Err(errno),
        }
    }
}

/// Copies from `offset` on, to the end or to `length`.
fn through_buffer(from: impl AsFd, to: impl AsFd, mut offset: u64, length: u64) -> Result<u64, Errno> {
    thread_local! {
        static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.resize(CHUNK, 0);
        loop {
            if offset >= length {
                return Ok(offset);
            }
            let read = match rustix::io::pread(&from, &mut buffer[..], offset) {
                Ok(0) => return Ok(offset),
                Ok(read) => read,
                Err(Errno::INTR) => continue,
                Err(errno) => return Err(errno),
            };
            let mut rest = &buffer[..read];
            while !rest.is_empty() {
                match rustix::io::pwrite(&to, rest, offset) {
                    Ok(0) => return Err(Errno::NOSPC),
                    Ok(written) => {
                        rest = &rest[written..];
                        offset += written as u64;
                    }
                    Err(Errno::INTR) => {}
                    Err(errno) => return Err(errno),
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_files_are_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        for length in [0_usize, 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(folder.path().join("a"), &content).expect("written");
            let from = std::fs::File::open(folder.path().join("a")).expect("opened");
            let to = std::fs::File::create(folder.path().join("b")).expect("created");
            copy_range(&from, &to, length as u64).expect("copied");
            assert!(std::fs::read(folder.path().join("b")).expect("read") == content, "{length}");
        }
    }
}
