//! Whole directory trees: copied with all they have, removed without ever
//! leaving them.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, Stat, Timespec, Timestamps, Uid, chownat, fchmod, fchown, futimens,
    mkdirat, mknodat, openat, readlinkat, statat, symlinkat, utimensat,
};

use super::files;
use super::root::{Place, names_in};

/// Deepest tree that is copied.
const DEPTH_MAX: usize = 64;

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Copies what is at `from`, whatever it is, to `to`, where nothing may be.
/// Everything is on the disk when it returns.
///
/// # Errors
/// When something cannot be read or written; then part of a copy may be left.
pub fn copy(from: &Place, to: &Place) -> io::Result<()> {
    entry(&from.directory, &from.name, &to.directory, &to.name, DEPTH_MAX)?;
    to.sync_directory()
}

fn entry(from: &OwnedFd, name: &OsStr, to: &OwnedFd, new: &OsStr, depth: usize) -> io::Result<()> {
    let found = statat(from, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let kind = FileType::from_raw_mode(found.st_mode);
    if kind.is_dir() {
        return directory(from, name, to, new, &found, depth);
    }
    if kind.is_file() {
        return file(from, name, to, new, &found);
    }
    if kind.is_symlink() {
        symlinkat(readlinkat(from, name, Vec::new())?, to, new)?;
    } else {
        mknodat(to, new, kind, Mode::from_raw_mode(found.st_mode & 0o7777), found.st_rdev)?;
    }
    let (uid, gid) = owner(&found);
    chownat(to, new, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(utimensat(to, new, &times(&found), AtFlags::SYMLINK_NOFOLLOW)?)
}

fn directory(
    from: &OwnedFd,
    name: &OsStr,
    to: &OwnedFd,
    new: &OsStr,
    found: &Stat,
    depth: usize,
) -> io::Result<()> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(io::Error::other("a tree too deep to be kept"));
    };
    let source = openat(from, name, DIRECTORY, Mode::empty())?;
    mkdirat(to, new, Mode::from_raw_mode(0o700))?;
    let copied = openat(to, new, DIRECTORY, Mode::empty())?;
    for name in names_in(&source)? {
        entry(&source, &name, &copied, &name, depth)?;
    }
    finish(&source, &copied, found)
}

fn file(from: &OwnedFd, name: &OsStr, to: &OwnedFd, new: &OsStr, found: &Stat) -> io::Result<()> {
    let mut source = Place { directory: from.try_clone()?, name: name.to_owned() }.open()?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut copied = File::from(openat(to, new, flags, Mode::from_raw_mode(0o600))?);
    io::copy(&mut source, &mut copied)?;
    finish(&source, &copied, found)
}

fn finish(source: impl AsFd, copied: impl AsFd, found: &Stat) -> io::Result<()> {
    let (uid, gid) = owner(found);
    fchown(&copied, Some(uid), Some(gid))?;
    files::copy_attributes(&source, &copied)?;
    fchmod(&copied, Mode::from_raw_mode(found.st_mode & 0o7777))?;
    futimens(&copied, &times(found))?;
    Ok(rustix::fs::fsync(&copied)?)
}

fn owner(found: &Stat) -> (Uid, Gid) {
    (Uid::from_raw(found.st_uid), Gid::from_raw(found.st_gid))
}

fn times(found: &Stat) -> Timestamps {
    let time = |seconds, nanoseconds: u64| Timespec { tv_sec: seconds, tv_nsec: nanoseconds as i64 };
    Timestamps {
        last_access: time(found.st_atime, found.st_atime_nsec),
        last_modification: time(found.st_mtime, found.st_mtime_nsec),
    }
}

/// Removes what is at `place`, whatever it is, never leaving it by a link or a
/// mount; nothing there is no error.
///
/// # Errors
/// When something cannot be removed.
pub fn remove(place: &Place) -> io::Result<()> {
    match place.stat() {
        Ok(found) if FileType::from_raw_mode(found.st_mode).is_dir() => {
            loopshim_core::handles::remove_folder(&place.directory, &place.name)?;
            place.sync_directory()
        }
        Ok(_) => files::remove(place),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::root::Root;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    #[test]
    fn a_copy_has_all_that_the_original_has_and_goes_without_a_trace() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("a/b")).expect("a folder");
        fs::write(at("a/b/file"), "text").expect("a file");
        fs::create_dir(at("outside")).expect("a folder");
        fs::write(at("outside/stays"), "text").expect("a file");
        symlink(at("outside"), at("a/b/link")).expect("a link");
        let script =
            "mkfifo a/fifo && chmod 4751 a/b/file && chmod 1777 a && touch -d @1000000000.5 a/b/file a/b";
        assert!(
            Command::new("sh")
                .args(["-c", script])
                .current_dir(folder.path())
                .status()
                .is_ok_and(|s| s.success())
        );
        let root = Root::open(folder.path()).expect("a root");
        let (from, to) = (root.place("/a").expect("a place"), root.place("/copy").expect("a place"));
        copy(&from, &to).expect("a copy");
        let listed = |name: &str| {
            let find = "find . -printf '%p %y %m %u %g %l %s %T@\\n' | sort";
            let found = Command::new("sh").args(["-c", find]).current_dir(at(name)).output().expect("find");
            String::from_utf8_lossy(&found.stdout).into_owned()
        };
        assert_eq!(listed("a"), listed("copy"));
        remove(&from).expect("removed");
        remove(&from).expect("nothing to remove");
        assert!(!at("a").exists() && at("outside/stays").exists());
    }
}
