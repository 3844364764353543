//! Keeping what is about to be replaced or deleted.

use rsync_proto::Version;
use rsync_proto::file_list::Time;
use rustix::io::Errno;

use super::places::{Place, Places};
use super::run::{Run, Who};
use crate::fs::{Attributes, Directory, Facts, FileType, Target, Tree, apply, copy_range};
use crate::options::{Backup, Info};
use crate::symlinks::leaves_tree;

/// Moves `name` to where its backup goes; of a file the name may stay, to be
/// replaced by what comes. Whether there is nothing in the way any more.
pub fn back_up(
    run: &Run,
    who: Who,
    tree: &mut Tree,
    places: &mut Places,
    name: &[u8],
    backup: &Backup,
) -> bool {
    let is_unsafe = is_unsafe_link(run, tree, name);
    let (place, shown) = match places.backup(run, tree, name, backup) {
        // It is told to have been kept all the same (observed: 3.5.0).
        Ok((_, shown)) if is_unsafe => {
            tell(run, name, &shown);
            return true;
        }
        Ok(place) => place,
        Err(errno) => {
            run.failed(who, "make_backup", tree, name, errno);
            return false;
        }
    };
    match tree.parent(name).and_then(|(directory, leaf)| preserve(run, &directory, leaf, &place)) {
        Ok(()) => {
            tell(run, name, &shown);
            true
        }
        Err(Errno::NOENT) => true,
        Err(errno) => {
            run.failed(who, "rename", tree, name, errno);
            false
        }
    }
}

/// Whether a link leads out and such are not wanted: no backup is kept of it either.
fn is_unsafe_link(run: &Run, tree: &mut Tree, name: &[u8]) -> bool {
    if !run.options().links.is_safe {
        return false;
    }
    let found = tree.parent(name).and_then(|(directory, leaf)| directory.link_target(leaf));
    let Some(target) = found.ok().filter(|target| leaves_tree(name, target)) else { return false };
    if run.options().output.info.has(Info::Symsafe, 1) {
        run.say(&[b"not backing up unsafe symlink \"", name, b"\" -> \"", &target, b"\""]);
    }
    true
}

/// Tells what was kept where, to those who ask.
fn tell(run: &Run, name: &[u8], shown: &[u8]) {
    if run.options().output.info.has(Info::Backup, 1) {
        run.say(&[b"backed up ", name, b" to ", shown]);
    }
}

/// A second name first, so that there is a file under the name at all times.
fn preserve(run: &Run, directory: &Directory, leaf: &[u8], (into, as_name): &Place) -> Result<(), Errno> {
    let facts = directory.facts(leaf)?;
    if facts.is_directory() {
        return directory.rename(leaf, into, as_name);
    }
    clear(into, as_name)?;
    match directory.link(leaf, into, as_name) {
        Ok(()) => Ok(()),
        Err(Errno::XDEV) => copy(run, directory, leaf, &facts, into, as_name),
        Err(_) => directory.rename(leaf, into, as_name),
    }
}

fn clear(into: &Directory, leaf: &[u8]) -> Result<(), Errno> {
    match into.remove(leaf) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => into.remove_directory(leaf),
        Err(errno) => Err(errno),
    }
}

/// On another file system: a copy with all that is kept of files.
fn copy(
    run: &Run,
    directory: &Directory,
    leaf: &[u8],
    facts: &Facts,
    into: &Directory,
    as_name: &[u8],
) -> Result<(), Errno> {
    let temporary = match facts.kind {
        FileType::File => {
            let (file, _) = directory.open_file(leaf)?;
            let (temporary, to) = run.temporaries.create(into, as_name, 0o600)?;
            copy_range(&file, &to, facts.length, &|_| {})?;
            temporary
        }
        FileType::Symlink => {
            let to = directory.link_target(leaf)?;
            run.temporaries.make(into, as_name, |name| into.make_symlink(name, &to))?.0
        }
        kind => {
            let make = |name: &[u8]| into.make_special(name, kind, facts.permissions, facts.device);
            run.temporaries.make(into, as_name, make)?.0
        }
    };
    // A version that knows no fractions keeps none here either (observed: 3.5.0).
    let knows_fractions = run.session.version >= Version::V31;
    let nanoseconds = if knows_fractions { facts.modified.nanoseconds } else { 0 };
    let wanted = Attributes {
        permissions: Some(facts.permissions),
        user: run.keep.owner.then_some(facts.user),
        group: run.keep.group.then_some(facts.group),
        modified: run.keep.times.then_some(Time { nanoseconds, ..facts.modified }),
        accessed: None,
    };
    let made = into.facts(temporary.name())?;
    let target = Target { directory: into, leaf: temporary.name(), file: None };
    // What we may not give is less than the backup is worth.
    let _ = apply(target, &made, &wanted);
    temporary.rename(into, as_name)
}

/// Copies the file `name` to its backup, for a file that is changed in place.
///
/// # Errors
/// What the system says.
pub fn copy_to_backup(
    run: &Run,
    tree: &mut Tree,
    places: &mut Places,
    name: &[u8],
    backup: &Backup,
) -> Result<(), Errno> {
    let ((into, as_name), shown) = places.backup(run, tree, name, backup)?;
    let (directory, leaf) = tree.parent(name)?;
    let facts = directory.facts(leaf)?;
    copy(run, &directory, leaf, &facts, &into, &as_name)?;
    tell(run, name, &shown);
    Ok(())
}
