//! What is printed, and how the program ends.

pub mod table;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::ValueEnum;

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Whether to use them on standard output.
    pub fn is_wanted(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                !refused && std::io::stdout().is_terminal()
            }
        }
    }
}

/// The statuses that the program ends with; `--help` and the README list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Good,
    /// Something failed, or a check is not passed.
    Failed,
    /// Wrong usage, or a bad configuration.
    Usage,
    /// Warnings, where `--strict` counts them.
    Warnings,
    /// Another loopshim is changing the machine.
    Locked,
    /// Something has been changed since, and was left alone.
    Drifted,
    /// Changes are pending, where `--detailed-exitcode` asks for them.
    Pending,
    /// A command's own, which its help explains.
    Own(u8),
}

impl Status {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Warnings => 3,
            Self::Locked => 4,
            Self::Drifted => 5,
            Self::Pending => 6,
            Self::Own(status) => status,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

/// Why a command could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status to end with.
    pub status: Status,
    /// What to say.
    pub message: String,
}

impl Failure {
    /// Wrong usage, or a bad configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { status: Status::Usage, message: message.into() }
    }
}

impl<Message: Into<String>> From<Message> for Failure {
    fn from(message: Message) -> Self {
        Self { status: Status::Failed, message: message.into() }
    }
}

/// What a command comes to.
pub type Outcome = Result<Status, Failure>;

/// Writes a line to standard error.
pub fn say(message: &str) {
    let _ = writeln!(std::io::stderr(), "loopshim: {message}");
}

/// Writes to standard output. Nobody is left to tell when that fails.
pub fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Writes a value as JSON, with line breaks for people.
pub fn print_json(value: &serde_json::Value) {
    print(&format!("{value:#}\n"));
}

/// A time in seconds since 1970 as `2026-11-28 09:41:07 UTC`.
pub fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March, so that the day a leap year adds is the last one.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year_of_era + era * 400 + later;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", rest / 3600, rest / 60 % 60, rest % 60)
}

/// A number of bytes for people, in the units of disks and memory (powers of ten).
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(1_795_859_667), "2026-11-28 09:54:27 UTC");
    }

    #[test]
    fn sizes_have_one_decimal() {
        assert_eq!(
            (size(999), size(1_740_000), size(128_000_000_000)),
            ("999 bytes".into(), "1.7 MB".into(), "128.0 GB".into())
        );
    }
}
