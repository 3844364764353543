//! What can be known to go wrong is found before anything is changed.

use rustix::fs::{Access, AtFlags, FileType, accessat};

use super::layout::{Slot, nearest, on_the_way};
use super::packages;
use super::plan::{Found, Kind, Name};
use super::record::How;
use super::spot::Spot;
use super::work::Work;
use crate::lock::FolderLock;
use crate::machine::Machine;
use crate::output::Failure;

/// What dpkg's own program follows in a tree.
const DPKG: &str = "/var/lib/dpkg";

/// Refuses links where we write: of a tree any of them may lead anywhere for
/// the programs of this machine; of this machine those in place of our own folders.
pub(super) fn check_folders(work: &Work<'_>) -> Result<(), Failure> {
    let mut folders = work.layout.folders(&Slot::ALL);
    if work.layout.staging {
        folders.push(DPKG.to_owned());
    }
    for folder in &folders {
        let is_refused = |path: &str| work.layout.staging || path.ends_with("/loopshim");
        let mut links = on_the_way(folder).filter(|path| is_refused(path) && is_link(work.machine, path));
        if let Some(link) = links.next() {
            let link = work.outside(link);
            return Err(
                format!("{link} is a symbolic link that loopshim did not make: not following it").into()
            );
        }
    }
    Ok(())
}

fn is_link(machine: &Machine, path: &str) -> bool {
    let found = machine.root.place(path).and_then(|place| place.stat());
    found.is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_symlink())
}

/// Makes sure that the folders can be written to, as far as they are there.
pub(super) fn check_writable(work: &Work<'_>) -> Result<(), Failure> {
    for folder in [work.layout.bin(), work.layout.state()] {
        let folder = nearest(&work.machine.root, &folder);
        let place = work.machine.root.place(format!("{folder}/."));
        let can = place.is_ok_and(|place| {
            accessat(&place.directory, &place.name, Access::WRITE_OK, AtFlags::empty()).is_ok()
        });
        if !can {
            let why =
                if Machine::is_root() { "it is read-only" } else { "do it as root, or with --prefix DIR" };
            return Err(format!("cannot write to {}: {why}", work.outside(&folder)).into());
        }
    }
    Ok(())
}

/// Makes sure that a program can go to its place.
pub(super) fn check_place(work: &Work<'_>, spot: &Spot<'_>, how: How, found: &Found) -> Result<(), Failure> {
    if found.get(Name::At).is_some_and(|thing| thing.kind == Kind::Directory) {
        return Err(format!("{} is a directory: not replacing it", work.outside(&spot.installed)).into());
    }
    let trouble =
        (how == How::DpkgDivert).then(|| packages::trouble(work.machine, &spot.installed)).flatten();
    trouble.map_or(Ok(()), |trouble| Err(trouble.into()))
}

/// What is at a place.
pub(super) fn look(spot: &Spot<'_>, how: How) -> Result<Found, Failure> {
    spot.look(how).map_err(|error| format!("cannot look at {}: {error}", spot.installed).into())
}

/// One at a time; the lock is already held where `is_locked` says so.
pub(super) fn lock(work: &Work<'_>, is_locked: bool) -> Result<Option<FolderLock>, Failure> {
    if work.dry_run || (is_locked && work.layout.staging) {
        return Ok(None);
    }
    let folder = work.machine.root.path(work.layout.locked(&work.machine.root));
    let waiting = |who: &str| (work.tell)(&format!("waiting for {who}, which installs or removes"));
    let lock = FolderLock::wait_for(&folder, waiting);
    Ok(Some(lock.map_err(|error| format!("cannot lock {}: {error}", folder.display()))?))
}
