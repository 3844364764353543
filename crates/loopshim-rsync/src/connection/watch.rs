//! Seeing from one thread how far another has come with a file.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How far a file has come.
#[derive(Debug, Default)]
struct Way {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes that are done.
    bytes: u64,
    is_over: bool,
}

impl Way {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who sees it.
#[derive(Debug)]
pub struct Watch(Arc<Way>);

/// Who tells of it, from any thread; until it is dropped there may be more.
#[derive(Debug)]
pub(super) struct Teller(Arc<Way>);

/// Both ends.
pub(super) fn watch() -> (Teller, Watch) {
    let way = Arc::new(Way::default());
    (Teller(Arc::clone(&way)), Watch(way))
}

impl Teller {
    /// So many more bytes are done.
    pub(super) fn passed(&self, bytes: u64) {
        self.0.state().bytes += bytes;
        self.0.changed.notify_one();
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.changed.notify_one();
    }
}

impl Watch {
    /// Tells `see` how many bytes are done, each time there are more, until nobody
    /// goes on.
    pub fn follow(self, mut see: impl FnMut(u64)) {
        let mut seen = 0;
        let mut state = self.0.state();
        while !state.is_over {
            if state.bytes == seen {
                state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            seen = state.bytes;
            // Whoever copies need not wait for what is shown.
            drop(state);
            see(seen);
            state = self.0.state();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_seen_until_nobody_tells() {
        let (teller, watch) = watch();
        let (sender, seen) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || watch.follow(|bytes| sender.send(bytes).expect("a listener")));
            teller.passed(3);
            assert_eq!(seen.recv(), Ok(3));
            teller.passed(4);
            assert_eq!(seen.recv(), Ok(7));
            drop(teller);
            assert!(seen.recv().is_err());
        });
    }
}
