//! Lists that are only shown (`--list-only`), and times of day.

use std::sync::{Mutex, PoisonError};

use loopshim_core::ipmitool::time::Zone;
use rsync_proto::file_list::{Entry, Kind, Time};

use super::number::Style;
use crate::options::Options;

/// Looks up the local zone.
pub type ZoneOf = Box<dyn Fn() -> Zone + Send>;

/// Words the lines of `--list-only` for a client at the other end.
pub struct Lister {
    clock: Mutex<Clock>,
    style: Style,
    shows_access: bool,
}

impl Lister {
    /// For a run with `options`.
    pub fn new(options: &Options, zone: ZoneOf) -> Self {
        let shows_access = options.attributes.atimes.is_given();
        Self { clock: Mutex::new(Clock::new(zone)), style: options.output.human, shows_access }
    }

    /// The line of an entry, with its end.
    pub fn line(&self, entry: &Entry) -> Vec<u8> {
        let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = line(entry, self.style, self.shows_access, &clock);
        line.push(b'\n');
        line
    }
}

/// Tells local time; the zone is looked up when first needed.
pub(super) struct Clock {
    zone: ZoneOf,
    known: std::cell::OnceCell<Zone>,
}

impl Clock {
    pub(super) fn new(zone: ZoneOf) -> Self {
        Self { zone, known: std::cell::OnceCell::new() }
    }

    /// `2026/11/28 08:47:39`
    pub(super) fn spaced(&self, time: Time) -> String {
        self.with(time, ' ')
    }

    /// `2026/11/28-08:47:39`
    pub(super) fn joined(&self, time: Time) -> String {
        self.with(time, '-')
    }

    fn with(&self, time: Time, between: char) -> String {
        let moment = self.known.get_or_init(|| (self.zone)()).local(time.seconds).moment;
        format!(
            "{:04}/{:02}/{:02}{between}{:02}:{:02}:{:02}",
            moment.year,
            moment.month + 1,
            moment.day,
            moment.hour,
            moment.minute,
            moment.second
        )
    }
}

/// The line of one entry, unescaped and without its end. `shows_access`: the
/// time of the last access follows.
pub(super) fn line(entry: &Entry, style: Style, shows_access: bool, clock: &Clock) -> Vec<u8> {
    let width = if style == Style::Plain { 11 } else { 14 };
    let mut line = format!(
        "{}{} {:>width$} {}",
        letter(&entry.kind),
        permissions(entry.permissions),
        style.integer(entry.length),
        clock.spaced(entry.modified),
    );
    if shows_access {
        let accessed = entry.accessed.map(|seconds| clock.spaced(Time { seconds, nanoseconds: 0 }));
        line += &format!(" {:19}", accessed.unwrap_or_default());
    }
    if entry.kind == Kind::Missing {
        // Nothing else is known of it.
        line = format!("{:<width$}", "*missing", width = line.len());
    }
    let mut line = line.into_bytes();
    line.push(b' ');
    line.extend_from_slice(entry.name.bytes());
    if let Kind::Symlink(Some(target)) = &entry.kind {
        line.extend_from_slice(b" -> ");
        line.extend_from_slice(target);
    }
    line
}

const fn letter(kind: &Kind) -> char {
    match kind {
        Kind::File => '-',
        Kind::Directory { .. } => 'd',
        Kind::Symlink(_) => 'l',
        Kind::CharacterDevice(_) => 'c',
        Kind::BlockDevice(_) => 'b',
        Kind::Fifo => 'p',
        Kind::Socket => 's',
        Kind::Missing => '?',
    }
}

/// `rwxr-xr-x`, with set-id and sticky bits.
pub(super) fn permissions(bits: u16) -> String {
    let mut letters: Vec<char> = "rwxrwxrwx"
        .chars()
        .enumerate()
        .map(|(at, letter)| if bits & (0o400 >> at) != 0 { letter } else { '-' })
        .collect();
    for (bit, at, with, without) in [(0o4000, 2, 's', 'S'), (0o2000, 5, 's', 'S'), (0o1000, 8, 't', 'T')] {
        if bits & bit != 0 {
            letters[at] = if letters[at] == 'x' { with } else { without };
        }
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::permissions;

    #[test]
    fn special_bits_take_the_place_of_x() {
        for (bits, expected) in [
            (0o644, "rw-r--r--"),
            (0o6755, "rwsr-sr-x"),
            (0o1777, "rwxrwxrwt"),
            (0o7000, "--S--S--T"),
            (0, "---------"),
        ] {
            assert_eq!(permissions(bits), expected);
        }
    }
}
