//! `/var/lib/loopshim/journal/`: what was changed and how it was before, so
//! that a run can be resumed after a crash and taken back byte for byte.
//!
//! A run is a directory, `0001`, `0002` …; in it
//!
//! - `log`: one JSON object a line. A change is announced by an `intent`, which
//!   is on the disk before anything is touched, and followed by `done`;
//! - `N.before`: the contents of the file that step N replaces or removes;
//! - `N.kept`: the tree that step N took out of the way; `N.gone` once a copy of
//!   it is complete on its own file system again.
//!
//! A run whose log has no `finished` was interrupted. Whatever was going on can
//! be told by looking: a file is as it was before or as it was to be, since it
//! is renamed into its place.

pub mod run;
pub mod step;
pub mod undo;

use std::io;

use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::machine::files::{Folder, Image};
use crate::machine::root::Place;
use crate::machine::tree;
use run::Run;
use step::Step;

/// Where it is.
pub const DIRECTORY: &str = "/var/lib/loopshim/journal";
/// The directories that lead there and are made when missing.
const PARENTS: [(&str, u32); 3] = [("/var", 0o755), ("/var/lib", 0o755), ("/var/lib/loopshim", 0o755)];
/// What is added to the name of a run's directory that is being removed.
const GONE: &str = ".gone";

/// A line of a run's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// The first: who began it.
    Started {
        /// The version of this program.
        version: String,
        /// When, in seconds since 1970.
        time: u64,
    },
    /// Something is about to be changed.
    Intent(Box<Intent>),
    /// It was.
    Done {
        /// The intent's number.
        number: u32,
        /// The packages that came along with those that were asked for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        brought: Vec<String>,
    },
    /// It was not, and will not be.
    Void {
        /// The intent's number.
        number: u32,
    },
    /// It was taken back.
    Undone {
        /// The intent's number.
        number: u32,
    },
    /// The run came to its end.
    Finished {
        /// How many fixes failed.
        #[serde(default)]
        failed: usize,
    },
}

/// A change that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its number in the run, from 1.
    pub number: u32,
    /// The fix it belongs to.
    pub fix: String,
    /// The change.
    pub step: Step,
    /// What is there now.
    pub before: Image,
    /// What will be there.
    pub after: Image,
}

/// The journal of a machine.
pub struct Journal<'m> {
    machine: &'m Machine,
    /// Absent where nothing was ever changed.
    folder: Option<Folder>,
}

impl<'m> Journal<'m> {
    /// Opens it, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or others could have written to it.
    pub fn open(machine: &'m Machine) -> io::Result<Self> {
        let opened = machine.root.place(DIRECTORY).and_then(|place| Folder::open(&place));
        let folder = match opened {
            Ok(folder) => Some(folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self { machine, folder })
    }

    /// The runs, oldest first.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn runs(&self) -> io::Result<Vec<Run<'m>>> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let names = folder.names()?;
        let runs = names.iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        runs.map(|name| Run::open(self.machine, Folder::open(&folder.place(name)?)?, name)).collect()
    }

    /// Begins a run.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(&mut self) -> io::Result<Run<'m>> {
        if self.folder.is_none() {
            self.folder = Some(self.make()?);
        }
        let folder = self.folder.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let last = folder.names()?.iter().filter_map(|name| name.parse::<u32>().ok()).max();
        let name = format!("{:04}", last.unwrap_or(0) + 1);
        Run::begin(self.machine, folder.make(&name, 0o700)?, &name)
    }

    fn make(&self) -> io::Result<Folder> {
        for (path, mode) in PARENTS {
            let place = self.machine.root.place(path)?;
            match rustix::fs::mkdirat(&place.directory, &place.name, rustix::fs::Mode::from_raw_mode(mode)) {
                Ok(()) => place.sync_directory()?,
                Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (parent, name) = DIRECTORY.rsplit_once('/').unwrap_or_default();
        Folder::open(&self.machine.root.place(parent)?)?.make(name, 0o700)
    }

    /// Forgets a run of which nothing is left to be taken back.
    ///
    /// # Errors
    /// When its directory cannot be removed.
    pub fn forget(&self, run: Run<'m>) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let (from, to) = (folder.place(&run.name)?, folder.place(&format!("{}{GONE}", run.name))?);
        drop(run);
        tree::remove(&to)?;
        rustix::fs::renameat(&from.directory, &from.name, &to.directory, &to.name)?;
        folder.sync()?;
        self.machine.checkpoint();
        self.tidy()
    }

    /// Removes what is left of forgotten runs, and the journal itself once
    /// there is nothing in it.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn tidy(&self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        for name in folder.names()?.iter().filter(|name| name.ends_with(GONE)) {
            tree::remove(&folder.place(name)?)?;
        }
        if folder.names()?.is_empty() {
            for path in [DIRECTORY, "/var/lib/loopshim"] {
                remove_if_empty(&self.machine.root.place(path)?)?;
            }
        }
        Ok(())
    }
}

/// Removes a directory unless something is in it, or it is something else; false then.
///
/// # Errors
/// When it cannot be removed for another reason.
pub fn remove_if_empty(place: &Place) -> io::Result<bool> {
    use rustix::io::Errno;
    match rustix::fs::unlinkat(&place.directory, &place.name, rustix::fs::AtFlags::REMOVEDIR) {
        Ok(()) => place.sync_directory().map(|()| true),
        Err(Errno::NOENT) => Ok(true),
        Err(Errno::NOTEMPTY | Errno::EXIST | Errno::BUSY | Errno::NOTDIR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
