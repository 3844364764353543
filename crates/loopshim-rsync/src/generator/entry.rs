//! One entry after the other: who deals with it, and what is said of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rsync_proto::file_list::{Entry, Kind, Name, Value};
use rsync_proto::item::{Basis, Flags, Item};
use rustix::io::Errno;

use super::Generator;
use crate::counting;
use crate::failure::Failure;
use crate::fs::{Facts, FileType, Target};
use crate::options::{Info, Timing, Twice};
use crate::receiver::outfit::{Outfit, acls_differ, compare_xattrs};
use crate::receiver::run::{Who, value_key};
use crate::receiver::{FileList, is_link_without_values};

pub(super) const WHO: Who = Who::Generator;

/// An entry with its place in a list.
#[derive(Clone, Copy)]
pub(super) struct At<'e> {
    pub(super) list: &'e Arc<FileList>,
    pub(super) index: u32,
    pub(super) entry: &'e Entry,
}

/// Whether an entry needs no more to be done.
enum Passed {
    Over,
    /// It does; what is in its place.
    No(Option<Facts>),
}

/// What became of an entry that is no directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// Its data are asked for.
    Asked,
    /// It is there.
    There,
    /// An alternative has it, and need not be copied: the source keeps its own
    /// (observed: 3.5.0, of all but files).
    Kept,
    /// It is not, and will not be; or what is there is newer, and stays.
    LeftOut,
}

/// What is said of an entry.
#[derive(Default)]
pub(super) struct Say<'s> {
    /// What is done with it.
    pub(super) flags: Flags,
    /// What it is compared with; nothing: it is new.
    pub(super) there: Option<&'s Facts>,
    /// Where that lies, for what only the file itself tells.
    pub(super) target: Option<Target<'s>>,
    pub(super) basis: Option<Basis>,
    pub(super) name: Option<Vec<u8>>,
    /// It is what it is compared with, or as that is made again: its time is no news.
    pub(super) is_alike: bool,
    /// It has been said before.
    pub(super) is_again: bool,
}

impl Generator<'_> {
    /// Goes through a list.
    pub(super) fn generate(&mut self, list: &Arc<FileList>) -> Result<(), Failure> {
        let is_incremental = self.run.session.is_incremental();
        if is_incremental
            && !self.run.options().output.lists_only
            && let Some(directory) = &list.directory
        {
            let index = list.start - 1;
            self.own_directory(At { list, index, entry: directory })?;
        }
        if self.run.options().output.lists_only {
            self.showing.add(list);
            if !is_incremental {
                self.showing.finish();
            }
            self.show();
            return Ok(());
        }
        for (at, slot) in list.slots.iter().enumerate() {
            if slot.is_live {
                let index = list.start + at as u32;
                self.entry(At { list, index, entry: &slot.entry }, slot.group)?;
            }
        }
        Ok(())
    }

    /// Shows the entries whose turn has come (`--list-only`).
    pub(super) fn show(&mut self) {
        for (list, at) in self.showing.take() {
            let slot = &list.slots[at];
            if slot.is_live && !self.is_implied(&slot.entry) {
                self.run.observer.listed(&slot.entry);
            }
        }
    }

    fn entry(&mut self, at: At<'_>, group: Option<u32>) -> Result<(), Failure> {
        let group = group.filter(|_| self.run.options().links.preserves_hard);
        match (self.examine(at)?, group) {
            (Passed::No(there), Some(group)) => {
                let destination = Arc::clone(&self.destination);
                self.member(at, destination.path(at.entry), group, there)
            }
            (Passed::No(there), None) => {
                let destination = Arc::clone(&self.destination);
                let met = self.by_kind(at, destination.path(at.entry), there)?;
                self.tell_met(at.index, met)
            }
            // Others of the group may wait for it.
            (Passed::Over, Some(group)) => self.pass_over_member(group),
            (Passed::Over, None) => Ok(()),
        }
    }

    /// Looks at an entry, and deals with it unless it is a file, a link or a device
    /// to be compared or made.
    fn examine(&mut self, at: At<'_>) -> Result<Passed, Failure> {
        let entry = at.entry;
        if entry.name.is_root() && self.run.session.is_incremental() {
            // It is the directory that the first list is for, and dealt with.
            return Ok(Passed::Over);
        }
        let destination = Arc::clone(&self.destination);
        let path = destination.path(entry);
        if self.is_blocked(path) {
            return Ok(Passed::Over);
        }
        if self.is_implied(entry) {
            return Ok(Passed::Over);
        }
        // Its item is said when its own list comes.
        if entry.is_directory() && self.run.session.is_incremental() && !has_contents_here(at) {
            self.make_ahead(at, path)?;
            self.listless.insert(path.into(), (Arc::clone(at.list), at.index));
            return Ok(Passed::Over);
        }
        let Some(there) = self.facts(entry, path) else { return Ok(Passed::Over) };
        if entry.kind == Kind::Missing {
            self.tell_of_lacking_parent(at);
            self.remove_missing(path, there.as_ref())?;
            return Ok(Passed::Over);
        }
        let update = self.run.options().comparison.update;
        if update.existing_only && there.is_none() {
            self.leave_out(entry, path);
            return Ok(Passed::Over);
        }
        if self.is_ignored(entry, path, there.as_ref()) {
            return Ok(Passed::Over);
        }
        if entry.is_directory() {
            self.directory(at, path, there)?;
            return Ok(Passed::Over);
        }
        let has_gaps = self.run.options().selection.omits_implied_directories;
        if has_gaps && !self.run.options().is_dry_run && self.tree.parent(path).is_err() {
            // What is wrong is said of what comes to lie there.
            let _ = self.make_parents(path);
        }
        Ok(Passed::No(there))
    }

    /// Tells of a directory that an entry lies in and that is not in its list, once
    /// for all that lie in it one after the other.
    fn tell_of_lacking_parent(&mut self, at: At<'_>) {
        let name = at.entry.name.bytes();
        let Some(cut) = name.iter().rposition(|&byte| byte == b'/') else { return };
        let parent = &name[..cut];
        if self.last_parent == parent {
            return;
        }
        self.last_parent = parent.to_vec();
        let is_listed = Name::new(parent).is_ok_and(|parent| at.list.find(&parent).is_some());
        if !is_listed {
            self.run.warn(&[b"WARNING: parent dir is absent in the file list: ", parent]);
        }
    }

    /// Whether an entry is a directory that only lies on the way to others, and
    /// is made as any directory is, where that is asked for.
    pub(super) fn is_implied(&self, entry: &Entry) -> bool {
        self.run.options().selection.omits_implied_directories
            && matches!(entry.kind, Kind::Directory { is_top: true, has_content: false })
    }

    /// What is here without having been asked for may be removed at the source.
    pub(super) fn tell_met(&self, index: u32, met: Met) -> Result<(), Failure> {
        let is_due = met == Met::There && !self.run.options().deletion.only_sent;
        if is_due { self.tell_success(index) } else { Ok(()) }
    }

    /// Deals with what is no directory.
    pub(super) fn by_kind(&mut self, at: At<'_>, path: &[u8], there: Option<Facts>) -> Result<Met, Failure> {
        let attributes = &self.run.options().attributes;
        let (makes_devices, makes_specials) = (attributes.devices, attributes.specials);
        match &at.entry.kind {
            Kind::File => return self.file(at, path, there),
            Kind::Symlink(Some(target)) if self.run.options().links.preserves => {
                let target = target.to_vec();
                return self.symlink(at, path, there, &target);
            }
            Kind::CharacterDevice(_) | Kind::BlockDevice(_)
                if makes_devices && self.run.keep.is_super && !attributes.drops_devices =>
            {
                return self.special(at, path, there);
            }
            Kind::Fifo | Kind::Socket if makes_specials && !attributes.drops_devices => {
                return self.special(at, path, there);
            }
            _ => {}
        }
        if self.run.options().output.info.has(Info::Nonreg, 1) {
            self.run.say(&[b"skipping non-regular file \"", at.entry.name.bytes(), b"\""]);
        }
        Ok(Met::LeftOut)
    }

    /// What is where an entry goes; the outer `None` where that cannot be told.
    #[expect(clippy::option_option, reason = "not there, or not to be known")]
    pub(super) fn facts(&mut self, entry: &Entry, path: &[u8]) -> Option<Option<Facts>> {
        let cut = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
        if path != b"." && self.fresh.contains(&path[..cut]) {
            return Some(None);
        }
        match self.run.facts(&mut self.tree, path) {
            Ok(facts) => Some(facts),
            // That it cannot be made says why.
            Err(Errno::NOTDIR) if entry.kind != Kind::File => Some(None),
            Err(errno) => {
                self.run.could_not(WHO, "recv_generator: failed to stat", &self.tree.shown(path), errno);
                None
            }
        }
    }

    /// Whether one of the directories on the way is not to be entered.
    pub(super) fn is_blocked(&self, path: &[u8]) -> bool {
        if self.blocked.is_empty() {
            return false;
        }
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        ends.chain(std::iter::once(path.len())).any(|end| self.blocked.contains(&path[..end]))
    }

    /// Says an item, if there is something to say: whether there was.
    pub(super) fn say(&mut self, at: At<'_>, say: Say<'_>) -> Result<bool, Failure> {
        let entry = at.entry;
        let mut flags = say.flags;
        let mut asked = Vec::new();
        match say.there {
            Some(there) => {
                let owner = self.run.owner(entry);
                let is_remade = flags.has(Flags::LOCAL_CHANGE) && !say.is_alike;
                let is_updated = flags.has(Flags::TRANSFER) || is_remade;
                flags = flags.and(self.run.keep.differences(entry, owner, there, is_updated));
                if let Some(target) = say.target {
                    if acls_differ(self.run, entry, target) {
                        flags = flags.and(Flags::ACL);
                    }
                    let (differs, wanted) = compare_xattrs(self.run, entry, target);
                    if differs {
                        flags = flags.and(Flags::XATTR);
                    }
                    asked = wanted;
                }
            }
            None => {
                flags = flags.and(Flags::NEW);
                if !say.is_again {
                    self.run.counts.created[counting::of_kind(&entry.kind)].fetch_add(1, Ordering::Relaxed);
                }
                asked = long_values(entry);
                if !asked.is_empty() {
                    flags = flags.and(Flags::XATTR);
                }
            }
        }
        let item = Item { flags, basis: say.basis, name: say.name };
        let output = &self.run.options().output;
        let is_worth = !flags.without(Flags::LOCAL_CHANGE).is_empty()
            || output.itemizes == Twice::More
            || output.itemizes.is_given() && output.info.has(Info::Name, 2)
            || item.name.as_ref().is_some_and(|name| !name.is_empty());
        if is_worth {
            let has_values = flags.has(Flags::XATTR)
                && self.run.keep.xattrs.is_some()
                && !self.run.options().is_dry_run
                && !is_link_without_values(&self.run.session, &item);
            // What several entries have in common is asked for once.
            if let Some(set) = entry.xattrs.as_ref().filter(|_| has_values) {
                let requested = &mut self.requested;
                asked.retain(|&position| requested.insert(value_key(set, position)));
            }
            self.outlet.item(at.index, &item, has_values.then_some(&asked))?;
        }
        Ok(is_worth)
    }

    /// Gives what is at `path`, and was there, the attributes of its entry.
    pub(super) fn outfit(&mut self, at: At<'_>, path: &[u8], there: Option<&Facts>) {
        let known = there.filter(|_| !self.run.keep.is_fake);
        self.outfit_as(at, path, there, known);
    }

    /// Gives what was made at `path` the attributes of its entry; where permissions
    /// are not kept, those of what was `replaced` (observed: 3.5.0).
    pub(super) fn outfit_new(&mut self, at: At<'_>, path: &[u8], replaced: Option<&Facts>) {
        self.outfit_as(at, path, replaced, None);
    }

    fn outfit_as(&mut self, at: At<'_>, path: &[u8], there: Option<&Facts>, known: Option<&Facts>) {
        if self.run.options().is_dry_run {
            return;
        }
        let Ok((parent, leaf)) = self.tree.parent(path) else { return };
        let current = match known {
            Some(known) => *known,
            None => match parent.facts(leaf) {
                Ok(facts) => facts,
                Err(errno) => {
                    return self.run.failed(WHO, "stat", &self.tree, path, errno);
                }
            },
        };
        let target = Target { directory: &parent, leaf, file: None };
        let (path, old) = ((&self.tree, path), there.map(|_| target));
        let outfit = Outfit { run: self.run, who: WHO, entry: at.entry, path, there, old };
        outfit.give(target, &current);
    }

    /// Whether `path` is a link that stands for a directory (`-K`).
    pub(super) fn is_kept_link(&mut self, path: &[u8]) -> bool {
        self.run.options().links.keeps_dirlinks
            && self.tree.parent(path).is_ok_and(|(parent, leaf)| {
                parent.facts(leaf).is_ok_and(|facts| facts.kind == FileType::Symlink)
            })
    }

    /// Whether directories are swept as they are met.
    pub(super) fn sweeps_now(&self) -> bool {
        self.run.options().deletion.timing.is_some_and(Timing::is_during)
    }
}

/// Whether what lies in a directory is in the same list: no other one comes then.
fn has_contents_here(at: At<'_>) -> bool {
    let next = at.list.slot(at.index + 1).map(|slot| slot.entry.name.bytes());
    let below = next.and_then(|name| name.strip_prefix(at.entry.name.bytes()));
    below.is_some_and(|rest| rest.starts_with(b"/"))
}

/// Values that did not come with the list.
fn long_values(entry: &Entry) -> Vec<usize> {
    let attributes = entry.xattrs.iter().flat_map(|attributes| attributes.iter().enumerate());
    attributes.filter(|(_, (_, value))| matches!(value, Value::Digest { .. })).map(|(at, _)| at).collect()
}
