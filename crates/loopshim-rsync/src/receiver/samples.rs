//! Entries for tests.

use rsync_proto::file_list::{Entry, Kind, Name, Time};

/// An entry of that name; a directory with content where a slash ends it.
pub(super) fn entry(name: &str) -> Entry {
    let (name, kind) = match name.strip_suffix('/') {
        Some(name) => (name, Kind::Directory { is_top: false, has_content: true }),
        None => (name, Kind::File),
    };
    Entry {
        name: Name::new(name.as_bytes()).expect("a name"),
        kind,
        permissions: 0,
        length: 0,
        modified: Time::default(),
        accessed: None,
        created: None,
        user: None,
        group: None,
        user_name: None,
        group_name: None,
        hard_link: None,
        checksum: None,
        access_acl: None,
        default_acl: None,
        xattrs: None,
    }
}
