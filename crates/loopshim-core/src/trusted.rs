//! Files of our own in directories that others may try to prepare for us.
//!
//! A shim usually runs as root and writes, unasked, below `/var`. It does so
//! only in a directory that nobody else can write to, and only to plain files
//! that are there under one name and are not symbolic links: a planted link or
//! FIFO makes the attempt fail, nothing more.

use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::{World, file};

/// Permission bits that let others than the owner write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// A directory that only root or this process's user can change.
#[derive(Debug, Clone)]
pub struct TrustedDir {
    path: PathBuf,
    user: u32,
}

impl TrustedDir {
    /// The directory at `path` (absolute) in `world`.
    ///
    /// # Errors
    /// When it is missing, no directory (a symbolic link is none), belongs to
    /// another user, or others may write to it.
    pub fn open(world: &World, path: &str) -> io::Result<Self> {
        Self::at(&world.path(path))
    }

    /// As [`TrustedDir::open`], of a path outside every world.
    ///
    /// # Errors
    /// As [`TrustedDir::open`].
    pub fn at(path: &Path) -> io::Result<Self> {
        let user = rustix::process::geteuid().as_raw();
        let path = path.to_owned();
        let found = std::fs::symlink_metadata(&path)?;
        let trusted = found.is_dir() && belongs(&found, user) && found.mode() & WRITABLE_BY_OTHERS == 0;
        if trusted { Ok(Self { path, user }) } else { Err(refused("directory is not ours alone")) }
    }

    /// As [`TrustedDir::open`]; makes the directory, not its parents, with
    /// permissions `mode` when it is missing.
    ///
    /// # Errors
    /// As [`TrustedDir::open`], or when it cannot be made.
    pub fn open_or_make(world: &World, path: &str, mode: u32) -> io::Result<Self> {
        Self::made(&world.path(path), mode)
    }

    /// As [`TrustedDir::open_or_make`], of the directory of that name in this one.
    ///
    /// # Errors
    /// As there.
    pub fn below(&self, name: &str, mode: u32) -> io::Result<Self> {
        Self::made(&self.join(name), mode)
    }

    fn made(path: &Path, mode: u32) -> io::Result<Self> {
        match Self::at(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match std::fs::DirBuilder::new().mode(mode).create(path) {
                    // Another process was quicker.
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => {}
                }
                Self::at(path)
            }
            opened => opened,
        }
    }

    /// As [`TrustedDir::at`]; makes the directory, and its parents, with
    /// permissions `mode` when they are missing.
    ///
    /// # Errors
    /// As [`TrustedDir::open`], or when it cannot be made.
    pub fn at_or_made(path: &Path, mode: u32) -> io::Result<Self> {
        match Self::at(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::DirBuilder::new().mode(mode).recursive(true).create(path)?;
                Self::at(path)
            }
            opened => opened,
        }
    }

    /// Opens a file to be read.
    ///
    /// # Errors
    /// When it is missing or not a plain file of ours.
    pub fn read(&self, name: &str) -> io::Result<File> {
        self.open_with(name, OFlags::RDONLY)
    }

    /// Opens a file, made if missing, of which every write goes to the end.
    ///
    /// # Errors
    /// When it is not a plain file of ours or cannot be made.
    pub fn append(&self, name: &str) -> io::Result<File> {
        self.open_with(name, OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE)
    }

    /// Opens a file, made if missing, to be read and written at any place in it.
    ///
    /// # Errors
    /// When it is not a plain file of ours or cannot be made.
    pub fn update(&self, name: &str) -> io::Result<File> {
        self.open_with(name, OFlags::RDWR | OFlags::CREATE)
    }

    /// Makes a file that was not there before; a left-over of that name goes.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_anew(&self, name: &str) -> io::Result<File> {
        match std::fs::remove_file(self.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.open_with(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL),
        }
    }

    /// Takes the lock file of that name without waiting; `None` while another
    /// process holds it. The lock lasts as long as the file is open, and the
    /// file stays: removing it would let two processes hold one lock.
    ///
    /// # Errors
    /// When the file cannot be opened or locked at all.
    pub fn try_lock(&self, name: &str) -> io::Result<Option<File>> {
        let file = self.append(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Renames a file within the directory, over any file of the new name.
    ///
    /// # Errors
    /// Any error of `rename(2)`.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.join(from), self.join(to))
    }

    /// Removes a file.
    ///
    /// # Errors
    /// Any error of `unlink(2)`.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.join(name))
    }

    /// Waits until the names in the directory are on the disk.
    ///
    /// # Errors
    /// Any error of `fsync(2)`.
    pub fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Size of a file in bytes; zero when there is none.
    pub fn size(&self, name: &str) -> u64 {
        std::fs::symlink_metadata(self.join(name)).map_or(0, |found| found.len())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names in it that are text; ours always are.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            names.extend(entry?.file_name().into_string().ok());
        }
        Ok(names)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn open_with(&self, name: &str, way: OFlags) -> io::Result<File> {
        // Without O_NONBLOCK a FIFO would hold us up for ever.
        let flags = way | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = file::open_with(&self.join(name), flags)?;
        let found = file.metadata()?;
        // A second name could lie anywhere on the file system.
        let trusted = found.is_file() && found.nlink() == 1 && belongs(&found, self.user);
        if trusted { Ok(file) } else { Err(refused("file is not a plain file of ours")) }
    }
}

/// Reads a file that must be root's or ours, and closed to others' writing; a
/// symbolic link counts as what it is, not as what it points to.
///
/// # Errors
/// When it is missing, not so, or larger than `limit` bytes.
pub fn read(world: &World, path: &str, limit: u64) -> io::Result<Vec<u8>> {
    let (directory, name) = split(path)?;
    let directory = TrustedDir::open(world, directory)?;
    let file = directory.read(name)?;
    if file.metadata()?.mode() & WRITABLE_BY_OTHERS != 0 {
        return Err(refused("file is open to others' writing"));
    }
    let bytes = file::read_start(file, limit + 1)?;
    if bytes.len() as u64 > limit { Err(refused("file is too large")) } else { Ok(bytes) }
}

fn split(path: &str) -> io::Result<(&str, &str)> {
    let path = Path::new(path);
    let parts = path.parent().and_then(Path::to_str).zip(path.file_name().and_then(|name| name.to_str()));
    parts.ok_or_else(|| refused("no file in a directory"))
}

fn belongs(found: &Metadata, user: u32) -> bool {
    found.uid() == 0 || found.uid() == user
}

fn refused(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, reason)
}
