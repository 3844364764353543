//! The directories that installing makes, and the record in them. The record
//! names the directories, and lies in one of them; so that no killed run leaves
//! one of which nothing tells, those that lead to the record appear and
//! disappear together with it, by one rename.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, openat};

use super::layout::{Layout, missing, on_the_way};
use super::record::Record;
use crate::journal::remove_if_empty;
use crate::machine::Machine;
use crate::machine::files::{self, Metadata};
use crate::machine::root::Place;

/// What an earlier install.sh wrote before it renamed it to the record.
const OLD_TEMPORARY: &str = ".new";

/// Writes the record, and makes the directories that it says are made.
///
/// # Errors
/// When something cannot be made.
pub(super) fn begin(machine: &Machine, layout: &Layout, record: &Record) -> io::Result<()> {
    clear_left_overs(machine, layout)?;
    let text = record.text(layout);
    let place = machine.root.place(layout.record());
    match missing(&machine.root, &layout.state()).split_first() {
        None => files::put(&place?, text.as_bytes(), &Metadata::fresh(0o644))?,
        Some((outermost, inner)) => {
            let place = machine.root.place(outermost)?;
            let new = files::temporary(&place)?;
            let made = make_chain(&new, &names(inner), &file_name(&layout.record()), text.as_bytes());
            machine.checkpoint();
            if let Err(error) = made.and_then(|()| files::rename(&new, &place)) {
                // The error counts; what is left is cleared away by any later run.
                let _ = clear_left_overs(machine, layout);
                return Err(error);
            }
        }
    }
    machine.checkpoint();
    for path in &record.created {
        if !machine.root.is_directory(path) {
            files::make_directory(&machine.root.place(path)?, 0o755)?;
            machine.checkpoint();
        }
    }
    Ok(())
}

/// Removes the record and the directories that were made, if nothing else is in them.
///
/// # Errors
/// When something cannot be removed.
pub(super) fn end(machine: &Machine, layout: &Layout, record: &Record) -> io::Result<()> {
    let state = layout.state();
    let leads_to_record = |path: &&String| on_the_way(&state).any(|way| way == path.as_str());
    for path in record.created.iter().rev().filter(|path| !leads_to_record(path)) {
        remove_if_there(machine, path)?;
    }
    let place = match machine.root.place(layout.record()) {
        Ok(place) => place,
        // It was never written.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return clear_left_overs(machine, layout),
        Err(error) => return Err(error),
    };
    files::remove_temporary(&place)?;
    files::remove(&old_temporary(&place)?)?;
    let chain = own_chain(machine, layout, record)?;
    if let Some((outermost, inner)) = chain.split_first() {
        let place = machine.root.place(outermost)?;
        let gone = files::temporary(&place)?;
        files::rename(&place, &gone)?;
        machine.checkpoint();
        if !dissolve(&gone, &names(inner), layout)? {
            // Somebody put something there in the moment between.
            files::rename(&gone, &place)?;
        }
    } else {
        files::remove(&place)?;
    }
    machine.checkpoint();
    for path in record.created.iter().rev().filter(leads_to_record) {
        remove_if_there(machine, path)?;
    }
    Ok(())
}

/// Clears away what a run left that was killed while it made or removed the
/// directories that lead to the record.
///
/// # Errors
/// When it cannot be removed.
pub(super) fn clear_left_overs(machine: &Machine, layout: &Layout) -> io::Result<()> {
    let missing = missing(&machine.root, &layout.state());
    let Some((outermost, inner)) = missing.split_first() else { return Ok(()) };
    let place = match machine.root.place(outermost) {
        Ok(place) => place,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let left = files::temporary(&place)?;
    match left.stat() {
        Ok(_) if dissolve(&left, &names(inner), layout)? => Ok(()),
        Ok(_) => files::rename(&left, &place),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The directories from the outermost that was made to the record's, if there
/// is nothing in them but the next one, and the record in the last.
fn own_chain(machine: &Machine, layout: &Layout, record: &Record) -> io::Result<Vec<String>> {
    let state = layout.state();
    let mut chain = Vec::new();
    let mut only = file_name(&layout.record());
    for path in on_the_way(&state).collect::<Vec<_>>().into_iter().rev() {
        let is_made = record.created.iter().any(|made| made == path);
        if !is_made || machine.root.list(path) != [only.as_str()] {
            break;
        }
        only = file_name(path);
        chain.insert(0, path.to_owned());
    }
    Ok(chain)
}

fn make_chain(new: &Place, inner: &[String], record: &str, text: &[u8]) -> io::Result<()> {
    files::make_directory(new, 0o755)?;
    let mut folder = enter(new)?;
    for name in inner {
        let place = Place { directory: folder, name: name.into() };
        files::make_directory(&place, 0o755)?;
        folder = enter(&place)?;
    }
    files::put(&Place { directory: folder, name: record.into() }, text, &Metadata::fresh(0o644))
}

/// Removes a chain of directories with our record in the last; false when
/// something else is in them.
fn dissolve(outermost: &Place, inner: &[String], layout: &Layout) -> io::Result<bool> {
    let mut way = Vec::new();
    let mut next = Some(outermost.beside(outermost.name.clone())?);
    let mut names = inner.iter();
    while let Some(place) = next.take() {
        match enter(&place) {
            Ok(folder) => {
                next = names
                    .next()
                    .map(|name| -> io::Result<Place> {
                        Ok(Place { directory: folder.try_clone()?, name: name.into() })
                    })
                    .transpose()?;
                way.push((place, folder));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    if let Some((_, state)) = way.last().filter(|_| way.len() == inner.len() + 1) {
        let record = Place { directory: state.try_clone()?, name: file_name(&layout.record()).into() };
        files::remove_temporary(&record)?;
        files::remove(&record)?;
    }
    for (place, _) in way.iter().rev() {
        if !remove_if_empty(place)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn enter(place: &Place) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(&place.directory, &place.name, flags, Mode::empty())?)
}

fn old_temporary(record: &Place) -> io::Result<Place> {
    let mut name = record.name.clone();
    name.push(OLD_TEMPORARY);
    record.beside(name)
}

fn remove_if_there(machine: &Machine, path: &str) -> io::Result<()> {
    let place = match machine.root.place(path) {
        Ok(place) => place,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // Others may use it by now, or have put something else there.
    remove_if_empty(&place)?;
    machine.checkpoint();
    Ok(())
}

/// The names of directories, of their paths.
fn names(inner: &[String]) -> Vec<String> {
    inner.iter().map(|path| file_name(path)).collect()
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}
