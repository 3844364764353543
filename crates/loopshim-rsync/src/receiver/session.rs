//! The receiving side of a session, from the first list to the last word.

use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};

use rsync_proto::file_list::{Kind, read_ids};
use rsync_proto::index::{Index, Running};
use rsync_proto::multiplex::Message;
use rustix::io::Errno;

use super::destination::{Destination, here, prepare};
use super::list::{Accept, FileList, Lists, Shape, prune};
use super::news::{Event, News};
use super::places::{Lack, Places, lack};
use super::pool::Pool;
use super::run::{Observer, Run, lock};
use super::{Receiver, SenderStats};
use crate::connection::{Incoming, Messages, Outgoing, Session};
use crate::counting;
use crate::failure::{Failure, Status};
use crate::filters::Scope;
use crate::fs::{Temporaries, Tree, Trust, error_text, open_directory, open_from};
use crate::generator::{Generator, Outlet};
use crate::log::Log;
use crate::options::{Info, Recursion};

/// What makes a link lead nowhere until it is taken off again.
pub const MUNGED: &[u8] = b"/rsyncd-munged/";

/// So many entries a sender sends without being asked for any.
const AHEAD: usize = 1000;

/// The receiving side of a session.
pub struct Receiving {
    run: Arc<Run>,
    news: News,
    events: mpsc::Receiver<Event>,
}

/// What came of a session.
pub struct Finished {
    /// The status to end with.
    pub status: Status,
    /// What a server that sent says of itself.
    pub stats: Option<SenderStats>,
    /// How many entries the lists had.
    pub entries: u64,
    /// What was counted, and more.
    pub run: Arc<Run>,
}

/// Hands to the generator what concerns it, and all else to somebody else.
struct Intake {
    run: Arc<Run>,
    news: News,
    other: Box<dyn Messages>,
}

impl Messages for Intake {
    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            Message::NoSend(index) => {
                let index = u32::try_from(index)
                    .map_err(|_| Failure::new(Status::StreamIo, format!("no file has index {index}")))?;
                self.news.tell(Event::NoSend(index));
                Ok(())
            }
            Message::IoError(errors) => {
                self.run.note(errors);
                Ok(())
            }
            Message::Text(kind, text) => {
                if kind == rsync_proto::multiplex::TextKind::TransferError {
                    self.run.note_transfer_error();
                }
                self.other.take(Message::Text(kind, text))
            }
            other => self.other.take(other),
        }
    }

    fn before_waiting(&mut self) {
        self.news.settle();
    }
}

impl Receiving {
    /// For a session; `log` and `observer` tell the user.
    ///
    /// # Errors
    /// As [`Run::new`].
    pub fn new(
        session: Session,
        temporaries: Temporaries,
        log: Arc<dyn Log>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, Failure> {
        let (sender, events) = mpsc::channel();
        let run = Arc::new(Run::new(session, temporaries, log, observer)?);
        Ok(Self { run, news: News::new(sender), events })
    }

    /// What the threads have in common.
    pub fn common(&self) -> &Arc<Run> {
        &self.run
    }

    /// Takes messages of the peer; those that do not concern the receiving side
    /// go to `other`.
    pub fn messages(&self, other: Box<dyn Messages>) -> Box<dyn Messages> {
        Box::new(Intake { run: Arc::clone(&self.run), news: self.news.clone(), other })
    }

    /// Receives everything to `operand`. `filters` are the rules that protect
    /// from deletion, `accept` the names that were asked for, `has_stats` tells
    /// of a server that sends, `is_local` that both sides are on this machine.
    ///
    /// # Errors
    /// What ends the run before its time.
    pub fn run(
        self,
        incoming: &mut Incoming,
        outgoing: &Outgoing,
        operand: &[u8],
        filters: Scope,
        accept: Box<dyn Accept + Send>,
        is_local: bool,
    ) -> Result<Finished, Failure> {
        self.run.read_maps()?;
        let has_stats = !self.run.session.is_server() && !is_local;
        let mut running = Running::default();
        self.run.observer.begun(self.run.session.is_incremental(), self.run.session.list_checksum);
        let mut lists = Lists::new(self.run.session.format(), self.shape(), accept);
        lists.set_change(change(&self.run));
        let (first, has_last) = self.read_first(incoming, &mut lists, &mut running, has_stats, &filters)?;
        self.run.tell_of_lists(lists.count(), !has_last);
        first.iter().for_each(|list| self.run.tell_of_duplicates(list));
        if has_stats && first[0].slots.is_empty() {
            return Ok(Finished { status: self.run.status(), stats: None, entries: 0, run: self.run });
        }
        let destination = Arc::new(self.destination(operand, &first)?);
        self.look_for_alternatives(&destination);
        self.check_backup_directory(&destination)?;
        self.tell_of_backup_directory(&destination);
        self.check_temporary_directory(&destination)?;
        let Self { run, news, events } = self;
        let outlet = Outlet::new(outgoing.data());
        let interrupt = incoming.interrupt()?;
        run.stop_by(interrupt.clone());
        let generator = {
            let (run, destination, first) = (Arc::clone(&run), Arc::clone(&destination), first.clone());
            let interrupt = interrupt.clone();
            std::thread::spawn(move || {
                let generator = Generator::new(&run, destination, outlet, events, filters, is_local);
                let outcome = generator.run(first, has_last);
                // The sender would wait for requests, and we for the sender. Of a
                // connection that has failed the receiver learns by itself.
                if outcome.as_ref().is_err_and(|failure| !failure.is_echo()) {
                    interrupt.raise();
                }
                outcome
            })
        };
        let received = std::thread::scope(|scope| {
            let handover = run.session.handover.as_ref();
            let pool = handover.map(|_| Pool::start(scope, &run, &destination, &news));
            let receiver =
                Receiver::new(&run, Arc::clone(&destination), lists, first, running, news.clone(), pool);
            let outcome = receiver.run(incoming, has_stats);
            // A sender that waits for room must not wait for us.
            handover.iter().for_each(|handover| handover.close());
            outcome
        });
        if let Err(failure) = &received
            && !interrupt.is_raised()
        {
            return Err(failure.clone());
        }
        news.tell(Event::Over);
        let outcome = generator.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if let Some(failure) = run.stopped() {
            return Err(failure.clone());
        }
        outcome?;
        let (stats, entries) = received?;
        Ok(Finished { status: run.status(), stats, entries, run })
    }

    /// Where backups are to lie there must be nothing else; it need not be there yet.
    fn check_backup_directory(&self, destination: &Destination) -> Result<(), Failure> {
        let backup = self.run.options().writing.backup.as_ref();
        let Some(path) = backup.and_then(|backup| backup.directory.as_ref()) else { return Ok(()) };
        match lack(destination.tree.root().ok(), path) {
            Some(Lack::NoDirectory) => {
                Err(no_directory("backup-dir is not a directory", path).at("main.c(1032)"))
            }
            Some(Lack::Unseen(errno)) => Err(unseen("", path, errno).at("main.c(1036)")),
            Some(Lack::Missing) | None => Ok(()),
        }
    }

    fn check_temporary_directory(&self, destination: &Destination) -> Result<(), Failure> {
        let Some(path) = &self.run.options().writing.temp_dir else { return Ok(()) };
        // A destination that is only tried has no directory.
        Err(match lack(destination.tree.root().ok(), path) {
            Some(Lack::NoDirectory) => no_directory("temp-dir is not a directory", path).at("main.c(1052)"),
            Some(Lack::Missing) => no_directory("temp-dir does not exist", path).at("main.c(1056)"),
            Some(Lack::Unseen(errno)) => unseen("temp-dir ", path, errno).at("main.c(1059)"),
            None => return Ok(()),
        })
    }

    /// Tells of directories of `--link-dest` and the like that are none.
    fn look_for_alternatives(&self, destination: &Destination) {
        let Some(alternatives) = &self.run.options().comparison.alternatives else { return };
        for path in &alternatives.directories {
            let Some((lack, shown)) = Places::lacks_alternative(&destination.tree, path) else { continue };
            let what = match lack {
                Lack::NoDirectory => "is not a dir",
                Lack::Missing | Lack::Unseen(_) => "does not exist",
            };
            let text = format!("{} arg {what}: ", alternatives.kind.option());
            self.run.warn(&[text.as_bytes(), &shown]);
        }
    }

    /// Tells where backups go, and whether that is to be made.
    fn tell_of_backup_directory(&self, destination: &Destination) {
        let options = self.run.options();
        let backup = options.writing.backup.as_ref().filter(|_| options.output.info.has(Info::Backup, 1));
        let Some(path) = backup.and_then(|backup| backup.directory.as_ref()) else { return };
        let is_there = match destination.tree.root() {
            Ok(root) => open_from(root, path, Trust::All).is_ok(),
            Err(_) => path.starts_with(b"/") && open_directory(path, Trust::All).is_ok(),
        };
        let new: &[u8] = if is_there { b"" } else { b"(new) " };
        self.run.say(&[new, b"backup_dir is ", path.strip_suffix(b"/").unwrap_or(path)]);
    }

    fn shape(&self) -> Shape {
        let options = self.run.options();
        let is_relative = options.selection.is_relative;
        Shape {
            is_incremental: self.run.session.is_incremental(),
            is_relative,
            has_gaps: is_relative,
            is_recursive: options.selection.recursion != Recursion::Skip,
        }
    }

    /// The first list, and with it what decides what the destination is. Where
    /// it is empty and `may_be_all`, nothing more is said.
    fn read_first(
        &self,
        incoming: &mut Incoming,
        lists: &mut Lists,
        running: &mut Running,
        may_be_all: bool,
        filters: &Scope,
    ) -> Result<(Vec<Arc<FileList>>, bool), Failure> {
        let before = incoming.taken();
        let mut first = lists.read_first(incoming)?;
        let is_incremental = self.run.session.is_incremental();
        if !is_incremental {
            self.read_names(incoming)?;
        }
        self.run.note_list(incoming.taken() - before);
        if !is_incremental && self.run.options().selection.prunes_empty_directories {
            prune(&mut first.slots, &|name| filters.excludes(name.bytes(), true, b""));
        }
        self.run.note(lists.errors());
        let mut read = vec![Arc::new(first)];
        // As many as a sender sends before it waits for anybody: a single entry
        // does not tell what the destination is, and what is said of links and
        // deletions should not depend on who is faster.
        let mut count = read[0].slots.len();
        let mut is_last = !is_incremental || may_be_all && count == 0;
        while !is_last && count < AHEAD {
            match running.read(incoming)? {
                Index::LastList => is_last = true,
                Index::ListOf(number) => {
                    let before = incoming.taken();
                    let list = lists.read_of(incoming, number)?;
                    self.run.note_list(incoming.taken() - before);
                    self.run.note(lists.errors());
                    count += list.slots.len();
                    read.push(Arc::new(list));
                }
                index => {
                    let text = format!("{index:?} came where a file list was expected");
                    return Err(Failure::new(Status::Protocol, text));
                }
            }
        }
        Ok((read, is_last))
    }

    /// Names of users and groups after a list that came whole.
    fn read_names(&self, incoming: &mut Incoming) -> Result<(), Failure> {
        let attributes = &self.run.options().attributes;
        if attributes.numeric_ids {
            return Ok(());
        }
        let with_zero = self.run.session.abilities.has(rsync_proto::compat::Ability::NAMES_OF_ZERO);
        let named = |name: &[u8]| (!name.is_empty()).then(|| name.to_vec());
        if attributes.owner || attributes.acls {
            for (id, name) in read_ids(incoming, with_zero)? {
                lock(&self.run.users).learn(id, named(&name).as_deref(), self.run.names.users());
            }
        }
        if attributes.group || attributes.acls {
            for (id, name) in read_ids(incoming, with_zero)? {
                lock(&self.run.groups).learn(id, named(&name).as_deref(), self.run.names.groups());
            }
        }
        Ok(())
    }

    fn destination(&self, operand: &[u8], first: &[Arc<FileList>]) -> Result<Destination, Failure> {
        if self.run.options().output.lists_only {
            let tree = Tree::missing(here());
            return Ok(Destination { tree, renamed: None, is_fresh: true });
        }
        // The second list counts where the first has but one entry.
        let decisive = if first.first().is_some_and(|list| list.slots.len() == 1) { 2 } else { 1 };
        let lists: Vec<&FileList> = first.iter().take(decisive).map(Arc::as_ref).collect();
        prepare(&self.run, operand, &lists)
    }
}

/// A directory that an option names is none.
fn no_directory(what: &str, path: &[u8]) -> Failure {
    let text = [format!("The {what}: ").as_bytes(), path].concat();
    Failure::new(Status::Syntax, text).bare().by("Receiver")
}

/// What is in the place of a directory that an option names cannot be looked at.
fn unseen(what: &str, path: &[u8], errno: Errno) -> Failure {
    let words = error_text(errno);
    // Without its number here.
    let why = words.rsplit_once(" (").map_or(&words[..], |(why, _)| why);
    let text = [b"Failed to stat ", what.as_bytes(), path, b": ", why.as_bytes()].concat();
    Failure::new(Status::FileIo, text).bare().by("Receiver")
}

/// The place of a type in counts. What is to be deleted is counted with the
/// specials here, and by a sender with the files (observed: 3.5.0).
fn counted_as(kind: &Kind) -> usize {
    counting::of_kind(if *kind == Kind::Missing { &Kind::Fifo } else { kind })
}

/// What is done with every entry as it arrives.
fn change(run: &Arc<Run>) -> Box<dyn Fn(&mut rsync_proto::file_list::Entry) + Send> {
    let run = Arc::clone(run);
    let chmod = run.own_chmod().cloned();
    // Copied within a machine they would be taken off and put on again.
    let munges = run.options().links.munges && run.session.handover.is_none();
    let is_whole = !run.session.is_incremental();
    Box::new(move |entry| {
        if let Kind::Symlink(Some(target)) = &mut entry.kind
            && munges
        {
            *target = [MUNGED, target].concat().into();
        }
        if let (Some(id), Some(name)) = (entry.user, entry.user_name.take()) {
            lock(&run.users).learn(id, Some(&name), run.names.users());
        }
        if let (Some(id), Some(name)) = (entry.group, entry.group_name.take()) {
            lock(&run.groups).learn(id, Some(&name), run.names.groups());
        }
        for acl in entry.access_acl.iter().chain(&entry.default_acl) {
            for named in acl.named.iter().filter(|named| named.name.is_some()) {
                let (map, table) = match named.is_user {
                    true => (&run.users, run.names.users()),
                    false => (&run.groups, run.names.groups()),
                };
                lock(map).learn(named.id, named.name.as_deref(), table);
            }
        }
        if let Some(chmod) = &chmod
            && !matches!(entry.kind, Kind::Symlink(_))
        {
            let mode = chmod.apply(entry.mode(), entry.is_directory(), run.keep.umask.into());
            entry.permissions = (mode & 0o7777) as u16;
        }
        run.counts.listed[counted_as(&entry.kind)].fetch_add(1, Ordering::Relaxed);
        if is_whole {
            let entries: u64 = run.counts.listed.iter().map(|count| count.load(Ordering::Relaxed)).sum();
            entries.is_multiple_of(counting::TOLD_ONCE_IN).then(|| run.observer.counted(entries));
        }
        if matches!(entry.kind, Kind::File | Kind::Symlink(_)) {
            run.counts.total_size.fetch_add(entry.length, Ordering::Relaxed);
        }
    })
}
