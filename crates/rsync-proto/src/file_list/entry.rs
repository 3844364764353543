//! One entry of a file list.

use std::sync::Arc;

use crate::Violation;
use crate::digest::Sum;

use super::metadata::{Acl, Attributes};
use super::name::Name;

/// Types of files as `st_mode` has them.
pub(super) mod file_type {
    pub(in super::super) const MASK: u32 = 0o170_000;
    pub(in super::super) const FIFO: u32 = 0o010_000;
    pub(in super::super) const CHARACTER: u32 = 0o020_000;
    pub(in super::super) const DIRECTORY: u32 = 0o040_000;
    pub(in super::super) const BLOCK: u32 = 0o060_000;
    pub(in super::super) const REGULAR: u32 = 0o100_000;
    pub(in super::super) const SYMLINK: u32 = 0o120_000;
    pub(in super::super) const SOCKET: u32 = 0o140_000;
}

/// A file, folder or whatever else a sender has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is below the transfer's root.
    pub name: Name,
    /// What it is.
    pub kind: Kind,
    /// Permission bits with set-id and sticky, 0 to 0o7777.
    pub permissions: u16,
    /// Bytes of a regular file, of a symbolic link's target, or of a
    /// directory as its file system counts them.
    pub length: u64,
    /// When its content was last changed.
    pub modified: Time,
    /// When it was last read, in seconds since 1970; where that is sent.
    pub accessed: Option<i64>,
    /// When it was made, in seconds since 1970; where that is sent.
    pub created: Option<i64>,
    /// Its owner's number, where that is sent.
    pub user: Option<u32>,
    /// Its group's number, where that is sent.
    pub group: Option<u32>,
    /// The name of the owner, where it stands in the entry.
    pub user_name: Option<Box<[u8]>>,
    /// The name of the group, where it stands in the entry.
    pub group_name: Option<Box<[u8]>>,
    /// Which other entries are the same file, where that is sent.
    pub hard_link: Option<HardLink>,
    /// The checksum of a regular file, where that is sent.
    pub checksum: Option<Sum>,
    /// Who may do what, where that is sent.
    pub access_acl: Option<Arc<Acl>>,
    /// What is made in a directory inherits this, where that is sent.
    pub default_acl: Option<Arc<Acl>>,
    /// Extended attributes, where they are sent.
    pub xattrs: Option<Arc<Attributes>>,
}

impl Entry {
    /// Type and permissions as `st_mode` has them.
    pub fn mode(&self) -> u32 {
        self.kind.file_type() | u32::from(self.permissions)
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory { .. })
    }
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory {
        /// It was named in the transfer's arguments.
        is_top: bool,
        /// What is in it belongs to the transfer.
        has_content: bool,
    },
    /// A symbolic link, and where it leads, 1 to [`Name::MAX`] bytes; `None`
    /// where links are not part of the session and only listed.
    Symlink(Option<Box<[u8]>>),
    /// A character device.
    CharacterDevice(Device),
    /// A block device.
    BlockDevice(Device),
    /// A FIFO.
    Fifo,
    /// A socket.
    Socket,
    /// An argument that is missing at the sender and is to be deleted.
    Missing,
}

impl Kind {
    pub(super) fn file_type(&self) -> u32 {
        use file_type::{BLOCK, CHARACTER, DIRECTORY, FIFO, REGULAR, SOCKET, SYMLINK};
        match self {
            Self::File => REGULAR,
            Self::Directory { .. } => DIRECTORY,
            Self::Symlink(_) => SYMLINK,
            Self::CharacterDevice(_) => CHARACTER,
            Self::BlockDevice(_) => BLOCK,
            Self::Fifo => FIFO,
            Self::Socket => SOCKET,
            Self::Missing => 0,
        }
    }
}

/// The type of file in a mode from the wire.
///
/// # Errors
/// [`Violation::FileType`] where it is none, or bits beyond a mode's are set.
pub(super) fn file_type_of(mode: u32) -> Result<u32, Violation> {
    use file_type::{BLOCK, CHARACTER, DIRECTORY, FIFO, MASK, REGULAR, SOCKET, SYMLINK};
    let known = [REGULAR, DIRECTORY, SYMLINK, CHARACTER, BLOCK, FIFO, SOCKET];
    let kind = mode & MASK;
    let is_mode = mode & !(MASK | 0o7777) == 0 && (known.contains(&kind) || mode == 0);
    if is_mode { Ok(kind) } else { Err(Violation::FileType(mode)) }
}

/// A device's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Device {
    /// Which driver.
    pub major: u32,
    /// Which of its devices.
    pub minor: u32,
}

/// A point in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Seconds since 1970, negative before.
    pub seconds: i64,
    /// 0 to 999,999,999; zero where the peer did not send them.
    pub nanoseconds: u32,
}

/// How an entry belongs to the others that are the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HardLink {
    /// The first of them.
    First,
    /// The same file as the entry that was sent as that number (its list's
    /// start and how many came before it in that list).
    To(u32),
}
