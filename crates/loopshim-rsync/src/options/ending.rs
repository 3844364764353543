//! How parsing a command line ends other than with a run.

use super::Bytes;
use crate::Status;

/// How parsing ends other than with a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Something is wrong with the command line.
    Refused(Refusal),
    /// There are too few operands: the help, on standard error, and [`Status::Syntax`].
    Usage,
    /// `--help`
    Help,
    /// `--version`
    Version,
    /// `-VV`
    VersionJson,
    /// `--info=help`
    InfoHelp,
    /// `--debug=help`
    DebugHelp,
}

/// What is said of a command line that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The lines, without the end of the last; unescaped.
    pub text: Bytes,
    /// The status to end with.
    pub status: Status,
    /// Where the original reports it: file and line.
    pub site: &'static str,
    /// Filter sources that were given before: what is wrong with one of
    /// them is reported instead.
    pub filters_before: Vec<super::FilterSource>,
}

/// Where the original reports what its option parser found.
const PARSER: &str = "main.c(1886)";

impl Refusal {
    /// Wrong usage.
    pub(super) fn syntax(text: impl Into<Bytes>) -> Self {
        Self { text: text.into(), status: Status::Syntax, site: PARSER, filters_before: Vec::new() }
    }

    /// Wrong usage, named with the text it is found in.
    pub(super) fn of(before: &str, text: &[u8], after: &str) -> Self {
        Self::syntax([before.as_bytes(), text, after.as_bytes()].concat())
    }

    /// Something that this rsync does not do.
    pub(super) fn unsupported(what: &str) -> Self {
        let text = format!("rsync: This rsync does not support {what}").into_bytes();
        Self { status: Status::Unsupported, ..Self::syntax(text) }
    }

    /// What the original says where the system keeps no such times.
    pub(super) fn crtimes() -> Self {
        Self { status: Status::Syntax, ..Self::unsupported("--crtimes (-N)") }
    }

    /// An option of the daemon without `--daemon`.
    pub(super) fn daemon_option() -> Self {
        let hint = "(Type \"rsync --daemon --help\" for assistance with daemon mode.)";
        Self::syntax(format!("Daemon option(s) used without --daemon.\n{hint}"))
            .at(Status::Syntax, "options.c(1596)")
    }

    /// A file of `--files-from` that cannot be opened; `error` as the system words it.
    pub fn files_from(path: &[u8], error: &str) -> Self {
        Self::of("rsync: failed to open files-from file ", path, &format!(": {error}"))
    }

    pub(super) fn at(self, status: Status, site: &'static str) -> Self {
        Self { status, site, ..self }
    }
}

impl From<Refusal> for Ending {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
