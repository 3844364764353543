//! What a run came to: the block of `--stats` and the last two lines.

use std::time::Duration;

use super::number::Style;

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Entries in the lists: files, directories, links, devices, specials.
    pub files: [u64; 5],
    /// Those that were made.
    pub created: [u64; 5],
    /// What was deleted; not to be known before protocol 31.
    pub deleted: Option<[u64; 5]>,
    /// Regular files whose data were transferred.
    pub transferred_files: u64,
    /// Bytes of all files.
    pub size: u64,
    /// Bytes of the files that were transferred.
    pub transferred_size: u64,
    /// Bytes of data that were sent as they are.
    pub literal: u64,
    /// Bytes of data that were found at the receiver.
    pub matched: u64,
    /// Bytes of the lists.
    pub list_size: u64,
    /// How long it took to make the lists.
    pub list_building: Duration,
    /// How long it took to send them.
    pub list_sending: Duration,
    /// Bytes that we wrote.
    pub sent: u64,
    /// Bytes that we read.
    pub received: u64,
    /// How long the run took.
    pub duration: Duration,
}

impl Statistics {
    /// The block of `--stats`, as lines.
    pub fn block(&self, style: Style) -> Vec<String> {
        let number = |number| style.integer(number);
        let bytes = |number| format!("{} bytes", style.integer(number));
        let seconds = |time: Duration| format!("{} seconds", style.decimal(time.as_secs_f64(), 3));
        let mut lines = vec![
            String::new(),
            format!("Number of files: {}", by_type(&self.files, style)),
            format!("Number of created files: {}", by_type(&self.created, style)),
        ];
        let deleted = self.deleted.iter();
        lines.extend(deleted.map(|counts| format!("Number of deleted files: {}", by_type(counts, style))));
        lines.extend([
            format!("Number of regular files transferred: {}", number(self.transferred_files)),
            format!("Total file size: {}", bytes(self.size)),
            format!("Total transferred file size: {}", bytes(self.transferred_size)),
            format!("Literal data: {}", bytes(self.literal)),
            format!("Matched data: {}", bytes(self.matched)),
            format!("File list size: {}", number(self.list_size)),
            format!("File list generation time: {}", seconds(self.list_building)),
            format!("File list transfer time: {}", seconds(self.list_sending)),
            format!("Total bytes sent: {}", number(self.sent)),
            format!("Total bytes received: {}", number(self.received)),
        ]);
        lines
    }

    /// The last lines. `is_dry_run`: nothing was changed.
    pub fn last(&self, style: Style, is_dry_run: bool) -> Vec<String> {
        let crossed = self.sent + self.received;
        // Half a second, so that no run takes none.
        let rate = crossed as f64 / (0.5 + self.duration.as_secs() as f64);
        let speedup = if crossed == 0 { 0.0 } else { self.size as f64 / crossed as f64 };
        let note = if is_dry_run { " (DRY RUN)" } else { "" };
        vec![
            String::new(),
            format!(
                "sent {} bytes  received {} bytes  {} bytes/sec",
                style.integer(self.sent),
                style.integer(self.received),
                style.decimal(rate, 2)
            ),
            format!(
                "total size is {}  speedup is {}{note}",
                style.integer(self.size),
                style.decimal(speedup, 2)
            ),
        ]
    }

    /// The last line of a log file, where the last lines are not shown.
    pub fn logged(&self) -> String {
        format!("sent {} bytes  received {} bytes  total size {}", self.sent, self.received, self.size)
    }
}

/// A number, and what it is made of.
fn by_type(counts: &[u64; 5], style: Style) -> String {
    let total: u64 = counts.iter().sum();
    let parts: Vec<String> = ["reg", "dir", "link", "dev", "special"]
        .iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(name, count)| format!("{name}: {}", style.integer(*count)))
        .collect();
    let total = style.integer(total);
    if parts.is_empty() { total } else { format!("{total} ({})", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_those_of_the_original() {
        let statistics = Statistics { sent: 199, received: 14, size: 3_000_015, ..Statistics::default() };
        assert_eq!(
            statistics.last(Style::Grouped, false),
            [
                "",
                "sent 199 bytes  received 14 bytes  426.00 bytes/sec",
                "total size is 3,000,015  speedup is 14,084.58"
            ]
        );
        assert_eq!(statistics.logged(), "sent 199 bytes  received 14 bytes  total size 3000015");
    }

    #[test]
    fn counts_say_what_they_are_made_of() {
        assert_eq!(by_type(&[4, 3, 1, 0, 1], Style::Grouped), "9 (reg: 4, dir: 3, link: 1, special: 1)");
        assert_eq!(by_type(&[0; 5], Style::Grouped), "0");
    }
}
