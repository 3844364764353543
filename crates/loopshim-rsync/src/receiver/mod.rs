//! The side that writes files, fed by the sender.
//!
//! One thread reads all that comes from the peer: lists, items and data. It
//! hands lists to the thread that decides (the generator), writes the files
//! that one asked for, and never waits for it: so a sender can always get rid
//! of what it has, and both sides keep moving.

mod accept;
pub mod backup;
mod data;
mod destination;
pub mod keep;
pub mod list;
mod news;
pub mod outfit;
mod placer;
pub mod places;
mod pool;
pub mod run;
#[cfg(test)]
mod samples;
mod session;
mod transfer;

pub use accept::{Anything, Named, Requested};
pub use destination::{Destination, prepare};
pub use list::{Accept, FileList, Lists, Shape, Slot};
pub use news::{Ended, Event, News};
pub use run::{Counts, Observer, Run};
pub use session::{Finished, MUNGED, Receiving};

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rsync_proto::compat::Ability;
use rsync_proto::file_list::{Entry, Value};
use rsync_proto::index::{Index, Running};
use rsync_proto::integers::{read_varint, read_varlong};
use rsync_proto::item::{Flags, Item};
use rsync_proto::tokens::Reader;
use rsync_proto::{Input, Version, xattr_values};

use crate::connection::{Handed, Incoming};
use crate::failure::{Failure, Status};
use crate::options::Append;
use placer::Placer;
use pool::{Job, Pool};
use run::{Asked, lock, value_key};
use transfer::Outcome;

/// What a server that sent says at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SenderStats {
    /// Bytes it read.
    pub read: u64,
    /// Bytes it wrote.
    pub written: u64,
    /// Bytes of all files in the lists.
    pub size: u64,
    /// Milliseconds it took to make the lists.
    pub list_building: u64,
    /// Milliseconds it took to send them.
    pub list_sending: u64,
}

/// Reads all that a sender says.
struct Receiver<'r> {
    run: &'r Run,
    placer: Placer<'r>,
    lists: Lists,
    live: VecDeque<Arc<FileList>>,
    news: News,
    reader: Reader,
    running: Running,
    /// Lists that are done with.
    finished: u32,
    /// How many entries there are until the end of the list the sender is at.
    reached: u64,
    phase: u8,
    /// Where files come by hand.
    pool: Option<Pool>,
    /// Files that came so, and whose items are still to come.
    handed: VecDeque<Handed>,
}

/// Deletions by type, as a peer counts them.
const DELETIONS_MAX: i32 = 1 << 28;

impl<'r> Receiver<'r> {
    /// Writes to `destination`; `first` are the lists that were read already.
    pub(super) fn new(
        run: &'r Run,
        destination: Arc<Destination>,
        lists: Lists,
        first: Vec<Arc<FileList>>,
        running: Running,
        news: News,
        pool: Option<Pool>,
    ) -> Self {
        let reader = Reader::new(run.session.compression);
        Self {
            run,
            placer: Placer::new(run, destination),
            lists,
            live: first.into(),
            news,
            reader,
            running,
            phase: 1,
            pool,
            handed: VecDeque::new(),
            finished: 0,
            reached: 0,
        }
    }

    /// Reads until the sender's last item, and a server's statistics after it.
    ///
    /// # Errors
    /// Where the peer breaks a rule or is gone.
    pub(super) fn run(
        mut self,
        input: &mut Incoming,
        has_stats: bool,
    ) -> Result<(Option<SenderStats>, u64), Failure> {
        while self.step(input)? {}
        let stats = if has_stats { Some(read_stats(input)?) } else { None };
        if self.run.session.version >= Version::V31 {
            self.read_last(input)?;
        }
        Ok((stats, self.lists.count()))
    }

    /// Takes one thing; whether more is to come.
    fn step(&mut self, input: &mut Incoming) -> Result<bool, Failure> {
        match self.running.read(input)? {
            Index::Done => return Ok(self.done()),
            Index::LastList => {
                self.run.tell_of_lists(self.lists.count(), false);
                self.news.tell(Event::LastList);
            }
            Index::DeletionCounts => read_deletions(self.run, input)?,
            Index::ListOf(number) => {
                let before = input.taken();
                let list = Arc::new(self.lists.read_of(input, number)?);
                self.run.note_list(input.taken() - before);
                self.run.tell_of_duplicates(&list);
                self.run.note(self.lists.errors());
                self.run.tell_of_lists(self.lists.count(), true);
                self.live.push_back(Arc::clone(&list));
                self.news.tell(Event::List(list));
            }
            Index::Entry(index) => self.item(input, index)?,
        }
        Ok(true)
    }

    /// A list or a phase is finished.
    fn done(&mut self) -> bool {
        // Where lists come one by one the end of the last one tells all.
        if self.phase == 1 || !self.lists.is_incremental() {
            self.run.observer.finished(self.reached.max(self.entries_until(1)));
        }
        if self.lists.is_incremental() && self.live.len() > 1 {
            self.live.pop_front();
            self.finished += 1;
            return true;
        }
        if let Some(pool) = &mut self.pool {
            pool.wait();
        }
        if self.phase == 2 {
            self.placer.rename_delayed();
        }
        self.news.tell(Event::Phase(self.phase));
        self.phase += 1;
        self.phase <= 3
    }

    fn read_last<I: Input<Error = Failure>>(&mut self, input: &mut I) -> Result<(), Failure> {
        loop {
            match self.running.read(input)? {
                Index::Done => return Ok(()),
                Index::DeletionCounts => read_deletions(self.run, input)?,
                index => {
                    let text = format!("{index:?} came where the end was expected");
                    return Err(Failure::new(Status::StreamIo, text));
                }
            }
        }
    }

    /// How many entries come before that of `index` in all lists.
    fn position(&self, index: u32) -> u32 {
        if !self.lists.is_incremental() {
            return index;
        }
        // The first list begins at 1, and before each list one index is left out.
        let before = self.live.partition_point(|list| list.start <= index) as u32;
        index.saturating_sub(self.finished + before)
    }

    /// How many entries there are in the lists before the first that is live, and in
    /// `count` from that on.
    fn entries_until(&self, count: usize) -> u64 {
        let Some(last) = self.live.get(count.saturating_sub(1)) else { return 0 };
        let end = u64::from(last.start) + last.slots.len() as u64;
        // Before each list one index is left out where they come one by one.
        let left_out = u64::from(self.finished) + count as u64;
        if self.lists.is_incremental() { end.saturating_sub(left_out) } else { end }
    }

    fn list_of(&self, index: u32) -> Result<Arc<FileList>, Failure> {
        // The index before a list's first entry is its directory's.
        let after = self.live.partition_point(|list| list.start.saturating_sub(1) <= index);
        let list = after.checked_sub(1).and_then(|at| self.live.get(at));
        list.filter(|list| index < list.end()).cloned().ok_or_else(|| {
            Failure::new(Status::Protocol, format!("File-list index {index} is not in the lists"))
        })
    }

    fn item(&mut self, input: &mut Incoming, index: u32) -> Result<(), Failure> {
        let item = Item::read(input)?;
        let list = self.list_of(index)?;
        let at = self.live.partition_point(|list| list.start.saturating_sub(1) <= index);
        self.reached = self.reached.max(self.entries_until(at));
        let entry = list.entry(index).ok_or_else(|| {
            Failure::new(Status::Protocol, format!("File-list index {index} means no entry"))
        })?;
        let has_values = self.read_values(input, entry, &item)?;
        if !item.flags.has(Flags::TRANSFER) {
            self.run.observer.item(self.position(index), entry, &item);
            if has_values {
                self.placer.give_values(entry);
            }
            return Ok(());
        }
        if entry.kind != rsync_proto::file_list::Kind::File || self.phase > 2 {
            let text = format!("received request to transfer non-regular file: {index} [receiver]");
            return Err(Failure::new(Status::Protocol, text));
        }
        let asked = lock(&self.run.asked).remove(&index);
        let asked = asked.ok_or_else(|| {
            Failure::new(Status::Protocol, format!("data came for index {index}, which nobody asked for"))
        })?;
        self.run.observer.item(self.position(index), entry, &item);
        if self.run.options().is_dry_run {
            let counts = &self.run.counts;
            counts.transferred_files.fetch_add(1, Ordering::Relaxed);
            counts.transferred_size.fetch_add(entry.length, Ordering::Relaxed);
            self.news.gather(Ended { index, is_done: true });
            return Ok(());
        }
        if self.take_by_hand(&list, index, &asked) {
            return Ok(());
        }
        match self.transfer(input, entry, &asked)? {
            Outcome::Redo => self.news.tell(Event::Redo(index)),
            outcome => self.news.gather(Ended { index, is_done: outcome == Outcome::Done }),
        }
        Ok(())
    }

    /// Has a file copied that the sender has opened, instead of read from it.
    fn take_by_hand(&mut self, list: &Arc<FileList>, index: u32, asked: &Asked) -> bool {
        let is_whole = asked.head.count() == 0 && self.run.options().writing.append == Append::No;
        let handover = self.run.session.handover.as_ref().filter(|_| is_whole);
        let (Some(pool), Some(handover)) = (&mut self.pool, handover) else { return false };
        if self.handed.is_empty() {
            handover.take(&mut self.handed);
        }
        match self.handed.pop_front() {
            None => self.news.gather(Ended { index, is_done: false }),
            Some(handed) => {
                let job = Job { list: Arc::clone(list), index, asked: asked.clone(), handed };
                pool.copy(job, self.handed.is_empty());
            }
        }
        true
    }

    /// Keeps the values of extended attributes that come with an item; whether
    /// the item has some.
    fn read_values<I: Input<Error = Failure>>(
        &self,
        input: &mut I,
        entry: &Entry,
        item: &Item,
    ) -> Result<bool, Failure> {
        let Some(set) = entry.xattrs.as_ref().filter(|_| item.flags.has(Flags::XATTR)) else {
            return Ok(false);
        };
        if self.run.options().is_dry_run || is_link_without_values(&self.run.session, item) {
            return Ok(false);
        }
        for (position, value) in xattr_values::read_values(input, set)? {
            lock(&self.run.values).insert(value_key(set, position), value.into());
        }
        Ok(set.iter().any(|(_, value)| matches!(value, Value::Digest { .. })))
    }
}

/// A link made here brings no values of attributes, unless the peers agreed not
/// to save them.
pub fn is_link_without_values(session: &crate::connection::Session, item: &Item) -> bool {
    let is_link = item.flags.has(Flags::LOCAL_CHANGE) && item.name.is_some();
    is_link && session.version >= Version::V31 && !session.abilities.has(Ability::NO_XATTR_OPTIMIZATION)
}

fn read_stats<I: Input<Error = Failure>>(input: &mut I) -> Result<SenderStats, Failure> {
    let mut next = || read_varlong(input, 3).map(|number| u64::try_from(number).unwrap_or(0));
    Ok(SenderStats {
        read: next()?,
        written: next()?,
        size: next()?,
        list_building: next()?,
        list_sending: next()?,
    })
}

/// Our own deletions, as a server that sends repeats them; counted already.
fn read_deletions<I: Input<Error = Failure>>(_: &Run, input: &mut I) -> Result<(), Failure> {
    for _ in 0..5 {
        let count = read_varint(input)?;
        if !(0..=DELETIONS_MAX).contains(&count) {
            return Err(Failure::new(Status::StreamIo, "a count of deletions is out of range"));
        }
    }
    Ok(())
}
