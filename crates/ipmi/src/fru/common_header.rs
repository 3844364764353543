use core::num::NonZeroU8;

use crate::Error;

use super::Checksum;

/// Where an area starts, in multiples of 8 bytes; absent areas have none.
pub type Offset = Option<NonZeroU8>;

/// Common header (FRU 1.0 r1.3 section 8): where each area starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CommonHeader {
    /// Internal use area (section 9).
    pub internal_use: Offset,
    /// Chassis info area (section 10).
    pub chassis: Offset,
    /// Board info area (section 11).
    pub board: Offset,
    /// Product info area (section 12).
    pub product: Offset,
    /// Multirecord area (section 16).
    pub multirecord: Offset,
    /// Of the header.
    pub checksum: Checksum,
}

impl CommonHeader {
    /// Length of the header.
    pub const LEN: usize = 8;

    /// Format version of the header and of every area but multirecord.
    pub const VERSION: u8 = 1;

    /// Reads the header at the start of `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] below 8 bytes; [`Error::Version`] for another format
    /// than 1 (the upper four bits are reserved and ignored).
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "FRU common header";
        let header: &[u8; Self::LEN] =
            bytes.first_chunk().ok_or(Error::Truncated { what: WHAT, offset: bytes.len() })?;
        let [version, internal_use, chassis, board, product, multirecord, _, _] = *header;
        if version & 0x0F != Self::VERSION {
            return Err(Error::Version { what: WHAT, version });
        }
        Ok(Self {
            internal_use: NonZeroU8::new(internal_use),
            chassis: NonZeroU8::new(chassis),
            board: NonZeroU8::new(board),
            product: NonZeroU8::new(product),
            multirecord: NonZeroU8::new(multirecord),
            checksum: Checksum::of(header),
        })
    }

    /// The eight bytes.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let Self { internal_use, chassis, board, product, multirecord, checksum } = self;
        let mut bytes = [Self::VERSION, 0, 0, 0, 0, 0, 0, 0];
        let offsets = [internal_use, chassis, board, product, multirecord];
        for (byte, offset) in bytes[1..].iter_mut().zip(offsets) {
            *byte = offset.map_or(0, NonZeroU8::get);
        }
        bytes[7] = checksum.byte(&bytes[..7]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_checksum() {
        let bytes = [1, 0, 1, 8, 0x17, 0x20, 0, 0xBF];
        let header = CommonHeader::decode(&bytes).unwrap();
        assert_eq!(header.internal_use, None);
        assert_eq!(header.multirecord.map(NonZeroU8::get), Some(0x20));
        assert!(header.checksum.is_right());
        assert_eq!(header.encode(), bytes);
    }

    #[test]
    fn other_formats_are_refused() {
        assert_eq!(
            CommonHeader::decode(&[2, 0, 0, 1, 0, 0, 0, 0xFC]),
            Err(Error::Version { what: "FRU common header", version: 2 })
        );
        assert!(CommonHeader::decode(&[1; 7]).is_err());
    }
}
