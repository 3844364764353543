//! The sums of a basis file's blocks: what a generator sends so that the
//! sender need not send what the receiver has.

use crate::digest::Sum;
use crate::integers::{read_int, write_int};
use crate::violation::Field;
use crate::{Input, Violation};

/// Longest block, in bytes, since protocol 30.
pub const BLOCK_LENGTH_MAX: u32 = 131_072;
/// Length of a block of a small file, and the least there is by default.
const BLOCK_LENGTH_LEAST: u32 = 700;
/// Fewest bytes of a strong sum.
const STRONG_LENGTH_LEAST: u32 = 2;
/// Most bytes of a strong sum, and all of it in a second attempt.
const STRONG_LENGTH_MOST: u32 = 16;
/// Largest basis for which blocks have the least length.
const SMALL: u64 = (BLOCK_LENGTH_LEAST as u64) * (BLOCK_LENGTH_LEAST as u64);

/// How a basis file is cut into blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    count: u32,
    block_length: u32,
    strong_length: u32,
    remainder: u32,
}

impl Head {
    /// Bytes of a head on the wire.
    pub const LENGTH: usize = 16;

    /// Bytes that the sums of a block take on the wire.
    pub fn sums_length(self) -> u64 {
        4 + u64::from(self.strong_length)
    }

    /// No basis: the whole file is to be sent.
    pub const NONE: Self = Self { count: 0, block_length: 0, strong_length: 0, remainder: 0 };

    /// How a basis of `length` bytes is cut; `block_length` where the user
    /// chose one, `digest_length` bytes in a strong sum, all of them in a
    /// second attempt.
    pub fn of_basis(length: u64, block_length: Option<u32>, digest_length: usize, attempt: Attempt) -> Self {
        let block_length = block_length
            .map_or_else(|| default_block_length(length), |chosen| chosen.clamp(1, BLOCK_LENGTH_MAX));
        let most = STRONG_LENGTH_MOST.min(digest_length as u32);
        let strong_length = match attempt {
            Attempt::First => strong_length(length, block_length).min(most),
            Attempt::Second => most,
        };
        let remainder = (length % u64::from(block_length)) as u32;
        // A count beyond the wire's 31 bits would need a basis of over a terabyte
        // in the shortest blocks: then only its beginning is compared.
        let count = length.div_ceil(u64::from(block_length)).min(i32::MAX as u64) as u32;
        Self { count, block_length, strong_length, remainder }
    }

    /// Reads a head; `digest_length` is that of the session's checksum.
    ///
    /// # Errors
    /// [`Violation::OutOfRange`] with the field, or those of the input.
    pub fn read<I: Input>(input: &mut I, digest_length: usize) -> Result<Self, I::Error> {
        let mut field = |least: u32, most: u32, field| {
            let number = read_int(input)?;
            let checked = u32::try_from(number).ok().filter(|number| (least..=most).contains(number));
            checked.ok_or_else(|| I::Error::from(Violation::OutOfRange(field)))
        };
        let count = field(0, i32::MAX as u32, Field::BlockCount)?;
        let block_length = field(u32::from(count > 0), BLOCK_LENGTH_MAX, Field::BlockLength)?;
        let strong_length = field(0, digest_length as u32, Field::StrongSumLength)?;
        let remainder = field(0, block_length, Field::Remainder)?;
        Ok(Self { count, block_length, strong_length, remainder })
    }

    /// Writes the head.
    pub fn write(self, output: &mut Vec<u8>) {
        for field in [self.count, self.block_length, self.strong_length, self.remainder] {
            write_int(output, field as i32);
        }
    }

    /// Number of blocks, at most 2³¹ − 1.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// Bytes in each block but perhaps the last; not zero where there are blocks.
    pub const fn block_length(self) -> u32 {
        self.block_length
    }

    /// Bytes of each strong sum that are sent.
    pub const fn strong_length(self) -> usize {
        self.strong_length as usize
    }

    /// Bytes of the basis.
    pub fn basis_length(self) -> u64 {
        self.count.checked_sub(1).map_or(0, |last| self.offset(last) + u64::from(self.length_of(last)))
    }

    /// Where block `index` begins in the basis, in bytes.
    pub fn offset(self, index: u32) -> u64 {
        u64::from(index) * u64::from(self.block_length)
    }

    /// Bytes in block `index`.
    pub const fn length_of(self, index: u32) -> u32 {
        if index + 1 == self.count && self.remainder != 0 { self.remainder } else { self.block_length }
    }
}

/// Whether a file is asked for again because what arrived was not it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Short sums.
    First,
    /// Full sums.
    Second,
}

/// About the square root of the basis, in steps of 8.
fn default_block_length(length: u64) -> u32 {
    if length <= SMALL {
        return BLOCK_LENGTH_LEAST;
    }
    let root = length.isqrt() & !7;
    (root.min(BLOCK_LENGTH_MAX.into()) as u32).max(BLOCK_LENGTH_LEAST)
}

/// Bytes that make a false match unlikely over a whole basis, given the 32 bits
/// of the weak sum.
fn strong_length(length: u64, block_length: u32) -> u32 {
    let of_basis = 10 + 2 * length.checked_ilog2().unwrap_or(0);
    let bits = of_basis.saturating_sub(block_length.ilog2());
    // Truncating towards zero, as the wire's other end computes it.
    let bytes = (i64::from(bits) + 1 - 32 + 7) / 8;
    bytes.clamp(STRONG_LENGTH_LEAST.into(), STRONG_LENGTH_MOST.into()) as u32
}

/// The sums of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSums {
    /// The weak one.
    pub weak: u32,
    /// The first bytes of the strong one.
    pub strong: Sum,
}

impl BlockSums {
    /// Reads the sums of a block of `head`.
    ///
    /// # Errors
    /// Those of the input.
    pub fn read<I: Input>(input: &mut I, head: Head) -> Result<Self, I::Error> {
        let weak = input.array().map(u32::from_le_bytes)?;
        let mut strong = [0; Sum::MAX];
        let strong = &mut strong[..head.strong_length().min(Sum::MAX)];
        input.fill(strong)?;
        Ok(Self { weak, strong: Sum::new(strong) })
    }

    /// Writes the sums; `strong` has the head's length.
    pub fn write(&self, output: &mut Vec<u8>) {
        output.extend_from_slice(&self.weak.to_le_bytes());
        output.extend_from_slice(self.strong.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;
    use proptest::prelude::*;

    fn head(fields: [i32; 4]) -> Result<Head, SliceError> {
        let bytes: Vec<u8> = fields.iter().flat_map(|field| field.to_le_bytes()).collect();
        Head::read(&mut &bytes[..], 16)
    }

    #[test]
    fn what_would_lead_beyond_a_buffer_is_refused() {
        let refused = |field| Err(SliceError::Violation(Violation::OutOfRange(field)));
        assert_eq!(head([-1, 700, 2, 0]), refused(Field::BlockCount));
        assert_eq!(head([1, 0, 2, 0]), refused(Field::BlockLength));
        assert_eq!(head([1, 131_073, 2, 0]), refused(Field::BlockLength));
        assert_eq!(head([1, 700, 17, 0]), refused(Field::StrongSumLength));
        assert_eq!(head([1, 700, -1, 0]), refused(Field::StrongSumLength));
        assert_eq!(head([1, 700, 2, 701]), refused(Field::Remainder));
        assert_eq!(head([0, 0, 0, 0]), Ok(Head::NONE));
    }

    #[test]
    fn blocks_are_as_long_as_the_original_makes_them() {
        let cut = |length| {
            let head = Head::of_basis(length, None, 16, Attempt::First);
            (head.count, head.block_length, head.strong_length, head.remainder)
        };
        assert_eq!(cut(0), (0, 700, 2, 0));
        assert_eq!(cut(1400), (2, 700, 2, 0));
        assert_eq!(cut(490_000), (700, 700, 2, 0));
        assert_eq!(cut(1_000_000), (1000, 1000, 2, 0));
        assert_eq!(cut(1 << 30), (32_768, 32_768, 3, 0));
    }

    proptest! {
        #[test]
        fn blocks_cover_the_basis(length in 0_u64..1 << 42, chosen in proptest::option::of(1_u32..200_000)) {
            let head = Head::of_basis(length, chosen, 16, Attempt::First);
            prop_assume!(u64::from(head.count) < i32::MAX as u64);
            prop_assert_eq!(head.basis_length(), length);
        }

        #[test]
        fn what_is_written_is_read_again(length in 0_u64..1 << 40, chosen in proptest::option::of(1_u32..200_000)) {
            let (head, mut bytes) = (Head::of_basis(length, chosen, 8, Attempt::Second), Vec::new());
            head.write(&mut bytes);
            prop_assert_eq!(Head::read(&mut &bytes[..], 8), Ok(head));
        }
    }
}
