//! The stand-ins put in place, looked at and removed: `loopshim shim …`, which
//! `install.sh` calls, and the fix `shims`. There is one way, with one record.
//!
//! - The [record] is written before anything is touched, and removed after
//!   everything is back: what is found on the disk decides, the record says what for.
//! - What is found at a place is looked at once ([`spot`]), what is to be done
//!   follows from it alone ([`plan`]), and between any two of its changes the
//!   machine works as before or as meant. Another run completes a killed one,
//!   and removing takes it back.
//! - Nothing is run but the package managers that must be told, and the programs
//!   that were installed.

mod folders;
pub mod layout;
mod packages;
pub mod plan;
pub mod program;
mod put;
pub mod record;
mod report;
pub mod spot;
mod take;
mod target;
mod work;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::machine::Machine;
use crate::output::Failure;
use layout::{Layout, Slot};
use plan::{Name, State};
use program::Program;
use record::Record;
use work::Work;

pub use report::Words;

/// What is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The folder with the static programs.
    pub binaries: PathBuf,
    /// These alone; none: all that there are.
    pub only: Vec<Program>,
    /// Whether this machine's own rsync is replaced, too.
    pub host_rsync: bool,
    /// Whether the caller holds the machine's lock.
    pub is_locked: bool,
}

/// The commands, on a machine and in a layout.
pub struct Installer<'m> {
    /// The machine.
    pub machine: &'m Machine,
    /// Where things go on it.
    pub layout: Layout,
    /// Whether changes are only told.
    pub dry_run: bool,
    /// Is told each step, in a line.
    pub tell: &'m dyn Fn(&str),
}

impl Installer<'_> {
    /// Puts programs in place, then lets each answer if it is told how to `words`.
    ///
    /// # Errors
    /// In a line; then the machine is as it was. Also when a program is in place
    /// and does not answer.
    pub fn install(&self, request: &Request, words: Option<&Words>) -> Result<(), Failure> {
        let (slots, record) = put::install(&self.work(), request)?;
        match words {
            Some(words) if !self.dry_run => report::installed(&self.work(), &slots, &record, words),
            _ => Ok(()),
        }
    }

    /// Puts the originals back and removes the programs of `only`, or all.
    ///
    /// # Errors
    /// In a line; another run completes it.
    pub fn remove(&self, only: &[Program], is_locked: bool) -> Result<(), Failure> {
        let removed = take::remove(&self.work(), only, is_locked)?;
        report::removed(&self.work(), &removed);
        Ok(())
    }

    /// How things stand, of the programs of `only`, or all.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn status(&self, only: &[Program]) -> Result<Vec<Standing>, Failure> {
        let work = self.work();
        let record = Record::read(&self.machine.root, &self.layout).map_err(|error| error.to_string())?;
        let record = record.map(|(record, _)| record).unwrap_or_default();
        let is_meant = |slot: &Slot| {
            let is_wanted = only.is_empty() || only.contains(&slot.program());
            is_wanted && (*slot != Slot::HostRsync || record.rows.contains_key(slot))
        };
        let slots = self.layout.slots().filter(is_meant);
        slots.map(|slot| Standing::of(&work, slot, &record)).collect()
    }

    fn work(&self) -> Work<'_> {
        Work { machine: self.machine, layout: &self.layout, dry_run: self.dry_run, tell: self.tell }
    }
}

/// How things stand with one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The program.
    pub name: &'static str,
    /// In what state it is.
    pub state: State,
    /// The version that is in place.
    pub version: Option<String>,
    /// Where it goes, as seen inside the root.
    pub path: String,
    /// Where the original is, if there is one.
    pub original: Option<String>,
}

impl Standing {
    fn of(work: &Work<'_>, slot: Slot, record: &Record) -> Result<Self, Failure> {
        let spot = work.spot(slot)?;
        let recorded = record.rows.get(&slot);
        let how = recorded.map(|row| row.how);
        let how = how.unwrap_or_else(|| packages::manager(work.machine, work.layout, slot));
        let found = target::look(&spot, how)?;
        let row = recorded.copied().or_else(|| plan::decide(&found, how).ok());
        let original = row.map(|row| row.original).filter(|aside| {
            let name = Name::Aside(*aside);
            found.get(name).is_some() && !found.is_ours(name)
        });
        Ok(Self {
            name: slot.name(),
            state: plan::state(&found, recorded),
            version: spot.stamp().map(|stamp| stamp.version),
            original: original.map(|aside| format!("{}{}", spot.installed, aside.suffix())),
            path: spot.installed,
        })
    }

    /// In a line, fields between tabs: NAME STATE VERSION PATH ORIGINAL.
    pub fn line(&self) -> String {
        let field = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let (version, original) = (field(&self.version), field(&self.original));
        format!("{}\t{}\t{version}\t{}\t{original}", self.name, self.state.word(), self.path)
    }

    /// As JSON.
    pub fn document(&self) -> Value {
        json!({
            "name": self.name,
            "state": self.state.word(),
            "version": self.version,
            "path": self.path,
            "original": self.original,
        })
    }

    /// Whether another installation would mend something.
    pub fn is_unwell(&self) -> bool {
        !matches!(self.state, State::Installed | State::NotInstalled)
    }
}
