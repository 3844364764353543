//! The fixes, as data. What a fix does is a list of
//! [steps](crate::journal::step::Step), which are data too: applying them and
//! taking them back is the same for all (see [`crate::journal`]). To add a fix,
//! add a value to [`ALL`] and its test.

pub mod docker;
pub mod dracut;
pub mod guest_agent;
pub mod huge_pages;
pub mod io_scheduler;
pub mod limits;
pub mod orphans;
pub mod packages;
pub mod pip_leftovers;
pub mod pip_pin;
pub mod shims;
pub mod sysctl;
pub mod sysctl_old;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use loopshim_core::config::host::Host;

use crate::journal::run::look;
use crate::journal::step::Step;
use crate::machine::Machine;
use crate::machine::files::Image;

pub use table::ALL;

/// How much a fix is needed, in the documents' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Label {
    /// Without it the installation fails.
    Required,
    /// Gets around a defect.
    Workaround,
    /// May help.
    Optional,
    /// May harm: applied only by name and with --yes.
    Dangerous,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Workaround => "workaround",
            Self::Optional => "optional",
            Self::Dangerous => "dangerous",
        })
    }
}

/// A fix.
#[derive(Debug)]
pub struct Fix {
    /// Its name on the command line.
    pub id: &'static str,
    /// What it does.
    pub title: &'static str,
    /// How much it is needed.
    pub label: Label,
    /// Why, in a sentence.
    pub reason: &'static str,
    /// Where that stands in the documents.
    pub source: &'static str,
    /// The rows of the inventory whose judgement it follows.
    pub rows: &'static [&'static str],
    /// Compares what is with what should be.
    pub assess: fn(&Context<'_>) -> Assessment,
}

/// What a fix is judged by.
pub struct Context<'m> {
    /// The machine.
    pub machine: &'m Machine,
    /// What is configured.
    pub settings: &'m Host,
    /// Whether packages may be installed, over the network.
    pub packages: bool,
    /// Where stand-ins to be installed lie, if that was said.
    pub binaries: Option<PathBuf>,
}

/// What a fix comes to on a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// What is, in words.
    pub current: String,
    /// What should be, in words.
    pub wanted: String,
    /// What follows.
    pub need: Need,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// What follows from what is and what should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is as it should be.
    Nothing,
    /// These changes.
    Change(Vec<Step>),
    /// Something that cannot be done (like this); what to do instead.
    Blocked(String),
    /// It does not concern this machine, for this reason.
    DoesNotApply(String),
}

/// What should be, given what is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// In words.
    pub wanted: String,
    /// What follows.
    pub need: Need,
    /// What else there is to know.
    pub notes: Vec<String>,
}

impl Desired {
    /// What should be, and what follows.
    pub fn new(wanted: impl Into<String>, need: Need) -> Self {
        Self { wanted: wanted.into(), need, notes: Vec::new() }
    }

    /// With a note.
    #[must_use]
    pub fn noting(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// Looks, then says what should be: a fix's two halves put together.
pub fn assess<Current: fmt::Display>(
    context: &Context<'_>,
    probe: impl FnOnce(&Context<'_>) -> Current,
    desired: impl FnOnce(&Context<'_>, &Current) -> Desired,
) -> Assessment {
    let current = probe(context);
    let Desired { wanted, need, mut notes } = desired(context, &current);
    let need = match need {
        Need::Change(steps) => settable(context.machine, steps, &mut notes),
        need => need,
    };
    Assessment { current: current.to_string(), wanted, need, notes }
}

/// Without the values of the running kernel that cannot be set from here:
/// containers see them read-only, and have their host's.
fn settable(machine: &Machine, steps: Vec<Step>, notes: &mut Vec<String>) -> Need {
    let cannot = |step: &Step| match step {
        Step::Set { path, .. } => machine.root.is_read_only(path),
        _ => false,
    };
    let (out_of_reach, left): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(cannot);
    if out_of_reach.is_empty() {
        return Need::Change(left);
    }
    let words: Vec<String> = out_of_reach.iter().map(Step::words).collect();
    notes.push(format!(
        "read-only here, as in a container, so to be done outside of it: {}",
        words.join(", ")
    ));
    if left.iter().all(is_run) { Need::Nothing } else { Need::Change(left) }
}

fn is_run(step: &Step) -> bool {
    matches!(step, Step::Run { .. })
}

/// The fix of that name.
pub fn find(id: &str) -> Option<&'static Fix> {
    ALL.iter().find(|fix| fix.id == id)
}

/// Of the steps that would lead to what should be, those that are not done yet:
/// nothing if all are. Programs are run only along with other steps.
pub fn pending(machine: &Machine, steps: Vec<Step>) -> Need {
    let is_done = |step: &Step| match look(machine, step) {
        Ok((Image::Directory { .. }, _)) if matches!(step, Step::MakeDirectory { .. }) => true,
        Ok((before, _)) => before.is_like(&step.after(&before)),
        // Carrying it out will say why it cannot be read.
        Err(_) => false,
    };
    let left: Vec<Step> = steps.into_iter().filter(|step| is_run(step) || !is_done(step)).collect();
    if left.iter().all(is_run) { Need::Nothing } else { Need::Change(left) }
}

/// The steps that write a file, its directory first where that is missing.
pub fn write(machine: &Machine, path: &str, contents: String) -> Vec<Step> {
    let mut steps = directories(machine, path);
    steps.push(Step::Write { path: path.to_owned(), contents, mode: 0o644 });
    steps
}

/// The steps that make the directories that lead to `path`.
pub fn directories(machine: &Machine, path: &str) -> Vec<Step> {
    let parents = path.match_indices('/').map(|(at, _)| &path[..at]).filter(|parent| !parent.is_empty());
    let missing = parents.filter(|parent| !machine.root.is_directory(parent));
    missing.map(|parent| Step::MakeDirectory { path: parent.to_owned(), mode: 0o755 }).collect()
}

/// The first line of every file that fixes write.
pub fn head(fix: &str) -> String {
    format!("# Written by loopshim (fix {fix}); `loopshim undo` puts back what was here before.\n")
}
