//! How both sides count entries: five counts, of files, directories, links,
//! devices and specials.

use rsync_proto::file_list::Kind;

use crate::fs::FileType;

/// A list that comes whole is told of once in so many entries (observed: 3.5.0).
pub const TOLD_ONCE_IN: u64 = 100;

/// The place of an entry's kind in counts.
pub const fn of_kind(kind: &Kind) -> usize {
    match kind {
        Kind::File | Kind::Missing => 0,
        Kind::Directory { .. } => 1,
        Kind::Symlink(_) => 2,
        Kind::CharacterDevice(_) | Kind::BlockDevice(_) => 3,
        Kind::Fifo | Kind::Socket => 4,
    }
}

/// The place of a file's type in counts.
pub const fn of_type(kind: FileType) -> usize {
    match kind {
        FileType::File => 0,
        FileType::Directory => 1,
        FileType::Symlink => 2,
        FileType::CharacterDevice | FileType::BlockDevice => 3,
        FileType::Fifo | FileType::Socket => 4,
    }
}
