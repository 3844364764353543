//! Installing: the record first, then every program beside its place, then
//! nothing but renames. What fails is taken back before it is told.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::layout::{Slot, missing};
use super::plan::{self, Name, NamesTaken, Plan};
use super::program::{Program, fault, names};
use super::record::Record;
use super::spot::Spot;
use super::target;
use super::work::Work;
use super::{Request, folders, packages};
use crate::output::Failure;

/// The programs to be installed.
type Programs = BTreeMap<Program, Vec<u8>>;

/// Installs; the slots that were meant, and the record as it is then.
///
/// # Errors
/// In a line; then the machine is as it was.
pub(super) fn install(work: &Work<'_>, request: &Request) -> Result<(Vec<Slot>, Record), Failure> {
    let programs = read(&request.binaries, &request.only)?;
    target::check_folders(work)?;
    let _lock = target::lock(work, request.is_locked)?;
    // Whoever had it may have changed what was looked at.
    let installing = Installing::begin(work, request, programs)?;
    match installing.carry_out() {
        Ok(()) => Ok((installing.slots, installing.record)),
        Err(failure) => Err(installing.give_up(failure)),
    }
}

/// Reads and checks the programs in a folder: those of `only`, or all there are.
fn read(folder: &Path, only: &[Program]) -> Result<Programs, Failure> {
    if !folder.is_dir() {
        return Err(format!("{} is not a folder", folder.display()).into());
    }
    let path = |program: Program| folder.join(program.name());
    let have: Vec<Program> = Program::ALL.into_iter().filter(|program| path(*program).is_file()).collect();
    if have.is_empty() {
        let known = names(Program::ALL);
        return Err(format!("{} holds none of loopshim's programs ({known})", folder.display()).into());
    }
    let wanted = if only.is_empty() { &have } else { only };
    let read = |program: &Program| {
        if !have.contains(program) {
            let have = names(have.iter().copied());
            return Err(Failure::from(format!("no {} here: this loopshim has {have}", program.name())));
        }
        let path = path(*program);
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        match fault(*program, &bytes) {
            Some(why) => Err(format!("{} {why}: nothing was installed", path.display()).into()),
            None => Ok((*program, bytes)),
        }
    };
    wanted.iter().map(read).collect()
}

/// An installation whose plan is made.
struct Installing<'w> {
    work: &'w Work<'w>,
    slots: Vec<Slot>,
    programs: Programs,
    /// The record as it was, with its text.
    before: Option<(Record, String)>,
    /// As it is to be.
    record: Record,
    plans: Vec<(Spot<'w>, Plan)>,
}

impl<'w> Installing<'w> {
    fn begin(work: &'w Work<'w>, request: &Request, programs: Programs) -> Result<Self, Failure> {
        let before = Record::read(&work.machine.root, work.layout).map_err(|error| error.to_string())?;
        let record = before.as_ref().map(|(record, _)| record.clone()).unwrap_or_default();
        let slots = slots(work, request, &programs, &record)?;
        let mut installing = Self { work, slots, programs, before, record, plans: Vec::new() };
        target::check_writable(work)?;
        for slot in installing.slots.clone() {
            installing.plan(slot)?;
        }
        installing.name_folders();
        Ok(installing)
    }

    fn plan(&mut self, slot: Slot) -> Result<(), Failure> {
        let work = self.work;
        let spot = work.spot(slot)?;
        let how = self.record.rows.get(&slot).map(|row| row.how);
        let how = how.unwrap_or_else(|| packages::manager(work.machine, work.layout, slot));
        let found = target::look(&spot, how)?;
        target::check_place(work, &spot, how, &found)?;
        let row = match self.record.rows.get(&slot) {
            Some(row) => *row,
            None => plan::decide(&found, how).map_err(|NamesTaken| names_taken(&spot.installed))?,
        };
        let is_new = !spot.is_current(&self.programs[&slot.program()]);
        let vouches = || packages::vouches(work.machine, how, &spot.installed);
        let plan = plan::placing(&found, &row, is_new, &vouches);
        self.record.rows.insert(slot, row);
        for name in &plan.left {
            let path = format!("{}/{}", work.layout.folder(slot), name.of(slot.name()));
            if !self.record.left.contains(&path) {
                self.record.left.push(path);
            }
        }
        self.plans.push((spot, plan));
        Ok(())
    }

    /// The folders that are to be made.
    fn name_folders(&mut self) {
        let root = &self.work.machine.root;
        let wanted = self.work.layout.folders(&self.slots).into_iter().flat_map(|path| missing(root, &path));
        self.record.created.extend(wanted);
        self.record.created.sort();
        self.record.created.dedup();
    }

    fn carry_out(&self) -> Result<(), Failure> {
        let Work { machine, layout, .. } = *self.work;
        let text = self.record.text(layout);
        if self.before.as_ref().is_none_or(|(_, before)| *before != text) {
            let words = format!("write the record {}", self.work.outside(&layout.record()));
            self.work.step(&words, || folders::begin(machine, layout, &self.record))?;
        }
        // The folders are there by now.
        let spots = self.slots.iter().map(|slot| self.work.spot(*slot));
        let spots: Vec<Spot<'_>> = spots.collect::<Result<_, _>>()?;
        if !self.work.dry_run {
            for (spot, (_, plan)) in spots.iter().zip(&self.plans) {
                self.stage(spot, plan)?;
            }
        }
        spots.iter().zip(&self.plans).try_for_each(|(spot, (_, plan))| self.work.carry_out(spot, plan))
    }

    fn stage(&self, spot: &Spot<'_>, plan: &Plan) -> Result<(), Failure> {
        let is_new = plan.actions.contains(&plan::PUT);
        let staged = self.work.outside(&beside(&spot.installed, Name::New));
        if !is_new {
            // One that a killed run left.
            return Ok(spot
                .carry_out(plan::Action::Remove(Name::New))
                .map_err(|error| format!("{staged}: {error}"))?);
        }
        let bytes = &self.programs[&spot.slot.program()];
        let words = format!("copy {} to {staged}", spot.slot.name());
        self.work.step(&words, || spot.stage(bytes))?;
        if self.work.machine.is_live() && !runs(Path::new(&staged)) {
            return Err(format!("{staged} cannot be run here (a file system mounted noexec?)").into());
        }
        Ok(())
    }

    /// Takes back what was begun.
    fn give_up(&self, failure: Failure) -> Failure {
        if self.work.dry_run {
            return failure;
        }
        match self.take_back() {
            Ok(()) => failure,
            Err(also) => Failure {
                message: format!(
                    "{}; and it was not all taken back: {}; run it again, or remove what there is",
                    failure.message, also.message
                ),
                ..failure
            },
        }
    }

    fn take_back(&self) -> Result<(), Failure> {
        let Work { machine, layout, .. } = *self.work;
        let rows_before = self.before.as_ref().map(|(record, _)| &record.rows);
        for slot in &self.slots {
            let spot = self.work.spot(*slot)?;
            let Some(row) = self.record.rows.get(slot) else { continue };
            let found = target::look(&spot, row.how)?;
            if rows_before.is_some_and(|rows| rows.contains_key(slot)) {
                if found.get(Name::New).is_some() {
                    self.work.carry_out(&spot, &Plan::remove(Name::New))?;
                }
            } else {
                let vouches = || packages::vouches(machine, row.how, &spot.installed);
                self.work.carry_out(&spot, &plan::taking_back(&found, row, &vouches))?;
            }
        }
        let cannot = |error| format!("the record {}: {error}", self.work.outside(&layout.record()));
        match &self.before {
            Some((record, _)) => folders::begin(machine, layout, record).map_err(cannot)?,
            None => folders::end(machine, layout, &self.record).map_err(cannot)?,
        }
        Ok(())
    }
}

/// The slots that are meant.
fn slots(
    work: &Work<'_>,
    request: &Request,
    programs: &Programs,
    record: &Record,
) -> Result<Vec<Slot>, Failure> {
    let has_rsync = programs.contains_key(&Program::Rsync);
    if request.host_rsync && !has_rsync {
        return Err("there is no rsync among the programs for --host-rsync".into());
    }
    let is_host = request.host_rsync || record.rows.contains_key(&Slot::HostRsync);
    let is_meant =
        |slot: &Slot| programs.contains_key(&slot.program()) && (*slot != Slot::HostRsync || is_host);
    Ok(work.layout.slots().filter(is_meant).collect())
}

fn names_taken(installed: &str) -> Failure {
    format!(
        "{installed}.real and {installed}.replaced both exist and neither is loopshim's: move one of them away first"
    )
    .into()
}

fn beside(installed: &str, name: Name) -> String {
    let (folder, program) = installed.rsplit_once('/').unwrap_or_default();
    format!("{folder}/{}", name.of(program))
}

/// Whether the kernel starts it.
fn runs(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg("-V").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.code().is_some())
}
