//! What two peers of protocol 30 and later can do together: letters that the
//! client offers in its `-e` option, and flags that the server answers with.

use crate::integers::{read_varint, write_varint};
use crate::{Input, Violation};

/// One ability, by its letter and its flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ability {
    letter: Option<u8>,
    bit: u16,
}

impl Ability {
    /// File lists directory by directory, while the transfer runs.
    pub const INCREMENTAL_RECURSION: Self = Self { letter: Some(b'i'), bit: 0x001 };
    /// The server sets times of symbolic links; its own statement.
    pub const SYMLINK_TIMES: Self = Self { letter: Some(b'L'), bit: 0x002 };
    /// The server converts targets of symbolic links; its own statement.
    pub const SYMLINK_ICONV: Self = Self { letter: Some(b's'), bit: 0x004 };
    /// A file list of protocol 30 ends with its I/O errors.
    pub const SAFE_FILE_LIST: Self = Self { letter: Some(b'f'), bit: 0x008 };
    /// Extended attributes follow for hard links too.
    pub const NO_XATTR_OPTIMIZATION: Self = Self { letter: Some(b'x'), bit: 0x010 };
    /// The seed precedes what an MD5 is taken of.
    pub const SEED_FIRST: Self = Self { letter: Some(b'C'), bit: 0x020 };
    /// `--inplace` with `--partial-dir`.
    pub const INPLACE_PARTIAL_DIR: Self = Self { letter: Some(b'I'), bit: 0x040 };
    /// Flags of file list entries are `varint`s, and algorithms are negotiated.
    pub const VARINT_FLAGS: Self = Self { letter: Some(b'v'), bit: 0x080 };
    /// Names are sent for the user and group of number 0 as well.
    pub const NAMES_OF_ZERO: Self = Self { letter: Some(b'u'), bit: 0x100 };

    const ALL: [Self; 9] = [
        Self::INCREMENTAL_RECURSION,
        Self::SYMLINK_TIMES,
        Self::SYMLINK_ICONV,
        Self::SAFE_FILE_LIST,
        Self::NO_XATTR_OPTIMIZATION,
        Self::SEED_FIRST,
        Self::INPLACE_PARTIAL_DIR,
        Self::VARINT_FLAGS,
        Self::NAMES_OF_ZERO,
    ];
}

/// A set of abilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities(u16);

impl Abilities {
    /// All there are.
    pub const ALL: Self = Self(0x1ff);
    /// What a server states of itself, whatever its client offered.
    const OF_THE_SERVER: Self = Self(Ability::SYMLINK_TIMES.bit | Ability::SYMLINK_ICONV.bit);

    /// Whether `ability` is among them.
    pub const fn has(self, ability: Ability) -> bool {
        self.0 & ability.bit != 0
    }

    /// Them and `ability`.
    #[must_use]
    pub const fn with(self, ability: Ability) -> Self {
        Self(self.0 | ability.bit)
    }

    /// Them without `ability`.
    #[must_use]
    pub const fn without(self, ability: Ability) -> Self {
        Self(self.0 & !ability.bit)
    }

    /// What a server that can do them grants a client that `offered` those.
    #[must_use]
    pub const fn granted(self, offered: Self) -> Self {
        Self(self.0 & (offered.0 | Self::OF_THE_SERVER.0))
    }

    /// What the value of a client's `-e` offers: letters after a point, or
    /// after the version of a prerelease. Letters that mean nothing to us are
    /// passed over.
    pub fn offered(option: &[u8]) -> Self {
        let letters = option.iter().skip_while(|byte| matches!(byte, b'.' | b'0'..=b'9'));
        let bits =
            letters.filter_map(|letter| Ability::ALL.iter().find(|known| known.letter == Some(*letter)));
        Self(bits.fold(0, |bits, ability| bits | ability.bit))
    }

    /// The value of `-e` that offers them, in the order the original writes.
    pub fn offer(self) -> Vec<u8> {
        let letters =
            Ability::ALL.iter().filter(|ability| self.has(**ability)).filter_map(|ability| ability.letter);
        std::iter::once(b'.').chain(letters).collect()
    }

    /// Reads what the server chose of what we `offered`.
    ///
    /// # Errors
    /// [`Violation::NotOffered`] where it chose more, or those of the input.
    pub fn read<I: Input>(input: &mut I, offered: Self) -> Result<Self, I::Error> {
        let chosen = Self(read_varint(input)? as u16 & Self::ALL.0);
        let allowed = offered.0 | Self::OF_THE_SERVER.0;
        if chosen.0 & !allowed == 0 { Ok(chosen) } else { Err(Violation::NotOffered.into()) }
    }

    /// Writes what we chose as a server.
    pub fn write(self, output: &mut Vec<u8>) {
        write_varint(output, self.0.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;

    #[test]
    fn offers_are_written_and_read_as_the_original_does() {
        assert_eq!(Abilities::ALL.offer(), b".iLsfxCIvu");
        assert_eq!(Abilities::offered(b".iLsfxCIvu"), Abilities::ALL);
        assert_eq!(Abilities::offered(b"32.1iLsZ"), Abilities(7));
        let of_3_1_3 = Abilities::offered(b".LsfxC");
        assert!(!of_3_1_3.has(Ability::INCREMENTAL_RECURSION) && of_3_1_3.has(Ability::SEED_FIRST));
    }

    #[test]
    fn choices_are_written_and_read_as_peers_were_seen_to() {
        let mut bytes = Vec::new();
        Abilities::ALL.write(&mut bytes);
        assert_eq!(bytes, [0x81, 0xff]);
        assert_eq!(Abilities::read(&mut &bytes[..], Abilities::ALL), Ok(Abilities::ALL));
        assert_eq!(Abilities::read(&mut &[0x3f][..], Abilities::ALL), Ok(Abilities(0x3f)));
    }

    #[test]
    fn what_was_not_offered_is_refused() {
        let offered = Abilities::ALL.without(Ability::INCREMENTAL_RECURSION);
        let refused = Err(SliceError::Violation(Violation::NotOffered));
        assert_eq!(Abilities::read(&mut &[0x3f][..], offered), refused);
        let none = Abilities::default();
        assert_eq!(
            Abilities::read(&mut &[6][..], none),
            Ok(none.with(Ability::SYMLINK_TIMES).with(Ability::SYMLINK_ICONV))
        );
    }
}
