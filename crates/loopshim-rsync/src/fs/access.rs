//! Giving a file its owner, permissions and times.

use rsync_proto::file_list::Time;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{Gid, Mode, OFlags, Uid};
use rustix::io::Errno;

use super::directory::{Directory, timestamps};
use super::facts::{Facts, FileType};

/// A file by its directory and name, and open if it is.
#[derive(Debug, Clone, Copy)]
pub struct Target<'t> {
    /// Where it lies.
    pub directory: &'t Directory,
    /// Its name there.
    pub leaf: &'t [u8],
    /// The file itself, open for writing or reading, not as a mere path.
    pub file: Option<BorrowedFd<'t>>,
}

/// What a file is to have; `None` leaves what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits with set-id and sticky.
    pub permissions: Option<u16>,
    /// Number of the owner.
    pub user: Option<u32>,
    /// Number of the group.
    pub group: Option<u32>,
    /// When it was last changed.
    pub modified: Option<Time>,
    /// When it was last read.
    pub accessed: Option<Time>,
}

/// What of a file could not be changed, as the original names the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "what can be changed")]
pub enum Change {
    Owner,
    Permissions,
    Times,
}

/// Set-user-id and set-group-id, which a change of owner takes away.
const SET_ID: u16 = 0o6000;

/// Makes `wanted` of what the file is, calling the system only where they
/// differ. All is tried, whatever fails.
///
/// # Errors
/// The first failure.
pub fn apply(target: Target<'_>, current: &Facts, wanted: &Attributes) -> Result<(), (Change, Errno)> {
    let user = wanted.user.filter(|&user| user != current.user);
    let group = wanted.group.filter(|&group| group != current.group);
    let changes_owner = user.is_some() || group.is_some();
    let mut outcome = Ok(());
    if changes_owner {
        let changed = target.set_owner(user, group).map_err(|errno| (Change::Owner, errno));
        outcome = outcome.and(changed);
    }
    let is_lost = changes_owner && current.permissions & SET_ID != 0;
    let kept = is_lost.then_some(current.permissions);
    let permissions = wanted.permissions.filter(|&permissions| is_lost || permissions != current.permissions);
    // A link's own permissions mean nothing and cannot be changed.
    if let Some(permissions) = permissions.or(kept).filter(|_| current.kind != FileType::Symlink) {
        outcome =
            outcome.and(target.set_permissions(permissions).map_err(|errno| (Change::Permissions, errno)));
    }
    let modified = wanted.modified.filter(|&time| time != current.modified);
    let accessed = wanted.accessed.filter(|&time| time != current.accessed);
    if modified.is_some() || accessed.is_some() {
        outcome = outcome.and(target.set_times(accessed, modified).map_err(|errno| (Change::Times, errno)));
    }
    outcome
}

impl Target<'_> {
    fn set_owner(self, user: Option<u32>, group: Option<u32>) -> Result<(), Errno> {
        match self.file {
            Some(file) => rustix::fs::fchown(file, user.map(Uid::from_raw), group.map(Gid::from_raw)),
            None => self.directory.set_owner(self.leaf, user, group),
        }
    }

    /// Sets permission bits, of a link's target never.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_permissions(self, permissions: u16) -> Result<(), Errno> {
        let mode = Mode::from_raw_mode(permissions.into());
        if let Some(file) = self.file {
            return rustix::fs::fchmod(file, mode);
        }
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let held = open_held(self.directory, self.leaf, flags)?;
        if Facts::from(rustix::fs::fstat(&held)?).kind == FileType::Symlink {
            return Err(Errno::LOOP);
        }
        match rustix::fs::chmod(own_path(&held), mode) {
            // Without /proc: what can be opened for reading can be changed too.
            Err(Errno::NOENT) => {
                let opened = self.directory.open(self.leaf, OFlags::RDONLY)?;
                rustix::fs::fchmod(&opened, mode)
            }
            outcome => outcome,
        }
    }

    fn set_times(self, accessed: Option<Time>, modified: Option<Time>) -> Result<(), Errno> {
        match self.file {
            Some(file) => rustix::fs::futimens(file, &timestamps(accessed, modified)),
            None => self.directory.set_times(self.leaf, accessed, modified),
        }
    }
}

fn open_held(directory: &Directory, leaf: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    if leaf.contains(&b'/') || leaf == b".." {
        return Err(Errno::INVAL);
    }
    rustix::fs::openat(directory, leaf, flags, Mode::empty())
}

/// The path of what is open, as long as it is.
pub(super) fn own_path(opened: impl AsFd) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", opened.as_fd().as_raw_fd())
}

#[cfg(test)]
mod tests {
    use super::super::{Trust, open_directory};
    use super::*;

    #[test]
    fn permissions_and_times_are_set_and_links_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("f"), "x").expect("written");
        std::os::unix::fs::symlink("f", folder.path().join("l")).expect("linked");
        let directory =
            open_directory(folder.path().as_os_str().as_encoded_bytes(), Trust::Owned).expect("opened");
        let target = |leaf| Target { directory: &directory, leaf, file: None };
        let time = Time { seconds: -5, nanoseconds: 7 };
        let wanted = Attributes { permissions: Some(0o751), modified: Some(time), ..Attributes::default() };
        let before = directory.facts(b"f").expect("there");
        apply(target(b"l"), &directory.facts(b"l").expect("there"), &wanted).expect("applied");
        assert_eq!(directory.facts(b"l").expect("there").modified, time);
        assert_eq!(directory.facts(b"f"), Ok(before));
        apply(target(b"f"), &before, &wanted).expect("applied");
        let after = directory.facts(b"f").expect("there");
        assert_eq!((after.permissions, after.modified, after.accessed), (0o751, time, before.accessed));
        assert!(target(b"l").set_permissions(0o700).is_err());
    }
}
