//! The first list: what the user named, and, where lists are not sent one by
//! one, all below it.

use std::collections::{HashMap, HashSet};

use rsync_proto::file_list::{Entry, Kind, Name, Time};
use rsync_proto::multiplex::IoErrors;
use rustix::io::Errno;

use super::Sources;
use super::listed::Listed;
use super::lists::{Lists, Surroundings};
use super::operand::Operand;
use super::scan::{Found, Place, Scanner};
use crate::connection::{Data, Incoming, Session};
use crate::filters::Scope;
use crate::fs::{Directory, Facts, FileType};
use crate::options::{Bytes, Info, MissingArguments, Recursion};
use crate::{Failure, Status};

/// What is needed to make the first list.
pub(super) struct Listing<'l, 's> {
    pub(super) session: &'s Session,
    pub(super) scanner: &'l mut Scanner<'s>,
    pub(super) lists: &'l mut Lists<'s>,
    pub(super) data: &'l mut Data,
    pub(super) incoming: &'l mut Incoming,
    pub(super) scope: &'l Scope,
}

/// Makes and sends the first list.
///
/// # Errors
/// Where the peer does not take any more, or gives names no more.
pub(super) fn list(listing: &mut Listing<'_, '_>, sources: Sources<'_>) -> Result<(), Failure> {
    let mut state = State::default();
    let is_relative = listing.session.options.selection.is_relative;
    match sources {
        Sources::Operands(operands) => {
            for path in operands {
                let operand = if is_relative { Operand::relative(path) } else { Operand::plain(path) };
                if is_relative {
                    refuse_climbing(path)?;
                }
                listing.operand(&operand, &mut state)?;
            }
        }
        Sources::Named { directory, mut next } => {
            listing.enter_named(directory)?;
            while let Some(name) = next(listing.incoming)? {
                let operand = Operand::named(directory, &name, is_relative);
                listing.operand(&operand, &mut state)?;
            }
        }
    }
    let errors = listing.scanner.errors;
    if listing.session.is_incremental() {
        listing.lists.end_first(&state.scopes, errors, listing.data)
    } else {
        listing.lists.end_only(errors, listing.data)
    }
}

/// A whole path must not climb: what it names could not be kept.
fn refuse_climbing(path: &[u8]) -> Result<(), Failure> {
    let cut = path.windows(3).position(|three| three == b"/./").map_or(0, |at| at + 3);
    let components = path[cut..].split(|&byte| byte == b'/').filter(|part| !matches!(*part, b"" | b"."));
    let components: Vec<&[u8]> = components.collect();
    if !components.contains(&&b".."[..]) {
        return Ok(());
    }
    let shown = components.join(&b'/');
    let text = [b"found \"..\" dir in relative path: ", &shown[..]].concat();
    Err(Failure::new(Status::Syntax, text).bare().abrupt().at("flist.c(2905)"))
}

#[derive(Default)]
struct State {
    /// Bases that were listed as being on the way.
    named_bases: HashSet<u32>,
    /// The base and the directory of the last operand that lay in one not yet told.
    last_way: (u32, Bytes),
    /// The scopes and file systems that what is listed lies in, by base.
    scopes: HashMap<u32, Surroundings>,
    /// A directory was met.
    has_begun: bool,
}

impl State {
    /// The directories on the way to an operand, but for those on the way to the one
    /// that the last operand lies in: they are listed again then (observed: 3.5.0).
    fn new_parents(&mut self, operand: &Operand, base: u32) -> Vec<Bytes> {
        let Some(last) = operand.parents().last() else { return Vec::new() };
        let (told_base, told) = &self.last_way;
        let told = if *told_base == base { &told[..] } else { b"" };
        let is_above = |parent: &[u8]| told.strip_prefix(parent).is_some_and(|rest| rest.starts_with(b"/"));
        if told == last || is_above(last) {
            return Vec::new();
        }
        let new = operand.parents().filter(|parent| !is_above(parent)).map(<[u8]>::to_vec).collect();
        self.last_way = (base, last.to_vec());
        new
    }
}

impl Listing<'_, '_> {
    fn operand(&mut self, operand: &Operand, state: &mut State) -> Result<(), Failure> {
        let base = match self.scanner.base(&operand.base) {
            Ok(base) => base,
            Err(errno) => {
                self.cannot_enter(operand, errno);
                return Ok(());
            }
        };
        let Ok(name) = Name::new(&operand.name) else { return Ok(()) };
        // Whether or not there is something in it.
        if operand.names_base {
            self.base(base, state)?;
        }
        let found = self.look(&name, base, operand.means_contents);
        let (directory, facts) = match found {
            Ok(found) => found,
            Err(errno) => return self.missing(operand, &name, base, errno, state),
        };
        let selection = &self.session.options.selection;
        if facts.is_directory() && selection.recursion == Recursion::Skip {
            self.skip(&name);
            return Ok(());
        }
        let is_excluded = |listing: &Self, scope: &Scope| {
            !name.is_root() && listing.scanner.is_excluded(scope, &name, facts.is_directory(), base)
        };
        if is_excluded(self, self.scope) {
            return Ok(());
        }
        let scope = self.scope_above(&name, facts.is_directory(), base, state)?;
        if selection.is_relative {
            self.implied(operand, base, &scope, state)?;
        }
        // Where the original sends lists one by one, what is behind a path is looked
        // at again in the last directory on the way (observed: 3.5.0).
        let is_behind_path = selection.is_relative && name.bytes().contains(&b'/');
        if is_behind_path && self.session.is_incremental() && is_excluded(self, &scope) {
            return Ok(());
        }
        let means_contents = operand.means_contents || name.is_root();
        let has_content = match selection.recursion {
            Recursion::Recurse => true,
            Recursion::Dirs => means_contents,
            Recursion::Skip => false,
        };
        let leaf = name.leaf().to_vec();
        let shown = name.clone();
        let found = Found { base, directory: &directory, leaf: &leaf, scope: &scope };
        // A directory that is named, but not for its contents, is as one on the way.
        let is_top = has_content || !facts.is_directory();
        let Some(listed) = self.scanner.entry(&found, name, &facts, is_top, has_content) else {
            return Ok(());
        };
        let is_directory = listed.entry.is_directory();
        let place = Place { base, name: shown, scope, device: facts.identity.device };
        self.lists.add_named(listed, self.data)?;
        if is_directory && has_content {
            self.contents(&place, state)?;
        }
        Ok(())
    }

    fn skip(&self, name: &Name) {
        let shown = if name.is_root() { b"." } else { name.bytes() };
        self.scanner.speaker.info(Info::Nonreg, 1, &[b"skipping directory ", shown]);
    }

    /// The base itself, as a directory on the way.
    fn base(&mut self, base: u32, state: &mut State) -> Result<(), Failure> {
        if !state.named_bases.insert(base) {
            return Ok(());
        }
        let Ok(name) = Name::new(b".") else { return Ok(()) };
        if self.session.options.selection.recursion == Recursion::Skip {
            self.skip(&name);
            return Ok(());
        }
        let scope = self.scope.clone();
        self.on_the_way(name, base, &scope)
    }

    /// What is in a directory that was listed: all of it now, or, where lists
    /// are sent one by one, only what is in the base itself.
    fn contents(&mut self, place: &Place, state: &mut State) -> Result<(), Failure> {
        let is_incremental = self.session.is_incremental();
        if is_incremental && !place.name.is_root() {
            self.lists.enter_later(place.clone());
            return Ok(());
        }
        if is_incremental {
            let (children, scope) = self.scanner.children(place)?;
            state.scopes.insert(place.base, (scope, place.device));
            return children.into_iter().try_for_each(|child| self.lists.add(child, self.data));
        }
        self.descend(place)
    }

    fn descend(&mut self, place: &Place) -> Result<(), Failure> {
        let (children, scope) = self.scanner.children(place)?;
        for child in children {
            let enters = matches!(child.entry.kind, Kind::Directory { has_content: true, .. });
            let below = enters.then(|| Place {
                name: child.entry.name.clone(),
                scope: scope.clone(),
                ..place.clone()
            });
            self.lists.add(child, self.data)?;
            below.iter().try_for_each(|below| self.descend(below))?;
        }
        Ok(())
    }

    /// What an operand is; links are followed where it means what is in it.
    fn look(&mut self, name: &Name, base: u32, means_contents: bool) -> Result<(Directory, Facts), Errno> {
        let tree = &mut self.scanner.bases[base as usize].tree;
        let (directory, leaf) = tree.parent(name.bytes())?;
        let facts = directory.facts(leaf)?;
        let facts = self.scanner.taken(&directory, leaf, facts);
        let is_judged = means_contents && self.scanner.judges_links();
        let tree = &mut self.scanner.bases[base as usize].tree;
        if is_judged && let Err(Errno::LOOP) = tree.directory(name.bytes()) {
            return Err(Errno::LOOP);
        }
        let (directory, leaf) = tree.parent(name.bytes())?;
        let links = &self.session.options.links;
        if facts.kind != FileType::Symlink {
            return Ok((directory, facts));
        }
        let follows = means_contents || links.copies_dirlinks;
        let followed = directory.facts_followed(leaf);
        let facts = match followed {
            Ok(followed) if links.copies || follows && followed.is_directory() => followed,
            // What is in a link to no directory is not there; the link is.
            Err(errno) if links.copies => return Err(errno),
            _ => facts,
        };
        let leaf = leaf.to_vec();
        if facts.kind == FileType::Symlink && links.copies_unsafe {
            let facts = self.scanner.facts(&directory, &leaf, name.bytes(), base).ok_or(Errno::CANCELED)?;
            return Ok((directory, facts));
        }
        Ok((directory, facts))
    }

    /// The directory that all names of `--files-from` lie in must be one.
    fn enter_named(&mut self, directory: &[u8]) -> Result<(), Failure> {
        let Err(errno) = self.scanner.base(directory) else { return Ok(()) };
        let slash: &[u8] = if directory.ends_with(b"/") { b"/" } else { b"" };
        let path = [&self.scanner.speaker.absolute(directory)[..], slash].concat();
        self.scanner.speaker.failed("change_dir", &path, errno);
        Err(Failure::wordless(Status::FileSelection).abrupt().at("flist.c(2791)"))
    }

    fn cannot_enter(&mut self, operand: &Operand, errno: Errno) {
        self.scanner.errors = self.scanner.errors.and(IoErrors::GENERAL);
        let path = self.scanner.speaker.absolute(&operand.base);
        self.scanner.speaker.failed("change_dir", &path, errno);
    }

    /// An operand that is not there.
    fn missing(
        &mut self,
        operand: &Operand,
        name: &Name,
        base: u32,
        errno: Errno,
        state: &mut State,
    ) -> Result<(), Failure> {
        match self.session.options.deletion.missing {
            // It has been complained of.
            _ if errno == Errno::CANCELED => Ok(()),
            MissingArguments::Ignore if errno == Errno::NOENT => Ok(()),
            MissingArguments::Delete if errno == Errno::NOENT => {
                if self.session.options.selection.is_relative {
                    self.implied_of_missing(operand, base, state)?;
                }
                self.lists.add_named(missing_entry(name.clone(), base, self.session), self.data)
            }
            // The receiver may delete all the same (observed: 3.5.0).
            _ if errno == Errno::NOENT => {
                let path = self.scanner.shown(base, name.bytes());
                self.scanner.speaker.failed("link_stat", &path, errno);
                self.scanner.has_transfer_error = true;
                Ok(())
            }
            _ => {
                self.scanner.cannot_stat(errno, "link_stat", name.bytes(), base);
                Ok(())
            }
        }
    }

    /// The directories on the way to an operand that is not there. Those that are
    /// not there either are told.
    fn implied_of_missing(&mut self, operand: &Operand, base: u32, state: &mut State) -> Result<(), Failure> {
        for parent in state.new_parents(operand, base) {
            let tree = &mut self.scanner.bases[base as usize].tree;
            if matches!(tree.facts(&parent), Ok(None) | Err(Errno::NOTDIR)) {
                self.scanner.cannot_stat(Errno::NOENT, "readlink_stat", &parent, base);
            } else if let Ok(name) = Name::new(&parent) {
                let scope = self.scope.clone();
                self.on_the_way(name, base, &scope)?;
            }
        }
        Ok(())
    }

    /// The directories on the way to an operand, as directories whatever they
    /// are here.
    fn implied(
        &mut self,
        operand: &Operand,
        base: u32,
        scope: &Scope,
        state: &mut State,
    ) -> Result<(), Failure> {
        for parent in state.new_parents(operand, base) {
            let Ok(name) = Name::new(&parent) else { continue };
            self.on_the_way(name, base, scope)?;
        }
        Ok(())
    }

    fn on_the_way(&mut self, name: Name, base: u32, scope: &Scope) -> Result<(), Failure> {
        let tree = &mut self.scanner.bases[base as usize].tree;
        let outcome = tree.parent(name.bytes()).and_then(|(directory, leaf)| {
            directory.facts_followed(leaf).map(|facts| (directory.clone(), leaf.to_vec(), facts))
        });
        let (directory, leaf, facts) = match outcome {
            Ok(found) => found,
            Err(errno) => {
                self.scanner.cannot_stat(errno, "link_stat", name.bytes(), base);
                return Ok(());
            }
        };
        let found = Found { base, directory: &directory, leaf: &leaf, scope };
        let Some(listed) = self.scanner.entry(&found, name, &facts, true, false) else { return Ok(()) };
        self.lists.add_named(listed, self.data)
    }

    /// The rules that hold where an operand lies: of a whole path those in the
    /// directories on the way, and of the first directory that is entered those
    /// above it (observed: 3.5.0).
    fn scope_above(
        &mut self,
        name: &Name,
        is_directory: bool,
        base: u32,
        state: &mut State,
    ) -> Result<Scope, Failure> {
        let mut scope = self.scope.clone();
        let is_relative = self.session.options.selection.is_relative;
        let slashes = name.bytes().iter().enumerate().filter(|(_, byte)| is_relative && **byte == b'/');
        let ends: Vec<usize> = slashes.map(|(at, _)| at).collect();
        let first = ends.first().map(|&end| &name.bytes()[..end]).or(is_directory.then_some(name.bytes()));
        if let Some(first) = first.filter(|_| !std::mem::replace(&mut state.has_begun, true)) {
            scope = self.scanner.with_above(&scope, base, first)?;
        }
        for end in ends {
            let path = &name.bytes()[..end];
            let tree = &mut self.scanner.bases[base as usize].tree;
            let (Ok(_), Ok(name)) = (tree.directory(path), Name::new(path)) else { continue };
            scope = self.scanner.enter(&Place { base, name, scope, device: 0 })?;
        }
        Ok(scope)
    }
}

/// What tells the receiver to delete a name.
fn missing_entry(name: Name, base: u32, session: &Session) -> Listed {
    let attributes = &session.options.attributes;
    let entry = Entry {
        name,
        kind: Kind::Missing,
        permissions: 0,
        length: 0,
        modified: Time::default(),
        accessed: attributes.atimes.is_given().then_some(0),
        created: None,
        user: attributes.owner.then_some(0),
        group: attributes.group.then_some(0),
        user_name: None,
        group_name: None,
        hard_link: None,
        checksum: None,
        access_acl: attributes.acls.then(Default::default),
        default_acl: None,
        xattrs: attributes.xattrs.is_given().then(Default::default),
    };
    Listed { entry, base, links: None }
}
