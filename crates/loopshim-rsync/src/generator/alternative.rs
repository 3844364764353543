//! `--compare-dest`, `--copy-dest` and `--link-dest`.

use std::os::fd::AsFd as _;

use rsync_proto::file_list::Kind;
use rsync_proto::item::{Basis, Flags};
use rustix::io::Errno;

use super::Generator;
use super::basis::{Chosen, Found};
use super::entry::{At, Say, WHO};
use crate::failure::Failure;
use crate::fs::{Directory, Facts, FileType, Target, copy_range};
use crate::options::{AlternativeKind, Info};
use crate::receiver::outfit::{Outfit, acls_differ, compare_xattrs};

/// How much of an entry a file of an alternative directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// It is a file of that name.
    Name,
    /// It has the content.
    Content,
    /// It has all that is kept.
    All,
}

struct Candidate {
    number: u8,
    likeness: Likeness,
    facts: Facts,
    directory: Directory,
    leaf: Vec<u8>,
}

impl Generator<'_> {
    /// What is at `path` in the first alternative that has something of that type there.
    pub(super) fn alternative_facts(&mut self, path: &[u8], kind: FileType) -> Option<Facts> {
        let count = self.run.options().comparison.alternatives.as_ref()?.directories.len();
        (0..count as u8).find_map(|number| {
            let tree = self.places.alternative(self.run, &self.tree, number)?;
            tree.facts(path).ok()?.filter(|facts| facts.kind == kind)
        })
    }

    /// Looks for a file that is not at the destination in the alternatives.
    pub(super) fn find_alternative(&mut self, at: At<'_>, path: &[u8]) -> Result<Found, Failure> {
        let Some(alternatives) = &self.run.options().comparison.alternatives else {
            return Ok(Found::Nothing);
        };
        let kind = alternatives.kind;
        let count = alternatives.directories.len() as u8;
        let mut best: Option<Candidate> = None;
        for number in 0..count {
            let Some(candidate) = self.candidate(at, path, number) else { continue };
            if best.as_ref().is_none_or(|best| candidate.likeness > best.likeness) {
                let is_all = candidate.likeness == Likeness::All;
                best = Some(candidate);
                if is_all {
                    break;
                }
            }
        }
        match best {
            None => Ok(Found::Nothing),
            Some(best) if best.likeness == Likeness::Name => Ok(Found::Basis(Chosen {
                basis: Basis::Alternative(best.number),
                fuzzy: None,
                facts: Some(best.facts),
            })),
            Some(best) => self.take_from_alternative(at, path, kind, &best),
        }
    }

    /// How much of an entry the best of the alternatives is.
    pub(super) fn best_likeness(&mut self, at: At<'_>, path: &[u8]) -> Option<Likeness> {
        let count = self.run.options().comparison.alternatives.as_ref()?.directories.len() as u8;
        if at.entry.kind != Kind::File {
            return None;
        }
        (0..count).filter_map(|number| Some(self.candidate(at, path, number)?.likeness)).max()
    }

    fn candidate(&mut self, at: At<'_>, path: &[u8], number: u8) -> Option<Candidate> {
        let tree = self.places.alternative(self.run, &self.tree, number)?;
        let (directory, leaf) = tree.parent(path).ok()?;
        let facts = directory.facts(leaf).ok().filter(Facts::is_file)?;
        let leaf = leaf.to_vec();
        let mut likeness = Likeness::Name;
        if self.is_same_content(at.entry, &facts, || directory.open_file(&leaf)) {
            let owner = self.run.owner(at.entry);
            let target = Target { directory: &directory, leaf: &leaf, file: None };
            let differs = !self.run.keep.differences(at.entry, owner, &facts, false).is_empty()
                || acls_differ(self.run, at.entry, target)
                || compare_xattrs(self.run, at.entry, target).0;
            likeness = if differs { Likeness::Content } else { Likeness::All };
        }
        Some(Candidate { number, likeness, facts, directory, leaf })
    }

    fn take_from_alternative(
        &mut self,
        at: At<'_>,
        path: &[u8],
        kind: AlternativeKind,
        found: &Candidate,
    ) -> Result<Found, Failure> {
        let target = Target { directory: &found.directory, leaf: &found.leaf, file: None };
        let say = Say {
            flags: Flags::LOCAL_CHANGE,
            there: Some(&found.facts),
            target: Some(target),
            ..Say::default()
        };
        if found.likeness == Likeness::All && kind == AlternativeKind::Compare {
            self.say_taken(at, path, Say { flags: Flags::default(), ..say }, found.likeness)?;
            return Ok(Found::DealtWith);
        }
        if found.likeness == Likeness::All
            && kind == AlternativeKind::Link
            && self.link_alternative(path, found)
        {
            self.say_taken(at, path, Say { name: Some(Vec::new()), is_alike: true, ..say }, found.likeness)?;
            return Ok(Found::DealtWith);
        }
        if let Err(errno) = self.copy_alternative(at, path, found) {
            self.run.failed(WHO, "copy_file", &self.tree, path, errno);
            return Ok(Found::Nothing);
        }
        self.say_taken(at, path, say, found.likeness)?;
        Ok(Found::DealtWith)
    }

    /// Says what was taken from an alternative, or that nothing is to be said of it.
    pub(super) fn say_taken(
        &mut self,
        at: At<'_>,
        path: &[u8],
        say: Say<'_>,
        likeness: Likeness,
    ) -> Result<(), Failure> {
        let is_said = self.say(at, say)?;
        if !is_said && likeness == Likeness::All && self.run.options().output.info.has(Info::Name, 2) {
            self.run.say(&[path, b" is uptodate"]);
        }
        Ok(())
    }

    /// Where a file that is at the destination is in an alternative too, with all
    /// that is kept: whether it was replaced by a link to that, or was removed
    /// since it need not be there.
    pub(super) fn is_in_alternative(
        &mut self,
        at: At<'_>,
        path: &[u8],
        there: &Facts,
    ) -> Result<bool, Failure> {
        let Some(alternatives) = &self.run.options().comparison.alternatives else { return Ok(false) };
        let kind = alternatives.kind;
        if kind == AlternativeKind::Copy {
            return Ok(false);
        }
        let count = alternatives.directories.len() as u8;
        let found = (0..count)
            .filter_map(|number| self.candidate(at, path, number))
            .find(|candidate| candidate.likeness == Likeness::All);
        let Some(found) = found.filter(|found| found.facts.identity != there.identity) else {
            return Ok(false);
        };
        let is_dry_run = self.run.options().is_dry_run;
        if kind == AlternativeKind::Compare && !is_dry_run {
            let removed = self.tree.parent(path).and_then(|(parent, leaf)| parent.remove(leaf));
            if let Err(errno) = removed {
                self.run.failed(WHO, "delete_file: unlink", &self.tree, path, errno);
            }
        }
        self.take_from_alternative(at, path, kind, &found).map(|_| true)
    }

    /// Whether it is linked; another file system cannot, and has it copied.
    fn link_alternative(&mut self, path: &[u8], found: &Candidate) -> bool {
        let is_dry_run = self.run.options().is_dry_run;
        let linked = self.tree.parent(path).and_then(|(parent, leaf)| {
            if is_dry_run {
                return Ok(());
            }
            match found.directory.link(&found.leaf, &parent, leaf) {
                Err(Errno::EXIST) => {}
                linked => return linked,
            }
            let (temporary, ()) = self
                .run
                .temporaries
                .make(&parent, leaf, |name| found.directory.link(&found.leaf, &parent, name))?;
            temporary.rename(&parent, leaf)
        });
        linked.is_ok()
    }

    fn copy_alternative(&mut self, at: At<'_>, path: &[u8], found: &Candidate) -> Result<(), Errno> {
        if self.run.options().is_dry_run {
            return Ok(());
        }
        let (parent, leaf) = self.tree.parent(path)?;
        let (from, facts) = found.directory.open_file(&found.leaf)?;
        let (temporary, file) = self.run.temporaries.create(&parent, leaf, 0o600)?;
        copy_range(&from, &file, facts.length, &|_| {})?;
        let current = Facts::from(rustix::fs::fstat(&file)?);
        let old = Some(Target { directory: &found.directory, leaf: &found.leaf, file: None });
        let path = (&self.destination.tree, path);
        let outfit = Outfit { run: self.run, who: WHO, entry: at.entry, path, there: None, old };
        let target = Target { directory: &parent, leaf: temporary.name(), file: Some(file.as_fd()) };
        outfit.give(target, &current);
        temporary.rename(&parent, leaf)
    }
}
