//! What changes about an entry, in eleven letters.

use rsync_proto::file_list::{Entry, Kind};
use rsync_proto::item::{Flags, Item};

/// The letters of an item, as `%i` shows them. `arrow` is what stands for data
/// that are transferred; `keeps_times`: modification times are set.
pub fn itemized(entry: &Entry, item: &Item, arrow: char, keeps_times: bool) -> String {
    let has = |flag| item.flags.has(flag);
    let is_link = matches!(entry.kind, Kind::Symlink(_));
    let done = match (has(Flags::LOCAL_CHANGE), has(Flags::TRANSFER)) {
        (true, _) if item.name.is_some() => 'h',
        (true, _) => 'c',
        (false, true) => arrow,
        (false, false) => '.',
    };
    let kind = match entry.kind {
        Kind::File | Kind::Missing => 'f',
        Kind::Directory { .. } => 'd',
        Kind::Symlink(_) => 'L',
        Kind::CharacterDevice(_) | Kind::BlockDevice(_) => 'D',
        Kind::Fifo | Kind::Socket => 'S',
    };
    // A link has no size that could differ: the flag says that its time is not set.
    let sets_time = keeps_times && !(is_link && has(Flags::SIZE));
    let letter = |flag, letter| if has(flag) { letter } else { '.' };
    let access = match (has(Flags::ACCESS_TIME), has(Flags::CREATION_TIME)) {
        (true, true) => 'b',
        (true, false) => 'u',
        (false, true) => 'n',
        (false, false) => '.',
    };
    let changes = [
        letter(Flags::CONTENT, 'c'),
        if is_link { '.' } else { letter(Flags::SIZE, 's') },
        letter(Flags::TIME, if sets_time { 't' } else { 'T' }),
        letter(Flags::PERMISSIONS, 'p'),
        letter(Flags::OWNER, 'o'),
        letter(Flags::GROUP, 'g'),
        access,
        letter(Flags::ACL, 'a'),
        letter(Flags::XATTR, 'x'),
    ];
    let changes = if has(Flags::NEW) {
        "+".repeat(changes.len())
    } else if matches!(done, '.' | 'h' | 'c') && changes.iter().all(|letter| *letter == '.') {
        " ".repeat(changes.len())
    } else {
        changes.iter().collect()
    };
    format!("{done}{kind}{changes}")
}

/// As [`itemized`] of something that is deleted.
pub(super) const DELETED: &str = "*deleting  ";
