//! The sums of a basis' blocks.

use rsync_proto::rolling::Rolling;
use rsync_proto::sums::{BlockSums, Head};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::Generator;
use crate::failure::Failure;

/// Bytes of a basis read at a time, about.
const PIECE: usize = 1 << 20;

impl Generator<'_> {
    /// Sends the sums of all blocks of a basis. What cannot be read any more is
    /// summed as zeros: it will match nothing that is sent.
    pub(super) fn send_sums(&mut self, file: &OwnedFd, head: Head) -> Result<(), Failure> {
        let block = head.block_length() as usize;
        let at_once = (PIECE / block.max(1)).max(1);
        let mut buffer = vec![0; at_once.min(head.count() as usize) * block];
        let mut sums = Vec::with_capacity(at_once);
        let mut index = 0;
        while index < head.count() {
            let last = head.count().min(index + at_once as u32);
            let length =
                (head.offset(last - 1) - head.offset(index)) as usize + head.length_of(last - 1) as usize;
            let piece = &mut buffer[..length];
            read_at(file, piece, head.offset(index));
            sums.clear();
            let mut rest = &piece[..];
            for number in index..last {
                let (bytes, after) = rest.split_at(head.length_of(number) as usize);
                sums.push(self.sums_of(bytes, head));
                rest = after;
            }
            self.outlet.sums(&sums)?;
            index = last;
        }
        Ok(())
    }

    fn sums_of(&self, block: &[u8], head: Head) -> BlockSums {
        let session = &self.run.session;
        let strong = session.checksum.of_block(block, session.seed).truncated(head.strong_length());
        BlockSums { weak: Rolling::of(block).value(), strong }
    }
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
