//! Choosing algorithms: each side writes the names it has, best first, and the
//! first of the client's that the server has too is taken.

use crate::integers::{read_vstring, write_vstring};
use crate::{Input, Violation};

/// What has a name in a negotiation.
pub trait Algorithm: Copy + Eq + 'static {
    /// All that we have, best first.
    const OURS: &'static [Self];

    /// Its name on the wire and in options.
    fn name(self) -> &'static str;

    /// The algorithm of that name, if we have it.
    fn from_name(name: &[u8]) -> Option<Self> {
        Self::OURS.iter().copied().find(|algorithm| algorithm.name().as_bytes() == name)
    }
}

/// How the bytes of a file are compressed on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Zstandard, one stream a session.
    Zstd,
    /// LZ4, each chunk by itself.
    Lz4,
    /// Deflate; matched blocks are not part of the history.
    Zlibx,
    /// Deflate; matched blocks are part of the history.
    Zlib,
}

impl Algorithm for Compression {
    const OURS: &'static [Self] = &[Self::Zstd, Self::Lz4, Self::Zlibx, Self::Zlib];

    fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Zlibx => "zlibx",
            Self::Zlib => "zlib",
        }
    }
}

/// Which side of the negotiation we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Whose order counts.
    Client,
    /// The other.
    Server,
}

/// Writes the names of `ours`, best first.
pub fn write_list<A: Algorithm>(output: &mut Vec<u8>, ours: &[A]) {
    let names: Vec<&str> = ours.iter().map(|algorithm| algorithm.name()).collect();
    write_vstring(output, names.join(" ").as_bytes());
}

/// Reads the peer's list and chooses.
///
/// # Errors
/// [`Violation::NothingInCommon`], or those of the input.
pub fn read_choice<A: Algorithm, I: Input>(input: &mut I, ours: &[A], side: Side) -> Result<A, I::Error> {
    let list = read_vstring(input)?;
    let mut theirs = list.split(|&byte| byte == b' ').filter_map(A::from_name);
    let choice = match side {
        Side::Server => theirs.find(|algorithm| ours.contains(algorithm)),
        Side::Client => {
            let theirs: Vec<A> = theirs.collect();
            ours.iter().copied().find(|algorithm| theirs.contains(algorithm))
        }
    };
    choice.ok_or_else(|| Violation::NothingInCommon.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;
    use crate::digest::Checksum;

    fn list(names: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_vstring(&mut bytes, names.as_bytes());
        bytes
    }

    #[test]
    fn lists_are_as_peers_were_seen_to_write_them() {
        let mut bytes = Vec::new();
        write_list(&mut bytes, Checksum::OURS);
        assert_eq!(bytes, list("xxh128 xxh3 xxh64 md5 md4 sha1"));
        bytes.clear();
        write_list(&mut bytes, Compression::OURS);
        assert_eq!(bytes, list("zstd lz4 zlibx zlib"));
    }

    #[test]
    fn the_clients_order_counts() {
        let theirs = list("md5 new xxh64");
        let choose = |side| read_choice(&mut &theirs[..], Checksum::OURS, side);
        assert_eq!(choose(Side::Client), Ok(Checksum::Xxh64));
        assert_eq!(choose(Side::Server), Ok(Checksum::Md5));
    }

    #[test]
    fn nothing_in_common_is_an_error() {
        let refused = Err(SliceError::Violation(Violation::NothingInCommon));
        for theirs in ["", "blake3", "none"] {
            assert_eq!(read_choice(&mut &list(theirs)[..], Compression::OURS, Side::Server), refused);
        }
    }
}
