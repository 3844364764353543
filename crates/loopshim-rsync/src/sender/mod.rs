//! The side that has the source: lists it, and answers what the receiving side
//! asks for.
//!
//! One thread scans, lists and answers; another writes what it made into the
//! connection. Lists are made as far ahead as the receiver needs to go on.

mod answer;
mod content;
mod listed;
mod lists;
mod operand;
mod operands;
mod requests;
mod scan;
mod speaker;

use std::sync::Arc;
use std::time::Instant;

use rsync_proto::Version;
use rsync_proto::digest::Checksum;
use rsync_proto::file_list::Entry;
use rsync_proto::index::Running;
use rsync_proto::item::{Flags, Item};
use rsync_proto::multiplex::IoErrors;
use rsync_proto::tokens::Writer;

pub use lists::Totals;

use crate::connection::{Link, Session};
use crate::counting;
use crate::crossing::Crossing;
use crate::filters::Scope;
use crate::log::Log;
use crate::options::Bytes;
use crate::{Failure, Status};
use answer::Answering;
use lists::Lists;
use requests::{FromReceiver, Told};
use scan::Scanner;
use speaker::{Speaker, current_directory};

/// Sees what the sender does, to tell it to the user.
pub trait Observer: Send + Sync {
    /// The session has begun; `is_incremental`: its lists come one by one.
    fn begun(&self, _is_incremental: bool, _checksum: Checksum) {}
    /// A list that comes whole has so many entries by now; told once in
    /// [`counting::TOLD_ONCE_IN`].
    fn counted(&self, _entries: u64) {}
    /// What the lists have by now: entries, bytes of their files; `has_more`:
    /// lists are still to come.
    fn known(&self, _entries: u64, _size: u64, _has_more: bool) {}
    /// A list or a phase is finished, and with it so many entries, all of those in the
    /// list that the receiver is at.
    fn finished(&self, _entries: u64) {}
    /// Items that follow lie in this directory, as it was named.
    fn lies_in(&self, _directory: &[u8]) {}
    /// An item has been asked for; its data, if any, follow.
    /// It is the one after `position` others in the lists.
    fn item(&self, position: u32, entry: &Entry, item: &Item);
    /// Something was deleted at the receiver.
    fn deleted(&self, name: &[u8], is_directory: bool);
    /// This crossed the connection for the file whose end is told next.
    fn crossed(&self, _crossing: Crossing) {}
    /// So many bytes of a file have been dealt with; `is_last` at its end.
    fn progress(&self, entry: &Entry, bytes: u64, is_last: bool);
}

/// What a sender did, for statistics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Of what was listed.
    pub listed: Totals,
    /// What was new at the receiver, by type.
    pub created: [u64; 5],
    /// What was deleted there, by type; not told before protocol 31.
    pub deleted: Option<[u64; 5]>,
    /// Files whose data were sent.
    pub transferred_files: u64,
    /// Bytes of those files.
    pub transferred_size: u64,
    /// Bytes that were sent as they are.
    pub literal: u64,
    /// Bytes that the receiver had.
    pub matched: u64,
    /// Bytes that were read until the last words.
    pub read: u64,
    /// Bytes that were written until then, and that would have been for files that
    /// were handed over.
    pub written: u64,
    /// How long it took to make the first list, in milliseconds.
    pub list_milliseconds: u64,
    /// What went wrong with files.
    pub errors: IoErrors,
    /// The receiver said that something was not transferred.
    pub has_transfer_error: bool,
}

impl Summary {
    /// Counts what was not at the receiver.
    fn note_new(&mut self, entry: &Entry, item: &Item) {
        if item.flags.has(Flags::NEW) {
            self.created[counting::of_kind(&entry.kind)] += 1;
        }
    }

    fn count(&mut self, entry: &Entry, item: &Item) {
        self.note_new(entry, item);
        self.transferred_files += 1;
        self.transferred_size += entry.length;
    }

    /// The status of a run that came to its end.
    pub fn status(&self) -> Status {
        let has = |errors| self.errors.contains(errors);
        if has(IoErrors::GENERAL) || self.has_transfer_error {
            Status::Partial
        } else if has(IoErrors::VANISHED) {
            Status::Vanished
        } else if has(IoErrors::DELETION_LIMIT) {
            Status::DeletionLimit
        } else {
            Status::Success
        }
    }
}

/// What a sender is to send.
pub struct Task<'t> {
    /// What the peers agreed on.
    pub session: &'t Session,
    /// Operands, or the names of `--files-from` and the directory they lie in.
    pub sources: Sources<'t>,
    /// The rules, as a sender looks at them.
    pub scope: Scope,
    /// Lines for the user.
    pub log: Arc<dyn Log>,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
}

/// What is to be sent.
pub enum Sources<'t> {
    /// These paths.
    Operands(&'t [Bytes]),
    /// Names read one by one, below a directory.
    Named {
        /// The directory.
        directory: &'t [u8],
        /// Gives the next name, none at the end.
        next: NextName<'t>,
    },
}

/// Gives names, reading them from the peer where it has them.
pub type NextName<'t> =
    Box<dyn FnMut(&mut crate::connection::Incoming) -> Result<Option<Bytes>, Failure> + 't>;

/// Sends, until the peer has what it wants. Frames have begun on neither side.
///
/// # Errors
/// Where the peer breaks a rule or is gone.
pub fn run(link: &mut Link, task: Task<'_>) -> Result<Summary, Failure> {
    let Task { session, sources, scope, log, observer } = task;
    let told = Arc::new(Told::default());
    link.incoming.begin_frames(Box::new(FromReceiver {
        told: Arc::clone(&told),
        log: Arc::clone(&log),
        observer: Arc::clone(&observer),
    }));
    let current = current_directory();
    let speaker = Speaker::new(&*log, &session.options, &current);
    let mut scanner = Scanner::new(session, speaker);
    let mut lists = Lists::new(session, &*observer);
    let mut data = link.outgoing.data();
    let start = Instant::now();
    observer.begun(session.is_incremental(), session.list_checksum);
    let mut outward = Running::default();
    operands::list(
        &mut operands::Listing {
            session,
            scanner: &mut scanner,
            lists: &mut lists,
            data: &mut data,
            incoming: &mut link.incoming,
            scope: &scope,
        },
        sources,
    )?;
    if session.is_incremental() && lists.first_length() == 1 {
        // The receiver waits for it to know what its destination is.
        lists.send_next(&mut scanner, &mut outward, &mut data)?;
    }
    // Before the receiver has all of it: it speaks to the same user here.
    lists.tell(&*observer);
    if !session.is_incremental() {
        data.flush()?;
    }
    let level = session.compression.and_then(|algorithm| session.options.wire.level(algorithm));
    let summary = Summary {
        list_milliseconds: start.elapsed().as_millis() as u64,
        deleted: (session.version >= Version::V31).then_some([0; 5]),
        ..Summary::default()
    };
    let mut answering = Answering {
        session,
        incoming: &mut link.incoming,
        data: &mut data,
        scanner,
        lists,
        told: Arc::clone(&told),
        observer: &*observer,
        outward,
        inward: Running::default(),
        writer: Writer::new(session.compression, level)?,
        summary,
        appended: Default::default(),
        told_base: None,
        tally: Default::default(),
        buffer: Vec::new(),
    };
    // A client that pulls ends at an empty list, without a word: it would be waited for in vain.
    if session.is_server() && answering.lists.first_length() == 0 {
        answering.data.flush()?;
    } else {
        answering.run()?;
        answering.say_goodbye()?;
    }
    let Answering { scanner, lists, mut summary, .. } = answering;
    summary.listed = lists.totals;
    summary.errors = scanner.errors.and(told.errors());
    summary.has_transfer_error = told.has_transfer_error() || scanner.has_transfer_error;
    Ok(summary)
}
