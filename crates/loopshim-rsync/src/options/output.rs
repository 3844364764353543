//! What is said, and where.

use super::flags::{DebugLevels, InfoLevels};
use super::{Bytes, Twice};

/// What is said, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// How often `-v` was given.
    pub verbosity: u8,
    /// `-q` was given.
    pub is_quiet: bool,
    /// Of what is told, by `-v`, `--info` and what implies it.
    pub info: InfoLevels,
    /// What is told to those who look for a fault.
    pub debug: DebugLevels,
    /// `--stderr`
    pub stderr: StderrMode,
    /// `--outbuf`, where it was said.
    pub buffering: Option<Buffering>,
    /// `-h` and its opposite.
    pub human: HumanReadable,
    /// `-8`
    pub is_8_bit: bool,
    /// `-i`; given twice, what is unchanged too.
    pub itemizes: Twice,
    /// `--progress`, also by `-P` or `--info=progress`.
    pub shows_progress: bool,
    /// `--out-format`, or what `-i` or `-v` makes of it. To a server: `--log-format`.
    pub format: Option<Bytes>,
    /// `--log-file`
    pub log: Option<LogFile>,
    /// `--list-only`, also where there is no destination.
    pub lists_only: bool,
    /// `--stats`
    pub shows_stats: bool,
}

/// Where the run is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// The file, appended to.
    pub path: Bytes,
    /// `--log-file-format`, else `%i %n%L`; empty: updates are not written down.
    pub format: Bytes,
}

/// Which output goes to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StderrMode {
    /// Errors, directly from where they occur.
    #[default]
    Errors,
    /// All messages.
    All,
    /// Errors, by way of the client.
    Client,
}

/// How standard output is buffered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buffering {
    /// Not.
    None,
    /// By lines.
    Line,
    /// By blocks.
    Block,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum HumanReadable {
    /// `--no-h`: digits.
    Plain,
    /// Digits in groups of three.
    #[default]
    Grouped,
    /// `-h`: units of 1000.
    Units1000,
    /// `-hh`: units of 1024.
    Units1024,
}
