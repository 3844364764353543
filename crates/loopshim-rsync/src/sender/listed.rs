//! What of a list's entry the sender keeps for itself.

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
