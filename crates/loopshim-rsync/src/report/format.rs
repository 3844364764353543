//! Formats of lines about files: `--out-format`, `--log-file-format`.

use rsync_proto::digest::{Checksum, Sum};
use rsync_proto::file_list::{Entry, Kind, Time};
use rsync_proto::item::{Flags, Item};

use super::itemize::{DELETED, itemized};
use super::listing::{Clock, permissions};
use super::number::Style;
use crate::crossing::Crossing;

/// What a line can be about.
pub(super) struct Subject<'s> {
    /// What was done, and with what.
    pub what: What<'s>,
    /// What its name is shown behind, for `%f`: the operand it came from.
    pub prefix: &'s [u8],
    /// The process.
    pub process: u32,
    /// The time.
    pub now: Time,
}

/// What was done.
pub(super) enum What<'s> {
    /// An entry was sent, received or changed.
    Item {
        /// The entry.
        entry: &'s Entry,
        /// What changed.
        item: &'s Item,
        /// `send` or `recv`.
        operation: &'static str,
        /// What stands for data in `%i`.
        arrow: char,
        /// Modification times are kept.
        keeps_times: bool,
        /// Groups are kept.
        keeps_group: bool,
        /// What crossed the connection for the file's data, if they did.
        crossing: Option<&'s Crossing>,
        /// Of checksums in lists.
        checksum: Checksum,
    },
    /// Something was deleted.
    Deleted {
        /// A directory ends in a slash.
        name: &'s [u8],
    },
}

/// Appends `format` with its escapes replaced.
pub(super) fn expand(format: &[u8], subject: &Subject<'_>, clock: &Clock, line: &mut Vec<u8>) {
    let mut rest = format;
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        line.extend_from_slice(&rest[..at]);
        let escape = Escape::parse(&rest[at..]);
        match escape.value(subject, clock) {
            Some(value) => escape.pad(&value, line),
            None => line.extend_from_slice(&rest[at..at + escape.length]),
        }
        rest = &rest[at + escape.length..];
    }
    line.extend_from_slice(rest);
}

/// An escape: `%-10n`, `%'l`.
struct Escape {
    letter: u8,
    width: usize,
    is_left: bool,
    style: Style,
    /// Bytes of the whole.
    length: usize,
}

/// Widest that is filled up to.
const WIDTH_MAX: usize = 1024;

impl Escape {
    fn parse(text: &[u8]) -> Self {
        let mut at = 1;
        let mut apostrophes = 0;
        while text.get(at) == Some(&b'\'') {
            apostrophes += 1;
            at += 1;
        }
        let is_left = text.get(at) == Some(&b'-');
        at += usize::from(is_left);
        let mut width = 0_usize;
        while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
            width = (width * 10 + usize::from(digit - b'0')).min(WIDTH_MAX);
            at += 1;
        }
        while text.get(at) == Some(&b'\'') {
            apostrophes += 1;
            at += 1;
        }
        let style = match apostrophes {
            0 => Style::Plain,
            1 => Style::Grouped,
            2 => Style::Units1000,
            _ => Style::Units1024,
        };
        let letter = text.get(at).copied().unwrap_or(0);
        Self { letter, width, is_left, style, length: (at + 1).min(text.len()) }
    }

    fn pad(&self, value: &[u8], line: &mut Vec<u8>) {
        let fill = std::iter::repeat_n(b' ', self.width.saturating_sub(value.len()));
        if !self.is_left {
            line.extend(fill.clone());
        }
        line.extend_from_slice(value);
        if self.is_left {
            line.extend(fill);
        }
    }

    /// What takes its place; `None` where it is no escape here.
    fn value(&self, subject: &Subject<'_>, clock: &Clock) -> Option<Vec<u8>> {
        Some(match self.letter {
            b'%' => b"%".to_vec(),
            b'p' => subject.process.to_string().into_bytes(),
            b't' => clock.spaced(subject.now).into_bytes(),
            b'm' => Vec::new(),
            letter => match &subject.what {
                What::Item { .. } => self.of_item(letter, subject, clock)?,
                What::Deleted { name } => self.of_deleted(letter, name, clock)?,
            },
        })
    }

    fn of_deleted(&self, letter: u8, name: &[u8], clock: &Clock) -> Option<Vec<u8>> {
        Some(match letter {
            b'i' => DELETED.into(),
            b'o' => b"del.".to_vec(),
            b'n' => name.to_vec(),
            b'f' => name.strip_suffix(b"/").unwrap_or(name).to_vec(),
            b'l' | b'b' | b'c' | b'U' => b"0".to_vec(),
            b'G' => b"DEFAULT".to_vec(),
            b'L' => Vec::new(),
            b'C' => NO_CHECKSUM.into(),
            b'B' => b"---------".to_vec(),
            b'M' => clock.joined(Time::default()).into_bytes(),
            _ => return None,
        })
    }

    fn of_item(&self, letter: u8, subject: &Subject<'_>, clock: &Clock) -> Option<Vec<u8>> {
        let What::Item { entry, item, operation, arrow, keeps_times, keeps_group, crossing, checksum } =
            &subject.what
        else {
            return None;
        };
        Some(match letter {
            b'i' => itemized(entry, item, *arrow, *keeps_times).into_bytes(),
            b'n' => shown_name(entry),
            b'f' => long_name(entry, subject.prefix),
            b'L' => link(entry, item),
            b'l' => self.style.integer(entry.length).into_bytes(),
            b'b' => self.style.integer(crossing.map_or(0, |crossing| crossing.data)).into_bytes(),
            b'c' => self.style.integer(crossing.map_or(0, |crossing| crossing.sums)).into_bytes(),
            b'C' => match (&entry.checksum, crossing) {
                (Some(sum), _) => shown_sum(sum, *checksum),
                (None, Some(Crossing { sum: Some(sum), checksum, .. })) => shown_sum(sum, *checksum),
                // In a dry run there is none yet.
                _ if item.flags.has(Flags::TRANSFER) => vec![b'0'; 2 * checksum.length()],
                _ => vec![b' '; 2 * checksum.length()],
            },
            b'o' => operation.as_bytes().to_vec(),
            b'B' => permissions(entry.permissions).into_bytes(),
            b'M' => clock.joined(entry.modified).into_bytes(),
            b'U' => entry.user.unwrap_or(0).to_string().into_bytes(),
            b'G' if *keeps_group => entry.group.unwrap_or(0).to_string().into_bytes(),
            b'G' => b"DEFAULT".to_vec(),
            _ => return None,
        })
    }
}

/// As wide as the checksums of most sessions.
const NO_CHECKSUM: &str = "                                ";

/// A checksum in hexadecimal digits: those that are numbers, whose lowest byte comes
/// first, from their highest byte on.
fn shown_sum(sum: &Sum, checksum: Checksum) -> Vec<u8> {
    let mut bytes = sum.bytes().to_vec();
    if matches!(checksum, Checksum::Xxh64 | Checksum::Xxh3 | Checksum::Xxh128) {
        bytes.reverse();
    }
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

/// The name with a slash behind a directory's.
pub(super) fn shown_name(entry: &Entry) -> Vec<u8> {
    let mut name = entry.name.bytes().to_vec();
    if entry.is_directory() {
        name.push(b'/');
    }
    name
}

/// The name as it was found, without a slash that would begin it.
fn long_name(entry: &Entry, prefix: &[u8]) -> Vec<u8> {
    let name = entry.name.bytes();
    let whole = if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() };
    let start = whole.iter().position(|&byte| byte != b'/').unwrap_or(0);
    whole[start..].to_vec()
}

/// Where a link leads.
fn link(entry: &Entry, item: &Item) -> Vec<u8> {
    match (&item.name, &entry.kind) {
        (Some(name), _) if !name.is_empty() && item.basis.is_none() => [b" => ", &name[..]].concat(),
        (_, Kind::Symlink(Some(target))) => [b" -> ", &target[..]].concat(),
        _ => Vec::new(),
    }
}
