//! The order in which lists that come one by one are shown: each directory's
//! entries behind the directory, as if they had come in one list (observed: 3.5.0).

use std::sync::Arc;

use rsync_proto::file_list::{Entry, Name};

use crate::receiver::FileList;

/// Lists of which not all has been shown.
#[derive(Default)]
pub(super) struct Showing {
    /// Each with what is shown next, the deepest last.
    open: Vec<(Arc<FileList>, usize)>,
    /// The directory that is waited at.
    last: Option<Name>,
    /// What is to be shown.
    ready: Vec<(Arc<FileList>, usize)>,
}

impl Showing {
    /// A list has come.
    pub(super) fn add(&mut self, list: &Arc<FileList>) {
        // The one that was shown last, or one behind those that have nothing in them.
        if let Some(directory) = &list.directory
            && self.last.as_ref() != Some(&directory.name)
        {
            self.go_on(|entry| entry.name == directory.name);
        }
        self.open.push((Arc::clone(list), 0));
        // What comes next may be the list of the next directory.
        self.go_on(|entry| entry.is_directory() && !entry.name.is_root());
    }

    /// No more will come.
    pub(super) fn finish(&mut self) {
        self.go_on(|_| false);
    }

    /// What is to be shown by now, in order.
    pub(super) fn take(&mut self) -> Vec<(Arc<FileList>, usize)> {
        std::mem::take(&mut self.ready)
    }

    /// Shows entries, up to one that `is_last`.
    fn go_on(&mut self, is_last: impl Fn(&Entry) -> bool) {
        while let Some((list, next)) = self.open.last_mut() {
            let Some(slot) = list.slots.get(*next) else {
                self.open.pop();
                continue;
            };
            let is_end = is_last(&slot.entry);
            self.last = is_end.then(|| slot.entry.name.clone());
            self.ready.push((Arc::clone(list), *next));
            *next += 1;
            if is_end {
                return;
            }
        }
    }
}
