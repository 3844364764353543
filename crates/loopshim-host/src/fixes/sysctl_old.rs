//! `/etc/sysctl.d/99-vast.conf`, to which an older script appends two lines
//! with each run. It is read after `99-vast-fd.conf` (`-` sorts before `.`), so
//! what it sets counts more, and is lower: those lines go, and the file if
//! nothing is left.

use std::fmt;

use super::{Context, Desired, pending};
use crate::facts::sysctl;
use crate::journal::step::Step;

/// The file.
pub const FILE: &str = "/etc/sysctl.d/99-vast.conf";
/// What the script appends.
const KEYS: [&str; 2] = ["fs.file-max", "fs.nr_open"];

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    text: Option<String>,
}

impl Current {
    fn lines(&self) -> usize {
        self.text.iter().flat_map(|text| text.lines()).filter(|line| is_appended(line)).count()
    }
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            None => f.write_str("not there"),
            Some(_) => write!(f, "{} lines of the older script", self.lines()),
        }
    }
}

fn is_appended(line: &str) -> bool {
    sysctl::parse(line).iter().any(|(key, _)| KEYS.contains(&key.as_str()))
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    Current { text: context.machine.root.text(FILE) }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let steps = match &current.text {
        Some(text) if current.lines() > 0 => {
            let kept: Vec<&str> = text.lines().filter(|line| !is_appended(line)).collect();
            let says_nothing =
                kept.iter().all(|line| line.trim().is_empty() || line.trim_start().starts_with(['#', ';']));
            if says_nothing {
                vec![Step::Remove { path: FILE.to_owned() }]
            } else {
                let contents = kept.iter().map(|line| format!("{line}\n")).collect();
                vec![Step::Write { path: FILE.to_owned(), contents, mode: 0o644 }]
            }
        }
        _ => Vec::new(),
    };
    Desired::new("no fs.file-max or fs.nr_open in it", pending(context.machine, steps))
}
