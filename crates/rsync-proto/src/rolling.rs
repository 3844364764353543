//! The weak checksum of a block, which can be moved along a file byte by byte.

/// The sum over a window: `s1` adds its bytes, `s2` adds `s1` after each; both
/// modulo 2¹⁶, bytes taken as signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolling {
    s1: u32,
    s2: u32,
}

impl Rolling {
    /// The sum over `window`.
    pub fn of(window: &[u8]) -> Self {
        let mut sum = Self { s1: 0, s2: 0 };
        let (groups, rest) = window.as_chunks::<GROUP>();
        groups.iter().for_each(|group| sum.push_group(group));
        rest.iter().for_each(|&byte| sum.push(byte));
        sum
    }

    /// Lengthens the window by a group of bytes: eight columns of them side by
    /// side, since most compilers' settings leave this loop to us.
    fn push_group(&mut self, group: &[u8; GROUP]) {
        let (rows, _) = group.as_chunks::<8>();
        let (mut even, mut odd) = (Columns::default(), Columns::default());
        for row in rows {
            let row = u64::from_le_bytes(*row) ^ OFFSETS;
            even.add(row & LANES);
            odd.add(row >> 8 & LANES);
        }
        // In a row, the bytes count 8, 7, 6 … 1 times more than the rows after it.
        let plain = even.total() + odd.total();
        let within = 2 * (even.weighted() + odd.weighted()) - odd.total();
        let weighted = 8 * (even.of_rows() + odd.of_rows()) + within;
        self.s2 = self
            .s2
            .wrapping_add(self.s1.wrapping_mul(GROUP as u32))
            .wrapping_add(weighted)
            .wrapping_sub(OFFSET * (GROUP * (GROUP + 1) / 2) as u32);
        self.s1 = self.s1.wrapping_add(plain).wrapping_sub(OFFSET * GROUP as u32);
    }

    /// Lengthens the window by the byte after it.
    pub fn push(&mut self, byte: u8) {
        self.s1 = self.s1.wrapping_add(signed(byte));
        self.s2 = self.s2.wrapping_add(self.s1);
    }

    /// Shortens a window of `length` bytes by its first.
    pub fn pop(&mut self, byte: u8, length: u32) {
        let byte = signed(byte);
        self.s1 = self.s1.wrapping_sub(byte);
        self.s2 = self.s2.wrapping_sub(byte.wrapping_mul(length));
    }

    /// The sum as it lies on the wire.
    pub fn value(self) -> u32 {
        self.s1 & 0xffff | self.s2 << 16
    }
}

/// Bytes summed together: 16 rows of eight. More, and a lane overflows.
const GROUP: usize = 128;
/// Added to each byte, that it is not negative.
const OFFSET: u32 = 128;
/// The same for a row; there adding is flipping the sign.
const OFFSETS: u64 = 0x8080_8080_8080_8080;
/// Where a word has bytes in lanes of 16 bits.
const LANES: u64 = 0x00ff_00ff_00ff_00ff;

/// Four columns of bytes, in lanes of 16 bits.
#[derive(Debug, Clone, Copy, Default)]
struct Columns {
    /// Each column's sum: at most 16 × 255.
    sums: u64,
    /// The sums there were before each row, added up: at most 120 × 255.
    before: u64,
}

impl Columns {
    /// Adds a row.
    fn add(&mut self, row: u64) {
        self.before += self.sums;
        self.sums += row;
    }

    /// All bytes.
    fn total(self) -> u32 {
        // A product's highest lane is the sum of all; none below overflows.
        (self.sums.wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
    }

    /// The columns, the first 4 times, the last once.
    fn weighted(self) -> u32 {
        (self.sums.wrapping_mul(0x0004_0003_0002_0001) >> 48) as u32
    }

    /// All bytes, each as often as there are rows after it.
    fn of_rows(self) -> u32 {
        let pairs = (self.before & 0xffff_0000_ffff) + (self.before >> 16 & 0xffff_0000_ffff);
        (pairs as u32).wrapping_add((pairs >> 32) as u32)
    }
}

fn signed(byte: u8) -> u32 {
    byte as i8 as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the definition: s1 = Σ bᵢ, s2 = Σ (n − i)·bᵢ.
    fn defined(window: &[u8]) -> u32 {
        let length = window.len() as i64;
        let (mut s1, mut s2) = (0_i64, 0_i64);
        for (at, &byte) in window.iter().enumerate() {
            s1 += i64::from(byte as i8);
            s2 += (length - at as i64) * i64::from(byte as i8);
        }
        (s1 as u32 & 0xffff) | (s2 as u32) << 16
    }

    #[test]
    fn the_largest_and_the_smallest_bytes_overflow_nothing() {
        for byte in [0x00, 0x7f, 0x80, 0xff] {
            for length in [GROUP, 3 * GROUP + 5, 131_072] {
                let window = vec![byte; length];
                assert_eq!(Rolling::of(&window).value(), defined(&window), "{byte:x} {length}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_sum_is_as_defined(bytes in proptest::collection::vec(any::<u8>(), 0..1000)) {
            prop_assert_eq!(Rolling::of(&bytes).value(), defined(&bytes));
        }

        #[test]
        fn the_sum_is_as_defined_wherever_it_rolled(
            bytes in proptest::collection::vec(any::<u8>(), 1..300), length in 1_usize..50
        ) {
            let length = length.min(bytes.len());
            let mut rolling = Rolling::of(&bytes[..length]);
            for end in length..=bytes.len() {
                let start = end - length;
                prop_assert_eq!(rolling.value(), defined(&bytes[start..end]));
                if let Some(&next) = bytes.get(end) {
                    rolling.pop(bytes[start], length as u32);
                    rolling.push(next);
                }
            }
        }
    }
}
