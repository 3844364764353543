//! `--fake-super`: what only a super-user could give a file is kept in one of
//! its attributes instead.

use std::fmt::Write as _;

use rsync_proto::file_list::{Acl, Device, NamedAccess};
use rustix::io::Errno;

use super::access::Target;
use super::acl::AclKind;
use super::directory::Directory;
use super::facts::{Facts, FileType};
use super::xattr::{get_attribute, set_attribute};

/// The attribute: mode in octal, device numbers, owner and group.
const ATTRIBUTE: &[u8] = b"user.rsync.%stat";

/// What a file is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fake {
    /// Type and permissions.
    pub mode: u32,
    /// A device's numbers.
    pub device: Device,
    /// Number of the owner.
    pub user: u32,
    /// Number of the group.
    pub group: u32,
}

impl Fake {
    /// Parses the attribute's value, `MODE MAJOR,MINOR UID:GID`.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(value).ok()?.split_ascii_whitespace();
        let mode = u32::from_str_radix(words.next()?, 8).ok()?;
        let (major, minor) = words.next()?.split_once(',')?;
        let (user, group) = words.next()?.split_once(':')?;
        let device = Device { major: major.parse().ok()?, minor: minor.parse().ok()? };
        Some(Self { mode, device, user: user.parse().ok()?, group: group.parse().ok()? })
    }

    /// The attribute's value.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let Device { major, minor } = self.device;
        let _ = write!(text, "{:o} {major},{minor} {}:{}", self.mode, self.user, self.group);
        text
    }

    /// Reads what is kept with a file.
    ///
    /// # Errors
    /// What the system says.
    pub fn read(target: Target<'_>) -> Result<Option<Self>, Errno> {
        Ok(get_attribute(target, ATTRIBUTE)?.and_then(|value| Self::parse(&value)))
    }

    /// Keeps it with a file; what the file is by itself needs no keeping.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, target: Target<'_>, real: &Facts) -> Result<(), Errno> {
        let is_real = self.mode == real.mode() && self.user == real.user && self.group == real.group;
        if is_real {
            set_attribute(target, ATTRIBUTE, None)
        } else {
            set_attribute(target, ATTRIBUTE, Some(self.text().as_bytes()))
        }
    }

    /// What the file is taken for.
    #[must_use]
    pub fn over(&self, real: Facts) -> Facts {
        Facts {
            kind: FileType::of_mode(self.mode),
            permissions: (self.mode & 0o7777) as u16,
            user: self.user,
            group: self.group,
            device: self.device,
            ..real
        }
    }
}

/// Writes down an access control list that is not given.
///
/// # Errors
/// What the system says.
pub fn write_fake_acl(target: Target<'_>, kind: AclKind, acl: &Acl) -> Result<(), Errno> {
    let value = (*acl != Acl::default()).then(|| acl_text(acl));
    set_attribute(target, acl_attribute(kind), value.as_deref())
}

/// Reads a list that was written down; empty where there is none.
///
/// # Errors
/// What the system says; [`Errno::INVAL`] where it is damaged.
pub fn read_fake_acl(target: Target<'_>, kind: AclKind) -> Result<Acl, Errno> {
    match get_attribute(target, acl_attribute(kind))? {
        None => Ok(Acl::default()),
        Some(value) => parse_acl(&value).ok_or(Errno::INVAL),
    }
}

const fn acl_attribute(kind: AclKind) -> &'static [u8] {
    match kind {
        AclKind::Access => b"user.rsync.%aacl",
        AclKind::Default => b"user.rsync.%dacl",
    }
}

/// Stands for permissions that the mode tells.
const NO_ENTRY: u32 = 0x80;
/// In named permissions: they are a user's.
const OF_USER: u32 = 0x8000_0000;

/// Four permissions (owner, group, mask, others), then each named number with
/// its permissions; all numbers of four bytes (observed: 3.5.0).
fn acl_text(acl: &Acl) -> Vec<u8> {
    let parts = [acl.user, acl.group, acl.mask, acl.other];
    let parts = parts.into_iter().map(|part| part.map_or(NO_ENTRY, u32::from));
    let named = acl.named.iter().flat_map(|named| {
        let user = if named.is_user { OF_USER } else { 0 };
        [named.id, u32::from(named.permissions) | user]
    });
    parts.chain(named).flat_map(u32::to_le_bytes).collect()
}

fn parse_acl(value: &[u8]) -> Option<Acl> {
    let (words, []) = value.as_chunks::<4>() else { return None };
    let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let ([user, group, mask, other], named) = words.split_first_chunk()?;
    let part = |word: &u32| (*word != NO_ENTRY).then_some((*word & 7) as u8);
    let (pairs, []) = named.as_chunks::<2>() else { return None };
    let named = pairs.iter().map(|[id, access]| NamedAccess {
        id: *id,
        is_user: access & OF_USER != 0,
        permissions: (access & 7) as u8,
        name: None,
    });
    Some(Acl {
        user: part(user),
        group: part(group),
        mask: part(mask),
        other: part(other),
        named: named.collect(),
    })
}

/// Where the link `leaf` leads; in what is kept for another machine a file
/// stands for it.
///
/// # Errors
/// What the system says.
pub fn link_target(directory: &Directory, leaf: &[u8], is_fake: bool) -> Result<Vec<u8>, Errno> {
    match directory.link_target(leaf) {
        Err(Errno::INVAL) if is_fake => {
            let (file, facts) = directory.open_file(leaf)?;
            let mut target = vec![0; facts.length.min(LINK_MAX) as usize];
            let read = rustix::io::pread(&file, &mut target[..], 0)?;
            target.truncate(read);
            Ok(target)
        }
        target => target,
    }
}

/// Longest way a link can tell, in bytes.
const LINK_MAX: u64 = 4096;

/// What a file is taken for: what is kept with it, or what it is. Links and
/// what cannot be read are what they are.
pub fn faked(target: Target<'_>, real: Facts) -> Facts {
    match real.kind {
        FileType::File | FileType::Directory => {
            Fake::read(target).ok().flatten().map_or(real, |fake| fake.over(real))
        }
        _ => real,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribute_is_read_as_written() {
        let fake = Fake { mode: 0o020_644, device: Device { major: 5, minor: 1 }, user: 0, group: 7 };
        assert_eq!(fake.text(), "20644 5,1 0:7");
        assert_eq!(Fake::parse(fake.text().as_bytes()), Some(fake));
        let named = |is_user| NamedAccess { id: 1, is_user, permissions: 7, name: None };
        let acl =
            Acl { group: Some(4), mask: Some(7), named: vec![named(true), named(false)], ..Acl::default() };
        assert_eq!(acl_text(&acl)[..24], *b"\x80\0\0\0\x04\0\0\0\x07\0\0\0\x80\0\0\0\x01\0\0\0\x07\0\0\x80");
        assert_eq!(parse_acl(&acl_text(&acl)), Some(acl));
        assert_eq!((parse_acl(b""), parse_acl(&[0; 20])), (None, None));
        for damaged in ["", "x", "100644", "100644 0,0", "100644 0,0 1", "100644 0 1:1"] {
            assert_eq!(Fake::parse(damaged.as_bytes()), None, "{damaged}");
        }
    }
}
