//! What two sides in one process hand each other instead of sending it.

use std::collections::VecDeque;
use std::fs::File;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::fs::Facts;

/// Open files at most: a sender that is faster waits.
const OPEN_MAX: usize = 64;

/// Files that a sender has opened for a receiver on the same machine, which
/// copies them by itself. They come in the order of their items.
#[derive(Debug, Default)]
pub struct Handover {
    files: Mutex<Files>,
    taken: Condvar,
}

#[derive(Debug, Default)]
struct Files {
    open: VecDeque<(File, Facts)>,
    /// The sender waits for room.
    is_awaited: bool,
    is_closed: bool,
}

impl Handover {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another file fits at once. Where not, the items of the others
    /// must have gone out before one is given.
    pub fn has_room(&self) -> bool {
        self.files().open.len() < OPEN_MAX
    }

    /// Gives a file, before its item; waits for room.
    pub fn give(&self, file: File, facts: Facts) {
        let mut files = self.files();
        while files.open.len() >= OPEN_MAX && !files.is_closed {
            files.is_awaited = true;
            files = self.taken.wait(files).unwrap_or_else(PoisonError::into_inner);
        }
        if !files.is_closed {
            files.open.push_back((file, facts));
        }
    }

    /// Takes all files that were given, into `files`, which is empty. Where an
    /// item has come its file is among them.
    pub fn take(&self, files: &mut VecDeque<(File, Facts)>) {
        let mut given = self.files();
        std::mem::swap(&mut given.open, files);
        self.wake(given);
    }

    /// Nobody takes any more.
    pub fn close(&self) {
        let mut files = self.files();
        files.is_closed = true;
        files.open.clear();
        self.wake(files);
    }

    fn wake(&self, mut files: MutexGuard<'_, Files>) {
        if std::mem::take(&mut files.is_awaited) {
            self.taken.notify_one();
        }
    }
}
