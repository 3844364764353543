/// A zero checksum (FRU 1.0 r1.3 sections 8 to 12 and 16): with it, the bytes it
/// covers sum to 0 modulo 256.
///
/// Held is how far the stored checksum is from that, so that a right one is the
/// default and a wrong one survives decoding and encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Checksum(u8);

impl Checksum {
    /// As it should be.
    pub const RIGHT: Self = Self(0);

    /// Stored too high by `error`, modulo 256.
    pub const fn wrong_by(error: u8) -> Self {
        Self(error)
    }

    /// Of bytes of which one is the checksum.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sum(bytes))
    }

    /// Whether it is as it should be.
    pub const fn is_right(self) -> bool {
        self.0 == 0
    }

    /// The byte to store for the other `bytes`.
    pub fn byte(self, bytes: &[u8]) -> u8 {
        self.0.wrapping_sub(sum(bytes))
    }
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong_checksums_are_stored_as_found() {
        let header = [1, 0, 0, 1, 0, 0, 0];
        assert_eq!(Checksum::RIGHT.byte(&header), 0xFE);
        assert!(Checksum::of(&[1, 0, 0, 1, 0, 0, 0, 0xFE]).is_right());
        let wrong = Checksum::of(&[1, 0, 0, 1, 0, 0, 0, 0xAB]);
        assert_eq!(wrong, Checksum::wrong_by(0xAD));
        assert_eq!(wrong.byte(&header), 0xAB);
    }
}
