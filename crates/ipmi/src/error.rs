//! What can be wrong with bytes, or with values that should become bytes.

use core::fmt;

/// Why bytes could not be read as a structure, or a structure not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The bytes end before the structure does.
    Truncated {
        /// The structure or field, in the specification's words.
        what: &'static str,
        /// Offset, from the start of the bytes given, of the first missing byte.
        offset: usize,
    },
    /// A format version that the specification does not define.
    Version {
        /// The structure whose version it is.
        what: &'static str,
        /// The version found.
        version: u8,
    },
    /// A value that the field cannot hold.
    OutOfRange {
        /// The field, in the specification's words.
        what: &'static str,
    },
    /// More bytes than a length or offset field of the structure can express.
    TooLong {
        /// The structure, in the specification's words.
        what: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { what, offset } => write!(f, "{what} ends early: no byte at offset {offset}"),
            Self::Version { what, version } => write!(f, "{what} has unknown format version {version:#04x}"),
            Self::OutOfRange { what } => write!(f, "{what} is out of range"),
            Self::TooLong { what } => write!(f, "{what} is too long"),
        }
    }
}

impl core::error::Error for Error {}
