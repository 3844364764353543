//! One run: its log, and how its steps are carried out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};

use rustix::fs::{Mode, OFlags, openat};
use serde::Serialize;

use super::step::{Step, chosen};
use super::{Intent, Record};
use crate::install::layout::Layout;
use crate::install::program::Program;
use crate::install::{Installer, Request};
use crate::machine::Machine;
use crate::machine::files::{self, Folder, Image};
use crate::machine::packages::Manager;
use crate::machine::root::Place;
use crate::machine::tree;
use crate::output::Failure;

/// The log's name.
const LOG: &str = "log";

/// What precedes, in a list of what was installed before, what is to come.
const PLANNED: &str = "+ ";

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It was stopped before its end.
    Interrupted,
    /// It came to its end, and something could not be done.
    Failed,
    /// It came to its end, and all was done.
    Finished,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Finished => "finished",
        })
    }
}

/// How far a change has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Announced; the process was interrupted before it said more.
    Open,
    /// Made.
    Done,
    /// Not made.
    Void,
    /// Taken back.
    Undone,
}

/// A run.
pub struct Run<'m> {
    /// Its number, as its directory is called.
    pub name: String,
    /// When it was begun, in seconds since 1970.
    pub started: u64,
    /// What became of it.
    pub ending: Ending,
    pub(super) machine: &'m Machine,
    pub(super) folder: Folder,
    log: File,
    pub(super) intents: Vec<(Intent, State)>,
    /// By number of the intent: what came along with its packages.
    pub(super) brought: BTreeMap<u32, Vec<String>>,
}

impl<'m> Run<'m> {
    pub(super) fn begin(machine: &'m Machine, folder: Folder, name: &str) -> io::Result<Self> {
        let log = folder.append(LOG)?;
        let started = machine.now().as_secs();
        let mut run = Self {
            name: name.to_owned(),
            started,
            ending: Ending::Interrupted,
            machine,
            folder,
            log,
            intents: Vec::new(),
            brought: BTreeMap::new(),
        };
        run.append(&Record::Started { version: env!("CARGO_PKG_VERSION").to_owned(), time: started })?;
        Ok(run)
    }

    pub(super) fn open(machine: &'m Machine, folder: Folder, name: &str) -> io::Result<Self> {
        let mut log = folder.append(LOG)?;
        let mut text = Vec::new();
        log.read_to_end(&mut text)?;
        // A line that a crash cut off was never acted upon.
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        if whole < text.len() && Machine::is_root() {
            log.set_len(whole as u64)?;
        }
        let mut run = Self {
            name: name.to_owned(),
            started: 0,
            ending: Ending::Interrupted,
            machine,
            folder,
            log,
            intents: Vec::new(),
            brought: BTreeMap::new(),
        };
        for line in text[..whole].split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let record: Record = serde_json::from_slice(line)?;
            run.take(record);
        }
        Ok(run)
    }

    fn take(&mut self, record: Record) {
        let (number, state) = match record {
            Record::Started { time, .. } => return self.started = time,
            Record::Intent(intent) => return self.intents.push((*intent, State::Open)),
            Record::Finished { failed: 0 } => return self.ending = Ending::Finished,
            Record::Finished { .. } => return self.ending = Ending::Failed,
            Record::Done { number, brought } => {
                self.brought.insert(number, brought);
                (number, State::Done)
            }
            Record::Void { number } => (number, State::Void),
            Record::Undone { number } => (number, State::Undone),
        };
        for (_, known) in self.intents.iter_mut().filter(|(intent, _)| intent.number == number) {
            *known = state;
        }
    }

    /// Adds a line to the log and waits until it is on the disk.
    pub(super) fn append(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.log.write_all(&line)?;
        self.log.sync_data()?;
        self.take(record.clone());
        self.machine.checkpoint();
        Ok(())
    }

    /// How many changes of it are in force.
    pub fn changes(&self) -> usize {
        self.intents.iter().filter(|(_, state)| matches!(state, State::Open | State::Done)).count()
    }

    /// The fixes it has to do with, each with the number of its changes in force.
    pub fn fixes(&self) -> BTreeMap<&str, usize> {
        let mut fixes = BTreeMap::new();
        for (intent, _) in self.intents.iter().filter(|(_, state)| matches!(state, State::Open | State::Done))
        {
            *fixes.entry(intent.fix.as_str()).or_default() += 1;
        }
        fixes
    }

    /// Carries out a step of a fix. False when everything is as it would make it.
    ///
    /// # Errors
    /// When it cannot be done; then nothing of it is.
    pub fn carry_out(&mut self, fix: &str, step: &Step) -> io::Result<bool> {
        let (before, contents) = look(self.machine, step)?;
        let after = step.after(&before);
        let is_there = match step {
            Step::MakeDirectory { .. } => matches!(before, Image::Directory { .. }),
            Step::Shims { .. } | Step::Packages { .. } | Step::Run { .. } => false,
            _ => before.is_like(&after),
        };
        if is_there {
            return Ok(false);
        }
        refuse_unexpected(step, &before)?;
        let number = self.intents.last().map_or(0, |(intent, _)| intent.number) + 1;
        if let Some(contents) = &contents {
            self.folder.write(&before_name(number), contents)?;
            self.machine.checkpoint();
        }
        let intent = Intent { number, fix: fix.to_owned(), step: step.clone(), before, after };
        self.append(&Record::Intent(Box::new(intent.clone())))?;
        match self.perform(&intent) {
            Ok(brought) => self.append(&Record::Done { number, brought }).map(|()| true),
            Err(error) => {
                match &intent.step {
                    // It ended by itself, in vain. What is there when it would be
                    // taken back may be somebody else's.
                    Step::Run { .. } | Step::Packages { .. } => self.append(&Record::Void { number })?,
                    _ => self.settle(&intent)?,
                }
                Err(error)
            }
        }
    }

    /// Makes a change; what it gives back came along with packages.
    fn perform(&self, intent: &Intent) -> io::Result<Vec<String>> {
        let place = || self.machine.root.place(intent.step.path().unwrap_or_default());
        let mut brought = Vec::new();
        match &intent.step {
            Step::MakeDirectory { mode, .. } => files::make_directory(&place()?, *mode)?,
            Step::Write { contents, mode, .. } => {
                let metadata = Step::metadata(*mode, &intent.before);
                files::prepare(&place()?, contents.as_bytes(), &metadata)?;
                self.machine.checkpoint();
                files::commit(&place()?)?;
            }
            Step::Link { target, .. } => files::put_link(&place()?, target, None, None)?,
            Step::Remove { .. } => files::remove(&place()?)?,
            Step::SetAside { .. } => self.set_aside(intent, &place()?)?,
            Step::Set { value, .. } => write_value(&place()?, value)?,
            Step::Shims { only, binaries } => put_shims(self.machine, only, binaries)?,
            Step::Packages { manager, names, .. } => {
                run(self.machine, &manager.install(names))?;
                brought = self.new_packages(intent.number, *manager)?;
                brought.retain(|package| !names.contains(package));
            }
            Step::Run { words, .. } => run(self.machine, words)?,
        }
        self.machine.checkpoint();
        Ok(brought)
    }

    fn set_aside(&self, intent: &Intent, place: &Place) -> io::Result<()> {
        let kept = self.folder.place(&kept_name(intent.number))?;
        match files::rename(place, &kept) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
            Ok(()) if whole(&kept)? != intent.before => {
                // Another was put there in the moment between.
                files::rename(&kept, place)?;
                return Err(io::Error::other("it is another by now, and stays"));
            }
            renamed => return renamed,
        }
        // Complete in the journal before anything goes.
        let new = files::temporary(&kept)?;
        tree::remove(&new)?;
        tree::copy(place, &new)?;
        self.machine.checkpoint();
        files::rename(&new, &kept)?;
        self.machine.checkpoint();
        tree::remove(place)
    }

    /// The packages that were not there before that step.
    fn new_packages(&self, number: u32, manager: Manager) -> io::Result<Vec<String>> {
        let before = self.folder.read(&before_name(number))?;
        let before = String::from_utf8_lossy(&before);
        let before: BTreeSet<&str> = before.lines().collect();
        let all = manager.all(self.machine)?.into_iter();
        Ok(all.filter(|package| !before.contains(package.as_str())).collect())
    }

    /// Finds out what became of the changes that were under way when the
    /// process was interrupted, and completes them or takes them back.
    ///
    /// # Errors
    /// When that cannot be told, or the log not be written.
    pub fn settle_all(&mut self) -> io::Result<()> {
        let open: Vec<Intent> = self
            .intents
            .iter()
            .filter(|(_, state)| *state == State::Open)
            .map(|(intent, _)| intent.clone())
            .collect();
        open.iter().try_for_each(|intent| self.settle(intent))
    }

    fn settle(&mut self, intent: &Intent) -> io::Result<()> {
        let number = intent.number;
        let mut brought = Vec::new();
        let made = match &intent.step {
            // It may have run: only taking it back is safe in both cases.
            Step::Shims { .. } | Step::Run { .. } => true,
            Step::Packages { manager, names, .. } => {
                let text = String::from_utf8_lossy(&self.folder.read(&before_name(number))?).into_owned();
                let planned: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(PLANNED)).collect();
                manager.recover(self.machine, names, &planned);
                // Somebody else may have installed some since.
                let along = manager.along(self.machine, names, &planned);
                brought = self.new_packages(number, *manager)?;
                brought.retain(|package| along.contains(package));
                true
            }
            Step::SetAside { path, .. } => {
                let place = self.machine.root.place(path)?;
                let kept = self.folder.place(&kept_name(number))?;
                tree::remove(&files::temporary(&kept)?)?;
                let is_kept = kept.stat().is_ok();
                if is_kept && whole(&place)? == intent.before {
                    tree::remove(&place)?;
                }
                is_kept
            }
            step => {
                if let Some(path) = step.path().filter(|_| !matches!(step, Step::Set { .. })) {
                    files::remove_temporary(&self.machine.root.place(path)?)?;
                }
                !look(self.machine, step)?.0.is_like(&intent.before)
            }
        };
        self.append(&match made {
            true => Record::Done { number, brought },
            false => Record::Void { number },
        })
    }

    /// Says that it came to its end, and how many fixes failed.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn finish(&mut self, failed: usize) -> io::Result<()> {
        self.append(&Record::Finished { failed })
    }
}

/// The name of a replaced file's contents.
pub(super) fn before_name(number: u32) -> String {
    format!("{number}.before")
}

/// The name of what was set aside.
pub(super) fn kept_name(number: u32) -> String {
    format!("{number}.kept")
}

/// The name of what was set aside, once all of it is back.
pub(super) fn gone_name(number: u32) -> String {
    format!("{number}.gone")
}

/// What is there that a step would change, and of a file its contents.
///
/// # Errors
/// When it cannot be read.
pub fn look(machine: &Machine, step: &Step) -> io::Result<(Image, Option<Vec<u8>>)> {
    match step {
        Step::Shims { .. } | Step::Run { .. } => Ok((Image::Special, None)),
        Step::Packages { manager, names, .. } => {
            let planned = manager.planned(machine, names).into_iter();
            let planned = planned.map(|package| format!("{PLANNED}{package}"));
            let all: Vec<String> = manager.all(machine)?.into_iter().chain(planned).collect();
            Ok((Image::Special, Some(all.join("\n").into_bytes())))
        }
        Step::Set { path, .. } => {
            let text = String::from_utf8_lossy(&machine.root.read(path)?).into_owned();
            Ok((Image::Value { text: chosen(&text) }, None))
        }
        _ => match machine.root.place(step.path().unwrap_or_default()) {
            Ok(place) => match step {
                // It is moved, not read.
                Step::SetAside { .. } => Ok((whole(&place)?, None)),
                _ => files::image(&place),
            },
            // The directory it would be in is still to be made.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Image::Absent, None)),
            Err(error) => Err(error),
        },
    }
}

/// Anything at a place, known again by its device and inode.
pub(super) fn whole(place: &Place) -> io::Result<Image> {
    match place.stat() {
        Ok(found) => Ok(Image::Directory { device: found.st_dev, inode: found.st_ino }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Image::Absent),
        Err(error) => Err(error),
    }
}

/// Nothing is written over what nobody expected: a link where a file should be
/// may lead anywhere, and is somebody's decision.
fn refuse_unexpected(step: &Step, before: &Image) -> io::Result<()> {
    let fits = match step {
        Step::MakeDirectory { .. } => matches!(before, Image::Absent),
        Step::Write { .. } => matches!(before, Image::Absent | Image::File { .. }),
        Step::Link { .. } => matches!(before, Image::Absent | Image::Link { .. }),
        Step::Remove { .. } => matches!(before, Image::File { .. } | Image::Link { .. }),
        Step::SetAside { device, inode, .. } => {
            *before == Image::Directory { device: *device, inode: *inode }
        }
        Step::Set { .. } | Step::Shims { .. } | Step::Packages { .. } | Step::Run { .. } => true,
    };
    if fits {
        return Ok(());
    }
    let found = match before {
        Image::Link { target, .. } => format!("a symbolic link to {target}"),
        Image::Directory { .. } => "a directory".to_owned(),
        Image::File { .. } => "a file".to_owned(),
        _ => "no plain file".to_owned(),
    };
    Err(io::Error::other(format!(
        "{} is {found}: it is left alone; move it away first",
        step.path().unwrap_or_default()
    )))
}

pub(super) fn write_value(place: &Place, value: &str) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(&place.directory, &place.name, flags, Mode::empty())?);
    file.write_all(format!("{value}\n").as_bytes())
}

fn put_shims(machine: &Machine, only: &[String], binaries: &str) -> io::Result<()> {
    let request =
        Request { binaries: binaries.into(), only: programs(only)?, host_rsync: false, is_locked: true };
    with_installer(machine, |installer| installer.install(&request, None))
}

/// The stand-ins of a step go.
pub(super) fn remove_shims(machine: &Machine, only: &[String]) -> io::Result<()> {
    let only = programs(only)?;
    with_installer(machine, |installer| installer.remove(&only, true))
}

fn with_installer(
    machine: &Machine,
    work: impl FnOnce(&Installer<'_>) -> Result<(), Failure>,
) -> io::Result<()> {
    // The step itself is told, once.
    let installer = Installer { machine, layout: Layout::system(machine), dry_run: false, tell: &|_| () };
    work(&installer).map_err(|failure| io::Error::other(failure.message))
}

fn programs(names: &[String]) -> io::Result<Vec<Program>> {
    let program = |name: &String| Program::ALL.into_iter().find(|program| program.name() == name);
    names.iter().map(|name| program(name).ok_or_else(|| io::ErrorKind::InvalidData.into())).collect()
}

/// Runs a program. Which one is for the caller to say.
pub(super) fn run(machine: &Machine, words: &[String]) -> io::Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = machine.commands.run_locked(&words, machine.lock.borrow().as_ref())?;
    if done.succeeded() { Ok(()) } else { Err(io::Error::other(done.last_words())) }
}
