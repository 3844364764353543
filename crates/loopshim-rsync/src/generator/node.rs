//! Symbolic links, devices, FIFOs and sockets: made beside their place and
//! renamed into it.

use rsync_proto::file_list::{Device, Kind};
use rsync_proto::item::Flags;
use rustix::io::Errno;

use super::Generator;
use super::alternative::Likeness;
use super::entry::{At, Met, Say, WHO};
use crate::failure::Failure;
use crate::fs::{Directory, Facts, FileType, Sparse, Target, Temporary, Writer, link_target};
use crate::options::{AlternativeKind, Info};
use crate::receiver::MUNGED;
use crate::receiver::backup::back_up;
use crate::receiver::keep::file_type;
use crate::receiver::outfit::acls_differ;
use crate::symlinks::leaves_tree;

/// Set-user-id and set-group-id.
const SET_ID: u16 = 0o6000;

/// Whether a name in a directory is what is to be made.
type IsSame<'f> = &'f dyn Fn(&Directory, &[u8]) -> bool;
/// Makes it under a name in a directory.
type Make<'f> = &'f dyn Fn(&Directory, &[u8]) -> Result<(), Errno>;

impl Generator<'_> {
    pub(super) fn symlink(
        &mut self,
        at: At<'_>,
        path: &[u8],
        there: Option<Facts>,
        target: &[u8],
    ) -> Result<Met, Failure> {
        let links = self.run.options().links;
        let plain = target.strip_prefix(MUNGED).filter(|_| links.munges).unwrap_or(target);
        if links.is_safe && leaves_tree(path, plain) {
            // Said with the names, whatever `--info=symsafe` says (observed: 3.5.0).
            if self.run.options().output.info.has(Info::Name, 1) {
                self.run.say(&[b"ignoring unsafe symlink \"", path, b"\" -> \"", target, b"\""]);
            }
            return Ok(Met::LeftOut);
        }
        let target = target.to_vec();
        let is_fake = self.run.keep.is_fake;
        // A link of the system is none of those that are written down.
        let is_kept = |directory: &Directory, leaf: &[u8]| {
            !is_fake || directory.facts(leaf).is_ok_and(|facts| facts.is_file())
        };
        let is_same = |directory: &Directory, leaf: &[u8]| {
            is_kept(directory, leaf) && link_target(directory, leaf, is_fake) == Ok(target.clone())
        };
        if let Some(facts) = there.filter(|facts| facts.kind == FileType::Symlink) {
            let same = self.tree.parent(path).is_ok_and(|(directory, leaf)| is_same(&directory, leaf));
            if same {
                return self.only_attributes(at, path, &facts).map(|()| Met::There);
            }
        }
        let make = |directory: &Directory, name: &[u8]| {
            if !is_fake {
                return directory.make_symlink(name, &target);
            }
            let file = directory.create(name, 0o600)?;
            Writer::new(file, 0, Sparse::No).write_whole(&target)
        };
        self.node(at, path, there, &is_same, &make)
    }

    pub(super) fn special(&mut self, at: At<'_>, path: &[u8], there: Option<Facts>) -> Result<Met, Failure> {
        let kind = file_type(&at.entry.kind);
        let device = match at.entry.kind {
            Kind::CharacterDevice(device) | Kind::BlockDevice(device) => device,
            _ => Device::default(),
        };
        let is_alike = |facts: &Facts| facts.kind == kind && (!kind.is_device() || facts.device == device);
        if let Some(facts) = there.filter(is_alike) {
            return self.only_attributes(at, path, &facts).map(|()| Met::There);
        }
        let is_same =
            |directory: &Directory, leaf: &[u8]| directory.facts(leaf).is_ok_and(|facts| is_alike(&facts));
        let is_fake = self.run.keep.is_fake;
        let make = |directory: &Directory, name: &[u8]| {
            if is_fake {
                directory.create(name, 0o600).map(drop)
            } else {
                directory.make_special(name, kind, 0o600, device)
            }
        };
        self.node(at, path, there, &is_same, &make)
    }

    /// What is there is the same but perhaps for its attributes.
    pub(super) fn only_attributes(&mut self, at: At<'_>, path: &[u8], there: &Facts) -> Result<(), Failure> {
        let found = self.tree.parent(path).ok();
        let target = found.as_ref().map(|(directory, leaf)| Target { directory, leaf, file: None });
        let likened = target.map_or(*there, |target| self.settled(at, there, target));
        let is_said = self.say(at, Say { there: Some(&likened), target, ..Say::default() })?;
        self.outfit(at, path, Some(there));
        let output = &self.run.options().output;
        if output.info.has(Info::Name, 2) && !output.itemizes.is_given() {
            let what: &[u8] = if is_said { b"" } else { b" is uptodate" };
            self.run.say(&[path, what]);
        }
        Ok(())
    }

    /// What a file is taken for when it is told how it differs: it has its access
    /// control list by then, and with that the permissions; and what had set-id
    /// bits has lost them with its owner (observed: 3.5.0).
    fn settled(&self, at: At<'_>, there: &Facts, target: Target<'_>) -> Facts {
        let keep = &self.run.keep;
        let mut facts = *there;
        if self.run.options().is_dry_run || keep.is_fake || at.entry.is_directory() {
            return facts;
        }
        if facts.permissions & SET_ID != 0 {
            let owner = self.run.owner(at.entry);
            let is = |wanted: Option<u32>, has| wanted.is_none_or(|wanted| wanted == has);
            if !is(owner.user, facts.user) || !is(owner.group, facts.group) {
                let outcome = target.directory.set_owner(target.leaf, owner.user, owner.group);
                // Where it failed, what gives the attributes will say so.
                facts = outcome.and_then(|()| target.directory.facts(target.leaf)).unwrap_or(facts);
            }
        }
        if acls_differ(self.run, at.entry, target) {
            facts.permissions = facts.permissions & !0o777 | at.entry.permissions & 0o777;
        }
        facts
    }

    /// Makes something in place of what is there.
    fn node(
        &mut self,
        at: At<'_>,
        path: &[u8],
        there: Option<Facts>,
        is_same: IsSame<'_>,
        make: Make<'_>,
    ) -> Result<Met, Failure> {
        let kind = file_type(&at.entry.kind);
        let what = match kind {
            FileType::Symlink => "symlink",
            FileType::CharacterDevice | FileType::BlockDevice => "device file",
            _ => "special file",
        };
        if let Some(facts) = &there
            && facts.is_directory()
            && !self.make_way(path, facts, what)?
        {
            return Ok(Met::LeftOut);
        }
        if there.is_none()
            && let Some(met) = self.alternative_node(at, path, kind, is_same, make)?
        {
            return Ok(met);
        }
        let is_replaced = there.as_ref().is_some_and(|facts| facts.kind == kind);
        let alternative = if there.is_none() { self.alternative_facts(path, kind) } else { None };
        let is_copy = alternative.is_some() && self.has_same_alternative(path, kind, is_same);
        let flags = Flags::LOCAL_CHANGE;
        let flags = if is_copy { flags } else { flags.and(Flags::CONTENT) };
        let said = there.as_ref().filter(|_| is_replaced).or(alternative.as_ref());
        self.say(at, Say { flags, there: said, ..Say::default() })?;
        if self.run.options().is_dry_run {
            return Ok(Met::There);
        }
        if there.is_some_and(|facts| !facts.is_directory())
            && let Some(backup) = &self.run.options().writing.backup
            && !back_up(self.run, WHO, &mut self.tree, &mut self.places, path, backup)
        {
            return Ok(Met::LeftOut);
        }
        match self.put(path, make) {
            Ok(()) => self.outfit_new(at, path, there.filter(|facts| !facts.is_directory()).as_ref()),
            Err(errno) => {
                self.not_made(at, path, errno);
                return Ok(Met::LeftOut);
            }
        }
        Ok(Met::There)
    }

    fn not_made(&self, at: At<'_>, path: &[u8], errno: Errno) {
        match &at.entry.kind {
            Kind::Symlink(Some(target)) => {
                let call = [b"symlink \"", &self.tree.shown(path)[..], b"\" ->"].concat();
                self.run.failed_at(WHO, call, target, errno);
            }
            _ => self.run.failed(WHO, "mknod", &self.tree, path, errno),
        }
    }

    /// Makes something beside `path` and renames it there.
    fn put(&mut self, path: &[u8], make: Make<'_>) -> Result<(), Errno> {
        let (directory, leaf) = match self.tree.parent(path) {
            Err(Errno::NOENT) if self.run.options().selection.is_relative => {
                self.make_parents(path)?;
                self.tree.parent(path)?
            }
            parent => parent?,
        };
        // Where nothing can be replaced nothing is to be renamed.
        match make(&directory, leaf) {
            Err(Errno::EXIST) => {}
            made => return made,
        }
        let (temporary, ()): (Temporary, ()) =
            self.run.temporaries.make(&directory, leaf, |name| make(&directory, name))?;
        temporary.rename(&directory, leaf)
    }

    pub(super) fn make_parents(&mut self, path: &[u8]) -> Result<(), Errno> {
        let Some(cut) = path.iter().rposition(|&byte| byte == b'/') else { return Ok(()) };
        match self.make_with_parents(&path[..cut], 0o777 & !self.run.keep.umask) {
            Err(Errno::EXIST) => Ok(()),
            made => made,
        }
    }

    /// Takes a link, device or special from an alternative directory, where there
    /// is one that is the same.
    fn alternative_node(
        &mut self,
        at: At<'_>,
        path: &[u8],
        kind: FileType,
        is_same: IsSame<'_>,
        make: Make<'_>,
    ) -> Result<Option<Met>, Failure> {
        let Some(alternatives) = self.run.options().comparison.alternatives.clone() else { return Ok(None) };
        for number in 0..alternatives.directories.len() as u8 {
            let Some(tree) = self.places.alternative(self.run, &self.tree, number) else { continue };
            let Ok((directory, leaf)) = tree.parent(path) else { continue };
            let Ok(facts) = directory.facts(leaf) else { continue };
            if facts.kind != kind || !is_same(&directory, leaf) {
                continue;
            }
            let owner = self.run.owner(at.entry);
            let differs = !self.run.keep.differences(at.entry, owner, &facts, false).is_empty();
            if differs {
                continue;
            }
            let leaf = leaf.to_vec();
            let found = (&directory, &leaf[..], &facts);
            return self.take_node(at, path, alternatives.kind, found, make);
        }
        Ok(None)
    }

    /// Whether an alternative has the same there, be it with other attributes.
    fn has_same_alternative(&mut self, path: &[u8], kind: FileType, is_same: IsSame<'_>) -> bool {
        let given = self.run.options().comparison.alternatives.as_ref();
        let count = given.map_or(0, |given| given.directories.len()) as u8;
        (0..count).any(|number| {
            let tree = self.places.alternative(self.run, &self.tree, number);
            tree.and_then(|tree| tree.parent(path).ok()).is_some_and(|(directory, leaf)| {
                directory.facts(leaf).is_ok_and(|facts| facts.kind == kind) && is_same(&directory, leaf)
            })
        })
    }

    fn take_node(
        &mut self,
        at: At<'_>,
        path: &[u8],
        kind: AlternativeKind,
        (directory, leaf, facts): (&Directory, &[u8], &Facts),
        make: Make<'_>,
    ) -> Result<Option<Met>, Failure> {
        match kind {
            AlternativeKind::Compare => {
                let say = Say { there: Some(facts), ..Say::default() };
                self.say_taken(at, path, say, Likeness::All)?;
                Ok(Some(Met::Kept))
            }
            AlternativeKind::Copy => {
                if !self.run.options().is_dry_run {
                    if let Err(errno) = self.put(path, make) {
                        self.run.failed(WHO, "copy_node", &self.tree, path, errno);
                        return Ok(Some(Met::LeftOut));
                    }
                    self.outfit(at, path, None);
                }
                let flags = Flags::LOCAL_CHANGE;
                let say = Say { flags, there: Some(facts), is_alike: true, ..Say::default() };
                self.say_taken(at, path, say, Likeness::All)?;
                Ok(Some(Met::There))
            }
            AlternativeKind::Link => {
                let is_dry_run = self.run.options().is_dry_run;
                let linked = self.tree.parent(path).and_then(|(parent, name)| {
                    if is_dry_run { Ok(()) } else { directory.link(leaf, &parent, name) }
                });
                // A file system that cannot link such: it is made anew.
                if linked.is_err() {
                    return Ok(None);
                }
                let flags = Flags::LOCAL_CHANGE;
                let (name, is_alike) = (Some(Vec::new()), true);
                let say = Say { flags, there: Some(facts), name, is_alike, ..Say::default() };
                self.say_taken(at, path, say, Likeness::All)?;
                Ok(Some(Met::Kept))
            }
        }
    }
}
