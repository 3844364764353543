//! A file's data: what arrives, and what its basis has already.

use rsync_proto::Input;
use rsync_proto::digest::Sum;
use rsync_proto::sums::Head;
use rsync_proto::tokens::{Piece, Reader};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use crate::connection::Session;
use crate::failure::{Failure, Status};
use crate::fs::Writer;

/// Bytes of a basis read at a time, at least.
const BUFFER: usize = 256 << 10;

/// The basis of a file and how it was cut.
pub(super) struct BasisFile {
    /// The file; none where it cannot be opened any more.
    pub(super) file: Option<OwnedFd>,
    /// How it was cut.
    pub(super) head: Head,
    /// It is the very file that is written: blocks in their place stay.
    pub(super) is_output: bool,
}

/// What became of a file's data.
pub(super) struct Arrived {
    /// Bytes of the whole file.
    pub(super) length: u64,
    /// Bytes that came as they are.
    pub(super) literal: u64,
    /// The sender's checksum of the file.
    pub(super) sum: Option<Sum>,
    /// Whether the file is what the sender has.
    pub(super) is_whole: bool,
    /// What went wrong with files here.
    pub(super) error: Option<Trouble>,
}

/// What can go wrong with files while data arrive, in the system's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The file cannot be written: nothing more is read.
    Write(Errno),
    /// The basis cannot be read.
    Read(Errno),
}

/// Reads one file's data from the peer: all of them from the stream, whatever goes
/// wrong with the basis here.
pub(super) struct Data<'d, I> {
    /// The peer.
    pub(super) input: &'d mut I,
    /// Reads tokens, all files of a session with the same.
    pub(super) reader: &'d mut Reader,
    /// How the peers check data.
    pub(super) session: &'d Session,
    /// Told how many bytes of the file there are.
    pub(super) progress: &'d mut dyn FnMut(u64),
}

impl<I: Input<Error = Failure>> Data<'_, I> {
    /// Takes the data; to `writer`, or nowhere. `prefix` is what of the basis
    /// stays in front of the data (`--append`), and counts in the checksum if
    /// `prefix_counts`.
    ///
    /// # Errors
    /// Where the peer breaks a rule or is gone.
    pub(super) fn take(
        self,
        mut writer: Option<&mut Writer>,
        basis: &BasisFile,
        prefix: u64,
        prefix_counts: bool,
    ) -> Result<Arrived, Failure> {
        let mut digest = self.session.checksum.of_file();
        let mut arrived = Arrived { length: prefix, literal: 0, sum: None, is_whole: false, error: None };
        let mut buffer = Vec::new();
        if prefix > 0 && prefix_counts {
            let taken = read_range(basis, 0, prefix, &mut buffer, |bytes| {
                digest.update(bytes);
                Ok(())
            });
            arrived.error = taken.err();
        }
        loop {
            match self.reader.read(self.input)? {
                Piece::End => break,
                Piece::Data(bytes) => {
                    digest.update(bytes);
                    arrived.length += bytes.len() as u64;
                    arrived.literal += bytes.len() as u64;
                    if let Some(writer) = writer.as_deref_mut().filter(|_| arrived.error.is_none()) {
                        arrived.error = writer.write(bytes).err().map(Trouble::Write);
                    }
                }
                Piece::Blocks { first, last } => {
                    let head = basis.head;
                    if last >= head.count() {
                        let text = format!("Invalid block number {last}: the basis has {}", head.count());
                        return Err(Failure::new(Status::Protocol, text));
                    }
                    let start = head.offset(first);
                    let end = head.offset(last) + u64::from(head.length_of(last));
                    let stays = basis.is_output && start == arrived.length;
                    arrived.length += end - start;
                    let mut failed = None;
                    let taken = read_range(basis, start, end, &mut buffer, |bytes| {
                        digest.update(bytes);
                        self.reader
                            .matched(bytes)
                            .map_err(|violation| failed = Some(violation))
                            .map_err(|()| Trouble::Read(Errno::IO))?;
                        match writer.as_deref_mut() {
                            None => Ok(()),
                            Some(writer) if stays => writer.skip(bytes.len() as u64).map_err(Trouble::Write),
                            Some(writer) => writer.write(bytes).map_err(Trouble::Write),
                        }
                    });
                    if let Some(violation) = failed {
                        return Err(violation.into());
                    }
                    arrived.error = arrived.error.or(taken.err());
                }
            }
            if matches!(arrived.error, Some(Trouble::Write(_))) {
                return Ok(arrived);
            }
            (self.progress)(arrived.length);
        }
        let mut theirs = [0; Sum::MAX];
        let theirs = &mut theirs[..self.session.checksum.length()];
        self.input.fill(theirs)?;
        let theirs = Sum::new(theirs);
        arrived.sum = Some(theirs);
        arrived.is_whole = arrived.error.is_none() && digest.finish() == theirs;
        Ok(arrived)
    }
}

/// Gives bytes of the basis in pieces to `take`.
fn read_range(
    basis: &BasisFile,
    start: u64,
    end: u64,
    buffer: &mut Vec<u8>,
    mut take: impl FnMut(&[u8]) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    buffer.resize(BUFFER, 0);
    let mut at = start;
    let mut outcome = Ok(());
    while at < end {
        let wanted = ((end - at) as usize).min(BUFFER);
        let read = match &basis.file {
            Some(file) => rustix::io::pread(file, &mut buffer[..wanted], at),
            None => Err(Errno::NOENT),
        };
        let read = match read {
            Ok(read @ 1..) => read,
            Err(Errno::INTR) => continue,
            // The basis became shorter or cannot be read any more. Something has
            // to stand for it, since a decompressor may go on from it.
            missing => {
                buffer[..wanted].fill(0);
                outcome = outcome.and(Err(Trouble::Read(missing.err().unwrap_or(Errno::IO))));
                wanted
            }
        };
        let taken = take(&buffer[..read]);
        outcome = outcome.and(taken);
        at += read as u64;
    }
    outcome
}
