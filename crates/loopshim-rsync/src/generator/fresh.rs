//! Directories that this run made.

use std::collections::HashSet;

/// Directories in which nothing was before this run made them, by their paths.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    paths: HashSet<Box<[u8]>>,
    /// The one found last: files of a directory come one after the other.
    last: Option<Box<[u8]>>,
}

impl Fresh {
    pub(super) fn insert(&mut self, path: &[u8]) {
        self.paths.insert(path.into());
    }

    pub(super) fn contains(&mut self, path: &[u8]) -> bool {
        if self.last.as_deref() == Some(path) {
            return true;
        }
        let is_fresh = self.paths.contains(path);
        if is_fresh {
            self.last = Some(path.into());
        }
        is_fresh
    }
}
