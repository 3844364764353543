//! Bytes on their way out.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Data wait while more than so many bytes are queued.
const LIMIT: usize = 256 << 10;
/// Most emptied buffers kept to be filled again.
const SPARE_MAX: usize = 8;

/// Buffers in order. Who adds data waits while it is full; messages never wait,
/// for as many as answer data that were let through.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct State {
    buffers: VecDeque<Vec<u8>>,
    length: usize,
    spare: Vec<Vec<u8>>,
    /// How many wait for [`Queue::filled`]: to wake nobody costs a call too.
    takers: usize,
    /// How many wait for [`Queue::emptied`].
    givers: usize,
    /// Nothing will be added.
    is_ended: bool,
    /// Nobody takes any more, and why.
    broken: Option<String>,
}

/// What there is to take.
pub(super) enum Taken {
    /// These buffers.
    Buffers(VecDeque<Vec<u8>>),
    /// Nothing until the given time.
    Nothing,
    /// Nothing ever again.
    End,
}

impl Queue {
    /// An empty buffer, used before if there is one.
    pub(super) fn spare(&self) -> Vec<u8> {
        self.lock().spare.pop().unwrap_or_default()
    }

    /// Adds a buffer of data once there is room.
    pub(super) fn add(&self, buffer: Vec<u8>) -> Result<(), String> {
        let mut state = self.lock();
        while state.length > LIMIT && state.broken.is_none() {
            state.givers += 1;
            state = self.emptied.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.givers -= 1;
        }
        self.put(state, buffer)
    }

    /// Adds a buffer at once.
    pub(super) fn add_at_once(&self, buffer: Vec<u8>) -> Result<(), String> {
        self.put(self.lock(), buffer)
    }

    fn put(&self, mut state: MutexGuard<'_, State>, buffer: Vec<u8>) -> Result<(), String> {
        if let Some(why) = &state.broken {
            return Err(why.clone());
        }
        state.length += buffer.len();
        state.buffers.push_back(buffer);
        if state.takers > 0 {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Nothing will be added.
    pub(super) fn end(&self) {
        self.lock().is_ended = true;
        self.filled.notify_all();
    }

    /// Nothing will be taken: who adds is told why, who takes finds the end.
    pub(super) fn break_off(&self, why: String) {
        let mut state = self.lock();
        state.broken.get_or_insert(why);
        state.buffers.clear();
        state.length = 0;
        self.emptied.notify_all();
        self.filled.notify_all();
    }

    /// Takes all buffers, waiting for the first until `until`.
    pub(super) fn take(&self, until: Option<Instant>) -> Taken {
        let mut state = self.lock();
        loop {
            if !state.buffers.is_empty() {
                state.length = 0;
                if state.givers > 0 {
                    self.emptied.notify_all();
                }
                return Taken::Buffers(std::mem::take(&mut state.buffers));
            }
            if state.is_ended || state.broken.is_some() {
                return Taken::End;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Taken::Nothing;
            }
            state.takers += 1;
            state = self.wait_for_more(state, left);
            state.takers -= 1;
        }
    }

    fn wait_for_more<'q>(
        &self,
        state: MutexGuard<'q, State>,
        left: Option<Duration>,
    ) -> MutexGuard<'q, State> {
        match left {
            None => self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(left) => match self.filled.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            },
        }
    }

    /// Gives an emptied buffer back.
    pub(super) fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut state = self.lock();
        if state.spare.len() < SPARE_MAX {
            state.spare.push(buffer);
        }
    }

    /// Whether there is something to take now.
    pub(super) fn has_more(&self) -> bool {
        let state = self.lock();
        !state.buffers.is_empty() || state.is_ended || state.broken.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
