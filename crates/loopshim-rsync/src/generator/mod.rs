//! Decides what is to be asked of the sender, and does what needs no data:
//! directories, links, devices, attributes, deletions.

mod alternative;
mod basis;
mod directory;
mod entry;
mod file;
mod fresh;
mod fuzzy;
mod hard_links;
mod node;
mod outlet;
mod removal;
mod showing;
mod sums;
mod sweep;
mod update;

pub use outlet::Outlet;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use rsync_proto::Version;
use rsync_proto::index::Index;
use rsync_proto::multiplex::Message;

use crate::checksum::Summing;
use crate::failure::{Failure, Status};
use crate::filters::Scope;
use crate::fs::Tree;
use crate::options::{Append, Debug, MissingArguments, Timing};
use crate::receiver::places::Places;
use crate::receiver::run::{ValueKey, lock};
use crate::receiver::{Destination, Event, FileList, Run};
use fresh::Fresh;
use hard_links::Groups;
use showing::Showing;
use sweep::Sweep;

/// So many lists are gone through before it is looked what has come of them:
/// what is said of the entries then does not depend on the peer's haste.
const OPEN_MAX: usize = 64;

/// A list whose items are not all dealt with.
struct Open {
    list: Arc<FileList>,
    /// All of its entries were looked at.
    is_generated: bool,
    /// Items whose data have been asked for, and links that wait for them.
    outstanding: usize,
}

/// Decides, entry by entry.
pub struct Generator<'g> {
    run: &'g Run,
    destination: Arc<Destination>,
    tree: Tree,
    places: Places,
    outlet: Outlet,
    events: mpsc::Receiver<Event>,
    lists: VecDeque<Open>,
    has_last_list: bool,
    /// The phases the sender has answered.
    answered: u8,
    is_over: bool,
    /// What is to be asked for again.
    redo: VecDeque<u32>,
    groups: Groups,
    /// Files that came and lead a group, but get their names at the end.
    leaders: Vec<(u32, u32)>,
    sweep: Sweep,
    /// Directories that this run made: nothing was in them before.
    fresh: Fresh,
    /// Directories that could not be made, or are not to be.
    blocked: HashSet<Box<[u8]>>,
    /// Directories that were made and whose own lists are to come.
    listless: HashMap<Box<[u8]>, (Arc<FileList>, u32)>,
    /// Directories whose attributes are given at the end, in the order met.
    touched: Vec<(Arc<FileList>, u32)>,
    /// The directory that the last operand lies in that the sender has no more.
    last_parent: Vec<u8>,
    /// Permissions of directories that have more while we work in them.
    loosened: HashMap<Box<[u8]>, u16>,
    /// The names in the directory last searched for a similar one.
    similar: fuzzy::Directory,
    /// Whether files are sent whole.
    is_whole: bool,
    /// Whether files are copied within this machine, whatever they are to be
    /// compared with, since nothing would show a difference.
    copies: bool,
    /// Values of extended attributes that were asked for.
    requested: HashSet<ValueKey>,
    summing: Summing,
    /// Lists that are only shown.
    showing: Showing,
}

impl<'g> Generator<'g> {
    /// For `destination`; `filters` are the rules that protect from deletion.
    pub fn new(
        run: &'g Run,
        destination: Arc<Destination>,
        outlet: Outlet,
        events: mpsc::Receiver<Event>,
        filters: Scope,
        is_local: bool,
    ) -> Self {
        let tree = destination.tree.clone();
        let mut fresh = Fresh::default();
        if destination.is_fresh {
            fresh.insert(b"");
        }
        let is_whole = run.options().comparison.whole_file.unwrap_or(is_local)
            || run.session.checksum == rsync_proto::digest::Checksum::None;
        let copies = run.session.handover.is_some() && !run.options().shows_what_matched();
        let sweep = Sweep::new(filters, destination.tree.shown(b""));
        Self {
            run,
            destination,
            tree,
            places: Places::default(),
            outlet,
            events,
            lists: VecDeque::new(),
            has_last_list: !run.session.is_incremental(),
            answered: 0,
            is_over: false,
            redo: VecDeque::new(),
            groups: Groups::default(),
            leaders: Vec::new(),
            sweep,
            fresh,
            blocked: HashSet::new(),
            listless: HashMap::new(),
            touched: Vec::new(),
            last_parent: Vec::new(),
            loosened: HashMap::new(),
            similar: fuzzy::Directory::default(),
            is_whole,
            copies,
            requested: HashSet::new(),
            summing: Summing::default(),
            showing: Showing::default(),
        }
    }

    /// Goes through all lists, `first` and those that come, to the end of the
    /// conversation.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn run(mut self, first: Vec<Arc<FileList>>, has_last_list: bool) -> Result<(), Failure> {
        self.has_last_list |= has_last_list;
        self.tell_of_deltas();
        first.into_iter().for_each(|list| self.open(list));
        if self.run.options().deletion.timing == Some(Timing::Before) {
            self.sweep_all()?;
        }
        self.generate_all()?;
        self.finish_phases()
    }

    /// Lets those who ask for it know how files come.
    fn tell_of_deltas(&self) {
        let options = self.run.options();
        if options.output.debug.has(Debug::Flist, 1) || options.output.verbosity > 1 {
            let appends = options.writing.append != Append::No;
            let how: &[u8] = match self.is_whole && !appends {
                true => b"disabled for local transfer or --whole-file",
                false => b"enabled",
            };
            self.run.say(&[b"delta-transmission ", how]);
        }
    }

    fn open(&mut self, list: Arc<FileList>) {
        if self.run.options().links.preserves_hard {
            self.groups.count(&list);
        }
        self.lists.push_back(Open { list, is_generated: false, outstanding: 0 });
    }

    fn generate_all(&mut self) -> Result<(), Failure> {
        loop {
            if let Some(at) = self.lists.iter().position(|open| !open.is_generated) {
                let list = Arc::clone(&self.lists[at].list);
                self.generate(&list)?;
                self.lists[at].is_generated = true;
                if self.lists.len() > OPEN_MAX {
                    self.poll()?;
                    self.close_lists()?;
                }
            } else if self.has_last_list {
                self.finish_listless()?;
                self.showing.finish();
                self.show();
                break;
            } else {
                // A sender that is far ahead sends no list before others are finished.
                self.close_lists()?;
                self.wait()?;
            }
        }
        if self.run.session.is_incremental() {
            // A list is given up with all of it dealt with, so also the last.
            self.close_lists()?;
            while self.lists.len() > 1 || self.lists.iter().any(|open| open.outstanding > 0) {
                self.wait()?;
                self.close_lists()?;
            }
        }
        Ok(())
    }

    /// Takes what has happened.
    fn poll(&mut self) -> Result<(), Failure> {
        while let Ok(event) = self.events.try_recv() {
            self.take(event)?;
        }
        Ok(())
    }

    /// Says of the oldest lists that they are finished, but not of the last:
    /// for it stands the end of the phase.
    fn close_lists(&mut self) -> Result<(), Failure> {
        if !self.run.session.is_incremental() {
            return Ok(());
        }
        while self.lists.len() > 1
            && self.lists.front().is_some_and(|open| open.is_generated && open.outstanding == 0)
        {
            let closed = self.lists.pop_front();
            self.outlet.index(Index::Done)?;
            if let Some(closed) = closed.filter(|_| !self.changes_directories_later()) {
                let is_in = |touched: &(Arc<FileList>, u32)| Arc::ptr_eq(&touched.0, &closed.list);
                let done = self.touched.extract_if(.., |touched| is_in(touched)).collect();
                self.touch_up(done);
            }
        }
        Ok(())
    }

    /// Whether directories change once more when all is transferred.
    fn changes_directories_later(&self) -> bool {
        let options = self.run.options();
        matches!(options.deletion.timing, Some(Timing::After | Timing::Delay))
            || options.writing.delays_updates
    }

    fn finish_phases(&mut self) -> Result<(), Failure> {
        let options = self.run.options();
        self.outlet.index(Index::Done)?;
        while self.answered < 1 {
            self.wait()?;
        }
        while let Some(index) = self.redo.pop_front() {
            self.ask_again(index)?;
        }
        while self.lists.iter().any(|open| open.outstanding > 0) {
            self.wait()?;
        }
        self.outlet.index(Index::Done)?;
        if options.writing.delays_updates {
            while self.answered < 2 {
                self.wait()?;
            }
            for (group, index) in std::mem::take(&mut self.leaders) {
                self.leader_is_dealt_with(group, index, true)?;
            }
        }
        self.outlet.index(Index::Done)?;
        self.outlet.flush()?;
        if options.deletion.timing == Some(Timing::After) {
            // What could not be sent is known then: nothing is deleted after that.
            while self.answered < 3 {
                self.wait()?;
            }
        }
        match options.deletion.timing {
            Some(Timing::After) => self.sweep_all()?,
            Some(Timing::Delay) => self.delete_delayed()?,
            _ => {}
        }
        self.report_limit();
        let touched = std::mem::take(&mut self.touched);
        self.touch_up(touched);
        if self.run.session.version >= Version::V31 {
            let deletion = &options.deletion;
            if deletion.timing.is_some() || deletion.force || deletion.missing == MissingArguments::Delete {
                let deleted = &self.run.counts.deleted;
                self.outlet.deletions(std::array::from_fn(|at| deleted[at].load(Ordering::Relaxed)))?;
            }
            self.outlet.index(Index::Done)?;
        }
        while !self.is_over {
            self.wait()?;
        }
        self.outlet.index(Index::Done)?;
        self.outlet.flush()
    }

    /// Waits for something to happen; all that was said goes out before.
    fn wait(&mut self) -> Result<(), Failure> {
        self.outlet.flush()?;
        // Nothing happens any more, whatever is still waited for.
        if self.is_over {
            let text = "the sender ended before it had answered all requests";
            return Err(Failure::new(Status::Protocol, text));
        }
        // The thread that reads has ended without the end of the conversation:
        // it says why itself.
        let event = self.events.recv().map_err(|_| Failure::silent(Status::StreamIo))?;
        self.take(event)
    }

    fn take(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::List(list) => self.open(list),
            Event::LastList => self.has_last_list = true,
            Event::Phase(phase) => self.answered = phase,
            Event::Over => self.is_over = true,
            Event::Redo(index) if self.run.session.is_incremental() => self.ask_again(index)?,
            Event::Redo(index) => self.redo.push_back(index),
            Event::NoSend(index) => {
                lock(&self.run.asked).remove(&index);
                self.dealt_with(index, false)?;
            }
            Event::Finished(ended) => {
                ended.into_iter().try_for_each(|ended| self.dealt_with(ended.index, ended.is_done))?;
            }
        }
        Ok(())
    }

    /// The answer to an index has come.
    fn dealt_with(&mut self, index: u32, is_done: bool) -> Result<(), Failure> {
        let Some(at) = self.position(index) else { return Ok(()) };
        let list = Arc::clone(&self.lists[at].list);
        if is_done {
            self.tell_success(index)?;
        }
        if let Some(group) = list.slot(index).and_then(|slot| slot.group) {
            if is_done && self.names_come_late() {
                self.leaders.push((group, index));
            } else {
                self.leader_is_dealt_with(group, index, is_done)?;
            }
        }
        // Those that waited for it are counted in their own lists.
        if let Some(at) = self.position(index) {
            self.lists[at].outstanding = self.lists[at].outstanding.saturating_sub(1);
        }
        Ok(())
    }

    /// Lets the sender remove what is here now, where it is asked to.
    fn tell_success(&self, index: u32) -> Result<(), Failure> {
        let options = self.run.options();
        if !options.deletion.removes_source_files || options.is_dry_run {
            return Ok(());
        }
        self.outlet.outgoing().message(&Message::Success(index as i32))
    }

    /// Where the list of an index is among the open ones.
    fn position(&self, index: u32) -> Option<usize> {
        let after = self.lists.partition_point(|open| open.list.start.saturating_sub(1) <= index);
        after.checked_sub(1).filter(|&at| index < self.lists[at].list.end())
    }

    /// Whether files get their names when all is transferred.
    fn names_come_late(&self) -> bool {
        let options = self.run.options();
        options.writing.delays_updates && !options.is_dry_run
    }

    /// Counts a name that waits for another of its file; not where that is until
    /// all is transferred.
    fn add_waiting(&mut self, index: u32) {
        if !self.names_come_late() {
            self.add_outstanding(index);
        }
    }

    fn add_outstanding(&mut self, index: u32) {
        if let Some(at) = self.position(index) {
            self.lists[at].outstanding += 1;
        }
    }
}
