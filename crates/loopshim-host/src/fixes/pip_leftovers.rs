//! What killed pips left in `site-packages`: stashes, whose names begin with a
//! tilde, at the top and within the configured packages; bytecode that was
//! being written; and metadata of those packages that pip can neither use nor
//! uninstall. A healthy installation stays, and so does another installer's.

use std::fmt;
use std::path::Path;

use loopshim_core::pip::distribution::{is_stash, is_unfinished_bytecode, normalised};
use loopshim_core::pip::outer::{clean, site};

use super::{Context, Desired, Need};
use crate::facts::processes::Process;
use crate::facts::python::Python;
use crate::journal::step::Step;
use crate::machine::root::Root;

/// Deepest folder looked into below a package's own.
const DEPTH_MAX: usize = 32;

/// What is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Current {
    stashes: Vec<String>,
    metadata: Vec<String>,
    refused: Vec<String>,
    /// A pip that runs.
    pip: Option<u32>,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} stashes, {} broken metadata directories", self.stashes.len(), self.metadata.len())
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let mut current = Current::default();
    let Some(python) = Python::find(root) else { return current };
    for site in &python.sites {
        stashes_in(root, site, 0, &mut current.stashes);
        for package in &context.settings.packages {
            stashes_in(
                root,
                &format!("{site}/{}", normalised(package).replace('-', "_")),
                DEPTH_MAX,
                &mut current.stashes,
            );
        }
    }
    for package in &context.settings.packages {
        metadata_of(root, &python, package, &mut current);
    }
    if context.machine.is_live() && !(current.stashes.is_empty() && current.metadata.is_empty()) {
        current.pip = Process::all(root).into_iter().find(is_pip).map(|process| process.pid);
    }
    current
}

fn stashes_in(root: &Root, folder: &str, depth: usize, found: &mut Vec<String>) {
    for name in root.names(folder) {
        let path = format!("{folder}/{name}");
        let is_left = is_stash(name.as_ref()) || depth > 0 && is_unfinished_bytecode(name.as_ref());
        if is_left {
            found.push(path);
        } else if depth > 1 && is_folder(root, &path) {
            stashes_in(root, &path, depth - 1, found);
        }
    }
}

/// A folder itself, not a link to one.
fn is_folder(root: &Root, path: &str) -> bool {
    let found = root.place(path).and_then(|place| place.stat());
    found.is_ok_and(|found| rustix::fs::FileType::from_raw_mode(found.st_mode).is_dir())
}

fn metadata_of(root: &Root, python: &Python, package: &str, current: &mut Current) {
    let all = python.all(root, package);
    for one in all.iter().filter(|one| one.metadata.ends_with(".dist-info")) {
        let twins = all.iter().filter(|other| other.site == one.site).count() > 1;
        // The functions of the library take paths as this process sees them.
        let outside = root.path(&one.metadata);
        if !is_folder(root, &one.metadata) || !(twins || clean::is_broken(&outside)) {
            continue;
        }
        let installer = site::read(&outside.join("INSTALLER")).unwrap_or_default();
        match clean::other_owner(&installer, Path::new(&one.metadata)) {
            Some(owner) => current.refused.push(format!("{} is broken, but {owner}: it stays", one.metadata)),
            None => current.metadata.push(one.metadata.clone()),
        }
    }
}

/// Whether a process is a pip at work.
fn is_pip(process: &Process) -> bool {
    let arguments = process.arguments();
    let is_pip = |word: &String| {
        let name = word.rsplit('/').next().unwrap_or_default();
        name == "pip"
            || name
                .strip_prefix("pip3")
                .is_some_and(|rest| rest.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()))
    };
    let mut words = arguments.iter().skip_while(|word| !is_pip(word)).skip(1);
    words.any(|word| word == "install" || word == "uninstall")
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let set_aside = |path: &String| {
        let found = context.machine.root.place(path).and_then(|place| place.stat()).ok()?;
        Some(Step::SetAside { path: path.clone(), device: found.st_dev, inode: found.st_ino })
    };
    let steps: Vec<Step> = current.stashes.iter().chain(&current.metadata).filter_map(set_aside).collect();
    let need = match current.pip {
        _ if steps.is_empty() => Need::Nothing,
        Some(pid) => Need::Blocked(format!("pip is at work (process {pid}): try again when it is done")),
        None => Need::Change(steps),
    };
    Desired::new("none", need).noting(current.refused.clone())
}
