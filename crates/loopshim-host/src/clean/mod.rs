//! Folders that failed installations left in the temporary folders: found,
//! and removed when nobody can have any use for them.
//!
//! All of these must hold. It lies directly in a sticky temporary folder. It is
//! called as Python's `tempfile` calls folders and its own metadata names one of
//! the configured packages, or it is called as pip calls its temporary ones. It
//! is a real directory of an owner who installs. The newest file in it is old.
//! No process has anything in it open, mapped, locked, as its working or root
//! directory or among its arguments. Nothing is mounted in it.
//!
//! It is looked at and removed through handles, so that nothing put in its
//! place meanwhile can be meant; and it is first moved where nobody else can
//! reach it, and looked for users once more, before anything in it goes.

#[cfg(test)]
mod adversary;
mod remove;
mod tree;
mod users;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::time::Duration;

use loopshim_core::config::host::Host;
use loopshim_core::handles;
use loopshim_core::pip::distribution;
use loopshim_core::pip::outer::shared;

use crate::machine::Machine;

pub use remove::{Removal, Target, remove};
use tree::Tree;
use users::Users;

/// Where temporary folders are made.
const PLACES: [&str; 2] = ["/tmp", "/var/tmp"];
/// How pip's own temporary folders begin; `tempfile`'s eight letters follow.
const PREFIXES: [&str; 12] = [
    "pip-build-env-",
    "pip-build-tracker-",
    "pip-egg-info-",
    "pip-ephem-wheel-cache-",
    "pip-install-",
    "pip-metadata-",
    "pip-modern-metadata-",
    "pip-req-build-",
    "pip-req-tracker-",
    "pip-uninstall-",
    "pip-unpack-",
    "pip-wheel-",
];

/// What makes a folder an orphan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The temporary folders.
    pub places: Vec<String>,
    /// The packages, names normalised.
    pub packages: Vec<String>,
    /// The users who install.
    pub owners: BTreeSet<u32>,
    /// How old the newest file must be.
    pub older_than: Duration,
}

impl Rules {
    /// The rules by what is configured.
    pub fn of(machine: &Machine, settings: &Host) -> Self {
        let own = rustix::process::geteuid().as_raw();
        let user = user_id(machine, &settings.user);
        Self {
            places: PLACES.map(str::to_owned).to_vec(),
            packages: settings.packages.iter().map(|name| distribution::normalised(name)).collect(),
            owners: [0, own].into_iter().chain(user).collect(),
            older_than: Duration::from_secs(settings.orphan_minutes.get() * 60),
        }
    }
}

/// A user's number (`passwd(5)`).
pub(crate) fn user_id(machine: &Machine, name: &str) -> Option<u32> {
    let text = machine.root.text("/etc/passwd")?;
    let line = text.lines().find(|line| line.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
}

/// A folder that is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Its path.
    pub path: String,
    /// What it is: a package's name, or pip's prefix.
    pub what: String,
    /// The file system's number.
    pub device: u64,
    /// Its own.
    pub inode: u64,
    /// What its removal frees.
    pub bytes: u64,
    /// Of the newest file in it.
    pub age: Duration,
}

/// What was found to be, or to look like, one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is one.
    Orphan(Orphan),
    /// It is called like one, but stays, for this reason.
    Left {
        /// Its path.
        path: String,
        /// Why it stays.
        why: String,
    },
}

impl Finding {
    /// The orphan.
    pub fn orphan(&self) -> Option<&Orphan> {
        match self {
            Self::Orphan(orphan) => Some(orphan),
            Self::Left { .. } => None,
        }
    }

    /// The path and the reason of one that stays.
    pub fn left(&self) -> Option<(&str, &str)> {
        match self {
            Self::Orphan(_) => None,
            Self::Left { path, why } => Some((path, why)),
        }
    }
}

/// Looks for orphans; changes nothing.
pub fn scan(machine: &Machine, rules: &Rules) -> Vec<Finding> {
    let mut candidates = Vec::new();
    let mut findings = Vec::new();
    for place in &rules.places {
        if !is_sticky_folder(machine, place) {
            continue;
        }
        for name in machine.root.list(place) {
            let Some(kind) = Kind::of(&name) else { continue };
            let path = format!("{place}/{}", name.to_string_lossy());
            match Candidate::open(machine, rules, &path, &name, kind) {
                Ok(Some(candidate)) => candidates.push(candidate),
                Ok(None) => {}
                Err(why) => findings.push(Finding::Left { path, why }),
            }
        }
    }
    if candidates.is_empty() {
        return findings;
    }
    let users = Users::look();
    for candidate in candidates {
        match candidate.used_by(&users) {
            Some(why) => findings.push(Finding::Left { path: candidate.orphan.path, why }),
            None => findings.push(Finding::Orphan(candidate.orphan)),
        }
    }
    findings
}

/// A folder for everybody's temporary files: the sticky bit keeps others from
/// renaming what is in it.
fn is_sticky_folder(machine: &Machine, path: &str) -> bool {
    let found = machine.root.place(path).and_then(|place| place.stat());
    found.is_ok_and(|found| found.st_mode & 0o171_000 == 0o041_000)
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A source folder, if its metadata says so.
    Source,
    /// One of pip's own, by its prefix.
    Pip(&'static str),
}

impl Kind {
    fn of(name: &OsStr) -> Option<Self> {
        if handles::is_tempfile_name(name) {
            return Some(Self::Source);
        }
        let text = name.to_str()?;
        let prefix = PREFIXES.iter().find(|prefix| text.starts_with(**prefix))?;
        handles::is_tempfile_name(OsStr::new(&text[prefix.len()..])).then_some(Self::Pip(prefix))
    }
}

/// A folder that may be an orphan, held open.
struct Candidate {
    orphan: Orphan,
    tree: Tree,
    /// Its path as this process sees it, and as processes name it.
    paths: [PathBuf; 2],
}

impl Candidate {
    /// Opens it and looks at everything in it. `None` where it is nothing that
    /// the rules are about.
    fn open(
        machine: &Machine,
        rules: &Rules,
        path: &str,
        name: &OsStr,
        kind: Kind,
    ) -> Result<Option<Self>, String> {
        let unreadable = |error: std::io::Error| format!("cannot be looked at: {error}");
        let place = machine.root.place(path).map_err(unreadable)?;
        let folder = match handles::open_folder(&place.directory, name) {
            Ok(folder) => folder,
            // A file, or a link that somebody may have planted.
            Err(error) if matches!(error.raw_os_error(), Some(20 | 40)) => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        let found = rustix::fs::fstat(&folder).map_err(|error| unreadable(error.into()))?;
        let what = match kind {
            Kind::Pip(prefix) => prefix.trim_end_matches('-').to_owned(),
            Kind::Source => {
                // By the handle: this very folder's metadata.
                let inside = PathBuf::from(format!("/proc/self/fd/{}/.", folder.as_raw_fd()));
                match shared::project_in(&inside).filter(|project| rules.packages.contains(project)) {
                    Some(project) => project,
                    None => return Ok(None),
                }
            }
        };
        if !rules.owners.contains(&found.st_uid) {
            return Err(format!("it belongs to user {}, who does not install", found.st_uid));
        }
        let tree = Tree::walk(&folder)?;
        let age = machine.now().saturating_sub(tree.newest);
        if age < rules.older_than {
            return Err(format!("something in it is only {} min old", age.as_secs() / 60));
        }
        let outside = machine.root.path(path);
        let orphan = Orphan {
            path: path.to_owned(),
            what,
            device: found.st_dev,
            inode: found.st_ino,
            bytes: tree.bytes,
            age,
        };
        Ok(Some(Self { orphan, tree, paths: [outside, PathBuf::from(path)] }))
    }

    fn used_by(&self, users: &Users) -> Option<String> {
        users.of(&self.tree, &self.paths)
    }
}
