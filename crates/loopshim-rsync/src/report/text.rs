//! Words that are the same in every run.

use crate::Status;

use super::version::{VERSION, version};

/// The last words of a run that fails: `code` is what it ends with, which may be a
/// remote shell's own, `site` where the original would say so, `who` its name for
/// who fails (`client`, `sender`, `Receiver` …).
pub fn error_line(code: u8, site: &str, who: &str) -> String {
    let status = Status::from_code(code.into());
    let meaning = status.map_or("unexplained error", Status::meaning);
    let what = if status == Some(Status::Vanished) { "warning" } else { "error" };
    format!("rsync {what}: {meaning} (code {code}) at {site} [{who}={VERSION}]\n")
}

/// The help.
pub fn usage() -> String {
    version() + "\n" + HELP
}

const HELP: &str = include_str!("help.txt");
