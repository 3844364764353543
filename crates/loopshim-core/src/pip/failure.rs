//! What pip's output says of a failure, as a table: one row for each kind and
//! wording, with the versions of pip that print it.
//!
//! Only text from the first `ERROR` or `Traceback` line on is looked at: what a
//! build printed before is not pip's verdict.

use regex::bytes::RegexSet;

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The installed distribution has lost its `RECORD`.
    NoRecord,
    /// A bytecode file that was just compiled is gone.
    BytecodeGone,
    /// A file of the installation or its stash is gone.
    VanishedFile,
    /// A directory that pip emptied is not empty, or one it makes is there.
    Collision,
    /// `RECORD` has bytes in it that no text has.
    TornRecord,
    /// Metadata of an installed distribution cannot be read.
    TornMetadata,
    /// Standard output was closed.
    BrokenPipe,
    /// No more files can be opened, by this process or on this machine.
    FilesExhausted,
    /// The file system is full.
    NoSpace,
    /// The package cannot be built.
    Build,
    /// Some other error.
    Other,
}

impl Class {
    /// The name in the ledger.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoRecord => "no-record",
            Self::BytecodeGone => "bytecode-gone",
            Self::VanishedFile => "vanished-file",
            Self::Collision => "collision",
            Self::TornRecord => "torn-record",
            Self::TornMetadata => "torn-metadata",
            Self::BrokenPipe => "broken-pipe",
            Self::FilesExhausted => "files-exhausted",
            Self::NoSpace => "no-space",
            Self::Build => "build",
            Self::Other => "other",
        }
    }

    /// Whether another run, after cleaning up, may well succeed.
    pub const fn is_worth_another_run(self) -> bool {
        !matches!(self, Self::NoSpace | Self::Build | Self::Other)
    }
}

/// One wording.
struct Row {
    class: Class,
    /// The versions of pip that print it, for the reader.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documents the row, and names its fixtures in the test")
    )]
    versions: &'static str,
    pattern: &'static str,
}

const fn row(class: Class, versions: &'static str, pattern: &'static str) -> Row {
    Row { class, versions, pattern }
}

/// The table. Where several rows match, the first counts: those that forbid
/// another run come first.
const ROWS: &[Row] = &[
    row(Class::Other, "9–25", r"Could not open requirements file"),
    row(Class::NoSpace, "9–25", r"No space left on device|Disk quota exceeded"),
    row(Class::Build, "9–25", r"Command .*(?:errored out with exit status|failed with error code)"),
    row(Class::Build, "21.3–25", r"error: (?:subprocess-exited-with-error|metadata-generation-failed)"),
    row(
        Class::Build,
        "9–25",
        r"Failed building wheel for|Could not build wheels for|Failed to build installable wheels",
    ),
    row(Class::FilesExhausted, "9–25", r"Too many open files"),
    row(Class::NoRecord, "21.2–24.0", r"Cannot uninstall \S+ \S+, RECORD file not found\."),
    row(Class::NoRecord, "24.1–25", r"error: uninstall-no-record-file"),
    row(Class::NoRecord, "9–21.1", r"No such file or directory: '[^']*\.dist-info/RECORD'"),
    row(Class::BytecodeGone, "20.2–25", r"assert os\.path\.exists\(pyc_path\)"),
    row(Class::TornRecord, "9–25", r"_csv\.Error: line contains NUL"),
    row(Class::BrokenPipe, "18–25", r"Pipe to stdout was broken|Broken pipe"),
    row(Class::Collision, "9–25", r"\[Errno (?:39|17)\] (?:Directory not empty|File exists): '"),
    row(
        Class::TornMetadata,
        "20–25",
        r"No metadata found in|Missing 'Version:' header|None[' ].*has no attribute|InvalidVersion: Invalid version: ''|invalid metadata entry",
    ),
    row(
        Class::VanishedFile,
        "21.3–25",
        r"Could not install packages due to an OSError: \[Errno 2\] No such file or directory: '",
    ),
    row(
        Class::VanishedFile,
        "10–21.2",
        r"Could not install packages due to an EnvironmentError: \[Errno 2\] No such file or directory: '",
    ),
    row(
        Class::VanishedFile,
        "9–25",
        r"No such file or directory: '[^']*(?:__pycache__/?|\.pyc(?:\.\d+)?|\.(?:dist|egg)-info(?:/[^']*)?|/bin/[^']*|/site-packages/[^']*|/~[^']*)'",
    ),
];

/// Says what kind of failure pip's output (of both streams) shows.
pub fn classify(output: &[u8]) -> Class {
    let text = from_the_error(output);
    let patterns = ROWS.iter().map(|row| row.pattern);
    // Bytes, and no Unicode classes: pip's own words are ASCII.
    let Ok(set) = regex::bytes::RegexSetBuilder::new(patterns).unicode(false).build() else {
        return Class::Other;
    };
    first_match(&set, text).unwrap_or(Class::Other)
}

fn first_match(set: &RegexSet, text: &[u8]) -> Option<Class> {
    set.matches(text).iter().next().map(|at| ROWS[at].class)
}

/// The text from the first line on that begins with `ERROR`, `error:`,
/// `Exception:`, `Traceback` or `Could not install`; all of it without one.
fn from_the_error(output: &[u8]) -> &[u8] {
    const STARTS: [&[u8]; 5] =
        [b"ERROR", b"error:", b"Exception:", b"Traceback (", b"Could not install packages"];
    let mut at = 0;
    for line in output.split_inclusive(|&byte| byte == b'\n') {
        let text = without_colours(line.trim_ascii_start());
        if STARTS.iter().any(|start| text.starts_with(start)) {
            return &output[at..];
        }
        at += line.len();
    }
    output
}

/// A line without the escape sequences at its beginning.
fn without_colours(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = line.strip_prefix(b"\x1b[") {
        let end = rest.iter().position(|byte| byte.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
        line = &rest[end..];
    }
    line
}

/// The projects that pip says it cannot uninstall: by name, or, before 21.2, by
/// the path of the `RECORD` it misses.
pub fn projects_without_record(output: &[u8]) -> Vec<String> {
    const BEFORE: &str = "Cannot uninstall ";
    const MISSED: &str = ".dist-info/RECORD'";
    let text = String::from_utf8_lossy(output);
    let named =
        text.match_indices(BEFORE).filter_map(|(at, _)| text[at + BEFORE.len()..].split_whitespace().next());
    let missed =
        text.match_indices(MISSED).filter_map(|(at, _)| text[..at].rsplit('/').next()?.split('-').next());
    let mut names: Vec<String> = named.chain(missed).map(super::distribution::normalised).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every fixture: what a pip of that version printed. Its name is the class
    /// it must be taken for, then the version.
    const FIXTURES: &[(&str, &[u8])] = &include!("fixtures.rs");

    #[test]
    fn every_recorded_failure_is_what_its_name_says() {
        let wrong: Vec<_> = FIXTURES
            .iter()
            .map(|(name, output)| (name, classify(output).name()))
            .filter(|(name, class)| !name.starts_with(class))
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(FIXTURES.len() >= 50);
    }

    #[test]
    fn every_row_compiles_and_says_of_which_versions() {
        for row in ROWS {
            assert!(
                regex::bytes::RegexBuilder::new(row.pattern).unicode(false).build().is_ok(),
                "{}",
                row.pattern
            );
            assert!(row.versions.contains('–'));
        }
    }

    #[test]
    fn what_a_build_prints_before_is_not_the_verdict() {
        let text =
            b"  No space left on device? no, all is well\nERROR: No matching distribution found for x\n";
        assert_eq!(classify(text), Class::Other);
        assert_eq!(classify(b"\x1b[31mERROR: x: [Errno 28] No space left on device\x1b[0m"), Class::NoSpace);
        assert_eq!(classify(b""), Class::Other);
        assert_eq!(classify(b"\xff\xfe\x00"), Class::Other);
    }

    #[test]
    fn a_build_error_is_never_worth_another_run_whatever_else_is_said() {
        let text = b"ERROR: Failed building wheel for x\nNo such file or directory: '/x/__pycache__/'\n";
        assert!(!classify(text).is_worth_another_run());
    }

    #[test]
    fn the_project_is_named() {
        let text = b"ERROR: Cannot uninstall Monitor_v2 0.0.3, RECORD file not found. You might\n";
        assert_eq!(projects_without_record(text), ["monitor-v2"]);
        let text = b"ERROR: [Errno 2] No such file or directory: '/x/monitor_v2-1.dist-info/RECORD'\n";
        assert_eq!(projects_without_record(text), ["monitor-v2"]);
        assert!(projects_without_record(b"fine").is_empty());
    }
}
