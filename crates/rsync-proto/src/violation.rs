//! What a peer may not send.

use std::fmt;

/// Why bytes of a peer were refused. The connection cannot go on after one:
/// where the next value begins is no longer known, or not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// No protocol version we speak, or text of a shell instead of one.
    Version(i32),
    /// A number whose first byte announces more bytes than numbers have.
    NumberTooLong,
    /// A number outside what its field allows.
    OutOfRange(Field),
    /// A multiplexed frame with a code that nobody sends, or in a wrong role.
    MessageCode(u8),
    /// A message whose length does not fit its code.
    MessageLength(u8),
    /// The peer switched on what was not offered to it.
    NotOffered,
    /// No algorithm that both peers have.
    NothingInCommon,
    /// A file list entry's name that leaves the transfer's root, or is empty.
    Name,
    /// A name longer than any.
    NameLength,
    /// The name of a basis that is somewhere else.
    BasisName,
    /// An entry whose mode is no type of file, or not the one it must be.
    FileType(u32),
    /// A reference to an earlier value that was never sent.
    Reference(Field),
}

/// The field of the protocol that a [`Violation`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the protocol's fields are")]
pub enum Field {
    AccessControlList,
    BlockCount,
    BlockLength,
    CompressedData,
    DeletionCount,
    DeviceNumber,
    ExtendedAttribute,
    FileIndex,
    FileSize,
    FilterRule,
    HardLink,
    IdList,
    Nanoseconds,
    Remainder,
    StrongSumLength,
    SymlinkTarget,
    Token,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(number) => write!(f, "protocol version {number} is not spoken here"),
            Self::NumberTooLong => f.write_str("a number is too long"),
            Self::OutOfRange(field) => write!(f, "{field:?} is out of range"),
            Self::MessageCode(code) => write!(f, "unexpected message code {code}"),
            Self::MessageLength(code) => write!(f, "message of code {code} has a wrong length"),
            Self::NotOffered => f.write_str("the peer uses what was not offered to it"),
            Self::NothingInCommon => f.write_str("no common algorithm"),
            Self::Name => f.write_str("a file name is not allowed"),
            Self::NameLength => f.write_str("a file name is too long"),
            Self::BasisName => f.write_str("a basis's name is not allowed"),
            Self::FileType(mode) => write!(f, "mode {mode:o} is not allowed"),
            Self::Reference(field) => write!(f, "{field:?} refers to nothing"),
        }
    }
}

impl std::error::Error for Violation {}
