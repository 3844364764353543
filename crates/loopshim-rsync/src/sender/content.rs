//! A file's bytes on their way out.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use rsync_proto::digest::{Checksum, FileDigest, Seed};
use rsync_proto::matching::{Search, Signature, Sink};
use rsync_proto::tally::Tally;
use rsync_proto::tokens::Writer;

use crate::Failure;
use crate::connection::Data;

/// Bytes read at a time.
const PIECE: usize = 256 << 10;
/// Bytes of a literal given to the writer at a time, so that frames stay short.
const LITERAL: usize = 32 << 10;

/// What was sent of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// Bytes that were sent.
    pub(super) literal: u64,
    /// Bytes that the receiver had.
    pub(super) matched: u64,
}

/// A file that is sent.
pub(super) struct Sending<'c> {
    /// Where it goes.
    pub(super) data: &'c mut Data,
    /// In which form.
    pub(super) writer: &'c mut Writer,
    /// What is read into.
    pub(super) buffer: &'c mut Vec<u8>,
    /// Its checksum so far.
    pub(super) digest: FileDigest,
    /// What was sent so far.
    pub(super) sent: Sent,
    /// How the search for what the receiver has goes, where that is asked for.
    pub(super) tally: Option<Tally<'c>>,
    /// Told of how many bytes have been dealt with.
    pub(super) progress: &'c mut dyn FnMut(u64),
}

impl Sending<'_> {
    /// Sends all bytes from `offset` on. Those before count in the checksum if
    /// `is_verified`. Returns an error of reading; what follows it is missing.
    ///
    /// # Errors
    /// Where the peer does not take any more.
    pub(super) fn whole(
        &mut self,
        file: &File,
        offset: u64,
        length: u64,
        is_verified: bool,
    ) -> Result<io::Result<()>, Failure> {
        let mut buffer = std::mem::take(self.buffer);
        let mut before = Bytes { file, offset: 0, length: if is_verified { offset } else { 0 } };
        let mut bytes = Bytes { file, offset, length };
        let outcome = loop {
            match before.next_piece(&mut buffer) {
                Ok([]) => {}
                Ok(piece) => {
                    self.digest.update(piece);
                    continue;
                }
                Err(error) => break Err(error),
            }
            match bytes.next_piece(&mut buffer) {
                Ok([]) => break Ok(()),
                Ok(piece) => piece.chunks(LITERAL).try_for_each(|piece| self.literal(piece))?,
                Err(error) => break Err(error),
            }
        };
        *self.buffer = buffer;
        Ok(outcome)
    }

    /// Sends what the receiver does not have.
    ///
    /// # Errors
    /// Where the peer does not take any more.
    pub(super) fn difference(
        &mut self,
        file: File,
        length: u64,
        signature: &Signature,
        (checksum, seed): (Checksum, Seed),
        is_in_place: bool,
    ) -> Result<io::Result<()>, Failure> {
        let mut search = Search::new(signature, checksum, seed, is_in_place);
        let block = signature.head().block_length() as usize;
        let mut window = Window { buffer: vec![0; PIECE.max(4 * block)], start: 0, end: 0, offset: 0 };
        loop {
            let is_last = match window.fill(&file, length) {
                Ok(is_last) => is_last,
                Err(error) => return Ok(Err(error)),
            };
            let consumed = search.advance(&window.buffer[window.start..window.end], is_last, self)?;
            window.start += consumed;
            if is_last {
                return Ok(Ok(()));
            }
        }
    }

    fn note(&mut self) {
        (self.progress)(self.sent.literal + self.sent.matched);
    }
}

impl Sink for Sending<'_> {
    type Error = Failure;

    fn literal(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.digest.update(bytes);
        self.sent.literal += bytes.len() as u64;
        if let Some(tally) = &mut self.tally {
            tally.literal(bytes);
        }
        self.note();
        self.writer.literal(self.data.buffer(), bytes)?;
        self.data.settle()
    }

    fn block(&mut self, index: u32, bytes: &[u8]) -> Result<(), Failure> {
        self.digest.update(bytes);
        self.sent.matched += bytes.len() as u64;
        if let Some(tally) = &mut self.tally {
            tally.block(bytes);
        }
        self.note();
        self.writer.block(self.data.buffer(), index, bytes)?;
        self.data.settle()
    }
}

/// The part of a file that is searched.
struct Window {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Of what comes next in the file.
    offset: u64,
}

impl Window {
    /// Fills the window up; whether it reaches to the file's end.
    fn fill(&mut self, file: &File, length: u64) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        while self.end < self.buffer.len() {
            let room = &mut self.buffer[self.end..];
            let left = usize::try_from(length.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            let room_length = room.len().min(left);
            match read_at(file, &mut room[..room_length], self.offset)? {
                0 => return Ok(true),
                read => {
                    self.end += read;
                    self.offset += read as u64;
                }
            }
        }
        Ok(self.offset >= length)
    }
}

/// A file, piece by piece, up to the length that it had when it was opened.
struct Bytes<'f> {
    file: &'f File,
    offset: u64,
    length: u64,
}

impl Bytes<'_> {
    /// The next bytes; none at the end.
    fn next_piece<'b>(&mut self, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        let left = usize::try_from(self.length.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let room = left.min(PIECE);
        if buffer.len() < room {
            buffer.resize(room, 0);
        }
        let read = read_at(self.file, &mut buffer[..room], self.offset)?;
        self.offset += read as u64;
        Ok(&buffer[..read])
    }
}

fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    if buffer.is_empty() {
        return Ok(0);
    }
    loop {
        match file.read_at(buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
