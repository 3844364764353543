//! Looking at what is to be sent.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rsync_proto::digest::{Checksum, Sum};
use rsync_proto::file_list::{Attributes, Entry, Kind, Name, Time, Value, WHOLE_MAX};
use rsync_proto::multiplex::IoErrors;
use rustix::io::Errno;

use super::listed::Listed;
use super::speaker::Speaker;
use crate::checksum::Summing;
use crate::connection::Session;
use crate::failure::{Failure, UNTRUSTED};
use crate::filters::Scope;
use crate::fs::{
    AclKind, Directory, Facts, FileType, Links, Opening, Policy, Target, Tree, Trust, WayError, error_text,
    faked, link_target, open_directory, read_acl, read_attributes, read_fake_acl,
};
use crate::options::{Debug, FilesFrom, Info, Options, Recursion, Super, Twice};
use crate::symlinks::leaves_tree;

/// A directory that names are relative to.
#[derive(Debug)]
pub(super) struct Base {
    /// The files below it.
    pub(super) tree: Tree,
    /// Its path, as it was given.
    pub(super) given: Vec<u8>,
    /// Its absolute path, as messages show it.
    pub(super) path: Vec<u8>,
}

/// A directory whose entries are to be listed.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The number of its base.
    pub(super) base: u32,
    /// Its name, `.` for the base.
    pub(super) name: Name,
    /// The rules that hold above it.
    pub(super) scope: Scope,
    /// The file system that the scan began in.
    pub(super) device: u64,
}

/// Looks at files for a sender.
pub(super) struct Scanner<'s> {
    session: &'s Session,
    pub(super) speaker: Speaker<'s>,
    pub(super) bases: Vec<Base>,
    /// What went wrong so far.
    pub(super) errors: IoErrors,
    /// Something failed that is none of the receiver's business: an operand was
    /// not there, or a source was not removed.
    pub(super) has_transfer_error: bool,
    umask: u32,
    summing: Summing,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(session: &'s Session, speaker: Speaker<'s>) -> Self {
        Self {
            session,
            speaker,
            bases: Vec::new(),
            errors: IoErrors::default(),
            has_transfer_error: false,
            umask: crate::fs::umask().into(),
            summing: Summing::default(),
        }
    }

    fn options(&self) -> &'s Options {
        &self.session.options
    }

    /// The number of the base at `path`, which was given by the user.
    pub(super) fn base(&mut self, path: &[u8]) -> Result<u32, Errno> {
        // By another path it is another, which names may come from twice (observed: 3.5.0).
        let given = path.strip_suffix(b"/.").unwrap_or(path);
        let given = if given.is_empty() { b"." } else { given };
        if let Some(last) = self.bases.iter().rposition(|base| base.given == given) {
            return Ok(last as u32);
        }
        let shown = self.speaker.absolute(path);
        // Whoever names a source means what it leads to.
        let directory = open_directory(if path.is_empty() { b"." } else { path }, Trust::All)?;
        let links = match self.follows_links() {
            false => Links::Refused,
            true if self.judges_links() => Links::Trusted,
            true => Links::Followed,
        };
        let tree = Tree::new(directory, shown.clone(), links);
        self.bases.push(Base { tree, given: given.to_vec(), path: shown });
        Ok(self.bases.len() as u32 - 1)
    }

    /// Whether what is listed may lie behind symbolic links.
    pub(super) fn follows_links(&self) -> bool {
        let links = &self.options().links;
        links.copies || links.copies_dirlinks || links.copies_unsafe || self.options().selection.is_relative
    }

    /// Whether names of a list that is read here, which anybody may have written, may
    /// lead over the links of some only. Where links are copied the user has said
    /// that they are meant, and who sent the names knows best (observed: 3.5.0).
    pub(super) fn judges_links(&self) -> bool {
        let Options { links, selection, .. } = self.options();
        let is_read_here = match &selection.files_from {
            None => false,
            Some(FilesFrom::Stdin) => !self.session.is_server(),
            Some(FilesFrom::Local(_) | FilesFrom::Remote(_)) => true,
        };
        let copies = links.copies || links.copies_dirlinks || links.copies_unsafe;
        is_read_here && !copies && links.trust() == Trust::Owned
    }

    /// How what is listed is opened.
    pub(super) fn opening(&self) -> Opening {
        let attributes = &self.options().attributes;
        Opening {
            follows: self.follows_links(),
            keeps_access_time: attributes.opens_noatime,
            takes_devices: attributes.copies_devices,
        }
    }

    /// What is sent of a file: with `--copy-devices`, of a device a file with
    /// what can be read of it, which is always new (observed: 3.5.0).
    fn content(&self, place: &Found<'_>, facts: Facts) -> Facts {
        if !facts.kind.is_device() || !self.options().attributes.copies_devices {
            return facts;
        }
        let opened = place.directory.open_source(place.leaf, self.opening());
        let length = opened.map_or(0, |(_, facts)| facts.length);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        let seconds = i64::try_from(now).unwrap_or(i64::MAX);
        Facts { kind: FileType::File, length, modified: Time { seconds, ..facts.modified }, ..facts }
    }

    /// What `name` is, following links as the options say; `None` where that
    /// has been complained of.
    pub(super) fn facts(
        &mut self,
        directory: &Directory,
        leaf: &[u8],
        name: &[u8],
        base: u32,
    ) -> Option<Facts> {
        match self.look(directory, leaf, name) {
            Ok(facts) => Some(facts),
            Err(unseen) => {
                self.complain(unseen, name, base);
                None
            }
        }
    }

    /// As [`Scanner::facts`], without a complaint.
    fn look(&self, directory: &Directory, leaf: &[u8], name: &[u8]) -> Result<Facts, Unseen> {
        let facts = directory.facts(leaf).map_err(Unseen::Itself)?;
        let facts = self.taken(directory, leaf, facts);
        let links = &self.options().links;
        if facts.kind != FileType::Symlink {
            return Ok(facts);
        }
        if links.copies {
            return referent(directory, leaf);
        }
        if links.copies_unsafe
            && let Ok(target) = directory.link_target(leaf)
            && leaves_tree(name, &target)
        {
            self.speaker.info(
                Info::Symsafe,
                1,
                &[b"copying unsafe symlink \"", name, b"\" -> \"", &target, b"\""],
            );
            return referent(directory, leaf);
        }
        if links.copies_dirlinks
            && let Ok(referent) = directory.facts_followed(leaf)
            && referent.is_directory()
        {
            return Ok(referent);
        }
        Ok(facts)
    }

    fn complain(&mut self, unseen: Unseen, name: &[u8], base: u32) {
        match unseen {
            Unseen::Itself(errno) => self.cannot_stat(errno, "readlink_stat", name, base),
            Unseen::Referent => {
                self.errors = self.errors.and(IoErrors::GENERAL);
                let path = self.shown(base, name);
                self.speaker.transfer_error(&[b"symlink has no referent: ", &quoted(&path)]);
            }
        }
    }

    /// What a file is taken for: with `--fake-super` what is kept with it.
    pub(super) fn taken(&self, directory: &Directory, leaf: &[u8], real: Facts) -> Facts {
        match self.is_fake() {
            true => faked(Target { directory, leaf, file: None }, real),
            false => real,
        }
    }

    fn is_fake(&self) -> bool {
        self.options().attributes.super_user == Super::Fake
    }

    /// A file that cannot be looked at is an error, unless it has just gone.
    pub(super) fn cannot_stat(&mut self, errno: Errno, call: &str, name: &[u8], base: u32) {
        let path = self.shown(base, name);
        if errno == Errno::NOENT && call == "readlink_stat" {
            self.errors = self.errors.and(IoErrors::VANISHED);
            self.speaker.warning(&[b"file has vanished: ", &quoted(&path)]);
        } else if call == "readlink_stat" {
            self.errors = self.errors.and(IoErrors::GENERAL);
            let why = error_text(errno);
            self.speaker.error(&[b"readlink_stat(", &quoted(&path), format!(") failed: {why}").as_bytes()]);
        } else {
            self.errors = self.errors.and(IoErrors::GENERAL);
            let is_untrusted = || open_directory(&path, Trust::Owned).err() == Some(WayError::Untrusted);
            if self.judges_links() && is_untrusted() {
                self.speaker.warning(&[UNTRUSTED.as_bytes()]);
            }
            self.speaker.failed(call, &path, errno);
        }
    }

    /// The path of a name as messages show it.
    pub(super) fn shown(&self, base: u32, name: &[u8]) -> Vec<u8> {
        self.bases[base as usize].tree.shown(name)
    }

    /// The entry of a file; `None` where it has been complained of.
    pub(super) fn entry(
        &mut self,
        place: &Found<'_>,
        name: Name,
        facts: &Facts,
        is_top: bool,
        has_content: bool,
    ) -> Option<Listed> {
        let facts = &self.content(place, *facts);
        let kind = self.kind(place, &name, facts, is_top, has_content)?;
        let attributes = &self.options().attributes;
        let is_directory = facts.is_directory();
        let length = match &kind {
            Kind::Symlink(Some(target)) => target.len() as u64,
            Kind::File | Kind::Directory { .. } | Kind::Symlink(None) => facts.length,
            _ => 0,
        };
        let accessed = attributes.atimes.is_given() && !is_directory;
        let mut listed = Listed {
            entry: Entry {
                name,
                kind,
                permissions: self.permissions(facts),
                length,
                modified: facts.modified,
                accessed: accessed.then_some(facts.accessed.seconds),
                created: None,
                user: attributes.owner.then_some(facts.user),
                group: attributes.group.then_some(facts.group),
                user_name: None,
                group_name: None,
                hard_link: None,
                checksum: None,
                access_acl: None,
                default_acl: None,
                xattrs: None,
            },
            base: place.base,
            links: None,
        };
        if self.options().links.preserves_hard && facts.links > 1 && !is_directory {
            listed.links = Some(facts.identity);
        }
        self.add_metadata(place, facts, &mut listed.entry)?;
        if self.options().comparison.by_checksum && facts.is_file() {
            listed.entry.checksum = Some(self.checksum(place));
        }
        Some(listed)
    }

    /// The checksum of a whole file.
    fn checksum(&mut self, place: &Found<'_>) -> Sum {
        let algorithm = self.session.list_checksum;
        let opened = place.directory.open_source(place.leaf, self.opening());
        self.summing.of_opened(opened, algorithm)
    }

    /// With `--chmod` a client changes what it sends.
    fn permissions(&self, facts: &Facts) -> u16 {
        let chmod = self.options().attributes.chmod.as_ref();
        let chmod = chmod.filter(|_| !self.session.is_server() && facts.kind != FileType::Symlink);
        chmod.map_or(facts.permissions, |chmod| {
            let mode = chmod.apply(facts.mode(), facts.is_directory(), self.umask);
            (mode & 0o7777) as u16
        })
    }

    fn kind(
        &mut self,
        place: &Found<'_>,
        name: &Name,
        facts: &Facts,
        is_top: bool,
        has_content: bool,
    ) -> Option<Kind> {
        Some(match facts.kind {
            FileType::File => Kind::File,
            FileType::Directory => Kind::Directory { is_top, has_content },
            FileType::CharacterDevice => Kind::CharacterDevice(facts.device),
            FileType::BlockDevice => Kind::BlockDevice(facts.device),
            FileType::Fifo => Kind::Fifo,
            FileType::Socket => Kind::Socket,
            FileType::Symlink if !self.options().links.preserves => Kind::Symlink(None),
            FileType::Symlink => match link_target(place.directory, place.leaf, self.is_fake()) {
                Ok(target) => Kind::Symlink(Some(self.unmunged(target).into())),
                Err(errno) => {
                    self.cannot_stat(errno, "readlink_stat", name.bytes(), place.base);
                    return None;
                }
            },
        })
    }

    /// With `--munge-links` the receiver puts the prefix back.
    fn unmunged(&self, target: Vec<u8>) -> Vec<u8> {
        match target.strip_prefix(MUNGED) {
            Some(rest) if self.options().links.munges => rest.to_vec(),
            _ => target,
        }
    }

    fn add_metadata(&mut self, place: &Found<'_>, facts: &Facts, entry: &mut Entry) -> Option<()> {
        let attributes = &self.options().attributes;
        let target = Target { directory: place.directory, leaf: place.leaf, file: None };
        if attributes.acls && facts.kind != FileType::Symlink {
            let is_fake = self.is_fake();
            // What `--chmod` changes is said by the mode alone.
            let mode = entry.mode();
            let read = |kind| match is_fake {
                true => read_fake_acl(target, kind),
                false => read_acl(target, kind, mode),
            };
            let acl = read(AclKind::Access);
            entry.access_acl = Some(Arc::new(self.or_complain(acl, "get_acl", &entry.name, place.base)?));
            if facts.is_directory() {
                let acl = read(AclKind::Default);
                entry.default_acl =
                    Some(Arc::new(self.or_complain(acl, "get_acl", &entry.name, place.base)?));
            }
        }
        if attributes.xattrs.is_given() {
            let pairs = read_attributes(target, policy(self.options()));
            let mut pairs = self.or_complain(pairs, "get_xattr_data", &entry.name, place.base)?;
            if place.scope.has_xattr_rules() {
                pairs.retain(|(name, _)| !place.scope.excludes_xattr(name));
            }
            entry.xattrs = Some(Arc::new(pairs.into_iter().map(sent_attribute).collect::<Attributes>()));
        }
        Some(())
    }

    fn or_complain<T>(&mut self, outcome: Result<T, Errno>, call: &str, name: &Name, base: u32) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(errno) => {
                self.cannot_stat(errno, call, name.bytes(), base);
                None
            }
        }
    }

    /// What is in a directory, sorted, and the rules that hold there.
    ///
    /// # Errors
    /// As [`Scope::enter`].
    pub(super) fn children(&mut self, place: &Place) -> Result<(Vec<Listed>, Scope), Failure> {
        let base = &mut self.bases[place.base as usize];
        let directory = match base.tree.directory(place.name.bytes()) {
            Ok(directory) => directory,
            Err(errno) => {
                self.cannot_open(errno, place);
                return Ok((Vec::new(), place.scope.clone()));
            }
        };
        let scope = self.enter(place)?;
        let names = match directory.children() {
            Ok(names) => names,
            Err(errno) => {
                self.cannot_open(errno, place);
                return Ok((Vec::new(), scope));
            }
        };
        let links = &self.options().links;
        let is_known = !(links.copies || links.copies_dirlinks);
        let mut listed = Vec::with_capacity(names.len());
        for child in names.iter() {
            let Some(name) = self.name_of(place, child.name) else { continue };
            // What is left out need not be looked at.
            let kind = child.kind.filter(|kind| is_known && *kind != FileType::Symlink);
            if kind
                .is_some_and(|kind| self.is_excluded(&scope, &name, kind == FileType::Directory, place.base))
            {
                continue;
            }
            let is_checked = kind.is_some();
            listed.extend(self.child(place, &directory, &scope, child.name, name, is_checked));
        }
        sort(&mut listed);
        Ok((listed, scope))
    }

    fn cannot_open(&mut self, errno: Errno, place: &Place) {
        let path = self.shown(place.base, place.name.bytes());
        if errno == Errno::NOENT {
            self.errors = self.errors.and(IoErrors::VANISHED);
            self.speaker.warning(&[b"directory has vanished: ", &quoted(&path)]);
        } else {
            self.errors = self.errors.and(IoErrors::GENERAL);
            self.speaker.failed("opendir", &path, errno);
        }
    }

    /// The rules that hold in a directory.
    ///
    /// # Errors
    /// As [`Scope::enter`].
    pub(super) fn enter(&self, place: &Place) -> Result<Scope, Failure> {
        let tree = &self.bases[place.base as usize].tree;
        place.scope.enter(tree, place.name.bytes()).map_err(|failure| self.by_rule(failure))
    }

    /// The rules that hold in the first directory that is entered, `path`.
    ///
    /// # Errors
    /// As [`Scope::with_above`].
    pub(super) fn with_above(&self, scope: &Scope, base: u32, path: &[u8]) -> Result<Scope, Failure> {
        let tree = &self.bases[base as usize].tree;
        scope.with_above(tree, path).map_err(|failure| self.by_rule(failure))
    }

    /// A server that ends over a rule only says so to the user (observed: 3.5.0).
    fn by_rule(&self, failure: Failure) -> Failure {
        if self.session.is_server() { failure.abrupt() } else { failure }
    }

    /// Whether a rule leaves an entry out; tells of rules where that is asked for.
    pub(super) fn is_excluded(&self, scope: &Scope, name: &Name, is_directory: bool, base: u32) -> bool {
        if scope.is_empty() {
            return false;
        }
        let root = &self.bases[base as usize].path;
        let Some(decision) = scope.decision(name.bytes(), is_directory, root) else { return false };
        let is_excluded = decision.excludes();
        if self.options().output.debug.has(Debug::Filter, 1) {
            let verb: &[u8] = if is_excluded { b"hiding" } else { b"showing" };
            let kind: &[u8] = if is_directory { b" directory " } else { b" file " };
            self.speaker.say(&[b"[sender] ", verb, kind, name.bytes(), &decision.reason()]);
        }
        is_excluded
    }

    fn name_of(&mut self, place: &Place, leaf: &[u8]) -> Option<Name> {
        let name = place.name.child(leaf);
        if name.is_err() {
            self.errors = self.errors.and(IoErrors::GENERAL);
            let directory = self.shown(place.base, place.name.bytes());
            self.speaker.transfer_error(&[
                b"cannot send file with overlong pathname: ",
                &directory,
                b"/",
                leaf,
            ]);
        }
        name.ok()
    }

    fn child(
        &mut self,
        place: &Place,
        directory: &Directory,
        scope: &Scope,
        leaf: &[u8],
        name: Name,
        is_checked: bool,
    ) -> Option<Listed> {
        let facts = match self.look(directory, leaf, name.bytes()) {
            Ok(facts) => facts,
            Err(unseen) => {
                // What is left out, whatever it is, is not missed.
                let is_left_out =
                    [false, true].into_iter().any(|is| self.is_excluded(scope, &name, is, place.base));
                if !is_left_out {
                    self.complain(unseen, name.bytes(), place.base);
                }
                return None;
            }
        };
        if !is_checked && self.is_excluded(scope, &name, facts.is_directory(), place.base) {
            return None;
        }
        let selection = &self.options().selection;
        let is_elsewhere = selection.is_one_file_system && facts.identity.device != place.device;
        if facts.is_directory() && is_elsewhere && selection.omits_mount_points {
            self.speaker.info(Info::Mount, 1, &[b"[sender] skipping mount-point dir ", name.bytes()]);
            return None;
        }
        let has_content = selection.recursion == Recursion::Recurse && !is_elsewhere;
        let found = Found { base: place.base, directory, leaf, scope };
        self.entry(&found, name, &facts, false, has_content)
    }
}

/// Why it cannot be said what something is.
enum Unseen {
    /// It, or what a link leads to, cannot be looked at.
    Itself(Errno),
    /// A link leads to nothing.
    Referent,
}

fn referent(directory: &Directory, leaf: &[u8]) -> Result<Facts, Unseen> {
    directory.facts_followed(leaf).map_err(|errno| match errno {
        Errno::NOENT => Unseen::Referent,
        errno => Unseen::Itself(errno),
    })
}

/// Where a file was found.
pub(super) struct Found<'f> {
    pub(super) base: u32,
    pub(super) directory: &'f Directory,
    pub(super) leaf: &'f [u8],
    pub(super) scope: &'f Scope,
}

/// What `--munge-links` puts before where links lead (rsync(1)).
const MUNGED: &[u8] = b"/rsyncd-munged/";

/// Puts entries in the order both peers number them by.
pub(super) fn sort(listed: &mut [Listed]) {
    rsync_proto::file_list::sort(listed, |listed| (&listed.entry.name, listed.entry.is_directory()));
}

/// Which extended attributes are sent.
pub(super) fn policy(options: &Options) -> Policy {
    Policy {
        all_namespaces: rustix::process::geteuid().is_root(),
        own: options.attributes.xattrs == Twice::More,
        is_fake: options.attributes.super_user == crate::options::Super::Fake,
    }
}

fn sent_attribute((name, value): (Vec<u8>, Vec<u8>)) -> (Box<[u8]>, Value) {
    let value = if value.len() <= WHOLE_MAX {
        Value::Whole(value.into())
    } else {
        let sum = {
            let mut digest = Checksum::Md5.of_file();
            digest.update(&value);
            digest.finish()
        };
        let mut md5 = [0; 16];
        md5.copy_from_slice(sum.bytes());
        Value::Digest { length: value.len() as u32, md5 }
    };
    (name.into(), value)
}

/// A path between quotation marks.
pub(super) fn quoted(path: &[u8]) -> Vec<u8> {
    [b"\"", path, b"\""].concat()
}
