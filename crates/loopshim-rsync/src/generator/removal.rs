//! Removing what is in the way, and what the source has no more.

use std::sync::atomic::Ordering;

use rsync_proto::file_list::{Name, compare};
use rsync_proto::multiplex::IoErrors;
use rustix::io::Errno;

use super::Generator;
use super::entry::WHO;
use crate::failure::Failure;
use crate::filters::Scope;
use crate::fs::{Child, Directory, Facts, FileType};
use crate::receiver::backup::back_up;
use crate::receiver::count_index;
use crate::receiver::places::Places;

/// What became of something that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removed {
    Yes,
    /// Something in it stays.
    NotEmpty,
    /// Not any more: as many as allowed are gone.
    Limit,
    Failed,
}

impl Generator<'_> {
    /// Removes what has the name of a `what` that is to come; whether it is gone.
    pub(super) fn make_way(&mut self, path: &[u8], facts: &Facts, what: &str) -> bool {
        let deletion = self.run.options().deletion;
        self.sweep.is_silent = true;
        let removed = if !facts.is_directory() {
            self.remove_one(path, facts.kind)
        } else if deletion.force || deletion.timing.is_some() {
            let scope = self.scope_of(path);
            self.remove_tree(path, &scope)
        } else {
            self.remove_empty(path)
        };
        self.sweep.is_silent = false;
        match removed {
            Removed::Yes => true,
            Removed::NotEmpty | Removed::Limit | Removed::Failed => {
                let text = format!("could not make way for new {what}: ");
                self.run.complain(&[text.as_bytes(), path]);
                false
            }
        }
    }

    /// Removes an argument that the sender has no more.
    pub(super) fn remove_missing(&mut self, path: &[u8], there: Option<&Facts>) -> Result<(), Failure> {
        if let Some(there) = there {
            self.remove(path, there.kind);
        }
        Ok(())
    }

    /// Removes something with all in it that is not protected.
    pub(super) fn remove(&mut self, path: &[u8], kind: FileType) {
        if kind == FileType::Directory {
            let scope = self.scope_of(path);
            self.remove_tree(path, &scope);
        } else {
            self.remove_one(path, kind);
        }
    }

    fn remove_tree(&mut self, path: &[u8], scope: &Scope) -> Removed {
        let directory = match self.tree.directory(path) {
            Ok(directory) => directory,
            Err(Errno::NOENT) => return Removed::Yes,
            Err(errno) => return self.not_removed(path, "opendir", errno),
        };
        let run = self.run;
        let scope = scope.enter(&directory, path, &mut |text| run.warn(&[text.as_bytes()]));
        let mut outcome = Removed::Yes;
        for (child, kind) in sorted(&directory, path).into_iter().rev() {
            let is_directory = kind == FileType::Directory;
            let is_kept = scope.excludes_for_good(&child, is_directory, self.sweep.root());
            let removed = if is_kept {
                Removed::NotEmpty
            } else if is_directory {
                self.remove_tree(&child, &scope)
            } else {
                self.remove_one(&child, kind)
            };
            match removed {
                Removed::Yes => {}
                other => outcome = other,
            }
        }
        // Of what is not removed for want of permission nothing more is said.
        match outcome {
            Removed::Yes => self.remove_empty(path),
            Removed::NotEmpty | Removed::Limit => self.stays(path),
            Removed::Failed => Removed::Failed,
        }
    }

    fn remove_empty(&mut self, path: &[u8]) -> Removed {
        if !self.is_allowed() {
            return Removed::Limit;
        }
        if !self.run.options().is_dry_run {
            let removed = self.tree.parent(path).and_then(|(parent, leaf)| parent.remove_directory(leaf));
            self.tree.forget(path);
            match removed {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(Errno::NOTEMPTY | Errno::EXIST) => return self.stays(path),
                Err(errno) => return self.not_removed(path, "delete_file: rmdir", errno),
            }
        }
        self.removed(path, FileType::Directory)
    }

    fn remove_one(&mut self, path: &[u8], kind: FileType) -> Removed {
        if !self.is_allowed() {
            return Removed::Limit;
        }
        if !self.run.options().is_dry_run {
            let backup =
                self.run.options().writing.backup.as_ref().filter(|_| !Places::is_backup(self.run, path));
            if let Some(backup) = backup
                && !back_up(self.run, WHO, &mut self.tree, &mut self.places, path, backup)
            {
                return Removed::Failed;
            }
            match self.tree.parent(path).and_then(|(parent, leaf)| parent.remove(leaf)) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return self.not_removed(path, "delete_file: unlink", errno),
            }
        }
        self.removed(path, kind)
    }

    fn stays(&self, path: &[u8]) -> Removed {
        self.run.say(&[b"cannot delete non-empty directory: ", path]);
        Removed::NotEmpty
    }

    fn removed(&self, path: &[u8], kind: FileType) -> Removed {
        if !self.sweep.is_silent {
            self.run.counts.deleted[count_index(kind)].fetch_add(1, Ordering::Relaxed);
            self.run.observer.deleted(path, kind);
        }
        Removed::Yes
    }

    fn not_removed(&self, path: &[u8], call: &str, errno: Errno) -> Removed {
        self.run.failed(WHO, call, &self.tree, path, errno);
        Removed::Failed
    }

    /// Whether one more may be removed.
    fn is_allowed(&mut self) -> bool {
        let Some(most) = self.run.options().deletion.max.filter(|_| !self.sweep.is_silent) else {
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

/// What is in a directory in the order of lists, each with its path.
pub(super) fn sorted(directory: &Directory, path: &[u8]) -> Vec<(Vec<u8>, FileType)> {
    let children = directory.children().unwrap_or_default();
    let known = |child: &Child| {
        child
            .kind
            .or_else(|| directory.facts(&child.name).ok().map(|facts| facts.kind))
            .unwrap_or(FileType::File)
    };
    let mut named: Vec<(Name, FileType)> = children
        .iter()
        .filter_map(|child| Some((Name::new(&below(path, &child.name)).ok()?, known(child))))
        .collect();
    named.sort_by(|left, right| {
        compare((&left.0, left.1 == FileType::Directory), (&right.0, right.1 == FileType::Directory))
    });
    named.into_iter().map(|(name, kind)| (name.bytes().to_vec(), kind)).collect()
}

fn below(path: &[u8], leaf: &[u8]) -> Vec<u8> {
    if matches!(path, b"" | b".") { leaf.to_vec() } else { [path, leaf].join(&b'/') }
}
