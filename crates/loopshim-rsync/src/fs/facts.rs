//! What the system says of a file.

use rsync_proto::file_list::{Device, Time};
use rustix::fs::Stat;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the types of files there are")]
pub enum FileType {
    File,
    Directory,
    Symlink,
    CharacterDevice,
    BlockDevice,
    Fifo,
    Socket,
}

impl FileType {
    /// The type in a mode; what is none of them is taken for a file.
    pub const fn of_mode(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o040_000 => Self::Directory,
            0o120_000 => Self::Symlink,
            0o020_000 => Self::CharacterDevice,
            0o060_000 => Self::BlockDevice,
            0o010_000 => Self::Fifo,
            0o140_000 => Self::Socket,
            _ => Self::File,
        }
    }

    /// As bits of a mode.
    pub const fn bits(self) -> u32 {
        match self {
            Self::File => 0o100_000,
            Self::Directory => 0o040_000,
            Self::Symlink => 0o120_000,
            Self::CharacterDevice => 0o020_000,
            Self::BlockDevice => 0o060_000,
            Self::Fifo => 0o010_000,
            Self::Socket => 0o140_000,
        }
    }

    /// Whether it is a character or block device.
    pub const fn is_device(self) -> bool {
        matches!(self, Self::CharacterDevice | Self::BlockDevice)
    }

    /// Whether it is a FIFO or a socket.
    pub const fn is_special(self) -> bool {
        matches!(self, Self::Fifo | Self::Socket)
    }
}

/// Which file it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The file system.
    pub device: u64,
    /// The file in it.
    pub inode: u64,
}

/// What the system says of a file; of a symbolic link, of the link itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What it is.
    pub kind: FileType,
    /// Permission bits with set-id and sticky, 0 to 0o7777.
    pub permissions: u16,
    /// Number of the owner.
    pub user: u32,
    /// Number of the group.
    pub group: u32,
    /// Its length in bytes.
    pub length: u64,
    /// When its content was last changed.
    pub modified: Time,
    /// When it was last read.
    pub accessed: Time,
    /// A device's numbers.
    pub device: Device,
    /// Which file it is.
    pub identity: Identity,
    /// How many names it has.
    pub links: u64,
    /// How many blocks of 512 bytes it occupies.
    pub blocks: u64,
}

impl Facts {
    /// Type and permissions together.
    pub fn mode(&self) -> u32 {
        self.kind.bits() | u32::from(self.permissions)
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == FileType::Directory
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == FileType::File
    }
}

impl From<Stat> for Facts {
    #[allow(clippy::unnecessary_cast, reason = "the fields differ between architectures")]
    fn from(stat: Stat) -> Self {
        let time = |seconds: i64, nanoseconds: u64| Time { seconds, nanoseconds: nanoseconds as u32 };
        Self {
            kind: FileType::of_mode(stat.st_mode as u32),
            permissions: (stat.st_mode & 0o7777) as u16,
            user: stat.st_uid,
            group: stat.st_gid,
            length: u64::try_from(stat.st_size).unwrap_or(0),
            modified: time(stat.st_mtime as i64, stat.st_mtime_nsec as u64),
            accessed: time(stat.st_atime as i64, stat.st_atime_nsec as u64),
            device: Device {
                major: rustix::fs::major(stat.st_rdev as u64),
                minor: rustix::fs::minor(stat.st_rdev as u64),
            },
            identity: Identity { device: stat.st_dev as u64, inode: stat.st_ino as u64 },
            links: stat.st_nlink as u64,
            blocks: stat.st_blocks as u64,
        }
    }
}
