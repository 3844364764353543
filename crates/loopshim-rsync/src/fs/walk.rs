//! From a directory that is held to one below it.
//!
//! Where the kernel has `openat2` it refuses by itself what leaves the tree;
//! where not (before Linux 5.6), or where links may be followed that we have to
//! judge, each component is opened by itself and looked at.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::directory::Directory;
use super::facts::{Facts, FileType};

/// Which symbolic links on the way to a directory are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// None.
    Refused,
    /// Those that do not leave the directory it begins in.
    Beneath,
    /// Those that the system's administrator or we ourselves made: nobody else
    /// can lead us elsewhere with them.
    Trusted,
    /// All: the user asked for what they lead to.
    Followed,
}

/// Most links followed on one way, as the kernel has it.
pub(super) const LINKS_MAX: u32 = 40;

/// A directory to go through or work in, never read.
const PASSAGE: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

static HAS_OPENAT2: AtomicBool = AtomicBool::new(true);

/// Whose symbolic links are followed on a way that a user of the program named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The system administrator's and our own: nobody else can lead us elsewhere.
    Owned,
    /// Everybody's.
    All,
}

/// Why a path that a user named leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayError {
    /// It leads over a symbolic link of somebody who is not trusted.
    Untrusted,
    /// What the system says.
    System(Errno),
}

impl From<Errno> for WayError {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

impl From<WayError> for Errno {
    fn from(error: WayError) -> Self {
        match error {
            WayError::Untrusted => Errno::LOOP,
            WayError::System(errno) => errno,
        }
    }
}

/// Opens the directory at `path`, which a user of the program named: absolute,
/// or relative to the current directory.
///
/// # Errors
/// What the system says, or a link that is not trusted.
pub fn open_directory(path: &[u8], trust: Trust) -> Result<Directory, WayError> {
    open_from(&open_current()?, path, trust)
}

/// Opens the directory at `path`, which a user of the program named: absolute,
/// or relative to `from`.
///
/// # Errors
/// As [`open_directory`].
pub fn open_from(from: &Directory, path: &[u8], trust: Trust) -> Result<Directory, WayError> {
    match trust {
        Trust::All => Ok(below(from, path, Links::Followed)?),
        Trust::Owned => {
            let start = if path.starts_with(b"/") { open_root()? } else { from.clone() };
            walk(start, path, Links::Trusted)
        }
    }
}

/// Opens the directory that `path`, named by a user, lies in, and gives its
/// last component; `.` where there is none. It is relative to `from`, or to the
/// current directory.
///
/// # Errors
/// As [`open_directory`].
pub fn open_parent(
    from: Option<&Directory>,
    path: &[u8],
    trust: Trust,
) -> Result<(Directory, Vec<u8>), WayError> {
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |at| at + 1);
    let trimmed = &path[..end];
    let cut = trimmed.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    let leaf = &trimmed[cut..];
    let leaf = if leaf.is_empty() { b"." } else { leaf };
    let parent = if trimmed.is_empty() { path } else { &trimmed[..cut] };
    let parent = if parent.is_empty() { b"." } else { parent };
    let opened = from.map_or_else(|| open_directory(parent, trust), |from| open_from(from, parent, trust));
    Ok((opened?, leaf.to_vec()))
}

/// Opens the directory at `path` below `from`.
pub(super) fn below(from: &Directory, path: &[u8], links: Links) -> Result<Directory, Errno> {
    if links == Links::Followed {
        let flags = PASSAGE.difference(OFlags::NOFOLLOW);
        return rustix::fs::openat(from, path, flags, Mode::empty()).map(Directory::new);
    }
    if links != Links::Trusted && HAS_OPENAT2.load(Ordering::Relaxed) {
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let (resolve, flags) = match links {
            Links::Refused => (beneath | ResolveFlags::NO_SYMLINKS, PASSAGE),
            _ => (beneath, PASSAGE.difference(OFlags::NOFOLLOW)),
        };
        match rustix::fs::openat2(from, path, flags, Mode::empty(), resolve) {
            // An older kernel, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => HAS_OPENAT2.store(false, Ordering::Relaxed),
            // A race with a rename: the walk by component decides.
            Err(Errno::AGAIN) => {}
            // The original's word for a link that leads out.
            Err(Errno::XDEV) => return Err(Errno::LOOP),
            Err(errno) => return Err(errno),
            Ok(opened) => return Ok(Directory::new(opened)),
        }
    }
    Ok(walk(from.clone(), path, links)?)
}

fn walk(start: Directory, path: &[u8], links: Links) -> Result<Directory, WayError> {
    let root = start.clone();
    let mut here = start;
    // Where links must not lead out: the directories from the first one on.
    let mut way: Vec<Directory> = Vec::new();
    let mut left: VecDeque<Vec<u8>> = components(path).collect();
    let mut followed = 0;
    while let Some(component) = left.pop_front() {
        if component == b".." && links != Links::Trusted {
            if links == Links::Refused || way.pop().is_none() {
                return Err(Errno::LOOP.into());
            }
            here = way.last().unwrap_or(&root).clone();
            continue;
        }
        match rustix::fs::openat(&here, &component[..], PASSAGE, Mode::empty()) {
            Ok(opened) => {
                here = Directory::new(opened);
                way.push(here.clone());
            }
            // What is no directory may be a link to one.
            Err(error @ (Errno::NOTDIR | Errno::LOOP)) if links != Links::Refused => {
                followed += 1;
                let target = target_of(&here, &component, links)?.ok_or(error)?;
                if followed > LINKS_MAX {
                    return Err(Errno::LOOP.into());
                }
                if target.starts_with(b"/") {
                    if links == Links::Beneath {
                        return Err(Errno::LOOP.into());
                    }
                    here = open_root()?;
                }
                components(&target).rev().for_each(|component| left.push_front(component));
            }
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(here)
}

/// Where a link leads that may be followed; `None` where it is no link.
pub(super) fn target_of(
    directory: &Directory,
    leaf: &[u8],
    links: Links,
) -> Result<Option<Vec<u8>>, WayError> {
    let link = rustix::fs::openat(
        directory,
        leaf,
        OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let facts = Facts::from(rustix::fs::fstat(&link)?);
    if facts.kind != FileType::Symlink {
        return Ok(None);
    }
    let ours = rustix::process::geteuid().as_raw();
    if links == Links::Trusted && facts.user != 0 && facts.user != ours {
        return Err(WayError::Untrusted);
    }
    let target = rustix::fs::readlinkat(&link, "", Vec::new())?;
    Ok(Some(target.into_bytes()))
}

fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = Vec<u8>> + '_ {
    path.split(|&byte| byte == b'/').filter(|component| !matches!(*component, b"" | b".")).map(<[u8]>::to_vec)
}

pub(super) fn open_root() -> Result<Directory, Errno> {
    open_as_it_is(CWD, b"/")
}

pub(super) fn open_current() -> Result<Directory, Errno> {
    open_as_it_is(CWD, b".")
}

fn open_as_it_is(from: impl AsFd, path: &[u8]) -> Result<Directory, Errno> {
    let opened: OwnedFd = rustix::fs::openat(from, path, PASSAGE, Mode::empty())?;
    Ok(Directory::new(opened))
}

/// Runs `test` as on a kernel without `openat2`.
#[cfg(test)]
pub(super) fn tests_only_without_openat2(test: impl FnOnce()) {
    HAS_OPENAT2.store(false, Ordering::Relaxed);
    test();
    HAS_OPENAT2.store(true, Ordering::Relaxed);
}
