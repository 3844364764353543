//! The sums of a basis' blocks. Those of a large one are made by several
//! threads: the sender cannot begin before it has them all.

use rsync_proto::rolling::Rolling;
use rsync_proto::sums::{BlockSums, Head};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::Generator;
use crate::connection::Session;
use crate::failure::Failure;

/// Bytes of a basis that one thread reads at a time, about.
const PIECE: u64 = 1 << 20;
/// More threads than this gain nothing.
const THREADS_MAX: usize = 8;

impl Generator<'_> {
    /// Sends the sums of all blocks of a basis. What cannot be read any more is
    /// summed as zeros: it will match nothing that is sent.
    pub(super) fn send_sums(&mut self, file: &OwnedFd, head: Head) -> Result<(), Failure> {
        let blocks = (PIECE / u64::from(head.block_length().max(1))).max(1) as u32;
        let pieces = head.count().div_ceil(blocks);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        let session = &self.run.session;
        let of_piece = |piece: u32| {
            let first = piece * blocks;
            sums_of(session, file, head, first, head.count().min(first.saturating_add(blocks)))
        };
        let mut piece = 0;
        while piece < pieces {
            let next = pieces.min(piece + threads as u32);
            let sums: Vec<Vec<BlockSums>> = if next - piece < 2 {
                vec![of_piece(piece)]
            } else {
                std::thread::scope(|scope| {
                    let others: Vec<_> =
                        (piece + 1..next).map(|other| scope.spawn(move || of_piece(other))).collect();
                    let mut sums = vec![of_piece(piece)];
                    sums.extend(others.into_iter().map(|other| match other.join() {
                        Ok(sums) => sums,
                        Err(panic) => std::panic::resume_unwind(panic),
                    }));
                    sums
                })
            };
            sums.iter().try_for_each(|sums| self.outlet.sums(sums))?;
            piece = next;
        }
        Ok(())
    }
}

/// The sums of blocks `first` to `end`, without it.
fn sums_of(session: &Session, file: &OwnedFd, head: Head, first: u32, end: u32) -> Vec<BlockSums> {
    let start = head.offset(first);
    let length = (head.offset(end - 1) - start) as usize + head.length_of(end - 1) as usize;
    let mut buffer = vec![0; length];
    read_at(file, &mut buffer, start);
    let mut rest = &buffer[..];
    (first..end)
        .map(|number| {
            let (block, after) = rest.split_at(head.length_of(number) as usize);
            rest = after;
            let strong = session.checksum.of_block(block, session.seed).truncated(head.strong_length());
            BlockSums { weak: Rolling::of(block).value(), strong }
        })
        .collect()
}

fn read_at(file: &OwnedFd, buffer: &mut [u8], mut offset: u64) {
    let mut done = 0;
    while done < buffer.len() {
        match rustix::io::pread(file, &mut buffer[done..], offset) {
            Err(Errno::INTR) => {}
            Ok(0) | Err(_) => return buffer[done..].fill(0),
            Ok(read) => {
                done += read;
                offset += read as u64;
            }
        }
    }
}
