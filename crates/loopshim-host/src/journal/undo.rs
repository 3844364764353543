//! Taking a run back: the last change first, each to exactly what was there
//! before, and nothing that somebody has changed since.

use std::io;

use super::run::{self, Run, State, before_name, gone_name, kept_name};
use super::step::Step;
use super::{Intent, Record, remove_if_empty};
use crate::machine::diff;
use crate::machine::files::{self, Image};
use crate::machine::packages::{Manager, Trouble};
use crate::machine::tree;

/// What kept a change from being taken back.
#[derive(Debug)]
pub enum Refusal {
    /// What is there is neither as it was made nor as it was before.
    Drifted {
        /// The change.
        what: String,
        /// The difference to what was made.
        diff: String,
    },
    /// Packages are needed by others by now.
    Needed {
        /// The change.
        what: String,
        /// By whom.
        by: Vec<String>,
        /// Who removes those.
        manager: Manager,
    },
    /// It could not be done.
    Failed {
        /// The change.
        what: String,
        /// Why.
        error: io::Error,
    },
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Undone {
    /// The changes taken back, in words.
    pub restored: Vec<String>,
    /// What there is to know besides.
    pub notes: Vec<String>,
    /// The changes that are still in force.
    pub refused: Vec<Refusal>,
}

impl Run<'_> {
    /// Takes its changes back; with `force` also what has drifted.
    ///
    /// # Errors
    /// When the log cannot be written. What cannot be taken back is in the
    /// result, and does not keep others from it.
    pub fn undo(&mut self, force: bool) -> io::Result<Undone> {
        self.settle_all()?;
        let mut undone = Undone::default();
        let done: Vec<Intent> = self
            .intents
            .iter()
            .rev()
            .filter(|(_, state)| *state == State::Done)
            .map(|(intent, _)| intent.clone())
            .collect();
        for intent in done {
            match self.take_back(&intent, force, &mut undone.notes) {
                Ok(()) => {
                    self.append(&Record::Undone { number: intent.number })?;
                    undone.restored.push(took_back(&intent));
                }
                Err(refusal) => undone.refused.push(refusal),
            }
        }
        Ok(undone)
    }

    fn take_back(&self, intent: &Intent, force: bool, notes: &mut Vec<String>) -> Result<(), Refusal> {
        let what = intent.step.words();
        let failed = |error| Refusal::Failed { what: what.clone(), error };
        match &intent.step {
            Step::Shims { only, .. } => run::remove_shims(self.machine, only).map_err(failed),
            Step::Packages { manager, names, configured } => {
                let brought = self.brought.get(&intent.number).map_or(&[][..], Vec::as_slice);
                match manager.take_back(self.machine, names, configured, brought) {
                    Ok(note) => notes.extend(note),
                    Err(Trouble::Needed(by)) => return Err(Refusal::Needed { what, by, manager: *manager }),
                    Err(Trouble::Failed(error)) => return Err(failed(error)),
                }
                self.machine.checkpoint();
                Ok(())
            }
            Step::Run { undo, .. } => {
                for words in undo {
                    let what = || format!("by {}", words.join(" "));
                    run::run(self.machine, words).map_err(|error| Refusal::Failed { what: what(), error })?;
                    self.machine.checkpoint();
                }
                Ok(())
            }
            Step::MakeDirectory { path, .. } => {
                let removed = self.machine.root.place(path).and_then(|place| remove_if_empty(&place));
                if !removed.map_err(failed)? {
                    notes.push(format!("{path} stays: something is in it"));
                }
                Ok(())
            }
            Step::SetAside { path, .. } => self.put_back(intent, path).map_err(failed),
            step => {
                let now = match run::look(self.machine, step) {
                    Ok((now, _)) => now,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        notes.push(format!("{what}: there is no such value any more"));
                        return Ok(());
                    }
                    Err(error) => return Err(failed(error)),
                };
                if now.is_like(&intent.before) {
                    return Ok(());
                }
                if !now.is_like(&intent.after) && !force {
                    return Err(Refusal::Drifted { what, diff: self.drift(intent) });
                }
                self.restore(intent).map_err(failed)?;
                self.machine.checkpoint();
                Ok(())
            }
        }
    }

    /// What was set aside goes back: by a rename, or, on another file system, as a
    /// copy. That is complete when what is kept gets the name of what may go;
    /// whoever is killed before copies again, whoever is killed after goes on there.
    fn put_back(&self, intent: &Intent, path: &str) -> io::Result<()> {
        let place = self.machine.root.place(path)?;
        let (kept, gone) =
            (self.folder.place(&kept_name(intent.number))?, self.folder.place(&gone_name(intent.number))?);
        let new = files::temporary(&place)?;
        let taken = || io::Error::other(format!("{path} is there again: move it away first"));
        if kept.stat().is_ok() {
            if run::whole(&place)? != Image::Absent {
                return Err(taken());
            }
            match files::rename(&kept, &place) {
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
                renamed => return renamed,
            }
            tree::remove(&new)?;
            tree::copy(&kept, &new)?;
            self.machine.checkpoint();
            files::rename(&kept, &gone)?;
            self.machine.checkpoint();
        }
        if gone.stat().is_ok() && new.stat().is_ok() {
            files::rename(&new, &place).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => taken(),
                _ => error,
            })?;
            self.machine.checkpoint();
        }
        tree::remove(&gone)
    }

    fn restore(&self, intent: &Intent) -> io::Result<()> {
        let place = self.machine.root.place(intent.step.path().unwrap_or_default())?;
        match &intent.before {
            Image::Absent => files::remove(&place),
            Image::File { metadata, .. } => {
                let contents = self.folder.read(&before_name(intent.number))?;
                files::prepare(&place, &contents, metadata)?;
                self.machine.checkpoint();
                files::commit(&place)
            }
            Image::Link { target, uid, gid, modified } => {
                files::put_link(&place, target, Some((*uid, *gid)), Some(*modified))
            }
            Image::Value { text } => run::write_value(&place, text),
            Image::Directory { .. } | Image::Special => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// How what is there differs from what was made.
    fn drift(&self, intent: &Intent) -> String {
        let path = intent.step.path().unwrap_or_default();
        let (now, contents) = match run::look(self.machine, &intent.step) {
            Ok(found) => found,
            Err(error) => return format!("{path}: {error}\n"),
        };
        match (&intent.step, &now) {
            (Step::Set { value, .. }, Image::Value { text }) => {
                format!("{}: was set to {value}, is {text}\n", super::step::value_name(path))
            }
            (Step::Write { contents: made, .. }, Image::File { metadata, .. }) => {
                let text = diff::unified(path, Some(made.as_bytes()), contents.as_deref());
                match text.is_empty() {
                    true => format!(
                        "{path}: owner or permissions were changed (now {}:{} {:o})\n",
                        metadata.uid, metadata.gid, metadata.mode
                    ),
                    false => text,
                }
            }
            (_, Image::Absent) => format!("{path}: is gone\n"),
            (_, Image::File { .. }) => diff::unified(path, None, contents.as_deref()),
            (_, Image::Link { target, .. }) => format!("{path}: is a link to {target}\n"),
            _ => format!("{path}: is no plain file\n"),
        }
    }
}

fn took_back(intent: &Intent) -> String {
    match (&intent.step, &intent.before) {
        (Step::Set { path, .. }, Image::Value { text }) => {
            format!("{} is {text} again", super::step::value_name(path))
        }
        (Step::Shims { only, .. }, _) => format!("removed the stand-ins {}", only.join(" and ")),
        (Step::Packages { names, .. }, _) => format!("removed {}", names.join(" ")),
        (Step::Run { undo, .. }, _) if undo.is_empty() => {
            format!("nothing takes back: {}", intent.step.words())
        }
        (Step::Run { undo, .. }, _) => {
            undo.iter().map(|words| format!("ran {}", words.join(" "))).collect::<Vec<_>>().join("; ")
        }
        (step, Image::Absent) => format!("removed {}", step.path().unwrap_or_default()),
        (Step::MakeDirectory { path, .. }, _) => format!("removed {path}"),
        (step, _) => format!("restored {}", step.path().unwrap_or_default()),
    }
}
