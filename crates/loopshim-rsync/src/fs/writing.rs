//! Writing a file's data, with holes where it is to have them.

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::FallocateFlags;
use rustix::io::Errno;

/// What becomes of runs of zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sparse {
    /// They are written.
    No,
    /// They are left out: the file is new.
    Skip,
    /// They are freed: there is something in their place.
    Punch,
    /// They are freed once something else follows: the file is new, and room was made
    /// for all of it.
    PunchBefore,
}

/// Bytes gathered before they are written.
const BUFFER: usize = 256 << 10;
/// How room is given back.
const PUNCH: FallocateFlags = FallocateFlags::PUNCH_HOLE.union(FallocateFlags::KEEP_SIZE);
/// What a file system gives or leaves out at once.
const PAGE: usize = 4096;

/// Writes from an offset on.
#[derive(Debug)]
pub struct Writer {
    file: OwnedFd,
    /// Where the buffer begins in the file.
    start: u64,
    buffer: Vec<u8>,
    sparse: Sparse,
    /// The end of what was truly written.
    written_to: u64,
    /// Where the zeros begin that are freed once something follows.
    unfreed: Option<u64>,
}

impl Writer {
    /// Writes to `file` from `start` on.
    pub fn new(file: OwnedFd, start: u64, sparse: Sparse) -> Self {
        Self { file, start, buffer: Vec::new(), sparse, written_to: start, unfreed: None }
    }

    /// Where the next byte goes.
    pub fn position(&self) -> u64 {
        self.start + self.buffer.len() as u64
    }

    /// The file.
    pub fn file(&self) -> &OwnedFd {
        &self.file
    }

    /// Reserves room for a file of `length` bytes. Holes are made in it, in a file
    /// that is not in place but for one at its end (observed: 3.5.0).
    ///
    /// # Errors
    /// What the system says.
    pub fn preallocate(&mut self, length: u64, is_in_place: bool) -> Result<(), Errno> {
        if length == 0 {
            return Ok(());
        }
        if self.sparse == Sparse::No {
            return rustix::fs::fallocate(&self.file, FallocateFlags::KEEP_SIZE, 0, length);
        }
        // Beyond its end a file has no holes to make: it gets its length at once.
        rustix::fs::fallocate(&self.file, FallocateFlags::empty(), 0, length)?;
        self.sparse = if is_in_place { Sparse::Punch } else { Sparse::PunchBefore };
        Ok(())
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            if self.buffer.is_empty() && bytes.len() >= BUFFER && self.sparse == Sparse::No {
                write_all(&self.file, bytes, self.start)?;
                self.start += bytes.len() as u64;
                self.written_to = self.start;
                return Ok(());
            }
            let taken = bytes.len().min(BUFFER - self.buffer.len());
            self.buffer.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if self.buffer.len() == BUFFER {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Leaves the next `length` bytes as they are.
    ///
    /// # Errors
    /// What the system says of the bytes before.
    pub fn skip(&mut self, length: u64) -> Result<(), Errno> {
        self.flush()?;
        self.start += length;
        self.written_to = self.start;
        Ok(())
    }

    /// Leaves out the next `length` bytes, which are zeros, of a new file.
    ///
    /// # Errors
    /// What the system says of the bytes before.
    pub fn leave_hole(&mut self, length: u64) -> Result<(), Errno> {
        self.flush()?;
        if self.sparse == Sparse::PunchBefore {
            self.unfreed.get_or_insert(self.start);
        }
        self.start += length;
        Ok(())
    }

    /// Notes that `length` bytes were written by other means.
    pub const fn passed(&mut self, length: u64) {
        self.start += length;
        self.written_to = self.start;
    }

    /// Writes what is gathered.
    ///
    /// # Errors
    /// What the system says.
    pub fn flush(&mut self) -> Result<(), Errno> {
        if self.sparse == Sparse::No {
            write_all(&self.file, &self.buffer, self.start)?;
            self.start += self.buffer.len() as u64;
            self.written_to = self.start;
        } else {
            self.flush_sparse()?;
        }
        self.buffer.clear();
        Ok(())
    }

    fn flush_sparse(&mut self) -> Result<(), Errno> {
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = &buffer[..];
        while !rest.is_empty() {
            let is_zero = is_zero(first_page(rest, self.start));
            let mut length = 0;
            while length < rest.len() {
                let page = first_page(&rest[length..], self.start + length as u64);
                if self::is_zero(page) != is_zero {
                    break;
                }
                length += page.len();
            }
            if !is_zero {
                self.free_before()?;
                write_all(&self.file, &rest[..length], self.start)?;
                self.written_to = self.start + length as u64;
            } else if self.sparse == Sparse::Punch {
                self.punch(&rest[..length])?;
            } else if self.sparse == Sparse::PunchBefore {
                self.unfreed.get_or_insert(self.start);
            }
            self.start += length as u64;
            rest = &rest[length..];
        }
        self.buffer = buffer;
        Ok(())
    }

    /// Frees the zeros that lie before what is to be written. Where the file system
    /// cannot, the room stays, which has nothing but zeros in it.
    fn free_before(&mut self) -> Result<(), Errno> {
        let Some(begin) = self.unfreed.take() else { return Ok(()) };
        match rustix::fs::fallocate(&self.file, PUNCH, begin, self.start - begin) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            outcome => outcome,
        }
    }

    fn punch(&mut self, zeros: &[u8]) -> Result<(), Errno> {
        match rustix::fs::fallocate(&self.file, PUNCH, self.start, zeros.len() as u64) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                write_all(&self.file, zeros, self.start)?;
                self.written_to = self.start + zeros.len() as u64;
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Writes all of a short file.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_whole(mut self, bytes: &[u8]) -> Result<(), Errno> {
        self.write(bytes)?;
        self.finish(false).map(drop)
    }

    /// Writes what is left; the file ends here if `is_cut`, or where zeros at
    /// its end were left out.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(mut self, is_cut: bool) -> Result<OwnedFd, Errno> {
        self.flush()?;
        if is_cut || self.written_to < self.start {
            match rustix::fs::ftruncate(&self.file, self.start) {
                // A device has the length it has.
                Err(Errno::INVAL) => {}
                cut => cut?,
            }
        }
        Ok(self.file)
    }
}

/// The bytes up to the next boundary of a page in the file.
fn first_page(bytes: &[u8], offset: u64) -> &[u8] {
    let left = PAGE - (offset % PAGE as u64) as usize;
    &bytes[..bytes.len().min(left)]
}

fn is_zero(bytes: &[u8]) -> bool {
    let (wide, rest) = bytes.as_chunks::<32>();
    wide.iter().all(|chunk| *chunk == [0; 32]) && rest.iter().all(|&byte| byte == 0)
}

fn write_all(file: impl AsFd, mut bytes: &[u8], mut offset: u64) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::pwrite(&file, bytes, offset) {
            Ok(0) => return Err(Errno::NOSPC),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    fn written(before: &[u8], sparse: Sparse, pieces: &[&[u8]]) -> (Vec<u8>, u64) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        std::fs::write(&path, before).expect("written");
        let file = std::fs::OpenOptions::new().write(true).open(&path).expect("opened");
        let mut writer = Writer::new(file.into(), 0, sparse);
        pieces.iter().for_each(|piece| writer.write(piece).expect("written"));
        writer.finish(true).expect("finished");
        (std::fs::read(&path).expect("read"), std::fs::metadata(&path).expect("there").blocks())
    }

    #[test]
    fn what_is_written_is_there_with_and_without_holes() {
        let zeros = vec![0; 3 * BUFFER + 5];
        let pieces: [&[u8]; 4] = [b"start", &zeros, b"middle", &zeros[..PAGE * 2]];
        let whole = pieces.concat();
        for sparse in [Sparse::No, Sparse::Skip] {
            let (bytes, blocks) = written(b"", sparse, &pieces);
            assert!(bytes == whole);
            assert_eq!(blocks < 100, sparse == Sparse::Skip);
        }
        let (bytes, _) = written(&vec![1; whole.len() + 9], Sparse::Punch, &pieces);
        assert!(bytes == whole);
    }

    #[test]
    fn what_is_skipped_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        std::fs::write(&path, "abcdefgh").expect("written");
        let file = std::fs::OpenOptions::new().write(true).open(&path).expect("opened");
        let mut writer = Writer::new(file.into(), 0, Sparse::No);
        writer.write(b"AB").expect("written");
        writer.skip(2).expect("skipped");
        writer.write(b"E").expect("written");
        writer.finish(true).expect("finished");
        assert_eq!(std::fs::read(&path).expect("read"), b"ABcdE");
    }
}
