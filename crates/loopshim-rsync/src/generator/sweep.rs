//! `--delete`: what a directory of the list has that the list has not.

use std::sync::Arc;

use rsync_proto::file_list::{Kind, Name};
use rsync_proto::multiplex::IoErrors;

use super::Generator;
use super::removal::{named, sorted};
use crate::failure::Failure;
use crate::filters::{Decision, Scope};
use crate::fs::{Directory, Facts, FileType};
use crate::options::{Debug, Timing};
use crate::receiver::FileList;

/// What is known of deletions.
pub(super) struct Sweep {
    /// The rules outside of any directory.
    filters: Scope,
    /// A directory was swept.
    has_begun: bool,
    /// The rules that hold in the directories on the way to the last one that
    /// was swept, and in it.
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
        Self {
            filters,
            has_begun: false,
            scopes: Vec::new(),
            root,
            delayed: Vec::new(),
            has_complained: false,
            skipped: 0,
        }
    }

    pub(super) fn root(&self) -> &[u8] {
        &self.root
    }
}

impl Generator<'_> {
    /// Sweeps all directories of the lists.
    pub(super) fn sweep_all(&mut self) -> Result<(), Failure> {
        let lists: Vec<Arc<FileList>> = self.lists.iter().map(|open| Arc::clone(&open.list)).collect();
        // In a dry run the destination may be one that is not there.
        let says = self.tree.root().is_ok() && self.run.options().output.debug.has(Debug::Del, 1);
        for list in lists {
            for slot in list.slots.iter().filter(|slot| slot.is_live) {
                let Kind::Directory { has_content, is_top } = slot.entry.kind else { continue };
                let path = self.destination.path(&slot.entry).to_vec();
                if has_content && is_top && says {
                    self.run.say(&[b"deleting in ", &path]);
                }
                let is_there =
                    self.tree.facts(&path).ok().flatten().is_some_and(|facts| facts.is_directory());
                self.sweep_or_pass(&list, &path, has_content, is_there)?;
            }
        }
        Ok(())
    }

    /// Sweeps a directory whose contents are listed; of one that only lies on the
    /// way to others, or is new, the rules hold in them.
    pub(super) fn sweep_or_pass(
        &mut self,
        list: &FileList,
        path: &[u8],
        has_content: bool,
        is_there: bool,
    ) -> Result<(), Failure> {
        if has_content && self.deletes_nothing(is_there) {
            return Ok(());
        }
        if has_content && is_there {
            return self.sweep_directory(list, path);
        }
        if self.sweep.filters.has_files() {
            let directory = self.tree.directory(path).ok();
            self.enter_scope(path, directory.as_ref())?;
        }
        Ok(())
    }

    /// Whether nothing is deleted because of errors, which is said once: of a new
    /// directory too, if it is there by then (observed: 3.5.0).
    fn deletes_nothing(&mut self, was_there: bool) -> bool {
        let is_there = was_there || self.sweeps_now() && !self.run.options().is_dry_run;
        let has_errors =
            self.run.errors().contains(IoErrors::GENERAL) && !self.run.options().deletion.ignores_errors;
        if has_errors && is_there && !std::mem::replace(&mut self.sweep.has_complained, true) {
            self.run.say(&[b"IO error encountered -- skipping file deletion"]);
        }
        has_errors
    }

    /// Deletes what is in a directory and not in the list, now or later.
    fn sweep_directory(&mut self, list: &FileList, path: &[u8]) -> Result<(), Failure> {
        let directory = match self.tree.directory(path) {
            Ok(directory) => directory,
            Err(_) => return Ok(()),
        };
        let Ok(own) = directory.own_facts() else { return Ok(()) };
        let scope = self.enter_scope(path, Some(&directory))?;
        let children = named(&directory, path);
        self.tell_of_rules(&children, |child, is_directory, root| scope.decision(child, is_directory, root));
        for (child, kind) in sorted(children).into_iter().rev() {
            let is_listed = Name::new(&child).is_ok_and(|name| list.find(&name).is_some());
            let is_directory = kind == FileType::Directory;
            let decision = scope.decision(&child, is_directory, &self.sweep.root);
            if is_listed || self.is_spared(&child, is_directory, decision) {
                continue;
            }
            if is_directory && self.is_mounted(&child, &own) {
                self.run.say(&[b"cannot delete mount point: ", &child]);
                continue;
            }
            if self.run.options().deletion.timing == Some(Timing::Delay) {
                self.sweep.delayed.push((child, kind));
            } else {
                self.remove(&child, kind)?;
            }
        }
        Ok(())
    }

    /// Tells which rules decide on what is in a directory, where that is asked for.
    pub(super) fn tell_of_rules<'d>(
        &self,
        children: &[(Name, FileType)],
        decision: impl Fn(&[u8], bool, &[u8]) -> Option<Decision<'d>>,
    ) {
        if !self.run.options().output.debug.has(Debug::Filter, 1) {
            return;
        }
        for (name, kind) in children {
            let is_directory = *kind == FileType::Directory;
            let Some(decision) = decision(name.bytes(), is_directory, &self.sweep.root) else { continue };
            let verb: &[u8] = if decision.excludes() { b"protecting" } else { b"risking" };
            let kind: &[u8] = if is_directory { b" directory " } else { b" file " };
            self.run.say(&[b"[generator] ", verb, kind, name.bytes(), &decision.reason()]);
        }
    }

    fn is_mounted(&mut self, path: &[u8], parent: &Facts) -> bool {
        let facts = self.tree.facts(path).ok().flatten();
        self.run.options().selection.is_one_file_system
            && facts.is_some_and(|facts| facts.identity.device != parent.identity.device)
    }

    /// Deletes what was put off. No rules of files hold any more but those in
    /// what is deleted (observed: 3.5.0).
    pub(super) fn delete_delayed(&mut self) -> Result<(), Failure> {
        self.sweep.scopes.clear();
        for (path, kind) in std::mem::take(&mut self.sweep.delayed) {
            self.remove(&path, kind)?;
        }
        Ok(())
    }

    /// The rules that hold for what has this path: those of the directories on
    /// the way to it that were swept.
    pub(super) fn scope_of(&self, path: &[u8]) -> Scope {
        let above = self.sweep.scopes.iter().rev().find(|(swept, _)| lies_in(path, swept));
        above.map_or_else(|| self.sweep.filters.clone(), |(_, scope)| scope.clone())
    }

    /// The rules that hold in a directory that is being swept, or passed; it need
    /// not be there.
    fn enter_scope(&mut self, path: &[u8], directory: Option<&Directory>) -> Result<Scope, Failure> {
        let path = if path == b"." { b"" } else { path };
        let kept = self.sweep.scopes.iter().take_while(|(swept, _)| lies_in(path, swept)).count();
        self.sweep.scopes.truncate(kept);
        // Those of files above hold in the first one, and below it.
        let above = match std::mem::replace(&mut self.sweep.has_begun, true) {
            true => self.scope_of(path),
            false => self.sweep.filters.with_above(&self.tree, path).map_err(by_generator)?,
        };
        let scope = match directory {
            Some(_) => self.entered(&above, path)?,
            None => above,
        };
        self.sweep.scopes.push((path.to_vec(), scope.clone()));
        Ok(scope)
    }

    /// The rules that hold in a directory, below where those of `above` hold.
    pub(super) fn entered(&self, above: &Scope, path: &[u8]) -> Result<Scope, Failure> {
        above.enter(&self.tree, path).map_err(by_generator)
    }
}

fn by_generator(failure: Failure) -> Failure {
    failure.by("generator")
}

/// Whether `path` lies below `directory`, both from the destination on.
fn lies_in(path: &[u8], directory: &[u8]) -> bool {
    let rest = path.strip_prefix(directory);
    !path.is_empty() && (directory.is_empty() || rest.is_some_and(|rest| rest.starts_with(b"/")))
}
