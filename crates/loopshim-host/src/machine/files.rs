//! What is at a place, in a form that can be written down, compared and put
//! back: contents, owner, permissions, times, extended attributes.

use std::collections::BTreeMap;
use std::ffi::{CString, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps, Uid, XattrFlags, chownat,
    fchmod, fchown, fgetxattr, flistxattr, fsetxattr, futimens, openat, renameat, renameat_with, symlinkat,
    unlinkat, utimensat,
};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::root::Place;

/// Most bytes of one extended attribute, and of the list of their names (`xattr(7)`).
const ATTRIBUTE_MAX: usize = 64 << 10;

/// What is at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Image {
    /// Nothing.
    Absent,
    /// A plain file.
    File {
        /// SHA-256 of its contents, in hexadecimal digits.
        sha256: String,
        /// The rest.
        metadata: Metadata,
    },
    /// A symbolic link.
    Link {
        /// Where it leads.
        target: String,
        /// Its owner.
        uid: u32,
        /// Its group.
        gid: u32,
        /// When it was made: seconds since 1970, and nanoseconds.
        modified: (i64, i64),
    },
    /// A directory: this very one.
    Directory {
        /// The file system's number.
        device: u64,
        /// Its own.
        inode: u64,
    },
    /// A value of the running kernel.
    Value {
        /// As it would be written.
        text: String,
    },
    /// A device, a socket or a FIFO.
    Special,
}

/// What a file has besides its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Permission bits, set-user-id and the like included.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// When it was last changed: seconds since 1970, and nanoseconds. Not given
    /// for a file that is yet to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<(i64, i64)>,
    /// Extended attributes, values in hexadecimal digits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl Metadata {
    /// Of a new file of root's (or this process's user's).
    pub fn fresh(mode: u32) -> Self {
        Self {
            mode,
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            modified: None,
            attributes: BTreeMap::new(),
        }
    }

    fn of(found: &Stat, file: &File) -> io::Result<Self> {
        Ok(Self {
            mode: found.st_mode & 0o7777,
            uid: found.st_uid,
            gid: found.st_gid,
            modified: Some(modified(found)),
            attributes: attributes(file)?,
        })
    }
}

impl Image {
    /// Whether two images are of the same thing, times apart: a file written
    /// anew with the same contents is the same.
    pub fn is_like(&self, other: &Self) -> bool {
        let timeless = |image: &Self| {
            let mut image = image.clone();
            match &mut image {
                Self::File { metadata, .. } => {
                    metadata.modified = None;
                    // The kernel gives new files a label by itself.
                    metadata.attributes.remove("security.selinux");
                }
                Self::Link { modified, .. } => *modified = (0, 0),
                _ => {}
            }
            image
        };
        timeless(self) == timeless(other)
    }
}

/// SHA-256 in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn modified(found: &Stat) -> (i64, i64) {
    (found.st_mtime, found.st_mtime_nsec as i64)
}

fn attributes(file: impl AsFd) -> io::Result<BTreeMap<String, String>> {
    let mut names = vec![0; ATTRIBUTE_MAX];
    let length = match flistxattr(&file, &mut names) {
        Ok(length) => length,
        Err(Errno::OPNOTSUPP) => 0,
        Err(error) => return Err(error.into()),
    };
    let mut attributes = BTreeMap::new();
    for name in names[..length].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let mut value = vec![0; ATTRIBUTE_MAX];
        let length = fgetxattr(&file, name, &mut value)?;
        attributes.insert(name.to_owned(), hex(&value[..length]));
    }
    Ok(attributes)
}

/// What is at `place`, and of a plain file its contents.
///
/// # Errors
/// When it cannot be read.
pub fn image(place: &Place) -> io::Result<(Image, Option<Vec<u8>>)> {
    let found = match place.stat() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Image::Absent, None)),
        Err(error) => return Err(error),
    };
    let kind = FileType::from_raw_mode(found.st_mode);
    if kind.is_file() {
        let contents = place.read()?;
        let metadata = Metadata::of(&found, &place.open()?)?;
        return Ok((Image::File { sha256: digest(&contents), metadata }, Some(contents)));
    }
    let image = if kind.is_symlink() {
        let target = place.link()?.into_os_string().into_string();
        let target = target.map_err(|_| io::Error::other("a link whose target is no text"))?;
        Image::Link { target, uid: found.st_uid, gid: found.st_gid, modified: modified(&found) }
    } else if kind.is_dir() {
        Image::Directory { device: found.st_dev, inode: found.st_ino }
    } else {
        Image::Special
    };
    Ok((image, None))
}

/// The name under which a file is written before it takes its place. Always
/// the same, so that one left by a killed process can be found.
pub fn temporary(place: &Place) -> io::Result<Place> {
    let mut name = OsString::from(".");
    name.push(&place.name);
    name.push(".loopshim-new");
    place.beside(name)
}

/// Removes the file under the temporary name, if there is one.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_temporary(place: &Place) -> io::Result<()> {
    remove(&temporary(place)?)
}

/// Writes a file beside `place`, whole and on the disk, then renames it there.
///
/// # Errors
/// When it cannot be written; then `place` is as it was.
pub fn put(place: &Place, contents: &[u8], metadata: &Metadata) -> io::Result<()> {
    prepare(place, contents, metadata)?;
    commit(place)
}

/// Writes a file beside `place`, whole and on the disk.
///
/// # Errors
/// When it cannot be written; then nothing is left of it.
pub fn prepare(place: &Place, contents: &[u8], metadata: &Metadata) -> io::Result<()> {
    let new = temporary(place)?;
    remove(&new)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(&new.directory, &new.name, flags, Mode::from_raw_mode(0o600))?);
    let written =
        file.write_all(contents).and_then(|()| dress(&file, metadata)).and_then(|()| file.sync_all());
    if written.is_err() {
        // It is in nobody's way; the error counts.
        let _ = remove(&new);
    }
    written
}

/// Renames what was prepared beside `place` to it.
///
/// # Errors
/// Any error of `rename(2)`.
pub fn commit(place: &Place) -> io::Result<()> {
    let new = temporary(place)?;
    renameat(&new.directory, &new.name, &place.directory, &place.name)?;
    place.sync_directory()
}

fn dress(file: &File, metadata: &Metadata) -> io::Result<()> {
    fchown(file, Some(Uid::from_raw(metadata.uid)), Some(Gid::from_raw(metadata.gid)))?;
    for (name, value) in &metadata.attributes {
        let value = unhex(value).ok_or(io::ErrorKind::InvalidData)?;
        fsetxattr(file, name.as_str(), &value, XattrFlags::empty())?;
    }
    // After the owner: changing that clears set-user-id.
    fchmod(file, Mode::from_raw_mode(metadata.mode))?;
    match metadata.modified {
        Some(modified) => Ok(futimens(file, &times(modified))?),
        None => Ok(()),
    }
}

fn times((seconds, nanoseconds): (i64, i64)) -> Timestamps {
    let time = Timespec { tv_sec: seconds, tv_nsec: nanoseconds };
    Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW },
        last_modification: time,
    }
}

/// Makes a link beside `place`, then renames it there.
///
/// # Errors
/// When it cannot be made; then `place` is as it was.
pub fn put_link(
    place: &Place,
    target: &str,
    owner: Option<(u32, u32)>,
    modified: Option<(i64, i64)>,
) -> io::Result<()> {
    let new = temporary(place)?;
    remove(&new)?;
    symlinkat(target, &new.directory, &new.name)?;
    if let Some((uid, gid)) = owner {
        let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
        chownat(&new.directory, &new.name, uid, gid, AtFlags::SYMLINK_NOFOLLOW)?;
    }
    if let Some(modified) = modified {
        utimensat(&new.directory, &new.name, &times(modified), AtFlags::SYMLINK_NOFOLLOW)?;
    }
    commit(place)
}

/// Removes a file or a link; none is no error.
///
/// # Errors
/// When it cannot be removed, or is a directory.
pub fn remove(place: &Place) -> io::Result<()> {
    match unlinkat(&place.directory, &place.name, AtFlags::empty()) {
        Ok(()) => place.sync_directory(),
        Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Makes a directory with these permissions, whatever the umask.
///
/// # Errors
/// When it cannot be made, or something is there.
pub fn make_directory(place: &Place, mode: u32) -> io::Result<()> {
    rustix::fs::mkdirat(&place.directory, &place.name, Mode::from_raw_mode(0o700))?;
    // mkdir(2) takes the umask into account, and this is no file of the user's.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let made = openat(&place.directory, &place.name, flags, Mode::empty())?;
    rustix::fs::fchmod(&made, Mode::from_raw_mode(mode))?;
    place.sync_directory()
}

/// Renames, over nothing.
///
/// # Errors
/// Any error of `rename(2)`, or when something has the new name.
pub fn rename(from: &Place, to: &Place) -> io::Result<()> {
    match renameat_with(&from.directory, &from.name, &to.directory, &to.name, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => {
            // A file system without it (overlayfs of old kernels).
            if to.stat().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            rustix::fs::renameat(&from.directory, &from.name, &to.directory, &to.name)?;
        }
        renamed => renamed?,
    }
    from.sync_directory()?;
    to.sync_directory()
}

/// A directory of ours, held open: what is in it is made and read by name.
#[derive(Debug)]
pub struct Folder(OwnedFd);

impl Folder {
    /// The directory at `place`.
    ///
    /// # Errors
    /// When it is no directory, or others may write to it.
    pub fn open(place: &Place) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = openat(&place.directory, &place.name, flags, Mode::empty())?;
        let found = rustix::fs::fstat(&handle)?;
        let ours = found.st_uid == 0 || found.st_uid == rustix::process::geteuid().as_raw();
        if ours && found.st_mode & 0o022 == 0 {
            Ok(Self(handle))
        } else {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "directory is not ours alone"))
        }
    }

    /// The place of a name in it.
    ///
    /// # Errors
    /// When no more files can be open.
    pub fn place(&self, name: &str) -> io::Result<Place> {
        Ok(Place { directory: self.0.try_clone()?, name: name.into() })
    }

    /// Makes a directory in it, or takes the one that is there.
    ///
    /// # Errors
    /// When it cannot be made, or is none of ours.
    pub fn make(&self, name: &str, mode: u32) -> io::Result<Self> {
        match rustix::fs::mkdirat(&self.0, name, Mode::from_raw_mode(mode)) {
            Ok(()) => self.sync()?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        Self::open(&self.place(name)?)
    }

    /// Opens a file of which every write goes to the end, made if missing.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn append(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::from_raw_mode(0o600))?;
        self.sync()?;
        Ok(File::from(file))
    }

    /// Writes a file whole and waits until it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, contents: &[u8]) -> io::Result<()> {
        put(&self.place(name)?, contents, &Metadata::fresh(0o600))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.place(name)?.read()
    }

    /// The names in it, sorted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let names = super::root::names_in(&self.0)?;
        Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect())
    }

    /// Waits until the names in it are on the disk.
    ///
    /// # Errors
    /// Any error of `fsync(2)`.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }
}

/// Sets an extended attribute, for those who copy trees.
///
/// # Errors
/// When it cannot be set.
pub(crate) fn copy_attributes(from: impl AsFd, to: impl AsFd) -> io::Result<()> {
    for (name, value) in attributes(&from)? {
        let name = CString::new(name)?;
        fsetxattr(&to, name.as_c_str(), &unhex(&value).unwrap_or_default(), XattrFlags::empty())?;
    }
    Ok(())
}

/// Whether a name can be written down as text without a loss.
pub fn is_text(name: &std::ffi::OsStr) -> bool {
    std::str::from_utf8(name.as_bytes()).is_ok()
}
