//! A directory that is held open, and what is done with the names in it.

use std::mem::MaybeUninit;
use std::sync::Arc;

use rsync_proto::file_list::{Device, Time};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Gid, Mode, OFlags, RawDir, SeekFrom, Timespec, Timestamps, Uid};
use rustix::io::Errno;

use super::children::{Child, Children};
use super::facts::{Facts, FileType};

/// Bytes of names and what belongs to them that the system is asked for at once.
const LISTED_AT_ONCE: usize = 32 << 10;

/// A directory. It stays the same one, whatever becomes of its name.
#[derive(Debug, Clone)]
pub struct Directory(Arc<OwnedFd>);

/// How what is to be sent is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// A link is followed.
    pub follows: bool,
    /// Reading does not count as access, where the system lets us.
    pub keeps_access_time: bool,
    /// A device is taken for a file.
    pub takes_devices: bool,
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// `leaf` must be one component: what is no name in this directory is refused.
fn single(leaf: &[u8]) -> Result<&[u8], Errno> {
    if leaf.is_empty() || leaf == b".." || leaf.contains(&b'/') { Err(Errno::INVAL) } else { Ok(leaf) }
}

impl Directory {
    pub(super) fn new(opened: OwnedFd) -> Self {
        Self(Arc::new(opened))
    }

    /// What it is itself.
    ///
    /// # Errors
    /// What the system says.
    pub fn own_facts(&self) -> Result<Facts, Errno> {
        rustix::fs::fstat(&self.0).map(Into::into)
    }

    /// What `leaf` is; links are not followed.
    ///
    /// # Errors
    /// What the system says.
    pub fn facts(&self, leaf: &[u8]) -> Result<Facts, Errno> {
        rustix::fs::statat(&self.0, single(leaf)?, AtFlags::SYMLINK_NOFOLLOW).map(Into::into)
    }

    /// What `leaf` is, or where it leads.
    ///
    /// # Errors
    /// What the system says.
    pub fn facts_followed(&self, leaf: &[u8]) -> Result<Facts, Errno> {
        rustix::fs::statat(&self.0, single(leaf)?, AtFlags::empty()).map(Into::into)
    }

    /// The directory `leaf`, which is no link.
    ///
    /// # Errors
    /// What the system says.
    pub fn child(&self, leaf: &[u8]) -> Result<Self, Errno> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.0, single(leaf)?, flags, Mode::empty()).map(Self::new)
    }

    /// Opens a file, a link never. Opening a FIFO does not wait.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&self, leaf: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        rustix::fs::openat(&self.0, single(leaf)?, flags, Mode::empty())
    }

    /// Opens a regular file for reading, and says what it is.
    ///
    /// # Errors
    /// What the system says; [`Errno::INVAL`] where it is no regular file.
    pub fn open_file(&self, leaf: &[u8]) -> Result<(OwnedFd, Facts), Errno> {
        let file = self.open(leaf, OFlags::RDONLY)?;
        let facts = Facts::from(rustix::fs::fstat(&file)?);
        if facts.is_file() { Ok((file, facts)) } else { Err(Errno::INVAL) }
    }

    /// Opens what is to be sent and says what it is: of a device that is taken
    /// for a file, a file as long as what is in it.
    ///
    /// # Errors
    /// What the system says; [`Errno::INVAL`] where it is nothing with content.
    pub fn open_source(&self, leaf: &[u8], opening: Opening) -> Result<(OwnedFd, Facts), Errno> {
        let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        flags.set(OFlags::NOFOLLOW, !opening.follows);
        let open = |flags| rustix::fs::openat(&self.0, single(leaf)?, flags, Mode::empty());
        let file = match opening.keeps_access_time {
            // Only the owner and the super-user may.
            true => open(flags | OFlags::NOATIME).or_else(|_| open(flags))?,
            false => open(flags)?,
        };
        let facts = Facts::from(rustix::fs::fstat(&file)?);
        if facts.kind.is_device() && opening.takes_devices {
            // Most devices of characters cannot be searched, and have no end.
            let length = rustix::fs::seek(&file, SeekFrom::End(0)).unwrap_or(0);
            rustix::fs::seek(&file, SeekFrom::Start(0)).unwrap_or(0);
            return Ok((file, Facts { kind: FileType::File, length, ..facts }));
        }
        if facts.is_file() { Ok((file, facts)) } else { Err(Errno::INVAL) }
    }

    /// Creates a file that was not there, for reading and writing.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(&self, leaf: &[u8], permissions: u16) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.0, single(leaf)?, flags, Mode::from_raw_mode(permissions.into()))
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn make_directory(&self, leaf: &[u8], permissions: u16) -> Result<(), Errno> {
        rustix::fs::mkdirat(&self.0, single(leaf)?, Mode::from_raw_mode(permissions.into()))
    }

    /// Makes a symbolic link.
    ///
    /// # Errors
    /// What the system says.
    pub fn make_symlink(&self, leaf: &[u8], target: &[u8]) -> Result<(), Errno> {
        rustix::fs::symlinkat(target, &self.0, single(leaf)?)
    }

    /// Makes a device, FIFO or socket.
    ///
    /// # Errors
    /// What the system says.
    pub fn make_special(
        &self,
        leaf: &[u8],
        kind: FileType,
        permissions: u16,
        device: Device,
    ) -> Result<(), Errno> {
        let kind = rustix::fs::FileType::from_raw_mode(kind.bits());
        let number = rustix::fs::makedev(device.major, device.minor);
        rustix::fs::mknodat(&self.0, single(leaf)?, kind, Mode::from_raw_mode(permissions.into()), number)
    }

    /// Gives the file `leaf` a second name; a link is not followed.
    ///
    /// # Errors
    /// What the system says.
    pub fn link(&self, leaf: &[u8], to: &Self, name: &[u8]) -> Result<(), Errno> {
        rustix::fs::linkat(&self.0, single(leaf)?, &to.0, single(name)?, AtFlags::empty())
    }

    /// Renames `leaf`, in place of what has the new name.
    ///
    /// # Errors
    /// What the system says.
    pub fn rename(&self, leaf: &[u8], to: &Self, name: &[u8]) -> Result<(), Errno> {
        rustix::fs::renameat(&self.0, single(leaf)?, &to.0, single(name)?)
    }

    /// Removes the name of what is no directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self, leaf: &[u8]) -> Result<(), Errno> {
        rustix::fs::unlinkat(&self.0, single(leaf)?, AtFlags::empty())
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_directory(&self, leaf: &[u8]) -> Result<(), Errno> {
        rustix::fs::unlinkat(&self.0, single(leaf)?, AtFlags::REMOVEDIR)
    }

    /// Where the link `leaf` leads.
    ///
    /// # Errors
    /// What the system says.
    pub fn link_target(&self, leaf: &[u8]) -> Result<Vec<u8>, Errno> {
        rustix::fs::readlinkat(&self.0, single(leaf)?, Vec::new()).map(|target| target.into_bytes())
    }

    /// Sets times; `None` leaves one as it is. A link's own are set.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_times(
        &self,
        leaf: &[u8],
        accessed: Option<Time>,
        modified: Option<Time>,
    ) -> Result<(), Errno> {
        let times = timestamps(accessed, modified);
        rustix::fs::utimensat(&self.0, single(leaf)?, &times, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// Sets owner and group; `None` leaves one as it is. A link's own are set.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_owner(&self, leaf: &[u8], user: Option<u32>, group: Option<u32>) -> Result<(), Errno> {
        let (user, group) = (user.map(Uid::from_raw), group.map(Gid::from_raw));
        rustix::fs::chownat(&self.0, single(leaf)?, user, group, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// The names in it but `.` and `..`, in no order.
    ///
    /// # Errors
    /// What the system says.
    pub fn children(&self) -> Result<Children, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&self.0, ".", flags, Mode::empty())?;
        let mut children = Children::default();
        let mut buffer = [MaybeUninit::uninit(); LISTED_AT_ONCE];
        let mut listing = RawDir::new(opened, &mut buffer);
        while let Some(entry) = listing.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !matches!(name, b"." | b"..") {
                children.add(Child { name, kind: kind_of(entry.file_type()) });
            }
        }
        Ok(children)
    }
}

fn kind_of(listed: rustix::fs::FileType) -> Option<FileType> {
    match listed {
        rustix::fs::FileType::Unknown => None,
        known => Some(FileType::of_mode(known.as_raw_mode())),
    }
}

pub(super) fn timestamps(accessed: Option<Time>, modified: Option<Time>) -> Timestamps {
    const LEAVE: Timespec = Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT };
    let timespec = |time: Option<Time>| {
        time.map_or(LEAVE, |time| Timespec { tv_sec: time.seconds, tv_nsec: time.nanoseconds.into() })
    };
    Timestamps { last_access: timespec(accessed), last_modification: timespec(modified) }
}
