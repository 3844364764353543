//! Items: what a generator says of an entry, and what the sender echoes.

use crate::Input;
use crate::Violation;
use crate::integers::{VSTRING_MAX, read_shortint, read_vstring, write_shortint, write_vstring};

/// What differs between an entry and what the destination has, and what is
/// done about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    /// The access time differs.
    pub const ACCESS_TIME: Self = Self(0x0001);
    /// The checksum, or a symbolic link's or a device's value, differs.
    pub const CONTENT: Self = Self(0x0002);
    /// The size differs.
    pub const SIZE: Self = Self(0x0004);
    /// The modification time differs.
    pub const TIME: Self = Self(0x0008);
    /// The permissions differ.
    pub const PERMISSIONS: Self = Self(0x0010);
    /// The owner differs.
    pub const OWNER: Self = Self(0x0020);
    /// The group differs.
    pub const GROUP: Self = Self(0x0040);
    /// The access control list differs.
    pub const ACL: Self = Self(0x0080);
    /// The extended attributes differ.
    pub const XATTR: Self = Self(0x0100);
    /// The creation time differs.
    pub const CREATION_TIME: Self = Self(0x0400);
    /// The entry is not at the destination.
    pub const NEW: Self = Self(0x2000);
    /// It is changed there without data from the sender.
    pub const LOCAL_CHANGE: Self = Self(0x4000);
    /// Its data are asked for.
    pub const TRANSFER: Self = Self(0x8000);
    const BASIS_FOLLOWS: Self = Self(0x0800);
    const NAME_FOLLOWS: Self = Self(0x1000);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These without `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether none are set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What a file's data are to be compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// The file at the destination.
    #[default]
    Destination,
    /// A file in the `--compare-dest` (or alike) folder of that number, 0 to 127.
    Alternative(u8),
    /// What an interrupted run left in the partial folder.
    Partial,
    /// The backup.
    Backup,
    /// Another file in the destination's folder, named by the item.
    Fuzzy,
    /// Another file in that folder of an alternative, 0 to 123.
    FuzzyAlternative(u8),
}

impl Basis {
    fn from_byte(byte: u8) -> Self {
        match byte {
            0..=0x7f => Self::Alternative(byte),
            0x80 => Self::Destination,
            0x81 => Self::Partial,
            0x82 => Self::Backup,
            0x83 => Self::Fuzzy,
            0x84.. => Self::FuzzyAlternative(byte - 0x84),
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Alternative(number) => number & 0x7f,
            Self::Destination => 0x80,
            Self::Partial => 0x81,
            Self::Backup => 0x82,
            Self::Fuzzy => 0x83,
            Self::FuzzyAlternative(number) => 0x84_u8.saturating_add(number),
        }
    }
}

/// What follows an entry's index, up to the extended attributes and sums.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// What differs.
    pub flags: Flags,
    /// The basis, where it is said.
    pub basis: Option<Basis>,
    /// The name of a fuzzy basis, or the name linked to, where there is one.
    /// It may be empty, and is bounded by [`VSTRING_MAX`].
    pub name: Option<Vec<u8>>,
}

impl Item {
    /// Reads an item.
    ///
    /// # Errors
    /// [`Violation::BasisName`] for a basis name that is not a plain name's path, or
    /// those of the input.
    pub fn read<I: Input>(input: &mut I) -> Result<Self, I::Error> {
        let sent = Flags(read_shortint(input)?);
        let basis = if sent.has(Flags::BASIS_FOLLOWS) { Some(Basis::from_byte(input.byte()?)) } else { None };
        let name = if sent.has(Flags::NAME_FOLLOWS) { Some(read_vstring(input)?) } else { None };
        let flags = Flags(sent.0 & !Flags::BASIS_FOLLOWS.and(Flags::NAME_FOLLOWS).0);
        let item = Self { flags, basis, name };
        if item.is_safe() { Ok(item) } else { Err(Violation::BasisName.into()) }
    }

    /// A fuzzy basis lies in the entry's own folder: its name is one component.
    fn is_safe(&self) -> bool {
        let is_fuzzy = matches!(self.basis, Some(Basis::Fuzzy | Basis::FuzzyAlternative(_)));
        let Some(name) = &self.name else { return true };
        !name.contains(&0)
            && (!is_fuzzy || !(name.contains(&b'/') || matches!(&name[..], b"" | b"." | b"..")))
    }

    /// Writes the item.
    pub fn write(&self, output: &mut Vec<u8>) {
        let mut flags = self.flags;
        if self.basis.is_some() {
            flags = flags.and(Flags::BASIS_FOLLOWS);
        }
        if self.name.is_some() {
            flags = flags.and(Flags::NAME_FOLLOWS);
        }
        write_shortint(output, flags.0);
        output.extend(self.basis.map(Basis::byte));
        if let Some(name) = &self.name {
            debug_assert!(name.len() <= VSTRING_MAX);
            write_vstring(output, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;
    use proptest::prelude::*;

    fn written(item: &Item) -> Vec<u8> {
        let mut bytes = Vec::new();
        item.write(&mut bytes);
        bytes
    }

    #[test]
    fn items_are_as_peers_were_seen_to_write_them() {
        let new_directory = Item { flags: Flags::NEW.and(Flags::LOCAL_CHANGE), ..Item::default() };
        assert_eq!(written(&new_directory), [0x00, 0x60]);
        let link = Item { name: Some(b"a".to_vec()), ..new_directory };
        assert_eq!(written(&link), [0x00, 0x70, 1, b'a']);
    }

    #[test]
    fn a_fuzzy_basis_is_a_name_and_no_path() {
        for name in ["../a", "a/b", "..", "", "a\0"] {
            let item = Item { basis: Some(Basis::Fuzzy), name: Some(name.into()), ..Item::default() };
            assert_eq!(
                Item::read(&mut &written(&item)[..]),
                Err(SliceError::Violation(Violation::BasisName)),
                "{name}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            flags: u16, basis in proptest::option::of(any::<u8>()), name in proptest::option::of("[a-z]{1,200}")
        ) {
            let flags = Flags(flags & !0x1800);
            let item = Item { flags, basis: basis.map(Basis::from_byte), name: name.map(Into::into) };
            prop_assert_eq!(Item::read(&mut &written(&item)[..]), Ok(item));
        }
    }
}
