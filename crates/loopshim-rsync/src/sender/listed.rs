//! What of a list's entry the sender keeps for itself.

use std::ops::Deref;
use std::sync::Arc;

use rsync_proto::file_list::Entry;

use crate::fs::Identity;

/// An entry and where it lies.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    /// As it is sent.
    pub(super) entry: Entry,
    /// The number of the base that its name is relative to.
    pub(super) base: u32,
    /// Which file it is, where it may have further names.
    pub(super) links: Option<Identity>,
}

/// An entry that stays, whatever becomes of its list.
pub(super) enum Held {
    /// One of a list, and which.
    Entry(Arc<Vec<Listed>>, usize),
    /// The directory that a list is of.
    Directory(Arc<Listed>),
}

impl Deref for Held {
    type Target = Listed;

    fn deref(&self) -> &Listed {
        match self {
            Self::Entry(list, at) => &list[*at],
            Self::Directory(listed) => listed,
        }
    }
}
