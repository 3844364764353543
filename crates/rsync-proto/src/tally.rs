//! What `-vv` says of a search: how often a position looked as if a block lay
//! there. That depends on the table that is looked in, so it is counted apart
//! from the search, as the original's table has it (observed: 3.5.0).

use std::collections::VecDeque;

use crate::matching::Signature;
use crate::rolling::Rolling;

/// Least number of buckets. As many as the sums of both halves can come to.
const BUCKETS_LEAST: u32 = 1 << 16;

/// How a search went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Blocks that were found.
    pub matches: u64,
    /// Positions whose weak sum has the bucket of some block's.
    pub hits: u64,
    /// Blocks with the weak sum of a position where something else lies.
    pub false_alarms: u64,
}

impl Counts {
    /// Of two searches together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            matches: self.matches + other.matches,
            hits: self.hits + other.hits,
            false_alarms: self.false_alarms + other.false_alarms,
        }
    }
}

/// Counts along with a search that tells it what was found.
#[derive(Debug)]
pub struct Tally<'s> {
    signature: &'s Signature,
    /// Which buckets have blocks.
    buckets: Vec<bool>,
    /// The part of the file that is not dealt with.
    bytes: VecDeque<u8>,
    /// What is known of it, from its first byte on.
    pieces: VecDeque<Piece>,
    rolling: Option<Rolling>,
    counts: Counts,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Literal(usize),
    Block(usize),
}

impl<'s> Tally<'s> {
    /// Of a search for blocks of `signature`.
    pub fn new(signature: &'s Signature) -> Self {
        let count = signature.head().count();
        let size = (count / 8).saturating_mul(10).saturating_add(11).max(BUCKETS_LEAST);
        let mut buckets = vec![false; size as usize];
        for weak in signature.weak_sums() {
            buckets[bucket_of(weak, size)] = true;
        }
        Self {
            signature,
            buckets,
            bytes: VecDeque::new(),
            pieces: VecDeque::new(),
            rolling: None,
            counts: Counts::default(),
        }
    }

    /// These bytes are of no block.
    pub fn literal(&mut self, bytes: &[u8]) {
        self.add(Piece::Literal(bytes.len()), bytes);
    }

    /// These bytes are a block's.
    pub fn block(&mut self, bytes: &[u8]) {
        self.add(Piece::Block(bytes.len()), bytes);
    }

    /// The file is at its end.
    pub fn finish(mut self) -> Counts {
        self.count(true);
        self.counts
    }

    fn add(&mut self, piece: Piece, bytes: &[u8]) {
        self.bytes.extend(bytes);
        self.pieces.push_back(piece);
        self.count(false);
    }

    fn count(&mut self, is_last: bool) {
        while let Some(piece) = self.pieces.pop_front() {
            let left = match piece {
                Piece::Block(length) => {
                    self.counts.matches += 1;
                    self.counts.hits += 1;
                    self.bytes.drain(..length);
                    self.rolling = None;
                    0
                }
                Piece::Literal(length) => self.count_literal(length, is_last),
            };
            if left > 0 {
                return self.pieces.push_front(Piece::Literal(left));
            }
        }
    }

    /// Goes over as many bytes of a literal as can be; how many are left.
    fn count_literal(&mut self, length: usize, is_last: bool) -> usize {
        let head = self.signature.head();
        let block_length = head.block_length() as usize;
        let shortest = head.length_of(head.count().saturating_sub(1)) as usize;
        let size = self.buckets.len() as u32;
        for done in 0..length {
            let window = self.bytes.len().min(block_length);
            // A whole block is looked at, or at the file's end no less than the last.
            if window < block_length && !is_last {
                return length - done;
            }
            if window < shortest {
                self.bytes.drain(..length - done);
                return 0;
            }
            let rolling = self.rolling.take();
            let mut rolling = rolling.unwrap_or_else(|| Rolling::of(&self.bytes.make_contiguous()[..window]));
            let weak = rolling.value();
            if self.buckets[bucket_of(weak, size)] {
                self.counts.hits += 1;
                self.counts.false_alarms += self.signature.alike(weak, window) as u64;
            }
            let Some(first) = self.bytes.pop_front() else { return 0 };
            rolling.pop(first, window as u32);
            // Where the window reaches the end it gets shorter.
            if let Some(&next) = self.bytes.get(block_length - 1) {
                rolling.push(next);
                self.rolling = Some(rolling);
            } else if is_last {
                self.rolling = Some(rolling);
            }
        }
        0
    }
}

fn bucket_of(weak: u32, size: u32) -> usize {
    let bucket = if size == BUCKETS_LEAST { weak.wrapping_add(weak >> 16) & 0xffff } else { weak % size };
    bucket as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Checksum, Seed};
    use crate::matching::{Search, Sink};
    use crate::sums::{Attempt, BlockSums, Head};
    use proptest::prelude::*;
    use std::convert::Infallible;

    const SEED: Seed = Seed { value: 7, is_first: true };

    struct Counting<'s> {
        tally: Tally<'s>,
        /// Whether each byte of the file begins what is looked at.
        is_looked_at: Vec<bool>,
    }

    impl Sink for Counting<'_> {
        type Error = Infallible;

        fn literal(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
            self.tally.literal(bytes);
            self.is_looked_at.extend(bytes.iter().map(|_| true));
            Ok(())
        }

        fn block(&mut self, _: u32, bytes: &[u8]) -> Result<(), Infallible> {
            self.tally.block(bytes);
            self.is_looked_at.extend((0..bytes.len()).map(|at| at == 0));
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn hits_are_the_positions_with_the_sum_of_a_block(
            basis in proptest::collection::vec(0_u8..3, 1..400),
            file in proptest::collection::vec(0_u8..3, 0..400),
            cut in 0_usize..400, block_length in 1_u32..40, step in 1_usize..100
        ) {
            let file = [&basis[cut.min(basis.len())..], &file].concat();
            let head = Head::of_basis(basis.len() as u64, Some(block_length), 16, Attempt::Second);
            let blocks = || basis.chunks(block_length as usize);
            let sums = blocks().map(|block| BlockSums {
                weak: Rolling::of(block).value(),
                strong: Checksum::Md5.of_block(block, SEED).truncated(head.strong_length()),
            });
            let signature = Signature::new(head, sums.collect());
            let mut search = Search::new(&signature, Checksum::Md5, SEED, false);
            let mut counting = Counting { tally: Tally::new(&signature), is_looked_at: Vec::new() };
            let (mut start, mut end) = (0, 0);
            while end < file.len() {
                end = (end + step).min(file.len());
                let Ok(consumed) = search.advance(&file[start..end], end == file.len(), &mut counting);
                start += consumed;
            }
            let shortest = blocks().last().map_or(0, <[u8]>::len);
            let window = |at: usize| &file[at..file.len().min(at + block_length as usize)];
            let bucket = |block: &[u8]| bucket_of(Rolling::of(block).value(), BUCKETS_LEAST);
            let expected = counting.is_looked_at.iter().enumerate().filter(|(at, is_looked_at)| {
                let window = window(*at);
                **is_looked_at
                    && window.len() >= shortest
                    && blocks().any(|block| bucket(block) == bucket(window))
            });
            let expected = expected.count() as u64;
            prop_assert_eq!(counting.tally.finish().hits, expected);
        }
    }
}
