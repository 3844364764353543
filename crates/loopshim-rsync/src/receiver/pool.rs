//! Files that the sender in this process has opened: copied by several threads,
//! each file by one.

use std::collections::VecDeque;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

use rsync_proto::item::Basis;
use rustix::fs::SeekFrom;
use rustix::io::Errno;

use super::Destination;
use super::list::FileList;
use super::news::{Ended, Event, News};
use super::placer::{Opening, Output, Placer};
use super::run::{Asked, Run, lock};
use super::transfer::Outcome;
use crate::connection::Handed;
use crate::fs::{Copied, Writer, copy_range};

/// Jobs that wait, at most; who fills it goes on when half of them do.
const WAITING_MAX: usize = 256;
/// Small files taken over together: waking a thread costs as much as copying one.
const BATCH_MAX: usize = 16;
/// Bytes of files taken over together.
const BATCH_BYTES: u64 = 256 << 10;
/// So many ends are told together, or all there are: to wake who is told costs as
/// much as well.
const TOLD_TOGETHER: usize = 128;
/// More threads than this gain nothing from one file system.
const THREADS_MAX: usize = 4;
/// Bytes of a file copied at a time where they pass through us.
const BUFFER: usize = 256 << 10;

/// A file to be copied.
pub(super) struct Job {
    pub(super) list: Arc<FileList>,
    pub(super) index: u32,
    pub(super) asked: Asked,
    pub(super) handed: Handed,
}

/// Threads that copy.
pub(super) struct Pool {
    desk: Arc<Desk>,
    batch: Vec<Job>,
    batch_bytes: u64,
}

/// Where jobs wait, and what is to be told of them.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    /// Jobs have come, or will no more.
    filled: Condvar,
    /// There is room again, or all are done.
    eased: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Batch>,
    /// How many jobs that are.
    count: usize,
    /// The directory that each thread works in.
    busy: Vec<Option<Box<[u8]>>>,
    /// Jobs whose end was not told, in the order in which they came, each with
    /// how it ended, if it has. They are told of in that order: what is linked
    /// to them, and said of it, does not depend on which thread was faster.
    untold: VecDeque<(u32, Option<bool>)>,
    /// How many were told of.
    told: u64,
    /// Threads that wait for jobs.
    idle: usize,
    /// Somebody waits for [`Desk::eased`].
    is_awaited: bool,
    is_closed: bool,
}

/// Jobs one after the other, in one directory.
struct Batch {
    /// How many jobs came before the first.
    before: u64,
    jobs: Vec<Job>,
}

impl Job {
    /// The directory that the file lies in.
    fn parent(&self) -> Option<&[u8]> {
        self.list.entry(self.index).map(|entry| entry.name.parent().unwrap_or_default())
    }
}

impl Batch {
    fn parent(&self) -> Option<&[u8]> {
        self.jobs.first().and_then(Job::parent)
    }
}

impl State {
    /// The first batch in whose directory nobody works, or the first: the system
    /// lets one thread at a time change a directory.
    fn next(&mut self) -> Option<Batch> {
        let is_free = |batch: &Batch| self.busy.iter().flatten().all(|busy| Some(&**busy) != batch.parent());
        let at = self.waiting.iter().position(is_free).unwrap_or(0);
        self.waiting.remove(at)
    }
}

impl Desk {
    fn add(&self, jobs: Vec<Job>) {
        let mut state = lock(&self.state);
        while state.count >= WAITING_MAX {
            state = self.wait_until_eased(state);
        }
        let before = state.told + state.untold.len() as u64;
        state.untold.extend(jobs.iter().map(|job| (job.index, None)));
        state.count += jobs.len();
        state.waiting.push_back(Batch { before, jobs });
        if state.idle > 0 {
            self.filled.notify_one();
        }
    }

    /// What the thread of that number does next.
    fn take(&self, thread: usize) -> Option<Batch> {
        let mut state = lock(&self.state);
        state.busy[thread] = None;
        loop {
            if let Some(batch) = state.next() {
                state.count -= batch.jobs.len();
                state.busy[thread] = batch.parent().map(Into::into);
                if state.is_awaited && state.count <= WAITING_MAX / 2 {
                    self.eased.notify_all();
                }
                return Some(batch);
            }
            if state.is_closed {
                return None;
            }
            state.idle += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Takes how jobs ended that came after `before` others, and tells what can
    /// be told by now.
    fn end(&self, before: u64, ends: &[bool], news: &News) {
        let mut state = lock(&self.state);
        let first = (before - state.told) as usize;
        for (job, &is_done) in state.untold.range_mut(first..).zip(ends) {
            job.1 = Some(is_done);
        }
        let count = state.untold.iter().take_while(|(_, end)| end.is_some()).count();
        if count < TOLD_TOGETHER && count < state.untold.len() {
            return;
        }
        let ended: Vec<Ended> = (state.untold.drain(..count))
            .filter_map(|(index, end)| end.map(|is_done| Ended { index, is_done }))
            .collect();
        state.told += count as u64;
        if !ended.is_empty() {
            // Before others tell more.
            news.tell(Event::Finished(ended));
        }
        if state.is_awaited && state.untold.is_empty() {
            self.eased.notify_all();
        }
    }

    fn wait_until_eased<'d>(&'d self, mut state: MutexGuard<'d, State>) -> MutexGuard<'d, State> {
        state.is_awaited = true;
        let mut state = self.eased.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.is_awaited = false;
        state
    }

    fn close(&self) {
        lock(&self.state).is_closed = true;
        self.filled.notify_all();
    }
}

impl Pool {
    /// Starts the threads; they end when the pool is dropped.
    pub(super) fn start<'s, 'e: 's>(
        scope: &'s Scope<'s, 'e>,
        run: &'e Run,
        destination: &Arc<Destination>,
        news: &News,
    ) -> Self {
        let desk = Arc::new(Desk::default());
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        lock(&desk.state).busy.resize(threads, None);
        for thread in 0..threads {
            let (desk, news) = (Arc::clone(&desk), news.clone());
            let placer = Placer::new(run, Arc::clone(destination));
            scope.spawn(move || work(placer, &desk, &news, thread));
        }
        Self { desk, batch: Vec::new(), batch_bytes: 0 }
    }

    /// Has a file copied, with others after it; `is_last` until something
    /// happens.
    pub(super) fn copy(&mut self, job: Job, is_last: bool) {
        if self.batch.last().is_some_and(|last| last.parent() != job.parent()) {
            self.hand_over();
        }
        self.batch_bytes += job.handed.facts.length;
        self.batch.push(job);
        if is_last || self.batch.len() >= BATCH_MAX || self.batch_bytes >= BATCH_BYTES {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        self.batch_bytes = 0;
        if !self.batch.is_empty() {
            self.desk.add(std::mem::take(&mut self.batch));
        }
    }

    /// Waits until all are.
    pub(super) fn wait(&mut self) {
        self.hand_over();
        let mut state = lock(&self.desk.state);
        while !state.untold.is_empty() {
            state = self.desk.wait_until_eased(state);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.hand_over();
        self.desk.close();
    }
}

fn work(mut placer: Placer<'_>, desk: &Desk, news: &News, thread: usize) {
    let mut ends = Vec::new();
    while let Some(Batch { before, jobs }) = desk.take(thread) {
        ends.clear();
        ends.extend(jobs.into_iter().map(|job| placer.copy(&job) == Outcome::Done));
        desk.end(before, &ends, news);
    }
}

impl Placer<'_> {
    /// Copies a file to its place.
    fn copy(&mut self, job: &Job) -> Outcome {
        let Some(entry) = job.list.entry(job.index) else { return Outcome::Failed };
        let destination = Arc::clone(&self.destination);
        let name = destination.path(entry);
        let before = self.before(name, &job.asked);
        let opening = match self.run.options().writing.inplace {
            true => Opening::InPlace { prefix: 0 },
            false => self.in_the_making(entry, &before),
        };
        let Some(mut output) = self.open_output(entry, name, &before, opening) else {
            return Outcome::Failed;
        };
        let copied = match fill(&mut output, job, self.run) {
            Ok(copied) => copied,
            Err(errno) => {
                self.keep_or_discard(output, name);
                self.run.stop(Run::cannot_write(&self.tree.shown(name), errno));
                return Outcome::Failed;
            }
        };
        let counts = &self.run.counts;
        counts.transferred_files.fetch_add(1, Ordering::Relaxed);
        counts.transferred_size.fetch_add(copied, Ordering::Relaxed);
        counts.literal.fetch_add(copied, Ordering::Relaxed);
        self.run.observer.progress(entry, copied, true);
        if !self.finish(output, entry, name, &before) {
            return Outcome::Failed;
        }
        if job.asked.basis == Basis::Partial && !self.run.options().writing.delays_updates {
            self.remove_partial(name);
        }
        Outcome::Done
    }
}

/// Writes all of a file; how much that was.
fn fill(output: &mut Output, job: &Job, run: &Run) -> Result<u64, Errno> {
    let writing = &run.options().writing;
    if !writing.sparse && !writing.preallocates && !writing.inplace {
        let writer = output.writer();
        let Handed { file, facts, .. } = &job.handed;
        let passed = |bytes| job.handed.passed(bytes);
        let copied = copy_range(file, writer.file().as_fd(), facts.length, &passed)?;
        let length = match copied {
            Copied::Shared => facts.length,
            Copied::Bytes(length) => length,
        };
        writer.passed(length);
        return Ok(length);
    }
    let mut buffer = vec![0; BUFFER];
    let mut at = 0;
    loop {
        if writing.sparse && !writing.inplace {
            at = leave_hole(&job.handed.file, output.writer(), at)?;
        }
        match rustix::io::pread(&job.handed.file, &mut buffer[..], at) {
            Ok(0) => return Ok(at),
            Ok(read) => {
                output.writer().write(&buffer[..read])?;
                job.handed.passed(read as u64);
                at += read as u64;
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Has the copy of a file be a hole where the file is one at `at`; where that ends.
fn leave_hole(file: &File, writer: &mut Writer, at: u64) -> Result<u64, Errno> {
    let end = match rustix::fs::seek(file, SeekFrom::Data(at)) {
        // Nothing but a hole is left, or nothing.
        Err(Errno::NXIO) => rustix::fs::seek(file, SeekFrom::End(0))?,
        Ok(data) => data,
        // A file system that does not tell.
        Err(_) => at,
    };
    if end > at {
        writer.leave_hole(end - at)?;
    }
    Ok(end.max(at))
}
