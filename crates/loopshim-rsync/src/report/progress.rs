//! How far a transfer is: `--progress` for each file, `--info=progress2` for all.

use std::time::{Duration, Instant};

use super::number::Style;

/// Not more often than this is a line written anew.
const PAUSE: Duration = Duration::from_secs(1);

/// How far files of a run are.
pub(super) struct Progress {
    style: Style,
    /// One line for all files.
    is_overall: bool,
    /// When the measured part began, and the bytes there were then.
    start: Option<(Instant, u64)>,
    last: Option<(Instant, u64)>,
    /// Bytes of files that are done.
    done: u64,
    /// Files that are done.
    files: u64,
    /// How long the last end of the line was, in letters.
    end_length: usize,
}

/// What is known of the lists.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lists {
    /// Entries that are still to be looked at.
    pub left: u64,
    /// Entries so far.
    pub known: u64,
    /// Bytes of all files so far.
    pub size: u64,
    /// More lists will come.
    pub has_more: bool,
}

impl Progress {
    pub(super) const fn new(style: Style, is_overall: bool) -> Self {
        Self { style, is_overall, start: None, last: None, done: 0, files: 0, end_length: 0 }
    }

    /// Whether the line has been shown since it was begun anew.
    pub(super) const fn is_begun(&self) -> bool {
        self.last.is_some()
    }

    /// `bytes` of a file of `size` are there; what is to be shown, if it is time.
    pub(super) fn step(&mut self, bytes: u64, size: u64, lists: Lists, now: Instant) -> Option<String> {
        let (position, size) = if self.is_overall { (self.done + bytes, lists.size) } else { (bytes, size) };
        let Some((then, before)) = self.last else {
            self.start = Some((now, position));
            self.last = Some((now, position));
            return Some(self.line(position, size, 0.0, false));
        };
        if now - then < PAUSE {
            return None;
        }
        self.last = Some((now, position));
        let rate = rate(position.saturating_sub(before), now - then);
        Some(self.line(position, size, rate, false))
    }

    /// A file of `size` is done; what is to be shown.
    pub(super) fn end(&mut self, size: u64, lists: Lists, now: Instant) -> String {
        self.files += 1;
        self.done += size;
        let text = self.ended(size, lists, now);
        if !self.is_overall {
            self.start = None;
            self.last = None;
            return text + "\n";
        }
        text
    }

    /// A file of `size` would be done, of which nothing is shown.
    pub(super) const fn skip(&mut self, size: u64) {
        self.files += 1;
        self.done += size;
    }

    /// The line for all files once more, when other entries were looked at.
    pub(super) fn passed(&mut self, lists: Lists, now: Instant) -> String {
        self.ended(0, lists, now)
    }

    /// Whether it is one line for all files.
    pub(super) const fn is_overall(&self) -> bool {
        self.is_overall
    }

    fn ended(&mut self, size: u64, lists: Lists, now: Instant) -> String {
        let (position, whole) = if self.is_overall { (self.done, lists.size) } else { (size, size) };
        let (start, before) = self.start.unwrap_or((now, position));
        let rate = rate(position.saturating_sub(before), now - start);
        let check = if lists.has_more { "ir" } else { "to" };
        let end = format!(" (xfr#{}, {check}-chk={}/{})", self.files, lists.left, lists.known);
        // A shorter end covers the one before.
        let width = if self.is_overall { std::mem::replace(&mut self.end_length, end.len()) } else { 0 };
        self.line(position, whole, rate, true) + &format!("{end:width$}")
    }

    fn line(&self, position: u64, size: u64, rate: f64, is_last: bool) -> String {
        let percent = if size == 0 { 100 } else { (u128::from(position) * 100 / u128::from(size)).min(100) };
        let left = size.saturating_sub(position);
        let seconds = if is_last || rate == 0.0 { 0.0 } else { left as f64 / rate / 1024.0 };
        let elapsed = match (is_last, self.start) {
            (true, Some((start, _))) => start.elapsed().as_secs(),
            _ => seconds as u64,
        };
        let (rate, unit) = match rate {
            rate if rate > 1024.0 * 1024.0 => (rate / 1024.0 / 1024.0, "GB/s"),
            rate if rate > 1024.0 => (rate / 1024.0, "MB/s"),
            rate => (rate, "kB/s"),
        };
        let time = format!("{:4}:{:02}:{:02}", elapsed / 3600, elapsed / 60 % 60, elapsed % 60);
        let end = if is_last { "" } else { "  " };
        format!("\r{:>15} {percent:3}% {rate:7.2}{unit} {time}{end}", self.style.integer(position))
    }
}

/// In units of 1024 bytes a second.
fn rate(bytes: u64, time: Duration) -> f64 {
    let milliseconds = time.as_millis() as f64;
    if milliseconds == 0.0 { 0.0 } else { bytes as f64 * 1000.0 / milliseconds / 1024.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_is_shown_twice() {
        let mut progress = Progress::new(Style::Grouped, false);
        let now = Instant::now();
        let lists = Lists { left: 7, known: 9, size: 6, has_more: false };
        assert_eq!(
            progress.step(6, 6, lists, now).as_deref(),
            Some("\r              6 100%    0.00kB/s    0:00:00  ")
        );
        assert_eq!(progress.step(6, 6, lists, now), None);
        let end = "\r              6 100%    0.00kB/s    0:00:00 (xfr#1, to-chk=7/9)\n";
        assert_eq!(progress.end(6, lists, now), end);
    }

    #[test]
    fn files_are_added_up_in_one_line() {
        let mut progress = Progress::new(Style::Grouped, true);
        let now = Instant::now();
        let lists = Lists { left: 1, known: 2, size: 200, has_more: true };
        assert_eq!(
            progress.step(50, 100, lists, now).as_deref(),
            Some("\r             50  25%    0.00kB/s    0:00:00  ")
        );
        let later = now + Duration::from_secs(2);
        let end = progress.end(100, lists, later);
        assert!(end.starts_with("\r            100  50%    0.02kB/s"), "{end:?}");
        assert!(end.ends_with(" (xfr#1, ir-chk=1/2)"), "{end:?}");
    }
}
