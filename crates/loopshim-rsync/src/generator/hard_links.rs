//! Names of one file: the first that is met is transferred, the others become
//! links to it.

use std::collections::HashMap;
use std::sync::Arc;

use rsync_proto::item::Flags;
use rustix::io::Errno;

use super::Generator;
use super::entry::{At, Say, WHO};
use crate::failure::Failure;
use crate::fs::{Facts, Temporary};
use crate::options::Info;
use crate::receiver::FileList;
use crate::receiver::backup::back_up;

/// What is known of a group of names.
#[derive(Debug)]
enum Group {
    /// The first is on its way; these wait for it.
    Asked { leader: u32, path: Vec<u8>, waiting: Vec<(Arc<FileList>, u32)> },
    /// The first is there.
    There { path: Vec<u8> },
}

/// The groups met so far.
#[derive(Debug, Default)]
pub(super) struct Groups(HashMap<u32, Group>);

impl Generator<'_> {
    /// Whether an entry is dealt with as a link to one met before.
    pub(super) fn is_link(
        &mut self,
        at: At<'_>,
        path: &[u8],
        group: u32,
        there: Option<&Facts>,
    ) -> Result<bool, Failure> {
        match self.groups.0.get_mut(&group) {
            None => Ok(false),
            Some(Group::Asked { waiting, .. }) => {
                waiting.push((Arc::clone(at.list), at.index));
                self.add_outstanding(at.index);
                Ok(true)
            }
            Some(Group::There { path: leader }) => {
                let leader = leader.clone();
                self.link(at, path, &leader, there)?;
                Ok(true)
            }
        }
    }

    /// The first of a group has been dealt with, or its data were asked for.
    pub(super) fn leader_is_met(&mut self, group: u32, at: At<'_>, path: &[u8], is_asked: bool) {
        let path = path.to_vec();
        let state = match is_asked {
            true => Group::Asked { leader: at.index, path, waiting: Vec::new() },
            false => Group::There { path },
        };
        self.groups.0.insert(group, state);
    }

    /// The data of the first of a group have come, or will not come.
    pub(super) fn leader_is_dealt_with(
        &mut self,
        group: u32,
        index: u32,
        is_done: bool,
    ) -> Result<(), Failure> {
        let Some(Group::Asked { leader, .. }) = self.groups.0.get(&group) else { return Ok(()) };
        if *leader != index {
            return Ok(());
        }
        let Some(Group::Asked { path, waiting, .. }) = self.groups.0.remove(&group) else { return Ok(()) };
        if is_done {
            self.groups.0.insert(group, Group::There { path });
        }
        // Without the first, the next is the first.
        for (list, waiting) in waiting {
            self.no_longer_waits(waiting);
            let Some(entry) = list.entry(waiting) else { continue };
            let at = At { list: &list, index: waiting, entry };
            let path = self.destination.path(entry).to_vec();
            let Some(there) = self.facts(&path) else { continue };
            if !self.is_link(at, &path, group, there.as_ref())? {
                let is_asked = self.by_kind(at, &path, there)?;
                self.leader_is_met(group, at, &path, is_asked);
            }
        }
        Ok(())
    }

    fn no_longer_waits(&mut self, index: u32) {
        if let Some(at) = self.position(index) {
            self.lists[at].outstanding = self.lists[at].outstanding.saturating_sub(1);
        }
    }

    /// Makes `path` another name of what is at `leader`.
    fn link(&mut self, at: At<'_>, path: &[u8], leader: &[u8], there: Option<&Facts>) -> Result<(), Failure> {
        let is_dry_run = self.run.options().is_dry_run;
        let first = self.tree.facts(leader).ok().flatten();
        let is_linked = match (&first, there) {
            (Some(first), Some(there)) => first.identity == there.identity,
            _ => false,
        };
        if is_linked {
            let flags = Flags::LOCAL_CHANGE;
            let said = Say { flags, there, name: Some(Vec::new()), ..Say::default() };
            let is_said = self.say(at, said)?;
            if !is_said && self.run.options().output.info.has(Info::Name, 2) {
                self.run.say(&[path, b" is uptodate"]);
            }
            return Ok(());
        }
        if let Some(facts) = there.filter(|facts| facts.is_directory())
            && !self.make_way(path, facts, "hard link")
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
                let call = format!("link \"{}\" =>", String::from_utf8_lossy(&self.tree.shown(path)));
                self.run.failed_at(WHO, &call, &to, errno);
                return Ok(());
            }
        }
        let said = there.filter(|facts| !facts.is_directory());
        let flags = Flags::LOCAL_CHANGE;
        self.say(at, Say { flags, there: said, name: Some(leader.to_vec()), ..Say::default() })?;
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
