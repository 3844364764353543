//! Removing: every original back at its place, then the record.

use super::layout::Slot;
use super::plan::{self, Name};
use super::program::Program;
use super::record::{Aside, Record, Row};
use super::spot::Spot;
use super::target;
use super::work::Work;
use super::{folders, packages};
use crate::machine::files::{self, Metadata};
use crate::output::{Failure, say};

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// Whether there was nothing to remove.
    pub(super) was_nothing: bool,
    /// Files that stay, since they are not ours.
    pub(super) left: Vec<String>,
    /// Whether there is something of ours in the record still.
    pub(super) has_rest: bool,
}

/// Removes the programs of `only`, or all there are.
///
/// # Errors
/// In a line; another run completes it.
pub(super) fn remove(work: &Work<'_>, only: &[Program], is_locked: bool) -> Result<Removed, Failure> {
    target::check_folders(work)?;
    let _lock = target::lock(work, is_locked)?;
    let before = Record::read(&work.machine.root, work.layout).map_err(|error| error.to_string())?;
    if before.is_none() && !work.dry_run {
        folders::clear_left_overs(work.machine, work.layout)
            .map_err(|error| format!("cannot clear away what a killed run left: {error}"))?;
    }
    let mut record = before.as_ref().map(|(record, _)| record.clone()).unwrap_or_default();
    let found = in_place(work, only, &record)?;
    if found.is_empty() && before.is_none() {
        return Ok(Removed { was_nothing: true, ..Removed::default() });
    }
    target::check_writable(work)?;
    for (spot, row) in found {
        take_back(work, &spot, &row, &mut record)?;
        record.rows.remove(&spot.slot);
    }
    write_rest(work, before.is_some(), &record)?;
    Ok(Removed { was_nothing: false, has_rest: !record.is_over(), left: record.left })
}

/// Those in the record, and those found in place without one.
fn in_place<'w>(
    work: &'w Work<'_>,
    only: &[Program],
    record: &Record,
) -> Result<Vec<(Spot<'w>, Row)>, Failure> {
    let mut spots = Vec::new();
    let is_meant = |slot: &Slot| only.is_empty() || only.contains(&slot.program());
    for slot in work.layout.slots().filter(is_meant) {
        let spot = work.spot(slot)?;
        if let Some(row) = record.rows.get(&slot) {
            spots.push((spot, *row));
            continue;
        }
        let how = packages::manager(work.machine, work.layout, slot);
        let found = target::look(&spot, how)?;
        if found.is_ours(Name::At) || found.get(Name::New).is_some() {
            let plain = Row { original: Aside::Real, kept: Aside::Real, how };
            spots.push((spot, plan::decide(&found, how).unwrap_or(plain)));
        }
    }
    Ok(spots)
}

fn take_back(work: &Work<'_>, spot: &Spot<'_>, row: &Row, record: &mut Record) -> Result<(), Failure> {
    let found = target::look(spot, row.how)?;
    let vouches = || packages::vouches(work.machine, row.how, &spot.installed);
    let plan = plan::taking_back(&found, row, &vouches);
    work.carry_out(spot, &plan)?;
    let path = |name: &Name| format!("{}/{}", work.layout.folder(spot.slot), name.of(spot.slot.name()));
    record.left.extend(plan.left.iter().map(path));
    if plan.is_given_up {
        let (installed, kept) = (&spot.installed, path(&Name::Aside(row.kept)));
        say(&format!(
            "{installed} is not the shim any more and stays; the original it replaced stays as {kept}"
        ));
    }
    Ok(())
}

fn write_rest(work: &Work<'_>, was_there: bool, record: &Record) -> Result<(), Failure> {
    let Work { machine, layout, .. } = *work;
    let path = work.outside(&layout.record());
    if !record.is_over() {
        return work.step(&format!("write the record {path}"), || {
            let text = record.text(layout);
            files::put(&machine.root.place(layout.record())?, text.as_bytes(), &Metadata::fresh(0o644))
        });
    }
    if !was_there {
        return Ok(());
    }
    work.step(&format!("remove the record {path}"), || folders::end(machine, layout, record))
}
