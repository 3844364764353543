//! What has to be out of the way before pip runs: what killed pips left, and
//! metadata of the wanted packages that pip would stumble over.

use std::path::{Path, PathBuf};

use super::places::Places;
use super::quarantine;
use super::site::{self, Installed};
use crate::World;
use crate::pip::distribution::{self, Kind};

/// Deepest directory looked into below a package's own.
const DEPTH_MAX: usize = 32;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Stashes and unfinished files removed.
    pub removed: Vec<PathBuf>,
    /// Metadata set aside: where it was.
    pub quarantined: Vec<PathBuf>,
    /// What was refused or failed, in words.
    pub refused: Vec<String>,
}

impl Repairs {
    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.quarantined.is_empty() && self.refused.is_empty()
    }
}

/// Cleans up in `sites` for the projects `names` (normalised).
pub fn run(world: &World, places: &Places, sites: &[PathBuf], names: &[String]) -> Repairs {
    let mut repairs = Repairs::default();
    for site in sites {
        remove_stashes(site, &mut repairs);
    }
    let installed = site::installed(sites);
    for name in names {
        let mine: Vec<&Installed> = installed.iter().filter(|installed| installed.name == *name).collect();
        for site in sites {
            let here: Vec<&Installed> =
                mine.iter().copied().filter(|one| one.path.parent() == Some(site)).collect();
            clean_packages(site, name, &here, &mut repairs);
            set_aside(world, places, &here, &mut repairs);
        }
    }
    repairs
}

/// Removes what pip set aside at the top of a `site-packages`.
fn remove_stashes(site: &Path, repairs: &mut Repairs) {
    let stashes: Vec<PathBuf> = site::entries(site)
        .iter()
        .filter(|entry| distribution::is_stash(entry))
        .map(|entry| site.join(entry))
        .collect();
    remove_unrecorded(site, stashes, repairs);
}

/// Removes stashes and unfinished bytecode inside a project's own packages.
fn clean_packages(site: &Path, name: &str, installed: &[&Installed], repairs: &mut Repairs) {
    let mut packages: Vec<_> = installed.iter().flat_map(|one| site::top_level(&one.path)).collect();
    packages.push(name.replace('-', "_").into());
    packages.push("__pycache__".into());
    packages.sort();
    packages.dedup();
    let mut left = Vec::new();
    for package in packages {
        find_left(&site.join(package), DEPTH_MAX, &mut left);
    }
    remove_unrecorded(site, left, repairs);
}

/// What killed pips left in a directory and below.
fn find_left(directory: &Path, depth: usize, left: &mut Vec<PathBuf>) {
    let is_directory = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if depth == 0 || !is_directory(directory) {
        return;
    }
    let entries = super::patiently(|| std::fs::read_dir(directory)).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        if distribution::is_stash(&name) || distribution::is_unfinished_bytecode(&name) {
            left.push(entry.path());
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find_left(&entry.path(), depth - 1, left);
        }
    }
}

/// Removes those that no `RECORD` names: a package may bring a file with a tilde.
fn remove_unrecorded(site: &Path, left: Vec<PathBuf>, repairs: &mut Repairs) {
    if left.is_empty() {
        return;
    }
    let recorded = site::recorded(site);
    for path in left {
        // Of a directory, what is in it.
        if !recorded.iter().any(|file| file.starts_with(&path)) {
            remove(path, repairs);
        }
    }
}

fn remove(path: PathBuf, repairs: &mut Repairs) {
    match quarantine::remove(&path) {
        Ok(()) => repairs.removed.push(path),
        Err(error) => repairs.refused.push(format!("{} cannot be removed: {error}", path.display())),
    }
}

/// Sets aside metadata that pip could neither use nor uninstall: broken ones,
/// and all of them where there is more than one.
fn set_aside(world: &World, places: &Places, installed: &[&Installed], repairs: &mut Repairs) {
    let dist_infos: Vec<&&Installed> = installed.iter().filter(|one| one.kind == Kind::DistInfo).collect();
    let too_many = dist_infos.len() > 1;
    for one in dist_infos {
        if !(too_many || is_broken(&one.path)) {
            continue;
        }
        let installer = site::read(&one.path.join("INSTALLER")).unwrap_or_default();
        if let Some(owner) = other_owner(&installer, &one.path) {
            repairs.refused.push(format!("{} is broken, but is {owner}", one.path.display()));
            continue;
        }
        let Some(quarantine) = &places.quarantine else {
            repairs
                .refused
                .push(format!("{} is broken, and there is no place to keep it", one.path.display()));
            continue;
        };
        match quarantine::keep(quarantine, &one.path, super::now(world)) {
            Ok(_) => repairs.quarantined.push(one.path.clone()),
            Err(error) => {
                repairs.refused.push(format!("{} cannot be set aside: {error}", one.path.display()));
            }
        }
    }
}

/// Whether pip cannot uninstall by this metadata, or not even read it.
pub fn is_broken(dist_info: &Path) -> bool {
    let is_text = |name: &str| {
        site::read(&dist_info.join(name)).is_some_and(|text| !text.is_empty() && !text.contains(&0))
    };
    !is_text("METADATA") || !is_text("RECORD")
}

/// Whose a distribution is that pip did not install; such are never touched.
/// `installer` is what its `INSTALLER` holds, `path` where the machine has it.
pub fn other_owner(installer: &[u8], path: &Path) -> Option<&'static str> {
    let installer = installer.trim_ascii();
    // A power cut leaves zeros.
    let is_lost = installer.iter().all(|&byte| byte == 0);
    match installer {
        b"rpm" => Some("an RPM package's"),
        // There a distribution's packages may say that pip installed them.
        _ if path.starts_with("/usr/lib") || path.starts_with("/usr/lib64") => Some("the distribution's"),
        b"pip" => None,
        _ if is_lost => None,
        _ => Some("another installer's"),
    }
}
