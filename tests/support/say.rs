//! Saying what a run counted or skipped, also where a test passes: the test
//! harness holds back what the print macros write, and only that.

use std::fmt::Display;
use std::io::Write;

/// Writes a line to standard error, in one piece among other tests' lines.
pub fn say(line: impl Display) {
    let line = format!("{line}\n");
    // With nobody to read it, there is nobody to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
