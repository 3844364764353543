//! Words that are the same in every run.

use crate::Status;

use super::version::{VERSION, version};

/// The last words of a run that fails: `site` is where the original would say
/// so, `who` its name for who fails (`client`, `sender`, `Receiver` …).
pub fn error_line(status: Status, site: &str, who: &str) -> String {
    let (meaning, code) = (status.meaning(), status.code());
    let what = if status == Status::Vanished { "warning" } else { "error" };
    format!("rsync {what}: {meaning} (code {code}) at {site} [{who}={VERSION}]\n")
}

/// The help.
pub fn usage() -> String {
    version() + "\n" + HELP
}

const HELP: &str = include_str!("help.txt");
