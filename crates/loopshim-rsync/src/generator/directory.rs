//! Directories: made when they are met, given their times when nothing changes
//! in them any more.

use std::sync::Arc;

use rsync_proto::file_list::Kind;
use rsync_proto::item::Flags;
use rustix::io::Errno;

use super::Generator;
use super::entry::{At, Say, WHO};
use crate::failure::Failure;
use crate::fs::{Attributes, Facts, FileType, Target, apply, default_mask};
use crate::options::Info;
use crate::receiver::FileList;

/// What an owner needs to work in a directory.
const WORKABLE: u16 = 0o700;

impl Generator<'_> {
    /// The directory a list is for, as the list begins.
    pub(super) fn own_directory(&mut self, at: At<'_>) -> Result<(), Failure> {
        let path = self.destination.path(at.entry).to_vec();
        self.listless.remove(&path[..]);
        if self.is_blocked(&path) || self.is_implied(at.entry) {
            return Ok(());
        }
        let Some(there) = self.facts(at.entry, &path) else { return Ok(()) };
        let existing_only = self.run.options().comparison.update.existing_only;
        if existing_only && there.is_none() {
            self.leave_out(at.entry, &path);
            return Ok(());
        }
        if self.is_ignored(at.entry, &path, there.as_ref()) {
            return Ok(());
        }
        self.directory(at, &path, there)
    }

    /// Directories whose own lists did not come, when no more will.
    pub(super) fn finish_listless(&mut self) -> Result<(), Failure> {
        let mut left: Vec<_> = std::mem::take(&mut self.listless).into_values().collect();
        left.sort_by_key(|(_, index)| *index);
        for (list, index) in left {
            // Of a list that was given up nothing can be said any more.
            let is_open = self.position(index).is_some();
            if let Some(entry) = list.entry(index).filter(|_| is_open) {
                self.own_directory(At { list: &list, index, entry })?;
            }
        }
        Ok(())
    }

    /// Makes a directory before its list comes, so that nothing changes in the
    /// one it lies in afterwards.
    ///
    /// # Errors
    /// As [`Scope::enter`](crate::filters::Scope::enter).
    pub(super) fn make_ahead(&mut self, at: At<'_>, path: &[u8]) -> Result<(), Failure> {
        if self.run.options().is_dry_run {
            return Ok(());
        }
        let Some(there) = self.facts(at.entry, path) else { return Ok(()) };
        let ignores = self.run.options().comparison.update.ignores_existing;
        if ignores && there.is_some_and(|facts| !facts.is_directory()) {
            return Ok(());
        }
        let is_free = match there {
            // It is passed over when its own list comes.
            None if self.run.options().comparison.update.existing_only => return Ok(()),
            None => true,
            Some(facts)
                if facts.is_directory()
                    || self.followed(path, &facts).is_some()
                    || self.leads_out(path, &facts) =>
            {
                return Ok(());
            }
            Some(facts) => self.make_way(path, &facts, "directory")?,
        };
        if !is_free {
            self.skip_contents(path);
        } else if self.make(at, path)? {
            self.fresh.insert(path);
        }
        Ok(())
    }

    /// A directory of a list.
    pub(super) fn directory(&mut self, at: At<'_>, path: &[u8], there: Option<Facts>) -> Result<(), Failure> {
        let is_root = at.entry.name.is_root();
        let is_dry_run = self.run.options().is_dry_run;
        let there = match there {
            Some(facts) if facts.is_directory() => Some(facts),
            Some(facts) => match self.followed(path, &facts) {
                Some(directory) => Some(directory),
                None if self.leads_out(path, &facts) => {
                    self.run.failed(WHO, "recv_generator: mkdir", &self.tree, path, Errno::LOOP);
                    self.skip_contents(path);
                    return Ok(());
                }
                None if self.make_way(path, &facts, "directory")? => None,
                None => {
                    self.skip_contents(path);
                    return Ok(());
                }
            },
            None => None,
        };
        // Made ahead, or the destination itself: it is new all the same.
        let own: &[u8] = if is_root { b"" } else { path };
        let is_fresh = self.fresh.contains(own);
        let made = there.filter(|_| is_fresh);
        let there = there.filter(|_| !is_fresh);
        if there.is_none() && made.is_none() && !is_dry_run && !self.make(at, path)? {
            return Ok(());
        }
        if there.is_none() {
            self.fresh.insert(own);
        }
        self.say_directory(at, path, there.as_ref())?;
        if !is_dry_run {
            if is_root && made.is_some() {
                self.narrow_destination(at);
            }
            self.let_us_work(path, there.as_ref());
            self.give(at, path, there.as_ref());
            self.touched.push((Arc::clone(at.list), at.index));
        }
        let has_content = matches!(at.entry.kind, Kind::Directory { has_content: true, .. });
        if self.sweeps_now() {
            self.sweep_or_pass(at.list, path, has_content, there.is_some())?;
        }
        Ok(())
    }

    /// The destination was made before it was known what it is to be: it gets the
    /// permissions that any new directory is made with.
    fn narrow_destination(&mut self, at: At<'_>) {
        let keep = &self.run.keep;
        let Ok(root) = self.tree.root() else { return };
        // What it inherited is what its own are to inherit.
        let mask = default_mask(root).unwrap_or(keep.umask);
        let inherited = root.own_facts().map_or(0, |facts| facts.permissions & !0o777);
        let permissions = keep.permissions(at.entry, None, mask) | inherited;
        let target = Target { directory: root, leaf: b".", file: None };
        if let Err(errno) = target.set_permissions(self.workable(permissions)) {
            self.run.failed(WHO, "failed to set permissions on", &self.tree, b"", errno);
        }
        self.tighten_later(self.destination.path(at.entry).into(), permissions);
    }

    /// Permissions with which we can work in a directory.
    fn workable(&self, permissions: u16) -> u16 {
        if self.run.keep.is_super { permissions } else { permissions | WORKABLE }
    }

    /// What a new directory is to have when we have worked in it, unless it gets
    /// those of the list.
    fn tighten_later(&mut self, path: Box<[u8]>, permissions: u16) {
        if !self.run.keep.permissions && self.workable(permissions) != permissions {
            self.loosened.insert(path, permissions);
        }
    }

    /// Who is not the super-user gets the right to work in a directory whose
    /// permissions are not of the list, for as long as that lasts.
    fn let_us_work(&mut self, path: &[u8], there: Option<&Facts>) {
        let keep = &self.run.keep;
        let Some(there) = there.filter(|there| there.permissions & WORKABLE != WORKABLE) else { return };
        if keep.is_super || keep.permissions {
            return;
        }
        if let Ok((parent, leaf)) = self.tree.parent(path) {
            let target = Target { directory: &parent, leaf, file: None };
            if target.set_permissions(there.permissions | WORKABLE).is_ok() {
                self.loosened.insert(path.into(), there.permissions);
            }
        }
    }

    /// With `-K` the directory that a link leads to.
    fn followed(&mut self, path: &[u8], facts: &Facts) -> Option<Facts> {
        if facts.kind != FileType::Symlink || !self.run.options().links.keeps_dirlinks {
            return None;
        }
        let directory = self.tree.directory(path).ok()?;
        directory.own_facts().ok()
    }

    /// With `-K`, whether a link leads to a directory that is not of the destination.
    fn leads_out(&mut self, path: &[u8], facts: &Facts) -> bool {
        let keeps = self.run.options().links.keeps_dirlinks && facts.kind == FileType::Symlink;
        keeps
            && self.tree.parent(path).is_ok_and(|(parent, leaf)| {
                parent.facts_followed(leaf).is_ok_and(|facts| facts.is_directory())
            })
    }

    fn say_directory(&mut self, at: At<'_>, path: &[u8], there: Option<&Facts>) -> Result<(), Failure> {
        if let Some(there) = there {
            let found = self.tree.parent(path).ok();
            let target = found.as_ref().map(|(directory, leaf)| Target { directory, leaf, file: None });
            self.say(at, Say { there: Some(there), target, ..Say::default() })?;
            return Ok(());
        }
        let alternative = self.alternative_facts(path, FileType::Directory);
        let is_new_time = alternative.is_some_and(|other| self.is_dated_anew(at, &other));
        let flags = Flags::LOCAL_CHANGE.and(if is_new_time { Flags::TIME } else { Flags::default() });
        let is_said = self.say(at, Say { flags, there: alternative.as_ref(), ..Say::default() })?;
        if !is_said && self.run.options().output.info.has(Info::Name, 2) {
            self.run.say(&[path, b"/ is uptodate"]);
        }
        Ok(())
    }

    /// Whether a directory that is made like one of an alternative, but not with
    /// all of it, has a time of its own, since that is not kept (observed: 3.5.0).
    fn is_dated_anew(&self, at: At<'_>, other: &Facts) -> bool {
        let keep = &self.run.keep;
        let owner = self.run.owner(at.entry);
        let is_later = keep.times && !keep.is_same_time(at.entry.modified, other.modified);
        let differs = is_later || !keep.differences(at.entry, owner, other, false).is_empty();
        differs && !keep.keeps_time(&at.entry.kind)
    }

    /// Makes a directory; whether there is one now. One that could not be made is
    /// told of all the same (observed: 3.5.0).
    fn make(&mut self, at: At<'_>, path: &[u8]) -> Result<bool, Failure> {
        let keep = &self.run.keep;
        let parent = self.tree.parent(path).ok().filter(|_| !keep.permissions);
        let mask = parent.and_then(|(parent, _)| default_mask(&parent)).unwrap_or(keep.umask);
        let permissions = keep.permissions(at.entry, None, mask);
        let workable = self.workable(permissions);
        let made =
            match self.tree.parent(path).and_then(|(parent, leaf)| parent.make_directory(leaf, workable)) {
                Err(Errno::NOENT) if self.run.options().selection.is_relative => {
                    self.make_with_parents(path, workable)
                }
                made => made,
            };
        match made {
            Ok(()) => {
                self.tighten_later(path.into(), permissions);
                Ok(true)
            }
            Err(Errno::EXIST) => Ok(true),
            Err(errno) => {
                self.run.failed(WHO, "recv_generator: mkdir", &self.tree, path, errno);
                self.skip_contents(path);
                self.say_directory(at, path, None)?;
                Ok(false)
            }
        }
    }

    /// Nothing can come into a directory that is not there.
    fn skip_contents(&mut self, path: &[u8]) {
        self.run.warn(&[b"*** Skipping any contents from this failed directory ***"]);
        self.blocked.insert(path.into());
    }

    /// With `--no-implied-dirs` what lies between is made without a word.
    pub(super) fn make_with_parents(&mut self, path: &[u8], permissions: u16) -> Result<(), Errno> {
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        for end in ends {
            let (parent, leaf) = self.tree.parent(&path[..end])?;
            match parent.make_directory(leaf, 0o777 & !self.run.keep.umask) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
        let (parent, leaf) = self.tree.parent(path)?;
        parent.make_directory(leaf, permissions)
    }

    /// Owner, permissions and the rest, but for times, which come at the end;
    /// who is not the super-user keeps the right to work in it until then.
    fn give(&mut self, at: At<'_>, path: &[u8], there: Option<&Facts>) {
        let mut entry = at.entry.clone();
        if !self.run.keep.is_super && self.run.keep.permissions {
            entry.permissions |= WORKABLE;
        }
        if let Some(there) = there {
            entry.modified = there.modified;
        }
        let now = At { entry: &entry, ..at };
        self.outfit(now, path, there);
    }

    /// Gives directories what they are to have in the end.
    pub(super) fn touch_up(&mut self, touched: Vec<(Arc<FileList>, u32)>) {
        for (list, index) in touched.into_iter().rev() {
            let Some(entry) = list.entry(index) else { continue };
            let path = self.destination.path(entry).to_vec();
            let Ok((parent, leaf)) = self.tree.parent(&path) else { continue };
            let Ok(facts) = parent.facts(leaf) else { continue };
            // A link that stands for a directory gets its time itself.
            if !facts.is_directory() && !self.is_kept_link(&path) {
                continue;
            }
            let keep = &self.run.keep;
            let is_same = keep.is_same_time(entry.modified, facts.modified);
            let tightened = self.loosened.remove(&path[..]);
            let wanted = Attributes {
                permissions: (keep.permissions && !keep.is_super).then_some(entry.permissions).or(tightened),
                modified: (keep.directory_times && !is_same).then_some(entry.modified),
                ..Attributes::default()
            };
            let target = Target { directory: &parent, leaf, file: None };
            if let Err((_, errno)) = apply(target, &facts, &wanted) {
                self.run.failed(WHO, "failed to set times on", &self.tree, &path, errno);
            }
        }
    }
}
