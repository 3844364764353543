//! Folders that somebody else may change meanwhile, looked at and removed
//! through handles: nothing put in their place can be meant.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, openat, statat, unlinkat};

/// Deepest folder that is removed.
const DEPTH_MAX: usize = 64;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Opens a folder by its name in another, not through a link.
///
/// # Errors
/// When it is missing, no folder or cannot be opened.
pub fn open_folder(parent: impl AsFd, name: &OsStr) -> io::Result<OwnedFd> {
    Ok(openat(parent, name, FOLDER, Mode::empty())?)
}

/// Opens a folder by its path, whose last name is no link.
///
/// # Errors
/// As [`open_folder`].
pub fn open_path(path: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(path, FOLDER, Mode::empty())?)
}

/// Removes the folder `name` in `parent` with all in it.
///
/// # Errors
/// When it is none, or something in it cannot be removed.
pub fn remove_folder(parent: impl AsFd, name: &OsStr) -> io::Result<()> {
    let folder = open_folder(&parent, name)?;
    remove_opened(parent, &folder, name)
}

/// Removes `folder`, which was opened as `name` in `parent`, with all in it,
/// never leaving it by a link or a mount.
///
/// # Errors
/// When something cannot be removed, or another is called so by now; then that
/// one is left.
pub fn remove_opened(parent: impl AsFd, folder: &OwnedFd, name: &OsStr) -> io::Result<()> {
    let own = rustix::fs::fstat(folder)?;
    clear(folder.as_fd(), own.st_dev, DEPTH_MAX, &|_| true)?;
    let here = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if (here.st_dev, here.st_ino) != (own.st_dev, own.st_ino) {
        return Err(io::ErrorKind::NotFound.into());
    }
    // Should it be another by now, it goes only if it is empty.
    Ok(unlinkat(&parent, name, AtFlags::REMOVEDIR)?)
}

/// Removes, below `folder`, the files that are as `goes` says; folders stay.
///
/// # Errors
/// As [`remove_opened`].
pub fn remove_files(folder: &OwnedFd, goes: impl Fn(&Stat) -> bool) -> io::Result<()> {
    let device = rustix::fs::fstat(folder)?.st_dev;
    clear(folder.as_fd(), device, DEPTH_MAX, &|found| !is_folder(found) && goes(found))
}

fn is_folder(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode).is_dir()
}

fn clear(folder: BorrowedFd<'_>, device: u64, depth: usize, goes: &dyn Fn(&Stat) -> bool) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_bytes() == b"." || name.to_bytes() == b".." {
            continue;
        }
        let found = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if found.st_dev != device || depth == 0 {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        let is_folder = is_folder(&found);
        if is_folder {
            let below = openat(folder, name, FOLDER, Mode::empty())?;
            // Another may have been put there in the moment between.
            if rustix::fs::fstat(&below)?.st_dev != device {
                return Err(io::ErrorKind::CrossesDevices.into());
            }
            clear(below.as_fd(), device, depth - 1, goes)?;
        }
        if goes(&found) {
            unlinkat(folder, name, if is_folder { AtFlags::REMOVEDIR } else { AtFlags::empty() })?;
        }
    }
    Ok(())
}

/// The mount points of a process: `mountinfo` of it (`proc(5)`), their escapes undone.
pub fn mount_points(mountinfo: &[u8]) -> Vec<Vec<u8>> {
    let lines = mountinfo.split(|&byte| byte == b'\n');
    lines.filter_map(|line| line.split(|&byte| byte == b' ').nth(4)).map(unescaped).collect()
}

/// Blanks, tabs, line ends and backslashes stand as `\` and three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let octal = text.get(at + 1..at + 4).filter(|_| text[at] == b'\\');
        let code = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        plain.push(code.unwrap_or(text[at]));
        at += if code.is_some() { 4 } else { 1 };
    }
    plain
}

/// Whether something is mounted at `path` or below; where that cannot be known, yes.
pub fn is_mount(path: &Path) -> bool {
    let Ok(mounts) = std::fs::read("/proc/self/mountinfo") else { return true };
    mount_points(&mounts).iter().any(|point| Path::new(OsStr::from_bytes(point)).starts_with(path))
}

/// Whether a name is as Python's `tempfile` makes them: `^[a-z0-9_]{8}$`.
pub fn is_tempfile_name(name: &OsStr) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    name.len() == 8 && name.as_bytes().iter().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_with_their_blanks() {
        let text = b"36 35 98:0 /mnt1 /tmp/ab\\040cd rw,noatime master:1 - ext3 /dev/root rw\n37 36 0:5 / /x\\134y rw - a b c\n";
        assert_eq!(mount_points(text), [b"/tmp/ab cd".to_vec(), b"/x\\y".to_vec()]);
    }

    #[test]
    fn names_of_tempfile_have_eight_small_letters_digits_or_underscores() {
        assert!(["hevnojky", "ab_cd3fg", "________"].iter().all(|name| is_tempfile_name(OsStr::new(name))));
        for other in ["research1", "snap.lxd", "Abcdefgh", "abcdefg", "abc-defg", "abcdefg\n"] {
            assert!(!is_tempfile_name(OsStr::new(other)), "{other:?}");
        }
    }
}
