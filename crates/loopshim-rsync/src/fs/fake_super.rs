//! `--fake-super`: what only a super-user could give a file is kept in one of
//! its attributes instead.

use std::fmt::Write as _;

use rsync_proto::file_list::Device;
use rustix::io::Errno;

use super::access::Target;
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
        for damaged in ["", "x", "100644", "100644 0,0", "100644 0,0 1", "100644 0 1:1"] {
            assert_eq!(Fake::parse(damaged.as_bytes()), None, "{damaged}");
        }
    }
}
