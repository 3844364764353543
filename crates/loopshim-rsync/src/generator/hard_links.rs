//! Names of one file: the first that is met is transferred, the others become
//! links to it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rsync_proto::file_list::Kind;
use rsync_proto::item::Flags;
use rustix::io::Errno;

use super::Generator;
use super::alternative::Likeness;
use super::entry::{At, Met, Say, WHO};
use crate::failure::Failure;
use crate::fs::{Facts, Target, Temporary};
use crate::options::{AlternativeKind, Info, Twice};
use crate::receiver::FileList;
use crate::receiver::backup::back_up;
use crate::receiver::outfit::compare_xattrs;

/// What is known of a group of names.
#[derive(Debug)]
enum Group {
    /// None of those met is at the destination; a later one may be.
    Unmet(Vec<Member>),
    /// One is on its way; those that came after it wait, and those before.
    Asked { leader: u32, path: Vec<u8>, after: Vec<Member>, before: Vec<Member>, has_new_xattrs: bool },
    /// One is there.
    There { path: Vec<u8>, has_new_xattrs: bool },
}

/// An entry that waits for another of its group.
type Member = (Arc<FileList>, u32);

/// The groups met so far.
#[derive(Debug, Default)]
pub(super) struct Groups {
    states: HashMap<u32, Group>,
    /// How many members have come in lists and were not met yet.
    to_come: HashMap<u32, u32>,
    /// Members that waited when none was met, by index.
    unmet: HashSet<u32>,
}

impl Groups {
    /// A list has come.
    pub(super) fn count(&mut self, list: &FileList) {
        for group in list.slots.iter().filter(|slot| slot.is_live).filter_map(|slot| slot.group) {
            *self.to_come.entry(group).or_default() += 1;
        }
    }

    /// A member is met; whether more are known to come.
    fn meet(&mut self, group: u32) -> bool {
        let Some(count) = self.to_come.get_mut(&group) else { return false };
        *count = count.saturating_sub(1);
        *count > 0
    }
}

impl Generator<'_> {
    /// Deals with an entry that is one file with others: the first that has
    /// something at the destination is transferred, or the last, and the others
    /// become links to it (observed: 3.5.0).
    pub(super) fn member(
        &mut self,
        at: At<'_>,
        path: &[u8],
        group: u32,
        there: Option<Facts>,
    ) -> Result<(), Failure> {
        // Only a file's data are worth waiting for one that has them.
        let more_to_come = self.groups.meet(group) && at.entry.kind == Kind::File;
        let likeness = if there.is_none() { self.best_likeness(at, path) } else { None };
        // A copy is another file, and what is linked to one is linked: only the
        // first name has to be found there.
        let alternatives = self.run.options().comparison.alternatives.as_ref();
        let is_copied = alternatives.is_some_and(|given| given.kind == AlternativeKind::Copy);
        let is_there = matches!(self.groups.states.get(&group), Some(Group::There { .. }));
        let is_linked = is_there && alternatives.is_some_and(|given| given.kind == AlternativeKind::Link);
        if likeness == Some(Likeness::All) && !is_copied && !is_linked {
            return self.lead(at, path, group, there);
        }
        let member = (Arc::clone(at.list), at.index);
        match self.groups.states.get_mut(&group) {
            Some(Group::There { path: leader, has_new_xattrs }) => {
                let (leader, has_new_xattrs) = (leader.clone(), *has_new_xattrs);
                self.link(at, path, &leader, there.as_ref(), has_new_xattrs)?;
                self.tell_met(at.index, Met::There)
            }
            Some(Group::Asked { after, .. }) => {
                after.push(member);
                self.add_waiting(at.index);
                Ok(())
            }
            _ if !there.is_some_and(|facts| facts.is_file()) && likeness.is_none() && more_to_come => {
                let unmet = self.groups.states.entry(group).or_insert_with(|| Group::Unmet(Vec::new()));
                if let Group::Unmet(members) = unmet {
                    members.push(member);
                }
                self.groups.unmet.insert(at.index);
                self.add_waiting(at.index);
                Ok(())
            }
            _ => self.lead(at, path, group, there),
        }
    }

    /// Lets a group know that one of it is left as it is.
    pub(super) fn pass_over_member(&mut self, group: u32) -> Result<(), Failure> {
        if self.groups.meet(group) || !matches!(self.groups.states.get(&group), Some(Group::Unmet(_))) {
            return Ok(());
        }
        match self.groups.states.remove(&group) {
            Some(Group::Unmet(members)) => self.release(group, members.into_iter().rev()),
            _ => Ok(()),
        }
    }

    /// Transfers one of a group, for the others to be links to.
    fn lead(&mut self, at: At<'_>, path: &[u8], group: u32, there: Option<Facts>) -> Result<(), Failure> {
        // The others have them by then, and are told to have got them all the same.
        let has_new_xattrs = there.is_some()
            && self.tree.parent(path).is_ok_and(|(directory, leaf)| {
                compare_xattrs(self.run, at.entry, Target { directory: &directory, leaf, file: None }).0
            });
        let outcome = self.by_kind(at, path, there)?;
        self.tell_met(at.index, outcome)?;
        let before = match self.groups.states.remove(&group) {
            Some(Group::Unmet(members)) => members,
            _ => Vec::new(),
        };
        let path = path.to_vec();
        match outcome {
            Met::Asked => {
                let leader = at.index;
                let state = Group::Asked { leader, path, after: Vec::new(), before, has_new_xattrs };
                self.groups.states.insert(group, state);
                Ok(())
            }
            Met::There | Met::Kept => {
                self.groups.states.insert(group, Group::There { path, has_new_xattrs });
                self.release(group, before.into_iter().rev())
            }
            Met::LeftOut => self.release(group, before.into_iter().rev()),
        }
    }

    /// The data of the one that leads a group have come, or will not come.
    pub(super) fn leader_is_dealt_with(
        &mut self,
        group: u32,
        index: u32,
        is_done: bool,
    ) -> Result<(), Failure> {
        match self.groups.states.get(&group) {
            Some(Group::Asked { leader, .. }) if *leader == index => {}
            _ => return Ok(()),
        }
        let Some(Group::Asked { path, after, before, has_new_xattrs, .. }) =
            self.groups.states.remove(&group)
        else {
            return Ok(());
        };
        if is_done {
            self.groups.states.insert(group, Group::There { path, has_new_xattrs });
        }
        self.release(group, after.into_iter().chain(before.into_iter().rev()))
    }

    /// Deals with those that waited. Without one that leads, the next does.
    fn release(&mut self, group: u32, members: impl Iterator<Item = Member>) -> Result<(), Failure> {
        for (list, index) in members {
            self.no_longer_waits(index);
            let Some(entry) = list.entry(index) else { continue };
            let path = self.destination.path(entry).to_vec();
            let Some(there) = self.facts(entry, &path) else { continue };
            self.member(At { list: &list, index, entry }, &path, group, there)?;
        }
        Ok(())
    }

    fn no_longer_waits(&mut self, index: u32) {
        if self.names_come_late() {
            return;
        }
        if let Some(at) = self.position(index) {
            self.lists[at].outstanding = self.lists[at].outstanding.saturating_sub(1);
        }
    }

    /// Makes `path` another name of what is at `leader`.
    fn link(
        &mut self,
        at: At<'_>,
        path: &[u8],
        leader: &[u8],
        there: Option<&Facts>,
        has_new_xattrs: bool,
    ) -> Result<(), Failure> {
        let is_dry_run = self.run.options().is_dry_run;
        let first = self.tree.facts(leader).ok().flatten();
        let is_linked = match (&first, there) {
            (Some(first), Some(there)) => first.identity == there.identity,
            _ => false,
        };
        // What is in an alternative is no news, and least of all where it is such a link.
        let alternatives = self.run.options().comparison.alternatives.as_ref();
        let is_copied = alternatives.is_some_and(|given| given.kind == AlternativeKind::Copy);
        let twin = match (&first, there) {
            (Some(first), None) => self
                .alternative_facts(path, first.kind)
                .filter(|twin| is_copied || twin.identity == first.identity),
            _ => None,
        };
        if is_linked {
            let flags = Flags::LOCAL_CHANGE;
            let flags = if has_new_xattrs { flags.and(Flags::XATTR) } else { flags };
            let said = Say { flags, there, name: Some(Vec::new()), is_alike: true, ..Say::default() };
            let is_said = self.say(at, said)?;
            if !is_said && self.run.options().output.info.has(Info::Name, 2) {
                self.run.say(&[path, b" is uptodate"]);
            }
            return Ok(());
        }
        if let Some(facts) = there.filter(|facts| facts.is_directory())
            && !self.make_way(path, facts, "regular file")?
        {
            return Ok(());
        }
        if !is_dry_run {
            if there.is_some_and(|facts| !facts.is_directory())
                && let Some(backup) = &self.run.options().writing.backup
                && !back_up(self.run, WHO, &mut self.tree, &mut self.places, path, backup)
            {
                return Ok(());
            }
            if let Err(errno) = self.make_link(path, leader) {
                let to = self.tree.shown(leader);
                let call = [b"link \"", &self.tree.shown(path)[..], b"\" =>"].concat();
                self.run.failed_at(WHO, &call, &to, errno);
                return Ok(());
            }
        }
        // Where a name had to wait for the first that is met, what is no file in its
        // place counts as gone (observed: 3.5.0).
        let was_unmet = self.groups.unmet.contains(&at.index);
        let counts = |facts: &&Facts| facts.is_file() || !was_unmet;
        let said = twin.as_ref().or(there).filter(counts);
        let output = &self.run.options().output;
        let tells_all =
            output.itemizes == Twice::More || output.itemizes.is_given() && output.info.has(Info::Name, 2);
        let is_news = twin.is_none() || is_copied || tells_all;
        let name = if is_news { leader.to_vec() } else { Vec::new() };
        let flags = Flags::LOCAL_CHANGE;
        let is_said = self.say(
            at,
            Say { flags, there: said, is_alike: name.is_empty(), name: Some(name), ..Say::default() },
        )?;
        if !is_said && self.run.options().output.info.has(Info::Name, 2) {
            self.run.say(&[path, b" is uptodate"]);
        }
        Ok(())
    }

    fn make_link(&mut self, path: &[u8], leader: &[u8]) -> Result<(), Errno> {
        let (from, first) = self.tree.parent(leader)?;
        let (parent, leaf) = self.tree.parent(path)?;
        match from.link(first, &parent, leaf) {
            Err(Errno::EXIST) => {}
            linked => return linked,
        }
        let (temporary, ()): (Temporary, ()) =
            self.run.temporaries.make(&parent, leaf, |name| from.link(first, &parent, name))?;
        temporary.rename(&parent, leaf)
    }
}
