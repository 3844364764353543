//! `--delete`: what a directory of the list has that the list has not.

use std::sync::Arc;

use rsync_proto::file_list::{Kind, Name};
use rsync_proto::multiplex::IoErrors;

use super::Generator;
use super::removal::sorted;
use crate::failure::Failure;
use crate::filters::Scope;
use crate::fs::{Facts, FileType};
use crate::options::Timing;
use crate::receiver::FileList;
use crate::receiver::places::Places;

/// What is known of deletions.
pub(super) struct Sweep {
    /// The rules outside of any directory.
    filters: Scope,
    /// The rules that hold in the directories on the way to the last one.
    scopes: Vec<(Vec<u8>, Scope)>,
    /// The destination's absolute path.
    root: Vec<u8>,
    /// What is deleted at the end.
    delayed: Vec<(Vec<u8>, FileType)>,
    /// It was said that nothing is deleted because of errors.
    has_complained: bool,
    /// What was not deleted any more.
    pub(super) skipped: u64,
}

impl Sweep {
    pub(super) fn new(filters: Scope, root: Vec<u8>) -> Self {
        Self { filters, scopes: Vec::new(), root, delayed: Vec::new(), has_complained: false, skipped: 0 }
    }

    pub(super) fn root(&self) -> &[u8] {
        &self.root
    }
}

impl Generator<'_> {
    /// Sweeps all directories of the lists.
    pub(super) fn sweep_all(&mut self) -> Result<(), Failure> {
        let lists: Vec<Arc<FileList>> = self.lists.iter().map(|open| Arc::clone(&open.list)).collect();
        for list in lists {
            for slot in list.slots.iter().filter(|slot| slot.is_live) {
                if matches!(slot.entry.kind, Kind::Directory { has_content: true, .. }) {
                    let path = self.destination.path(&slot.entry).to_vec();
                    let is_there =
                        self.tree.facts(&path).ok().flatten().is_some_and(|facts| facts.is_directory());
                    if is_there {
                        self.sweep_directory(&list, &path)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Deletes what is in a directory and not in the list, now or later.
    pub(super) fn sweep_directory(&mut self, list: &FileList, path: &[u8]) -> Result<(), Failure> {
        if self.run.errors().contains(IoErrors::GENERAL) && !self.run.options().deletion.ignores_errors {
            if !self.sweep.has_complained {
                self.run.say(&[b"IO error encountered -- skipping file deletion"]);
                self.sweep.has_complained = true;
            }
            return Ok(());
        }
        let directory = match self.tree.directory(path) {
            Ok(directory) => directory,
            Err(_) => return Ok(()),
        };
        let Ok(own) = directory.own_facts() else { return Ok(()) };
        let scope = self.scope_in(path);
        for (child, kind) in sorted(&directory, path).into_iter().rev() {
            let is_listed = Name::new(&child).is_ok_and(|name| list.find(&name).is_some());
            let is_directory = kind == FileType::Directory;
            if is_listed
                || scope.excludes(&child, is_directory, &self.sweep.root)
                || (!is_directory && Places::is_backup(self.run, &child))
            {
                continue;
            }
            if is_directory && self.is_mounted(&child, &own) {
                self.run.say(&[b"cannot delete mount point: ", &child]);
                continue;
            }
            if self.run.options().deletion.timing == Some(Timing::Delay) {
                self.sweep.delayed.push((child, kind));
            } else {
                self.remove(&child, kind);
            }
        }
        Ok(())
    }

    fn is_mounted(&mut self, path: &[u8], parent: &Facts) -> bool {
        let facts = self.tree.facts(path).ok().flatten();
        self.run.options().selection.is_one_file_system
            && facts.is_some_and(|facts| facts.identity.device != parent.identity.device)
    }

    /// Deletes what was put off.
    pub(super) fn delete_delayed(&mut self) -> Result<(), Failure> {
        for (path, kind) in std::mem::take(&mut self.sweep.delayed) {
            self.remove(&path, kind);
        }
        Ok(())
    }

    /// The rules that hold for what has this path.
    pub(super) fn scope_of(&mut self, path: &[u8]) -> Scope {
        let cut = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
        self.scope_in(&path[..cut])
    }

    /// The rules that hold in a directory.
    fn scope_in(&mut self, path: &[u8]) -> Scope {
        let path = if path == b"." { b"" } else { path };
        if self.sweep.scopes.is_empty() {
            let root = self.entered(&self.sweep.filters.clone(), b"");
            self.sweep.scopes.push((Vec::new(), root));
        }
        let lies_in = |known: &[u8]| {
            known.is_empty()
                || path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        };
        let kept = self.sweep.scopes.iter().take_while(|(known, _)| lies_in(known)).count();
        self.sweep.scopes.truncate(kept);
        let done = self.sweep.scopes.last().map_or(0, |(known, _)| known.len());
        let ends: Vec<usize> =
            (done + 1..=path.len()).filter(|&at| at == path.len() || path[at] == b'/').collect();
        for end in ends {
            let Some((_, above)) = self.sweep.scopes.last() else { break };
            let scope = self.entered(&above.clone(), &path[..end]);
            self.sweep.scopes.push((path[..end].to_vec(), scope));
        }
        self.sweep.scopes.last().map_or_else(|| self.sweep.filters.clone(), |(_, scope)| scope.clone())
    }

    fn entered(&mut self, above: &Scope, path: &[u8]) -> Scope {
        let run = self.run;
        match self.tree.directory(path) {
            Ok(directory) => above.enter(&directory, path, &mut |text| run.warn(&[&text])),
            Err(_) => above.clone(),
        }
    }
}
