//! What `verify` looks at, as data. To add a check, add a value to [`ALL`] and
//! its test.

mod after;
mod format;
mod hardware;
mod kernel;
mod sessions;
mod software;
mod table;
#[cfg(test)]
mod tests;
mod vms;

use crate::facts::scheduling::Ticks;
use crate::fixes::Context;

pub(crate) use format::render;
pub use format::{Report, Row};
pub use table::ALL;

/// When a check is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before the installation.
    Before,
    /// After it.
    After,
    /// Both.
    Always,
}

/// A check.
#[derive(Debug)]
pub struct Check {
    /// Its name on the command line.
    pub id: &'static str,
    /// What is looked at.
    pub title: &'static str,
    /// When.
    pub when: When,
    /// Where it stands in the documents.
    pub source: &'static str,
    /// The rows of the inventory whose judgement it follows.
    pub rows: &'static [&'static str],
    /// Looks.
    pub look: fn(&Examination<'_>) -> Verdict,
}

/// What checks have to look at.
pub struct Examination<'m> {
    /// The machine and its settings.
    pub context: Context<'m>,
    /// Processor time when the examination began, for what is a rate.
    pub began: Option<Ticks>,
}

/// How well a check is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is.
    Pass,
    /// It cannot be made here, or need not.
    Skip,
    /// Not quite.
    Warn,
    /// It is not.
    Fail,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How well it is passed.
    pub level: Level,
    /// What is, in words.
    pub value: String,
    /// What to do, where something should be done.
    pub advice: Option<String>,
}

impl Verdict {
    /// Passed.
    pub fn pass(value: impl Into<String>) -> Self {
        Self { level: Level::Pass, value: value.into(), advice: None }
    }

    /// Not to be made here.
    pub fn skip(why: impl Into<String>) -> Self {
        Self { level: Level::Skip, value: why.into(), advice: None }
    }

    /// Not quite passed.
    pub fn warn(value: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warn, value: value.into(), advice: Some(advice.into()) }
    }

    /// Not passed.
    pub fn fail(value: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Fail, value: value.into(), advice: Some(advice.into()) }
    }

    /// Passed if `good`, else a warning.
    pub fn warn_unless(good: bool, value: impl Into<String>, advice: impl Into<String>) -> Self {
        if good { Self::pass(value) } else { Self::warn(value, advice) }
    }

    /// Passed if `good`, else a failure.
    pub fn fail_unless(good: bool, value: impl Into<String>, advice: impl Into<String>) -> Self {
        if good { Self::pass(value) } else { Self::fail(value, advice) }
    }
}

/// The check of that name.
pub fn find(id: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.id == id)
}

/// A verdict on a running system's value, skipped in a tree of files.
fn running(examination: &Examination<'_>, look: impl FnOnce() -> Option<Verdict>) -> Verdict {
    if !examination.context.machine.is_live() {
        return Verdict::skip("a tree of files has no running values");
    }
    look().unwrap_or_else(|| Verdict::skip("this kernel does not tell"))
}
