//! Strong checksums: of blocks (seeded) and of whole files (not seeded).

use md4::Md4;
use md5::Md5;
use sha1::{Digest as _, Sha1};
use xxhash_rust::xxh3::Xxh3Default;
use xxhash_rust::xxh64::Xxh64;
use xxhash_rust::{xxh3, xxh64};

use crate::negotiation::Algorithm;

/// A checksum algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// XXH3 with 128 bits.
    Xxh128,
    /// XXH3 with 64 bits.
    Xxh3,
    /// XXH64.
    Xxh64,
    /// MD5; what peers take that do not negotiate.
    Md5,
    /// MD4.
    Md4,
    /// SHA-1.
    Sha1,
    /// None: whole files, unchecked. Never negotiated by us, only by option.
    None,
}

impl Algorithm for Checksum {
    const OURS: &'static [Self] = &[Self::Xxh128, Self::Xxh3, Self::Xxh64, Self::Md5, Self::Md4, Self::Sha1];

    fn name(self) -> &'static str {
        match self {
            Self::Xxh128 => "xxh128",
            Self::Xxh3 => "xxh3",
            Self::Xxh64 => "xxh64",
            Self::Md5 => "md5",
            Self::Md4 => "md4",
            Self::Sha1 => "sha1",
            Self::None => "none",
        }
    }
}

impl Checksum {
    /// Bytes of a checksum on the wire, 1 to [`Sum::MAX`].
    pub const fn length(self) -> usize {
        match self {
            Self::Xxh128 | Self::Md5 | Self::Md4 => 16,
            Self::Xxh3 | Self::Xxh64 => 8,
            Self::Sha1 => 20,
            Self::None => 1,
        }
    }

    /// The checksum of a block.
    pub fn of_block(self, block: &[u8], seed: Seed) -> Sum {
        let wide = i64::from(seed.value) as u64;
        match self {
            Self::Xxh128 => Sum::from(xxh3::xxh3_128_with_seed(block, wide).to_le_bytes()),
            Self::Xxh3 => Sum::from(xxh3::xxh3_64_with_seed(block, wide).to_le_bytes()),
            Self::Xxh64 => Sum::from(xxh64::xxh64(block, wide).to_le_bytes()),
            Self::Md5 => seeded::<Md5>(block, seed),
            Self::Md4 => seeded::<Md4>(block, Seed { is_first: false, ..seed }),
            Self::Sha1 => seeded::<Sha1>(block, Seed { is_first: true, ..seed }),
            Self::None => Sum::from([0]),
        }
    }

    /// The checksum of a whole file that is these bytes.
    pub fn of_bytes(self, bytes: &[u8]) -> Sum {
        match self {
            Self::Xxh128 => Sum::from(xxh3::xxh3_128(bytes).to_le_bytes()),
            Self::Xxh3 => Sum::from(xxh3::xxh3_64(bytes).to_le_bytes()),
            _ => {
                let mut digest = self.of_file();
                digest.update(bytes);
                digest.finish()
            }
        }
    }

    /// Begins the checksum of a whole file.
    pub fn of_file(self) -> FileDigest {
        FileDigest(match self {
            Self::Xxh128 => State::Xxh128(Box::default()),
            Self::Xxh3 => State::Xxh3(Box::default()),
            Self::Xxh64 => State::Xxh64(Xxh64::new(0)),
            Self::Md5 => State::Md5(Md5::new()),
            Self::Md4 => State::Md4(Md4::new()),
            Self::Sha1 => State::Sha1(Sha1::new()),
            Self::None => State::None,
        })
    }
}

fn seeded<D: sha1::Digest>(block: &[u8], seed: Seed) -> Sum {
    let bytes = seed.value.to_le_bytes();
    // A seed of zero adds nothing, not four zero bytes.
    let bytes: &[u8] = if seed.value == 0 { &[] } else { &bytes };
    let mut digest = D::new();
    if seed.is_first {
        digest.update(bytes);
    }
    digest.update(block);
    if !seed.is_first {
        digest.update(bytes);
    }
    Sum::new(&digest.finalize())
}

/// What a session mixes into its blocks' checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// The number that the server chose.
    pub value: i32,
    /// Whether it precedes a block's bytes in MD5, as peers since 3.1 agree.
    pub is_first: bool,
}

/// The checksum of a whole file in the making.
#[derive(Clone)]
pub struct FileDigest(State);

#[derive(Clone)]
enum State {
    Xxh128(Box<Xxh3Default>),
    Xxh3(Box<Xxh3Default>),
    Xxh64(Xxh64),
    Md5(Md5),
    Md4(Md4),
    Sha1(Sha1),
    None,
}

impl FileDigest {
    /// Takes the file's next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Xxh128(state) | State::Xxh3(state) => state.update(bytes),
            State::Xxh64(state) => state.update(bytes),
            State::Md5(state) => state.update(bytes),
            State::Md4(state) => state.update(bytes),
            State::Sha1(state) => state.update(bytes),
            State::None => {}
        }
    }

    /// The checksum of all bytes taken.
    pub fn finish(self) -> Sum {
        match self.0 {
            State::Xxh128(state) => Sum::from(state.digest128().to_le_bytes()),
            State::Xxh3(state) => Sum::from(state.digest().to_le_bytes()),
            State::Xxh64(state) => Sum::from(state.digest().to_le_bytes()),
            State::Md5(state) => Sum::new(&state.finalize()),
            State::Md4(state) => Sum::new(&state.finalize()),
            State::Sha1(state) => Sum::new(&state.finalize()),
            State::None => Sum::from([0]),
        }
    }
}

/// A checksum, or its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sum {
    // Beyond the length all zero, so that equal sums are equal values.
    bytes: [u8; Self::MAX],
    length: u8,
}

impl Sum {
    /// Most bytes in a checksum.
    pub const MAX: usize = 20;

    /// A checksum of at most [`Sum::MAX`] bytes; of more, the first.
    pub fn new(given: &[u8]) -> Self {
        let given = &given[..given.len().min(Self::MAX)];
        let mut bytes = [0; Self::MAX];
        bytes[..given.len()].copy_from_slice(given);
        Self { bytes, length: given.len() as u8 }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Its first `length` bytes.
    #[must_use]
    pub fn truncated(&self, length: usize) -> Self {
        Self::new(&self.bytes()[..length.min(self.length.into())])
    }
}

impl<const N: usize> From<[u8; N]> for Sum {
    fn from(bytes: [u8; N]) -> Self {
        Self::new(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(sum: Sum) -> String {
        sum.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn whole(checksum: Checksum, pieces: &[&[u8]]) -> String {
        let mut digest = checksum.of_file();
        pieces.iter().for_each(|piece| digest.update(piece));
        hex(digest.finish())
    }

    #[test]
    fn files_have_the_published_checksums() {
        // `printf abc | md5sum`, `sha1sum`, `openssl md4`, `xxhsum -H0`, `-H1`, `-H2`, `-H3`
        // (whose bytes the wire has the other way round, each half by itself).
        let cases = [
            (Checksum::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Checksum::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Checksum::Md4, "a448017aaf21d8525fc10ae87aa6729d"),
            (Checksum::Xxh64, "990977adf52cbc44"),
            (Checksum::None, "00"),
        ];
        for (checksum, expected) in cases {
            assert_eq!(whole(checksum, &[b"a", b"", b"bc"]), expected, "{}", checksum.name());
            assert_eq!(expected.len(), 2 * checksum.length());
        }
    }

    #[test]
    fn a_block_without_a_seed_is_as_a_file() {
        let none = Seed { value: 0, is_first: true };
        for &checksum in Checksum::OURS {
            let block = checksum.of_block(b"some bytes", none);
            assert_eq!(hex(block), whole(checksum, &[b"some ", b"bytes"]), "{}", checksum.name());
            assert_eq!(checksum.of_bytes(b"some bytes"), block, "{}", checksum.name());
        }
    }

    #[test]
    fn the_seed_goes_where_peers_agreed() {
        let seed = |is_first| Seed { value: 0x0102_0304, is_first };
        let of = |is_first| hex(Checksum::Md5.of_block(b"abc", seed(is_first)));
        assert_eq!(of(true), whole(Checksum::Md5, &[&[4, 3, 2, 1], b"abc"]));
        assert_eq!(of(false), whole(Checksum::Md5, &[b"abc", &[4, 3, 2, 1]]));
    }

    #[test]
    fn a_negative_seed_is_extended_by_its_sign() {
        let seed = Seed { value: -2, is_first: true };
        let expected = xxh64::xxh64(b"abc", u64::MAX - 1).to_le_bytes();
        assert_eq!(Checksum::Xxh64.of_block(b"abc", seed), Sum::from(expected));
    }
}
