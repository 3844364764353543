//! All that is in a folder, seen through handles.

use std::collections::HashSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use loopshim_core::handles;
use rustix::fs::{AtFlags, FileType, Stat, statat};

use crate::machine::root::names_in;

/// Deepest folder, and most files: what is beyond is nothing a failed
/// installation leaves.
const DEPTH_MAX: usize = 60;
const FILES_MAX: usize = 200_000;

/// What there is to know of a tree.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Every file in it, the folder included, by device and inode.
    pub(super) files: HashSet<(u64, u64)>,
    /// When the newest was changed, in any way, since 1970.
    pub(super) newest: Duration,
    /// The same of what is in it, the folder itself apart: moving one changes its
    /// own time.
    pub(super) newest_inside: Duration,
    /// What it takes up on the disk.
    pub(super) bytes: u64,
}

impl Tree {
    /// Looks at everything.
    pub(super) fn walk(folder: &OwnedFd) -> Result<Self, String> {
        let own = rustix::fs::fstat(folder).map_err(|error| format!("cannot be looked at: {error}"))?;
        let mut tree = Self::default();
        tree.add(&own);
        tree.newest = Duration::ZERO;
        tree.folder(folder.as_fd(), own.st_dev, DEPTH_MAX)?;
        tree.newest_inside = tree.newest;
        tree.newest = tree.newest.max(changed(&own));
        Ok(tree)
    }

    fn folder(&mut self, folder: BorrowedFd<'_>, device: u64, depth: usize) -> Result<(), String> {
        let unreadable = |error: std::io::Error| format!("cannot be looked at: {error}");
        for name in names_in(folder).map_err(unreadable)? {
            let found = match statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) => found,
                Err(error) => return Err(format!("it changes: {error}")),
            };
            if found.st_dev != device {
                return Err("another file system is mounted in it".to_owned());
            }
            self.add(&found);
            if depth == 0 || self.files.len() > FILES_MAX {
                return Err("it is larger than what installations leave".to_owned());
            }
            if FileType::from_raw_mode(found.st_mode).is_dir() {
                let below = handles::open_folder(folder, &name).map_err(unreadable)?;
                self.folder(below.as_fd(), device, depth - 1)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, found: &Stat) {
        self.newest = self.newest.max(changed(found));
        self.files.insert((found.st_dev, found.st_ino));
        // A file with another name elsewhere stays.
        if found.st_nlink == 1 || FileType::from_raw_mode(found.st_mode).is_dir() {
            self.bytes += u64::try_from(found.st_blocks).unwrap_or(0) * 512;
        }
    }
}

/// The time of change cannot be set back, that of modification can.
fn changed(found: &Stat) -> Duration {
    Duration::from_secs(u64::try_from(found.st_mtime.max(found.st_ctime)).unwrap_or(0))
}
