//! The rsync wire protocol, versions 30, 31 and 32: what two peers say to each
//! other, decoded into types that cannot hold what the protocol forbids.
//!
//! Nothing here opens a file, a socket or a process. Decoders take bytes from
//! an [`Input`], which the caller implements; encoders append to a `Vec<u8>`.
//! Every number a peer sends is checked before anything is made in proportion
//! to it, and what is not allowed becomes a [`Violation`].
//!
//! Written from descriptions of the protocol and from the bytes that peers of
//! versions 3.1.3 and 3.5.0 exchanged, never from the original's source.

pub mod compat;
pub mod digest;
pub mod file_list;
pub mod filter;
pub mod index;
mod input;
pub mod integers;
pub mod item;
pub mod matching;
pub mod multiplex;
pub mod negotiation;
pub mod recursion;
pub mod rolling;
pub mod sums;
pub mod tally;
pub mod tokens;
mod violation;
pub mod xattr_values;

pub use input::{Input, SliceError};
pub use violation::{Field, Violation};

/// A protocol version that both peers speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 30, of rsync 3.0.
    V30,
    /// 31, of rsync 3.1 to 3.3.
    V31,
    /// 32, of rsync 3.4 and later.
    V32,
}

impl Version {
    /// The newest we speak.
    pub const NEWEST: Self = Self::V32;

    /// The number on the wire.
    pub const fn number(self) -> i32 {
        match self {
            Self::V30 => 30,
            Self::V31 => 31,
            Self::V32 => 32,
        }
    }

    /// What two peers agree on: the lower of ours and theirs.
    ///
    /// # Errors
    /// When `theirs` is older than 30, or no version at all (a shell's greeting
    /// read as a number).
    pub fn agreed(ours: Self, theirs: i32) -> Result<Self, Violation> {
        match theirs.min(ours.number()) {
            _ if theirs > HIGHEST_PLAUSIBLE => Err(Violation::Version(theirs)),
            32 => Ok(Self::V32),
            31 => Ok(Self::V31),
            30 => Ok(Self::V30),
            _ => Err(Violation::Version(theirs)),
        }
    }
}

/// Beyond this a version is taken for text of a shell, as the original does.
const HIGHEST_PLAUSIBLE: i32 = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_version_is_agreed_on() {
        assert_eq!(Version::agreed(Version::V32, 31), Ok(Version::V31));
        assert_eq!(Version::agreed(Version::V30, 32), Ok(Version::V30));
        assert_eq!(Version::agreed(Version::V32, 40), Ok(Version::V32));
        for refused in [29, 0, -1, 41, i32::from_le_bytes(*b"bash")] {
            assert_eq!(Version::agreed(Version::V32, refused), Err(Violation::Version(refused)));
        }
    }
}
