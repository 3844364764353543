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
        // A group of bytes at a time: its part of `s2` is a sum weighted by place,
        // which needs no byte of it before another.
        let mut sum = Self { s1: 0, s2: 0 };
        let (groups, rest) = window.as_chunks::<GROUP>();
        for group in groups {
            let (mut plain, mut weighted) = (0_i32, 0_i32);
            for (at, &byte) in group.iter().enumerate() {
                let byte = i32::from(byte as i8);
                plain += byte;
                weighted += (GROUP - at) as i32 * byte;
            }
            sum.s2 = sum.s2.wrapping_add(sum.s1.wrapping_mul(GROUP as u32)).wrapping_add(weighted as u32);
            sum.s1 = sum.s1.wrapping_add(plain as u32);
        }
        rest.iter().for_each(|&byte| sum.push(byte));
        sum
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

/// Bytes summed together: enough for the widest registers.
const GROUP: usize = 64;

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

    proptest! {
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
