//! Files that the sender in this process has opened: copied by several threads,
//! each file by one.

use std::collections::VecDeque;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Scope;

use rsync_proto::item::Basis;
use rustix::io::Errno;

use super::list::FileList;
use super::placer::{Output, Placer, WHO};
use super::run::{Run, lock};
use super::transfer::Outcome;
use super::{Destination, Event};
use crate::fs::{Copied, Facts, copy_range};

/// Jobs that wait, at most.
const WAITING_MAX: usize = 64;
/// More threads than this gain nothing from one file system.
const THREADS_MAX: usize = 4;
/// Bytes of a file copied at a time where they pass through us.
const BUFFER: usize = 256 << 10;

/// A file to be copied.
pub(super) struct Job {
    pub(super) list: Arc<FileList>,
    pub(super) index: u32,
    pub(super) basis: Basis,
    pub(super) is_new: bool,
    pub(super) file: File,
    pub(super) facts: Facts,
}

/// Threads that copy.
pub(super) struct Pool {
    jobs: SyncSender<Job>,
    busy: Arc<Busy>,
}

/// Jobs whose end was not told, in the order in which they came, each with how
/// it ended, if it has. They are told of in that order: what is linked to them,
/// and said of it, does not depend on which thread was faster.
#[derive(Default)]
struct Busy {
    jobs: Mutex<VecDeque<(u32, Option<bool>)>>,
    done: Condvar,
}

impl Busy {
    fn add(&self, index: u32) {
        lock(&self.jobs).push_back((index, None));
    }

    fn end(&self, index: u32, is_done: bool, events: &Sender<Event>) {
        let mut jobs = lock(&self.jobs);
        if let Some(job) = jobs.iter_mut().find(|(known, end)| *known == index && end.is_none()) {
            job.1 = Some(is_done);
        }
        while let Some(&(index, Some(is_done))) = jobs.front() {
            // A generator that has ended needs no telling.
            let _ = events.send(Event::Finished { index, is_done });
            jobs.pop_front();
        }
        if jobs.is_empty() {
            self.done.notify_all();
        }
    }
}

impl Pool {
    /// Starts the threads; they end when the pool is dropped.
    pub(super) fn start<'s, 'e: 's>(
        scope: &'s Scope<'s, 'e>,
        run: &'e Run,
        destination: &Destination,
        events: &Sender<Event>,
    ) -> Self {
        let (jobs, waiting) = sync_channel(WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let busy = Arc::new(Busy::default());
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        for _ in 0..threads {
            let (waiting, busy, events) = (Arc::clone(&waiting), Arc::clone(&busy), events.clone());
            let placer = Placer::new(run, destination.clone());
            scope.spawn(move || work(placer, &waiting, &busy, &events));
        }
        Self { jobs, busy }
    }

    /// Has a file copied.
    pub(super) fn copy(&self, job: Job) {
        self.busy.add(job.index);
        // They end when the pool does, and not before.
        let _ = self.jobs.send(job);
    }

    /// Waits until all are.
    pub(super) fn wait(&self) {
        let mut jobs = lock(&self.busy.jobs);
        while !jobs.is_empty() {
            jobs = self.busy.done.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(mut placer: Placer<'_>, waiting: &Mutex<Receiver<Job>>, busy: &Busy, events: &Sender<Event>) {
    loop {
        let job = lock(waiting).recv();
        let Ok(job) = job else { return };
        let index = job.index;
        let is_done = placer.copy(&job) == Outcome::Done;
        busy.end(index, is_done, events);
    }
}

impl Placer<'_> {
    /// Copies a file to its place.
    fn copy(&mut self, job: &Job) -> Outcome {
        let Some(entry) = job.list.entry(job.index) else { return Outcome::Failed };
        let name = self.destination.path(entry).to_vec();
        let there = if job.is_new { None } else { self.there(&name) };
        let is_in_place = self.run.options().writing.inplace;
        let Some(mut output) = self.open_output(entry, &name, there.as_ref(), is_in_place, 0) else {
            return Outcome::Failed;
        };
        let copied = match fill(&mut output, job, self.run) {
            Ok(copied) => copied,
            Err(errno) => {
                self.run.failed(WHO, "write", &self.tree, &name, errno);
                self.keep_or_discard(output, &name);
                return Outcome::Failed;
            }
        };
        let counts = &self.run.counts;
        counts.transferred_files.fetch_add(1, Ordering::Relaxed);
        counts.transferred_size.fetch_add(copied, Ordering::Relaxed);
        counts.literal.fetch_add(copied, Ordering::Relaxed);
        self.run.observer.progress(entry, copied, true);
        if !self.finish(output, entry, &name, there.as_ref()) {
            return Outcome::Failed;
        }
        if job.basis == Basis::Partial {
            self.remove_partial(&name);
        }
        Outcome::Done
    }
}

/// Writes all of a file; how much that was.
fn fill(output: &mut Output, job: &Job, run: &Run) -> Result<u64, Errno> {
    let writing = &run.options().writing;
    if !writing.sparse && !writing.preallocates && !writing.inplace {
        let writer = output.writer();
        let copied = copy_range(&job.file, writer.file().as_fd(), job.facts.length)?;
        let length = match copied {
            Copied::Shared => job.facts.length,
            Copied::Bytes(length) => length,
        };
        writer.passed(length);
        return Ok(length);
    }
    let mut buffer = vec![0; BUFFER];
    let mut at = 0;
    loop {
        match rustix::io::pread(&job.file, &mut buffer[..], at) {
            Ok(0) => return Ok(at),
            Ok(read) => {
                output.writer().write(&buffer[..read])?;
                at += read as u64;
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
