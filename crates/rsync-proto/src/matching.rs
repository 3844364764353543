//! Finding in a sender's file the blocks that the receiver has: the rolling
//! checksum looks at every position, the strong one decides.

use std::cell::OnceCell;

use crate::digest::{Checksum, Seed};
use crate::rolling::Rolling;
use crate::sums::{BlockSums, Head};

/// The sums of a basis, ready to be looked up.
#[derive(Debug)]
pub struct Signature {
    head: Head,
    sums: Vec<BlockSums>,
    /// First block of each bucket, or [`NONE`].
    buckets: Vec<u32>,
    /// The next block in the same bucket, or [`NONE`].
    chain: Vec<u32>,
    /// A bit for each weak sum there is, by its hash: small enough to be near,
    /// and nearly empty. Almost every position ends here.
    filter: Vec<u64>,
}

const NONE: u32 = u32::MAX;

/// Bits of the filter for each bucket.
const FILTER_BITS: usize = 8;

/// Most blocks of one bucket that are compared at a position: a basis of equal
/// blocks must not make the search quadratic.
const CANDIDATES_MAX: usize = 1024;

/// Bytes not matched that are given away at once.
const LITERAL_MAX: usize = 32 << 10;

impl Signature {
    /// Of a basis cut as `head` says, with the `sums` of its blocks in order
    /// (blocks beyond `sums` are not looked for).
    pub fn new(head: Head, sums: Vec<BlockSums>) -> Self {
        // A power of two, twice the blocks: most positions meet an empty bucket.
        let size = (sums.len() * 2).next_power_of_two().max(16);
        let mut buckets = vec![NONE; size];
        let mut chain = vec![NONE; sums.len()];
        let mut filter = vec![0; size * FILTER_BITS / 64];
        // Backwards, so that a bucket lists its blocks from the first on.
        for (index, block) in sums.iter().enumerate().rev() {
            let bucket = &mut buckets[bucket_of(block.weak, size)];
            chain[index] = *bucket;
            *bucket = index as u32;
            let bit = bucket_of(block.weak, size * FILTER_BITS);
            filter[bit / 64] |= 1 << (bit % 64);
        }
        Self { head, sums, buckets, chain, filter }
    }

    /// How the basis is cut.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The weak sums of its blocks, in their order.
    pub(crate) fn weak_sums(&self) -> impl Iterator<Item = u32> {
        self.sums.iter().map(|block| block.weak)
    }

    /// How many blocks of `length` bytes have that weak sum.
    pub(crate) fn alike(&self, weak: u32, length: usize) -> usize {
        let fits = |index: &u32| self.head.length_of(*index) as usize == length;
        self.candidates(weak).filter(fits).count()
    }

    /// Whether a block may have this sum.
    #[inline]
    fn may_have(&self, weak: u32) -> bool {
        let bit = bucket_of(weak, self.filter.len() * 64);
        self.filter[bit / 64] >> (bit % 64) & 1 != 0
    }

    fn first(&self, weak: u32) -> u32 {
        self.buckets[bucket_of(weak, self.buckets.len())]
    }

    fn candidates(&self, weak: u32) -> impl Iterator<Item = u32> {
        let next = |&index: &u32| self.chain.get(index as usize).copied();
        std::iter::successors(Some(self.first(weak)), next)
            .take_while(|&index| index != NONE)
            .take(CANDIDATES_MAX)
            .filter(move |&index| self.sums[index as usize].weak == weak)
    }
}

/// Both halves of the sum, mixed by a multiplication (Fibonacci hashing).
fn bucket_of(weak: u32, size: usize) -> usize {
    (weak.wrapping_mul(0x9e37_79b1) >> 7) as usize & (size - 1)
}

/// Takes what a search finds, in the file's order.
pub trait Sink {
    /// What ends the search early.
    type Error;

    /// Bytes that the receiver has not.
    ///
    /// # Errors
    /// When the search is to end.
    fn literal(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// A block of the basis, and the same bytes.
    ///
    /// # Errors
    /// When the search is to end.
    fn block(&mut self, index: u32, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// A search through one file.
#[derive(Debug)]
pub struct Search<'s> {
    signature: &'s Signature,
    checksum: Checksum,
    seed: Seed,
    /// Whether the receiver writes over its basis: then a block is there only
    /// until its place is written.
    in_place: bool,
    /// Where the window given next begins in the file.
    offset: u64,
    /// The sum at that place, where it is known.
    rolling: Option<Rolling>,
    /// The block that would go on the last match.
    expected: u32,
}

impl<'s> Search<'s> {
    /// Begins a search.
    pub fn new(signature: &'s Signature, checksum: Checksum, seed: Seed, in_place: bool) -> Self {
        Self { signature, checksum, seed, in_place, offset: 0, rolling: None, expected: 0 }
    }

    /// Searches `window`, which goes on where the last one was consumed to, and
    /// returns how many of its bytes are dealt with. The rest is to be given
    /// again with more behind it; of the file's last window nothing is left.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn advance<S: Sink>(
        &mut self,
        window: &[u8],
        is_last: bool,
        sink: &mut S,
    ) -> Result<usize, S::Error> {
        let block_length = self.signature.head.block_length() as usize;
        let (mut at, mut literal) = (0, 0);
        while at < window.len() && (is_last || window.len() - at > block_length) {
            let block = block_at(window, at, block_length);
            let mut rolling = self.rolling.take().unwrap_or_else(|| Rolling::of(block));
            // A position beyond `end` needs more bytes than there are, or is
            // beyond what one literal holds.
            let end = window.len().saturating_sub(block_length).min(literal + LITERAL_MAX);
            // What leaves the block and what enters it, side by side.
            let leaving = window.get(at..end).unwrap_or_default();
            let entering = window.get(at + block_length..).unwrap_or_default();
            for (&leaving, &entering) in leaving.iter().zip(entering) {
                if self.signature.may_have(rolling.value()) {
                    break;
                }
                rolling.pop(leaving, block_length as u32);
                rolling.push(entering);
                at += 1;
            }
            if !is_last && window.len() - at <= block_length {
                // What the sum goes on with is in the next window.
                self.rolling = Some(rolling);
                break;
            }
            let block = block_at(window, at, block_length);
            if at - literal < LITERAL_MAX
                && let Some(index) = self.find(rolling.value(), block, at)
            {
                flush(&window[literal..at], sink)?;
                sink.block(index, block)?;
                at += block.len();
                literal = at;
                self.expected = index + 1;
                continue;
            }
            if at - literal < LITERAL_MAX {
                rolling.pop(window[at], block.len() as u32);
                window.get(at + block_length).iter().for_each(|&&next| rolling.push(next));
                at += 1;
            }
            self.rolling = Some(rolling);
            if at - literal >= LITERAL_MAX {
                flush(&window[literal..at], sink)?;
                literal = at;
            }
        }
        flush(&window[literal..at], sink)?;
        self.offset += at as u64;
        Ok(at)
    }

    fn find(&self, weak: u32, block: &[u8], at: usize) -> Option<u32> {
        if !self.signature.may_have(weak) {
            return None;
        }
        let head = self.signature.head;
        let position = self.offset + at as u64;
        // Of a position, computed once at the most.
        let strong = OnceCell::new();
        let strong = || {
            *strong.get_or_init(|| self.checksum.of_block(block, self.seed).truncated(head.strong_length()))
        };
        let is_equal = |index: u32| {
            let sums = &self.signature.sums[index as usize];
            let fits = head.length_of(index) as usize == block.len();
            let is_there = !self.in_place || head.offset(index) >= position;
            fits && is_there && sums.weak == weak && sums.strong == strong()
        };
        let is_known = (self.expected as usize) < self.signature.sums.len();
        if is_known && is_equal(self.expected) {
            return Some(self.expected);
        }
        self.signature.candidates(weak).find(|&index| is_equal(index))
    }
}

fn block_at(window: &[u8], at: usize, block_length: usize) -> &[u8] {
    let rest = &window[at..];
    &rest[..rest.len().min(block_length)]
}

fn flush<S: Sink>(literal: &[u8], sink: &mut S) -> Result<(), S::Error> {
    if literal.is_empty() { Ok(()) } else { sink.literal(literal) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sums::Attempt;
    use proptest::prelude::*;
    use std::convert::Infallible;

    const SEED: Seed = Seed { value: 7, is_first: true };

    /// Rebuilds the file from what is found, as a receiver does.
    struct Receiver<'b> {
        basis: &'b [u8],
        head: Head,
        file: Vec<u8>,
        literal: usize,
    }

    impl Sink for Receiver<'_> {
        type Error = Infallible;

        fn literal(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
            assert!(!bytes.is_empty() && bytes.len() <= LITERAL_MAX);
            self.literal += bytes.len();
            self.file.extend_from_slice(bytes);
            Ok(())
        }

        fn block(&mut self, index: u32, bytes: &[u8]) -> Result<(), Infallible> {
            let start = self.head.offset(index) as usize;
            assert_eq!(bytes, &self.basis[start..start + self.head.length_of(index) as usize]);
            self.file.extend_from_slice(bytes);
            Ok(())
        }
    }

    fn signature(basis: &[u8], block_length: u32) -> Signature {
        let head = Head::of_basis(basis.len() as u64, Some(block_length), 16, Attempt::Second);
        let sums = basis.chunks(block_length as usize).map(|block| BlockSums {
            weak: Rolling::of(block).value(),
            strong: Checksum::Md5.of_block(block, SEED).truncated(head.strong_length()),
        });
        Signature::new(head, sums.collect())
    }

    /// Sends `file` to who has `basis`, `step` bytes at a time; how many bytes
    /// of it were sent.
    fn sent(basis: &[u8], file: &[u8], block_length: u32, step: usize, in_place: bool) -> usize {
        let signature = signature(basis, block_length);
        let mut search = Search::new(&signature, Checksum::Md5, SEED, in_place);
        let mut receiver = Receiver { basis, head: signature.head(), file: Vec::new(), literal: 0 };
        let (mut start, mut end) = (0, 0);
        while end < file.len() {
            end = (end + step).min(file.len());
            let Ok(consumed) = search.advance(&file[start..end], end == file.len(), &mut receiver);
            start += consumed;
        }
        assert_eq!(start, file.len());
        assert_eq!(receiver.file, file);
        receiver.literal
    }

    #[test]
    fn what_moved_is_found() {
        let basis: Vec<u8> = (0..10_000_u32).map(|number| ((number * number) >> 3) as u8).collect();
        assert_eq!(sent(&basis, &basis, 700, 1 << 20, false), 0);
        let longer = [b"before".as_slice(), &basis].concat();
        assert_eq!(sent(&basis, &longer, 700, 1 << 20, false), 6);
        let swapped = [&basis[7000..], &basis[..7000]].concat();
        // The last block is short: it is found only where a file ends.
        assert_eq!(sent(&basis, &swapped, 700, 4096, false), 200);
    }

    #[test]
    fn what_follows_a_long_insertion_is_found() {
        let noise = |count: u32, seed: u32| {
            let number =
                |at: u32| (at ^ seed).wrapping_mul(0x9e37_79b1).rotate_left(7).wrapping_mul(0x85eb_ca6b);
            (0..count).map(|at| (number(at) >> 17) as u8).collect::<Vec<u8>>()
        };
        let basis = noise(70_000, 1);
        for inserted in [20_000, 33_000, 40_000, 70_000, 100_000, 300_000] {
            let file = [&basis[..35_000], &noise(inserted, 0x1234_5678), &basis[35_000..]].concat();
            for step in [1 << 20, 50_000, 4096] {
                assert_eq!(sent(&basis, &file, 700, step, false), inserted as usize, "{inserted} {step}");
            }
        }
    }

    #[test]
    fn in_place_a_block_is_there_until_it_is_written_over() {
        let basis: Vec<u8> =
            (0..2100_u32).map(|number| ((number * 7) >> 2) as u8 ^ (number >> 8) as u8).collect();
        let down = [&basis[..700], &basis[..1400]].concat();
        assert_eq!(sent(&basis, &down, 700, 1 << 20, true), 1400);
        assert_eq!(sent(&basis, &basis[700..], 700, 1 << 20, true), 0);
    }

    #[test]
    fn equal_blocks_are_found_in_a_row() {
        let zeros = vec![0; 700 * 3000];
        assert_eq!(sent(&zeros, &zeros, 700, 100_000, false), 0);
    }

    proptest! {
        #[test]
        fn the_receiver_rebuilds_the_file(
            basis in proptest::collection::vec(0_u8..3, 0..400),
            cuts in proptest::collection::vec((0_usize..400, 0_usize..400), 0..5),
            extra in proptest::collection::vec(any::<u8>(), 0..30),
            block_length in 1_u32..40, step in 1_usize..100, in_place: bool
        ) {
            let pieces = cuts.iter().map(|&(a, b)| {
                let (a, b) = (a.min(basis.len()), b.min(basis.len()));
                &basis[a.min(b)..a.max(b)]
            });
            let file = pieces.collect::<Vec<_>>().join(&extra[..]);
            sent(&basis, &file, block_length, step, in_place);
        }
    }
}
