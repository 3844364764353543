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
        // Four bytes at a time: their part of `s2` is a weighted sum.
        let mut sum = Self { s1: 0, s2: 0 };
        let (quads, rest) = window.as_chunks::<4>();
        for quad in quads {
            let [a, b, c, d] = quad.map(signed);
            sum.s2 = sum
                .s2
                .wrapping_add(sum.s1.wrapping_mul(4))
                .wrapping_add(a.wrapping_mul(4))
                .wrapping_add(b.wrapping_mul(3))
                .wrapping_add(c.wrapping_mul(2))
                .wrapping_add(d);
            sum.s1 = sum.s1.wrapping_add(a).wrapping_add(b).wrapping_add(c).wrapping_add(d);
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
