//! What the threads of the receiving side have in common.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rsync_proto::digest::Checksum;
use rsync_proto::file_list::{Acl, Attributes, Entry};
use rsync_proto::item::{Basis, Item};
use rsync_proto::multiplex::IoErrors;
use rsync_proto::sums::Head;
use rustix::io::Errno;

use super::keep::{Keep, Owner};
use super::list::FileList;
use crate::connection::{Interrupt, Session};
use crate::crossing::Crossing;
use crate::failure::{Failure, Status};
use crate::fs::{self, Facts, FileType, IdMap, Names, Target, Temporaries, Tree, error_text};
use crate::log::{Kind, Log};
use crate::options::{Chmod, Debug, Options};

/// Sees what happens on the receiving side, to tell it to the user. Called from
/// several threads.
pub trait Observer: Send + Sync {
    /// The session has begun; `is_incremental`: its lists come one by one;
    /// `checksum` is what the sums in them are.
    fn begun(&self, _is_incremental: bool, _checksum: Checksum) {}
    /// A list that comes whole has so many entries by now; told once in
    /// [`counting::TOLD_ONCE_IN`](crate::counting::TOLD_ONCE_IN).
    fn counted(&self, _entries: u64) {}
    /// What the lists have by now: entries, bytes of their files; `has_more`:
    /// lists are still to come.
    fn known(&self, _entries: u64, _size: u64, _has_more: bool) {}
    /// A list or a phase is finished, and with it so many entries, all of those in the
    /// list that the sender is at.
    fn finished(&self, _entries: u64) {}
    /// An item has been dealt with, or its data begin to arrive.
    /// It is the one after `position` others in the lists.
    fn item(&self, position: u32, entry: &Entry, item: &Item);
    /// An entry of a list that is only shown (`--list-only`).
    fn listed(&self, entry: &Entry);
    /// Something was deleted, or would be in a dry run.
    fn deleted(&self, name: &[u8], kind: FileType);
    /// This crossed the connection for the file whose end is told next.
    fn crossed(&self, _crossing: Crossing) {}
    /// So many bytes of a file's data have arrived or been found here; `is_last`
    /// when it is complete.
    fn progress(&self, entry: &Entry, bytes: u64, is_last: bool);
}

/// A value of an extended attribute: which set of attributes, all of which are
/// kept while a session lasts, and the position in it.
pub type ValueKey = (usize, usize);

/// The key of a value of a set.
pub fn value_key(set: &Arc<Attributes>, position: usize) -> ValueKey {
    (Arc::as_ptr(set) as usize, position)
}

/// What was asked of the sender and has not been answered.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The file's data were compared with this.
    pub basis: Basis,
    /// The name of a fuzzy basis.
    pub fuzzy: Option<Vec<u8>>,
    /// How the basis was cut into blocks.
    pub head: Head,
    /// It is asked for a second time.
    pub is_second: bool,
    /// Nothing was in its place.
    pub is_new: bool,
}

/// Hashes numbers of our own, which nobody chooses so that they collide.
#[derive(Debug, Default)]
pub struct IndexHasher(u64);

impl Hasher for IndexHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u32(byte.into()));
    }

    fn write_u32(&mut self, number: u32) {
        // The golden ratio's bits spread neighbours far apart.
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Counts for the end of a run.
#[derive(Debug, Default)]
pub struct Counts {
    /// What is in the lists, by type, as [`counting`](crate::counting) numbers them.
    pub listed: [AtomicU64; 5],
    /// What was made that was not there, by type, as [`counting`](crate::counting) numbers them.
    pub created: [AtomicU64; 5],
    /// What was deleted.
    pub deleted: [AtomicU64; 5],
    /// Files whose data came.
    pub transferred_files: AtomicU64,
    /// Bytes of those files.
    pub transferred_size: AtomicU64,
    /// Bytes that came as they are.
    pub literal: AtomicU64,
    /// Bytes that were found here.
    pub matched: AtomicU64,
    /// Bytes of all files and links in the lists.
    pub total_size: AtomicU64,
    /// Bytes of the lists on the wire.
    pub list_size: AtomicU64,
}

/// What the threads of the receiving side have in common.
pub struct Run {
    /// What the peers agreed on.
    pub session: Session,
    /// What is kept of entries.
    pub keep: Keep,
    /// Names of this machine.
    pub names: Names,
    /// What numbers of users become.
    pub users: Mutex<IdMap>,
    /// What numbers of groups become.
    pub groups: Mutex<IdMap>,
    /// Files in the making.
    pub temporaries: Temporaries,
    /// Lines for the user.
    pub log: Arc<dyn Log>,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
    /// What was asked of the sender.
    pub asked: Mutex<HashMap<u32, Asked, BuildHasherDefault<IndexHasher>>>,
    /// Long values of extended attributes that came, by set and position.
    pub values: Mutex<HashMap<ValueKey, Arc<[u8]>>>,
    /// Files that wait for the end under other names (`--delay-updates`).
    pub delayed: Mutex<Vec<Vec<u8>>>,
    /// What is counted.
    pub counts: Counts,
    /// Which of us a message is from.
    errors: AtomicU8,
    has_transfer_error: AtomicBool,
    /// What ends the run, if it is one of the threads that do not read from the peer.
    stopped: OnceLock<Failure>,
    /// Ends the reading from the peer.
    interrupt: OnceLock<Interrupt>,
}

/// Which thread a message is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The one that decides.
    Generator,
    /// The one that writes.
    Receiver,
}

impl Run {
    /// Tells how much of the lists is here.
    pub fn tell_of_lists(&self, entries: u64, has_more: bool) {
        self.observer.known(entries, self.counts.total_size.load(Ordering::Relaxed), has_more);
    }

    /// Tells which entries of a list were dropped for others of their name.
    pub fn tell_of_duplicates(&self, list: &FileList) {
        if !self.options().output.debug.has(Debug::Dup, 1) {
            return;
        }
        for index in list.duplicates() {
            let name = list.entry(index).map_or(&b""[..], |entry| entry.name.bytes());
            self.say(&[b"removing duplicate name ", name, format!(" from file list ({index})").as_bytes()]);
        }
    }

    /// For a session; `log` and `observer` tell the user.
    ///
    /// # Errors
    /// Where maps of users or groups cannot be understood.
    pub fn new(
        session: Session,
        temporaries: Temporaries,
        log: Arc<dyn Log>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, Failure> {
        let names = Names::default();
        let options = Arc::clone(&session.options);
        let map = || Mutex::new(IdMap::new(Vec::new(), options.attributes.numeric_ids));
        let (users, groups) = (map(), map());
        let euid = rustix::process::geteuid().as_raw();
        let mut ours: Vec<u32> = vec![rustix::process::getegid().as_raw()];
        ours.extend(rustix::process::getgroups().unwrap_or_default().into_iter().map(|group| group.as_raw()));
        let keep = Keep::new(&options, euid, ours, fs::umask());
        Ok(Self {
            session,
            keep,
            names,
            users,
            groups,
            temporaries,
            log,
            observer,
            asked: Mutex::default(),
            values: Mutex::default(),
            delayed: Mutex::default(),
            counts: Counts::default(),
            errors: AtomicU8::new(0),
            has_transfer_error: AtomicBool::new(false),
            stopped: OnceLock::new(),
            interrupt: OnceLock::new(),
        })
    }

    /// Understands `--usermap` and `--groupmap`.
    ///
    /// # Errors
    /// Where they are no maps.
    pub fn read_maps(&self) -> Result<(), Failure> {
        let attributes = &self.options().attributes;
        let maps = [
            (&attributes.usermap, self.names.users(), "usermap", &self.users),
            (&attributes.groupmap, self.names.groups(), "groupmap", &self.groups),
        ];
        for (value, table, option, map) in maps {
            let Some(value) = value else { continue };
            let mut rules = Vec::new();
            for rule in fs::parse_rules(value, table) {
                match rule {
                    Ok(rule) => rules.push(rule),
                    Err(error) if error.is_harmless() => {
                        self.complain_of_nothing(error.message(option));
                    }
                    Err(error) => {
                        let failure = Failure::new(Status::Syntax, error.message(option));
                        return Err(failure.bare().at(error.site()).by("Receiver"));
                    }
                }
            }
            *lock(map) = IdMap::new(rules, attributes.numeric_ids);
        }
        Ok(())
    }

    fn complain_of_nothing(&self, mut text: Vec<u8>) {
        text.push(b'\n');
        self.log.line(Kind::Error, &text);
    }

    /// What we were asked for.
    pub fn options(&self) -> &Options {
        &self.session.options
    }

    /// Has the reading from the peer ended by `interrupt` where the run is stopped.
    pub fn stop_by(&self, interrupt: Interrupt) {
        // It is said once.
        let _ = self.interrupt.set(interrupt);
    }

    /// Ends the run, from any thread.
    pub fn stop(&self, failure: Failure) {
        // The first one says why.
        let _ = self.stopped.set(failure);
        if let Some(interrupt) = self.interrupt.get() {
            interrupt.raise();
        }
    }

    /// What ended the run.
    pub fn stopped(&self) -> Option<&Failure> {
        self.stopped.get()
    }

    /// A file that cannot be written, after which no other can be either: the run ends
    /// (as the original's, 3.5.0).
    pub fn cannot_write(path: &[u8], errno: Errno) -> Failure {
        let why = error_text(errno);
        let text = [b"[receiver] write failed on \"", path, b"\": ", why.as_bytes()].concat();
        Failure::new(Status::FileIo, text).at("receiver.c(657)").by("receiver")
    }

    /// Counts a list of so many bytes.
    pub fn note_list(&self, bytes: u64) {
        self.counts.list_size.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Adds to what went wrong with files.
    pub fn note(&self, errors: IoErrors) {
        self.errors.fetch_or(errors.bits() as u8, Ordering::Relaxed);
    }

    /// What went wrong with files.
    pub fn errors(&self) -> IoErrors {
        IoErrors::from_bits(self.errors.load(Ordering::Relaxed).into())
    }

    /// Notes that something was not transferred.
    pub fn note_transfer_error(&self) {
        self.has_transfer_error.store(true, Ordering::Relaxed);
    }

    /// The status of a run that came to its end.
    pub fn status(&self) -> Status {
        let errors = self.errors();
        if errors.contains(IoErrors::GENERAL) || self.has_transfer_error.load(Ordering::Relaxed) {
            Status::Partial
        } else if errors.contains(IoErrors::VANISHED) {
            Status::Vanished
        } else if errors.contains(IoErrors::DELETION_LIMIT) {
            Status::DeletionLimit
        } else {
            Status::Success
        }
    }

    /// Reports that `call` failed on a file.
    pub fn failed(&self, who: Who, call: &str, tree: &Tree, name: &[u8], errno: Errno) {
        self.failed_at(who, call, &tree.shown(name), errno);
    }

    /// Reports that `call` failed on the file at a path.
    pub fn failed_at(&self, who: Who, call: impl AsRef<[u8]>, path: &[u8], errno: Errno) {
        self.report(who, call.as_ref(), path, "\" failed: ", errno);
    }

    /// Reports what could not be done with the file at a path, in words that say so.
    pub fn could_not(&self, who: Who, what: &str, path: &[u8], errno: Errno) {
        self.report(who, what.as_bytes(), path, "\": ", errno);
    }

    fn report(&self, who: Who, what: &[u8], path: &[u8], then: &str, errno: Errno) {
        let role = match who {
            Who::Generator => "generator",
            Who::Receiver => "receiver",
        };
        let head = format!("rsync: [{role}] ");
        let why = format!("{then}{}", crate::fs::error_text(errno));
        self.complain(&[head.as_bytes(), what, b" \"", path, why.as_bytes()]);
    }

    /// Says something for standard output: `parts` together are a line.
    pub fn say(&self, parts: &[&[u8]]) {
        let mut line = parts.concat();
        line.push(b'\n');
        self.log.line(Kind::Info, &line);
    }

    /// Says what was not transferred.
    pub fn complain(&self, parts: &[&[u8]]) {
        let mut line = parts.concat();
        line.push(b'\n');
        self.note_transfer_error();
        self.log.line(Kind::TransferError, &line);
    }

    /// Says what the user should know.
    pub fn warn(&self, parts: &[&[u8]]) {
        let mut line = parts.concat();
        line.push(b'\n');
        self.log.line(Kind::Warning, &line);
    }

    /// Whose an entry is to be here.
    pub fn owner(&self, entry: &Entry) -> Owner {
        let user = entry.user.filter(|_| self.keep.owner).map(|user| lock(&self.users).map(user));
        let group = entry.group.filter(|_| self.keep.group).map(|group| lock(&self.groups).map(group));
        self.keep.owner(Owner { user, group })
    }

    /// What `--chmod` changes here: a client's side does it, whichever that is.
    pub fn own_chmod(&self) -> Option<&Chmod> {
        self.options().attributes.chmod.as_ref().filter(|_| !self.session.is_server())
    }

    /// A list with the numbers that users and groups have here.
    pub fn mapped_acl(&self, acl: &Acl) -> Acl {
        let mut acl = acl.clone();
        for named in &mut acl.named {
            let map = if named.is_user { &self.users } else { &self.groups };
            named.id = lock(map).map(named.id);
            named.name = None;
        }
        acl.named.sort_by_key(|named| (!named.is_user, named.id));
        acl
    }

    /// What `name` is, or is taken for; `None` where it is nothing.
    ///
    /// # Errors
    /// What the system says.
    pub fn facts(&self, tree: &mut Tree, name: &[u8]) -> Result<Option<Facts>, Errno> {
        let Some(facts) = tree.facts(name)? else { return Ok(None) };
        if !self.keep.is_fake {
            return Ok(Some(facts));
        }
        let (directory, leaf) = tree.parent(name)?;
        Ok(Some(fs::faked(Target { directory: &directory, leaf, file: None }, facts)))
    }
}

/// A lock; what a thread left that panicked is still whole.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
