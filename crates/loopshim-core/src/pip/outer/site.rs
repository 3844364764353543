//! What is installed in an environment, and whether it is whole.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::pip::distribution::{self, Kind};
use crate::pip::record;

/// Largest `RECORD` or metadata file read, in bytes.
const METADATA_MAX: u64 = 64 << 20;

/// A metadata directory of an installed distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its kind.
    pub kind: Kind,
    /// The project's normalised name.
    pub name: String,
    /// The directory (of an egg it may be a file).
    pub path: PathBuf,
    /// What changes whenever it is installed anew.
    stamp: (u64, u64, i64, i64),
}

/// Everything installed in some `site-packages` directories.
pub fn installed(sites: &[PathBuf]) -> Vec<Installed> {
    sites
        .iter()
        .flat_map(|site| entries(site).into_iter().filter_map(|entry| of_entry(site, &entry)))
        .collect()
}

/// The names in a directory; none where it cannot be read.
pub fn entries(directory: &Path) -> Vec<OsString> {
    let entries = super::patiently(|| std::fs::read_dir(directory)).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).collect()
}

/// Which of these projects are nowhere in `sites`, a line for each: neither as
/// metadata nor as a link to a folder that is edited. None where it is not
/// known where to look.
pub fn absent(projects: &[String], sites: &[PathBuf]) -> Vec<String> {
    let all: Vec<OsString> = sites.iter().flat_map(|site| entries(site)).collect();
    let is = |entry: &OsStr, project: &String| {
        let linked =
            entry.to_str().and_then(|name| name.strip_suffix(".egg-link")).map(distribution::normalised);
        linked.as_ref() == Some(project)
            || distribution::of_entry(entry).is_some_and(|(_, name)| name == *project)
    };
    let is_absent = |project: &&String| !all.is_empty() && !all.iter().any(|entry| is(entry, project));
    projects.iter().filter(is_absent).map(|project| format!("{project} is not there")).collect()
}

fn of_entry(site: &Path, entry: &OsStr) -> Option<Installed> {
    let (kind, name) = distribution::of_entry(entry)?;
    let path = site.join(entry);
    let found = std::fs::symlink_metadata(&path).ok()?;
    let record = std::fs::symlink_metadata(path.join("RECORD"));
    let (inode, time) =
        record.map_or((0, (0, 0)), |record| (record.ino(), (record.mtime(), record.mtime_nsec())));
    Some(Installed { kind, name, path, stamp: (found.ino(), inode, time.0, time.1) })
}

/// What is there now that was not there before, or not like that.
pub fn changed(before: &[Installed], now: &[Installed]) -> Vec<Installed> {
    now.iter().filter(|installed| !before.contains(installed)).cloned().collect()
}

/// What is wrong with distributions that were just installed; nothing if they
/// are whole. Each fault is one line that is the same whenever it recurs.
pub fn faults(changed: &[Installed], now: &[Installed]) -> Vec<String> {
    let mut faults = Vec::new();
    for installed in changed {
        let twins = now
            .iter()
            .filter(|other| other.name == installed.name && other.path.parent() == installed.path.parent());
        if twins.count() > 1 {
            faults.push(format!("{} is installed more than once", installed.name));
        }
        match installed.kind {
            Kind::DistInfo => faults.extend(faults_of(&installed.path)),
            Kind::EggInfo => faults.extend(faults_of_egg(&installed.path)),
        }
    }
    faults.sort();
    faults.dedup();
    faults
}

/// What is wrong with the distribution whose `.dist-info` this is.
pub fn faults_of(dist_info: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for file in ["METADATA", "WHEEL", "INSTALLER"] {
        if !dist_info.join(file).is_file() {
            faults.push(format!("{} is missing", dist_info.join(file).display()));
        }
    }
    let Some(entries) = read(&dist_info.join("RECORD")).and_then(|text| record::parse(&text)) else {
        faults.push(format!("{} cannot be read", dist_info.join("RECORD").display()));
        return faults;
    };
    let name = dist_info.file_name().unwrap_or_default().as_bytes();
    let installer = [name, b"/INSTALLER"].concat();
    if !entries.iter().any(|entry| entry.path.ends_with(&installer)) {
        faults.push(format!("{} is not pip's", dist_info.join("RECORD").display()));
    }
    let site = dist_info.parent().unwrap_or(dist_info);
    for entry in entries {
        let path = site.join(OsStr::from_bytes(&entry.path));
        match (std::fs::symlink_metadata(&path), &entry.sha256) {
            (Err(_), _) => faults.push(format!("{} is missing", path.display())),
            (Ok(_), Some(wanted)) if digest(&path).as_ref() != Some(wanted) => {
                faults.push(format!("{} is not as installed", path.display()));
            }
            _ => {}
        }
    }
    faults
}

/// As [`faults_of`], for what `setup.py install` leaves: a list of files.
fn faults_of_egg(egg_info: &Path) -> Vec<String> {
    let Some(list) = read(&egg_info.join("installed-files.txt")) else { return Vec::new() };
    // It names bytecode that setuptools does not make (seen with pip 9.0.3).
    let paths = list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty() && !line.ends_with(b".pyc"));
    let missing = paths
        .map(|line| egg_info.join(OsStr::from_bytes(line)))
        .filter(|path| std::fs::symlink_metadata(path).is_err());
    missing.map(|path| format!("{} is missing", path.display())).collect()
}

/// The digest of a file as `RECORD` has it.
fn digest(path: &Path) -> Option<Vec<u8>> {
    let mut file = super::patiently(|| std::fs::File::open(path)).ok()?;
    let mut digest = Sha256::new();
    // Packages are many small files.
    let mut buffer = [0; 8 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Some(record::encoded(&digest.finalize())),
            Ok(length) => digest.update(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// Every file that a `RECORD` in this `site-packages` names.
pub fn recorded(site: &Path) -> Vec<PathBuf> {
    let infos = installed(&[site.to_owned()]).into_iter().filter(|one| one.kind == Kind::DistInfo);
    let records = infos.filter_map(|one| record::parse(&read(&one.path.join("RECORD"))?));
    records.flatten().map(|entry| site.join(OsStr::from_bytes(&entry.path))).collect()
}

/// A digest of a `RECORD`, once all it names is there and matches.
pub fn whole_record(dist_info: &Path) -> Option<String> {
    if !faults_of(dist_info).is_empty() {
        return None;
    }
    Some(super::target::hex(&Sha256::digest(read(&dist_info.join("RECORD"))?)))
}

/// A file, if it is there and of any reasonable size.
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let file = super::patiently(|| std::fs::File::open(path)).ok()?;
    file.take(METADATA_MAX).read_to_end(&mut text).ok()?;
    Some(text)
}

/// The first parts of the paths in `RECORD`: the packages' own directories and
/// modules. Of a `RECORD` that cannot be read, those of `top_level.txt`.
pub fn top_level(metadata: &Path) -> Vec<OsString> {
    let first =
        |path: &[u8]| path.split(|&byte| byte == b'/').next().map(|part| OsStr::from_bytes(part).to_owned());
    let recorded = read(&metadata.join("RECORD")).and_then(|text| record::parse(&text)).unwrap_or_default();
    let mut names: Vec<OsString> = recorded.iter().filter_map(|entry| first(&entry.path)).collect();
    if let Some(text) = read(&metadata.join("top_level.txt")) {
        names.extend(text.split(|&byte| byte == b'\n').filter_map(first));
    }
    names.retain(|name| !name.is_empty() && name != ".." && name != "." && name != "bin");
    names.sort();
    names.dedup();
    names
}
