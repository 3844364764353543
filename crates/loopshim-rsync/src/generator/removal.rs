//! Removing what is in the way, and what the source has no more.

use std::sync::atomic::Ordering;

use rsync_proto::file_list::{Name, compare};
use rsync_proto::multiplex::IoErrors;
use rustix::io::Errno;

use super::Generator;
use super::entry::WHO;
use crate::counting;
use crate::failure::Failure;
use crate::filters::{Decision, Scope};
use crate::fs::{Attributes, Child, Directory, Facts, FileType, Target, apply, error_text};
use crate::receiver::backup::back_up;
use crate::receiver::places::Places;

/// Its owner may write in a directory.
const OWNER_WRITES: u16 = 0o200;

/// What became of something that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removed {
    Yes,
    No,
}

/// Why something is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The source has it no more.
    Gone,
    /// Something else comes in its place: of itself nothing is said, and it is
    /// not counted.
    InTheWay,
}

impl Generator<'_> {
    /// Removes what has the name of a `what` that is to come; whether it is gone.
    ///
    /// # Errors
    /// As [`Scope::enter`].
    pub(super) fn make_way(&mut self, path: &[u8], facts: &Facts, what: &str) -> Result<bool, Failure> {
        let deletion = self.run.options().deletion;
        let removed = if !facts.is_directory() {
            self.remove_one(path, facts.kind, Why::InTheWay)
        } else if deletion.force || deletion.timing.is_some() {
            self.remove_tree(path, Why::InTheWay)?
        } else {
            self.remove_if_empty(path, Why::InTheWay)
        };
        if removed == Removed::No {
            let text = format!("could not make way for new {what}: ");
            self.run.complain(&[text.as_bytes(), path]);
        }
        Ok(removed == Removed::Yes)
    }

    /// Removes an argument that the sender has no more.
    pub(super) fn remove_missing(&mut self, path: &[u8], there: Option<&Facts>) -> Result<(), Failure> {
        let deletion = self.run.options().deletion;
        match there {
            Some(there) if there.is_directory() && !deletion.force && deletion.timing.is_none() => {
                self.remove_if_empty(path, Why::Gone);
            }
            Some(there) => self.remove(path, there.kind)?,
            None => {}
        }
        Ok(())
    }

    /// Removes something with all in it that is not protected.
    ///
    /// # Errors
    /// As [`Scope::enter`].
    pub(super) fn remove(&mut self, path: &[u8], kind: FileType) -> Result<(), Failure> {
        if kind == FileType::Directory {
            self.remove_tree(path, Why::Gone)?;
        } else {
            self.remove_one(path, kind, Why::Gone);
        }
        Ok(())
    }

    fn remove_tree(&mut self, path: &[u8], why: Why) -> Result<Removed, Failure> {
        let scope = self.scope_of(path);
        Ok(match self.remove_contents(path, &scope)? {
            Removed::Yes => self.remove_empty(path, why),
            Removed::No => Removed::No,
        })
    }

    /// Removes what is in a directory. One below it is tried even where
    /// something in it stays, and counts as one that is removed too much
    /// (observed: 3.5.0).
    fn remove_contents(&mut self, path: &[u8], scope: &Scope) -> Result<Removed, Failure> {
        let directory = match self.tree.directory(path) {
            Ok(directory) => directory,
            Err(Errno::NOENT) => return Ok(Removed::Yes),
            Err(errno) => return Ok(self.not_removed(path, "opendir", errno)),
        };
        if let Ok(facts) = directory.own_facts() {
            self.let_us_write(path, &facts);
        }
        let scope = self.entered(scope, path)?;
        let mut outcome = Removed::Yes;
        let children = named(&directory, path);
        self.tell_of_rules(&children, |child, is_directory, root| {
            scope.decision_for_good(child, is_directory, root)
        });
        for (child, kind) in sorted(children).into_iter().rev() {
            let is_directory = kind == FileType::Directory;
            let decision = scope.decision_for_good(&child, is_directory, self.sweep.root());
            if self.is_spared(&child, is_directory, decision) {
                outcome = Removed::No;
                continue;
            }
            let removed = if is_directory {
                let inside = self.remove_contents(&child, &scope)?;
                let itself = self.remove_empty(&child, Why::Gone);
                if inside == Removed::Yes { itself } else { Removed::No }
            } else {
                self.remove_one(&child, kind, Why::Gone)
            };
            if removed == Removed::No {
                outcome = Removed::No;
            }
        }
        if outcome == Removed::No {
            self.stays(path);
        }
        Ok(outcome)
    }

    /// Whether something stays though the source lacks it: a rule says so, or it is
    /// a backup of which none says anything.
    pub(super) fn is_spared(&self, path: &[u8], is_directory: bool, decision: Option<Decision>) -> bool {
        decision.map_or_else(
            || {
                let spares_backups = !is_directory && !self.run.options().deletion.excluded;
                spares_backups && Places::is_backup(self.run, path)
            },
            Decision::excludes,
        )
    }

    /// What is ours and we may not write in is made such that we may.
    fn let_us_write(&mut self, path: &[u8], facts: &Facts) {
        if facts.permissions & OWNER_WRITES != 0 || self.run.options().is_dry_run {
            return;
        }
        if let Ok((parent, leaf)) = self.tree.parent(path) {
            let wanted =
                Attributes { permissions: Some(facts.permissions | OWNER_WRITES), ..Attributes::default() };
            // Where that fails, so does what is to be done in it, and is reported.
            let _ = apply(Target { directory: &parent, leaf, file: None }, facts, &wanted);
        }
    }

    /// Removes a directory of which nothing was removed: a dry run sees what is in it.
    fn remove_if_empty(&mut self, path: &[u8], why: Why) -> Removed {
        let is_dry_run = self.run.options().is_dry_run;
        let has_content = |directory: Directory| directory.children().is_ok_and(|found| !found.is_empty());
        if is_dry_run && self.tree.directory(path).is_ok_and(has_content) {
            return self.stays(path);
        }
        self.remove_empty(path, why)
    }

    fn remove_empty(&mut self, path: &[u8], why: Why) -> Removed {
        if !self.is_allowed(why) {
            return Removed::No;
        }
        if !self.run.options().is_dry_run {
            let removed = self.tree.parent(path).and_then(|(parent, leaf)| parent.remove_directory(leaf));
            self.tree.forget(path);
            match removed {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(Errno::NOTEMPTY | Errno::EXIST) => return self.stays(path),
                Err(errno) => return self.not_removed(path, "rmdir", errno),
            }
        }
        self.removed(path, FileType::Directory, why)
    }

    fn remove_one(&mut self, path: &[u8], kind: FileType, why: Why) -> Removed {
        self.let_us_write_to_file(path, kind, why);
        if !self.is_allowed(why) {
            return Removed::No;
        }
        if !self.run.options().is_dry_run {
            // Of a backup there is none.
            if let Some(backup) = &self.run.options().writing.backup
                && !Places::is_backup(self.run, path)
                && !back_up(self.run, WHO, &mut self.tree, &mut self.places, path, backup)
            {
                return Removed::No;
            }
            match self.tree.parent(path).and_then(|(parent, leaf)| parent.remove(leaf)) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return self.not_removed(path, "unlink", errno),
            }
        }
        self.removed(path, kind, why)
    }

    /// Who is not the super-user makes a file writable before it goes: its backup
    /// and its other names show that (observed: 3.5.0).
    fn let_us_write_to_file(&mut self, path: &[u8], kind: FileType, why: Why) {
        if self.run.keep.is_super || kind == FileType::Symlink || why == Why::InTheWay {
            return;
        }
        let Ok(Some(facts)) = self.tree.facts(path) else { return };
        // `--chmod` counts as if it had been done (observed: 3.5.0).
        let chmod =
            self.run.own_chmod().map(|chmod| chmod.apply(facts.mode(), false, self.run.keep.umask.into()));
        if chmod.is_none_or(|mode| mode & u32::from(OWNER_WRITES) == 0) {
            self.let_us_write(path, &facts);
        }
    }

    fn stays(&self, path: &[u8]) -> Removed {
        self.run.say(&[b"cannot delete non-empty directory: ", path]);
        Removed::No
    }

    fn removed(&self, path: &[u8], kind: FileType, why: Why) -> Removed {
        if why == Why::Gone {
            self.run.counts.deleted[counting::of_type(kind)].fetch_add(1, Ordering::Relaxed);
            self.run.observer.deleted(path, kind);
        }
        Removed::Yes
    }

    fn not_removed(&self, path: &[u8], call: &str, errno: Errno) -> Removed {
        let head = format!("rsync: [generator] delete_file: {call}(");
        let tail = format!(") failed: {}", error_text(errno));
        self.run.complain(&[head.as_bytes(), path, tail.as_bytes()]);
        Removed::No
    }

    /// Whether one more may be removed.
    fn is_allowed(&mut self, why: Why) -> bool {
        let Some(most) = self.run.options().deletion.max.filter(|_| why == Why::Gone) else {
            return true;
        };
        let done: u64 = self.run.counts.deleted.iter().map(|count| count.load(Ordering::Relaxed)).sum();
        if done < u64::from(most) {
            return true;
        }
        self.sweep.skipped += 1;
        false
    }

    /// Says how much more would have been removed.
    pub(super) fn report_limit(&self) {
        if self.sweep.skipped > 0 {
            let text =
                format!("Deletions stopped due to --max-delete limit ({} skipped)", self.sweep.skipped);
            self.run.warn(&[text.as_bytes()]);
            self.run.note(IoErrors::DELETION_LIMIT);
        }
    }
}

/// What is in a directory, each with its path.
pub(super) fn named(directory: &Directory, path: &[u8]) -> Vec<(Name, FileType)> {
    let children = directory.children().unwrap_or_default();
    let known = |child: Child<'_>| {
        child
            .kind
            .or_else(|| directory.facts(child.name).ok().map(|facts| facts.kind))
            .unwrap_or(FileType::File)
    };
    children
        .iter()
        .filter_map(|child| Some((Name::new(&below(path, child.name)).ok()?, known(child))))
        .collect()
}

/// The same paths in the order of lists.
pub(super) fn sorted(mut named: Vec<(Name, FileType)>) -> Vec<(Vec<u8>, FileType)> {
    named.sort_by(|left, right| {
        compare((&left.0, left.1 == FileType::Directory), (&right.0, right.1 == FileType::Directory))
    });
    named.into_iter().map(|(name, kind)| (name.bytes().to_vec(), kind)).collect()
}

fn below(path: &[u8], leaf: &[u8]) -> Vec<u8> {
    if matches!(path, b"" | b".") { leaf.to_vec() } else { [path, leaf].join(&b'/') }
}
