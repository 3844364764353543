//! Frames: one stream of data and the messages beside it, on one connection.
//!
//! A frame is a header of four bytes (length in 24 bits, then 7 plus the code)
//! and its contents. Data may be split into frames anywhere.

use crate::Violation;

/// Longest contents of a frame: 24 bits.
pub const CONTENTS_MAX: usize = 0x00ff_ffff;

/// Added to every code in a header.
const BASE: u8 = 7;

/// The first four bytes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What the contents are.
    pub code: Code,
    /// How many bytes they are, at most [`CONTENTS_MAX`].
    pub length: usize,
}

impl Header {
    /// Decodes a header.
    ///
    /// # Errors
    /// [`Violation::MessageCode`] for a code that does not cross a connection,
    /// [`Violation::MessageLength`] where the code's contents have another length.
    pub fn decode(bytes: [u8; 4]) -> Result<Self, Violation> {
        let [low, middle, high, tag] = bytes;
        let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
        let number = tag.wrapping_sub(BASE);
        let code = Code::from_number(number).ok_or(Violation::MessageCode(number))?;
        if code.allows(length) { Ok(Self { code, length }) } else { Err(Violation::MessageLength(number)) }
    }

    /// Encodes the header of contents of at most [`CONTENTS_MAX`] bytes.
    pub fn encode(self) -> [u8; 4] {
        let [low, middle, high, _] = (self.length.min(CONTENTS_MAX) as u32).to_le_bytes();
        [low, middle, high, self.code as u8 + BASE]
    }
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// Bytes of the stream; none at all keeps the connection alive.
    Data = 0,
    /// Text of an error about one file: the run ends with status 23 or more.
    TransferError = 1,
    /// Text for standard output.
    Info = 2,
    /// Text of an error.
    Error = 3,
    /// Text of a warning.
    Warning = 4,
    /// What went wrong at the peer's reading of files, as [`IoErrors`].
    IoError = 22,
    /// The peer's time limit in seconds; from a daemon to its client.
    IoTimeout = 33,
    /// Nothing; keeps a connection of protocol 30 alive.
    Nothing = 42,
    /// The peer ends, with an exit status or none (an answer to ours).
    ErrorExit = 86,
    /// An entry has arrived and its source may be removed.
    Success = 100,
    /// A name that was deleted; a directory's ends in a zero byte.
    Deleted = 101,
    /// An entry that the sender cannot send.
    NoSend = 102,
}

impl Code {
    const ALL: [Self; 12] = [
        Self::Data,
        Self::TransferError,
        Self::Info,
        Self::Error,
        Self::Warning,
        Self::IoError,
        Self::IoTimeout,
        Self::Nothing,
        Self::ErrorExit,
        Self::Success,
        Self::Deleted,
        Self::NoSend,
    ];

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&code| code as u8 == number)
    }

    /// Whether contents of this code may be so many bytes.
    const fn allows(self, length: usize) -> bool {
        match self {
            Self::Data => true,
            Self::TransferError | Self::Info | Self::Error | Self::Warning | Self::Deleted => {
                length <= TEXT_MAX
            }
            Self::IoError | Self::IoTimeout | Self::Success | Self::NoSend => length == 4,
            Self::Nothing => length == 0,
            Self::ErrorExit => length == 0 || length == 4,
        }
    }
}

/// Longest text accepted in a message, in bytes; peers stay below 5 KiB.
pub const TEXT_MAX: usize = 64 << 10;

/// What went wrong while a sender read its files; kept together over a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IoErrors(u8);

impl IoErrors {
    /// Something could not be read: nothing is deleted, and the status is 23.
    pub const GENERAL: Self = Self(1);
    /// Something vanished meanwhile: status 24.
    pub const VANISHED: Self = Self(2);
    /// The limit of deletions was reached: status 25.
    pub const DELETION_LIMIT: Self = Self(4);

    /// From the wire; bits that mean nothing are dropped.
    pub const fn from_bits(bits: i32) -> Self {
        Self(bits as u8 & 7)
    }

    /// For the wire.
    pub const fn bits(self) -> i32 {
        self.0 as i32
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is among them.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A message: a frame that carries no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text with the kind of its line; it brings its own line end.
    Text(TextKind, Vec<u8>),
    /// See [`Code::IoError`].
    IoError(IoErrors),
    /// The time limit to lower ours to, 1 to 86,400 seconds; `None` where the
    /// peer's number is to be ignored.
    IoTimeout(Option<u32>),
    /// See [`Code::Nothing`].
    Nothing,
    /// See [`Code::ErrorExit`].
    ErrorExit(Option<i32>),
    /// See [`Code::Success`].
    Success(i32),
    /// The name deleted, and whether it was a directory.
    Deleted {
        /// The name, relative to the destination.
        name: Vec<u8>,
        /// Whether it was a directory.
        is_directory: bool,
    },
    /// See [`Code::NoSend`].
    NoSend(i32),
}

/// Whom a text concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// [`Code::TransferError`].
    TransferError,
    /// [`Code::Info`].
    Info,
    /// [`Code::Error`].
    Error,
    /// [`Code::Warning`].
    Warning,
}

/// Longest time limit that a daemon may set, in seconds.
const IO_TIMEOUT_MAX: i32 = 86_400;

impl Message {
    /// Decodes the contents of a frame; `None` for data.
    ///
    /// # Errors
    /// [`Violation::MessageLength`] where `contents` do not fit `code`.
    pub fn decode(code: Code, contents: &[u8]) -> Result<Option<Self>, Violation> {
        let number =
            || contents.try_into().map(i32::from_le_bytes).map_err(|_| Violation::MessageLength(code as u8));
        let text = |kind| Self::Text(kind, contents.to_vec());
        Ok(Some(match code {
            Code::Data => return Ok(None),
            Code::TransferError => text(TextKind::TransferError),
            Code::Info => text(TextKind::Info),
            Code::Error => text(TextKind::Error),
            Code::Warning => text(TextKind::Warning),
            Code::IoError => Self::IoError(IoErrors::from_bits(number()?)),
            Code::IoTimeout => {
                let seconds = number()?;
                Self::IoTimeout((1..=IO_TIMEOUT_MAX).contains(&seconds).then_some(seconds as u32))
            }
            Code::Nothing => Self::Nothing,
            Code::ErrorExit if contents.is_empty() => Self::ErrorExit(None),
            Code::ErrorExit => Self::ErrorExit(Some(number()?)),
            Code::Success => Self::Success(number()?),
            Code::NoSend => Self::NoSend(number()?),
            Code::Deleted => {
                let (name, is_directory) = match contents.split_last() {
                    Some((0, name)) => (name, true),
                    _ => (contents, false),
                };
                Self::Deleted { name: name.to_vec(), is_directory }
            }
        }))
    }

    /// Appends the message as a frame; a text beyond [`TEXT_MAX`] is cut.
    pub fn encode(&self, output: &mut Vec<u8>) {
        match self {
            Self::Text(kind, text) => frame(output, kind.code(), &text[..text.len().min(TEXT_MAX)]),
            Self::IoError(errors) => frame(output, Code::IoError, &errors.bits().to_le_bytes()),
            Self::IoTimeout(seconds) => {
                frame(output, Code::IoTimeout, &seconds.unwrap_or_default().to_le_bytes());
            }
            Self::Nothing => frame(output, Code::Nothing, &[]),
            Self::ErrorExit(None) => frame(output, Code::ErrorExit, &[]),
            Self::ErrorExit(Some(status)) => frame(output, Code::ErrorExit, &status.to_le_bytes()),
            Self::Success(index) => frame(output, Code::Success, &index.to_le_bytes()),
            Self::NoSend(index) => frame(output, Code::NoSend, &index.to_le_bytes()),
            Self::Deleted { name, is_directory } => {
                let end: &[u8] = if *is_directory { &[0] } else { &[] };
                frame(output, Code::Deleted, &[&name[..], end].concat());
            }
        }
    }
}

impl TextKind {
    const fn code(self) -> Code {
        match self {
            Self::TransferError => Code::TransferError,
            Self::Info => Code::Info,
            Self::Error => Code::Error,
            Self::Warning => Code::Warning,
        }
    }
}

fn frame(output: &mut Vec<u8>, code: Code, contents: &[u8]) {
    output.extend_from_slice(&Header { code, length: contents.len() }.encode());
    output.extend_from_slice(contents);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_are_as_peers_were_seen_to_send_them() {
        let data = Header { code: Code::Data, length: 60 };
        assert_eq!(data.encode(), [0x3c, 0, 0, 7]);
        assert_eq!(Header::decode([0x3c, 0, 0, 7]), Ok(data));
        assert_eq!(Header::decode([0, 0, 0, 93]), Ok(Header { code: Code::ErrorExit, length: 0 }));
    }

    #[test]
    fn codes_of_one_side_alone_and_wrong_lengths_are_refused() {
        for code in [5, 6, 7, 8, 9, 10, 21, 43, 99, 103, 249] {
            assert_eq!(
                Header::decode([0, 0, 0, u8::wrapping_add(code, 7)]),
                Err(Violation::MessageCode(code))
            );
        }
        assert_eq!(Header::decode([0, 0, 0, 6]), Err(Violation::MessageCode(255)));
        assert_eq!(Header::decode([1, 0, 0, 49]), Err(Violation::MessageLength(42)));
        assert_eq!(Header::decode([0, 0, 2, 8]), Err(Violation::MessageLength(1)));
    }

    #[test]
    fn a_time_limit_out_of_bounds_is_ignored() {
        for (seconds, taken) in [(0, None), (-1, None), (86_401, None), (30, Some(30))] {
            let decoded = Message::decode(Code::IoTimeout, &i32::to_le_bytes(seconds));
            assert_eq!(decoded, Ok(Some(Message::IoTimeout(taken))));
        }
    }

    fn any_message() -> impl Strategy<Value = Message> {
        let text = || proptest::collection::vec(any::<u8>(), 0..40);
        let kinds = [TextKind::TransferError, TextKind::Info, TextKind::Error, TextKind::Warning];
        prop_oneof![
            (proptest::sample::select(kinds.to_vec()), text())
                .prop_map(|(kind, text)| Message::Text(kind, text)),
            any::<i32>().prop_map(|bits| Message::IoError(IoErrors::from_bits(bits))),
            (1_u32..86_400).prop_map(|seconds| Message::IoTimeout(Some(seconds))),
            Just(Message::Nothing),
            any::<Option<i32>>().prop_map(Message::ErrorExit),
            any::<i32>().prop_map(Message::Success),
            any::<i32>().prop_map(Message::NoSend),
            ("[a-z/]{1,9}", any::<bool>())
                .prop_map(|(name, is_directory)| Message::Deleted { name: name.into(), is_directory }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(message in any_message()) {
            let mut bytes = Vec::new();
            message.encode(&mut bytes);
            let (header, contents) = bytes.split_first_chunk().expect("a header");
            let header = Header::decode(*header).expect("our own");
            prop_assert_eq!(header.length, contents.len());
            prop_assert_eq!(Message::decode(header.code, contents), Ok(Some(message)));
        }

        #[test]
        fn any_frame_is_a_message_or_an_error(bytes: [u8; 4], contents in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(header) = Header::decode(bytes) {
                let _ = Message::decode(header.code, &contents);
            }
        }
    }
}
