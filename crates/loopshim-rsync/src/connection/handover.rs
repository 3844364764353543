//! What two sides in one process hand each other instead of sending it.

use std::collections::VecDeque;
use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::watch::{Teller, Watch, watch};
use crate::fs::Facts;

/// The part of the descriptors a process may have that is for them.
const PART: u64 = 4;

/// Files that a sender has opened for a receiver on the same machine, which
/// copies them by itself. They come in the order of their items, and count
/// until they are closed.
#[derive(Debug)]
pub struct Handover {
    files: Mutex<Files>,
    eased: Condvar,
    most: usize,
}

#[derive(Debug, Default)]
struct Files {
    given: VecDeque<Handed>,
    /// How many are open, wherever they are.
    open: usize,
    /// The sender waits for room.
    is_awaited: bool,
    is_closed: bool,
}

/// A file that was handed over.
#[derive(Debug)]
pub struct Handed {
    // Closed before its place is free.
    /// The file, open for reading.
    pub file: File,
    /// What it is.
    pub facts: Facts,
    teller: Option<Teller>,
    _place: Place,
}

impl Handed {
    /// So many more bytes of it are copied.
    pub fn passed(&self, bytes: u64) {
        if let Some(teller) = &self.teller {
            teller.passed(bytes);
        }
    }
}

/// An open file's place among those there may be.
#[derive(Debug)]
struct Place(Arc<Handover>);

impl Handover {
    /// Files handed over and still open, at most: a sender that is faster waits.
    pub const OPEN_MAX: u64 = 256;

    /// Between two sides in a process that may have so many open descriptors,
    /// if there is a limit.
    pub fn within(descriptors: Option<u64>) -> Arc<Self> {
        let most = descriptors.map_or(Self::OPEN_MAX, |most| most / PART).clamp(1, Self::OPEN_MAX) as usize;
        Arc::new(Self { files: Mutex::default(), eased: Condvar::new(), most })
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another file fits at once. Where not, the items of the others
    /// must have gone out before one is given.
    pub fn has_room(&self) -> bool {
        self.files().open < self.most
    }

    /// Gives a file, before its item, and `is_watched` how far it is copied; waits for
    /// room. Who had to wait goes on when there is room for more than one.
    pub fn give(self: &Arc<Self>, file: File, facts: Facts, is_watched: bool) -> Option<Watch> {
        let (teller, seen) = is_watched.then(watch).unzip();
        let mut files = self.files();
        if files.open >= self.most {
            while files.open > self.most / 2 && !files.is_closed {
                files.is_awaited = true;
                files = self.eased.wait(files).unwrap_or_else(PoisonError::into_inner);
            }
        }
        if !files.is_closed {
            files.open += 1;
            files.given.push_back(Handed { file, facts, teller, _place: Place(Arc::clone(self)) });
        }
        seen
    }

    /// Takes all files that were given, into `files`, which is empty. Where an
    /// item has come its file is among them.
    pub fn take(&self, files: &mut VecDeque<Handed>) {
        std::mem::swap(&mut self.files().given, files);
    }

    /// Nobody takes any more.
    pub fn close(&self) {
        let mut files = self.files();
        files.is_closed = true;
        let left = std::mem::take(&mut files.given);
        files.is_awaited = false;
        self.eased.notify_one();
        drop(files);
        // Each frees its place, for which it needs the lock.
        drop(left);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut files = self.0.files();
        files.open -= 1;
        if files.is_awaited && files.open <= self.0.most / 2 {
            files.is_awaited = false;
            self.0.eased.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{Trust, open_directory};

    fn opened() -> (File, Facts) {
        let here = open_directory(b"/", Trust::Owned).expect("a root").own_facts().expect("facts");
        (File::open("/").expect("a root"), here)
    }

    #[test]
    fn a_file_counts_until_it_is_closed() {
        let handover = Handover::within(Some(8));
        let give = || {
            let (file, facts) = opened();
            handover.give(file, facts, false);
        };
        give();
        assert!(handover.has_room());
        give();
        assert!(!handover.has_room());
        let mut taken = VecDeque::new();
        handover.take(&mut taken);
        assert!(!handover.has_room());
        taken.pop_front();
        assert!(handover.has_room());
    }

    #[test]
    fn who_waits_goes_on_when_half_are_closed_or_nobody_takes() {
        let handover = Handover::within(Some(8));
        let (sender, given) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..4 {
                    let (file, facts) = opened();
                    handover.give(file, facts, false);
                    sender.send(number).expect("a listener");
                }
            });
            assert_eq!((given.recv(), given.recv()), (Ok(0), Ok(1)));
            let mut taken = VecDeque::new();
            handover.take(&mut taken);
            taken.pop_front();
            assert_eq!(given.recv(), Ok(2));
            handover.close();
            assert_eq!(given.recv(), Ok(3));
        });
    }

    #[test]
    fn a_small_limit_leaves_room_for_one() {
        for (limit, most) in [(Some(1), 1), (Some(64), 16), (Some(1 << 20), 256), (None, 256)] {
            assert_eq!(Handover::within(limit).most, most);
        }
    }
}
