//! Checksums of whole files, as `-c` compares them.

use std::os::fd::{AsFd, OwnedFd};

use rsync_proto::digest::{Checksum, Sum};
use rustix::io::Errno;

use crate::fs::Facts;

/// Bytes read at a time.
const PIECE: usize = 256 << 10;

/// Sums up files, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Summing {
    buffer: Vec<u8>,
}

impl Summing {
    /// The checksum of a whole file; zeros where it cannot be read, on either side,
    /// so that two such files are taken for the same (observed: 3.5.0).
    pub(crate) fn of_opened(&mut self, opened: Result<(OwnedFd, Facts), Errno>, algorithm: Checksum) -> Sum {
        let sum = opened.and_then(|(file, facts)| self.of(file, facts.length, algorithm));
        sum.unwrap_or_else(|_| Sum::new(&[0; Sum::MAX][..algorithm.length()]))
    }

    /// The checksum of the first `length` bytes of a file, or of all that it
    /// has if they are fewer.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn of(&mut self, file: impl AsFd, length: u64, algorithm: Checksum) -> Result<Sum, Errno> {
        let piece = usize::try_from(length).unwrap_or(PIECE).min(PIECE);
        if self.buffer.len() < piece {
            self.buffer.resize(piece, 0);
        }
        if length <= PIECE as u64 {
            let read = read_at(&file, &mut self.buffer[..piece], 0)?;
            return Ok(algorithm.of_bytes(&self.buffer[..read]));
        }
        let mut digest = algorithm.of_file();
        let mut at = 0;
        while at < length {
            let wanted = usize::try_from(length - at).unwrap_or(PIECE).min(PIECE);
            let read = read_at(&file, &mut self.buffer[..wanted], at)?;
            digest.update(&self.buffer[..read]);
            at += read as u64;
            if read < wanted {
                break;
            }
        }
        Ok(digest.finish())
    }
}

/// Reads until the buffer is full or the file ends; how much that was.
fn read_at(file: impl AsFd, buffer: &mut [u8], offset: u64) -> Result<usize, Errno> {
    let mut filled = 0;
    while filled < buffer.len() {
        match rustix::io::pread(&file, &mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_any_length_have_the_sum_of_their_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut summing = Summing::default();
        for length in [0, 1, 5000, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7, 10] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(folder.path().join("f"), &content).expect("written");
            let file = std::fs::File::open(folder.path().join("f")).expect("opened");
            for algorithm in [Checksum::Xxh128, Checksum::Md5] {
                let mut digest = algorithm.of_file();
                digest.update(&content);
                let expected = digest.finish();
                assert_eq!(summing.of(&file, length as u64, algorithm), Ok(expected), "{length}");
                // One that has become shorter has the sum of what it has.
                assert_eq!(summing.of(&file, 2 * length as u64 + 9, algorithm), Ok(expected), "{length}");
            }
            let less = length / 2;
            let part = Checksum::Xxh128.of_bytes(&content[..less]);
            assert_eq!(summing.of(&file, less as u64, Checksum::Xxh128), Ok(part), "{length}");
        }
    }
}
