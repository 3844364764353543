//! A controller that remembers what was written to it, in a file that all
//! processes share.
//!
//! A request that only reads is answered from what the file held when it was
//! last looked at. One that may change something is answered under the lock,
//! from what the file holds at that moment, and its changes are in the file
//! before the answer is given. Where they cannot be, nothing is changed and the
//! answer is the completion code of a controller that refuses.

mod store;

use std::io;
use std::sync::Arc;

use ipmi::bmc::State;
use ipmi::{Bmc, CompletionCode, Request, Response};

use crate::life::Life;

pub use store::Store;

/// A controller and where its state is kept.
pub struct Memory {
    bmc: Box<Bmc>,
    life: Life,
    store: Option<Arc<Store>>,
    /// The file as it was last read; `None` before the first time.
    seen: Option<Vec<u8>>,
    /// What `seen` holds.
    state: State,
    /// The model's values of the cells that `state` replaced.
    model: State,
    /// Whether `seen` holds no state.
    damaged: bool,
    complaint: Option<String>,
}

impl Memory {
    /// A controller that keeps its state in `store`, or with its own life.
    pub fn new(bmc: impl Into<Box<Bmc>>, life: Life, store: Option<Store>) -> Self {
        let (bmc, store) = (bmc.into(), store.map(Arc::new));
        let (state, model) = (State::default(), State::default());
        Self { bmc, life, store, seen: None, state, model, damaged: false, complaint: None }
    }

    /// Answers a request; `clock` tells the seconds since 1970.
    pub fn answer(&mut self, request: &Request, clock: &dyn Fn() -> u64) -> Response {
        if self.seen.is_none() {
            self.refresh();
        }
        if let Some(now) = self.life.advance(&mut self.bmc, request, clock) {
            self.log_crossings(now);
        }
        let response = match self.store.clone() {
            Some(store) if self.bmc.may_change(request) => self
                .change(&store, &|bmc| bmc.answer_by(request, clock))
                .unwrap_or_else(|error| completion_of(&error).into()),
            _ => self.bmc.answer_by(request, clock),
        };
        if response.completion.is_ok() {
            self.life.act(request);
        }
        response
    }

    /// Logs what moving sensors have crossed, once for all processes.
    fn log_crossings(&mut self, now: u64) {
        match self.store.clone() {
            // Where nothing can be kept, nobody is told, but all can be read.
            Some(store) => drop(self.change(&store, &|bmc| bmc.log_crossings(now))),
            None => drop(self.bmc.log_crossings(now)),
        }
    }

    /// Makes the model's part of the controller another; what was written to it
    /// stays as far as it fits.
    pub fn remodel(&mut self, change: impl FnOnce(&mut Bmc)) {
        self.bmc.apply(&self.model);
        change(&mut self.bmc);
        self.model = self.bmc.apply(&self.state);
    }

    /// Takes over what other processes have written meanwhile.
    pub fn refresh(&mut self) {
        let Some(store) = self.store.clone() else {
            self.seen = Some(Vec::new());
            return;
        };
        // What cannot be read is not ours to know: the model remains.
        let bytes = store.read().unwrap_or_else(|_| State::default().encode());
        if !self.adopt(bytes) {
            self.mend(&store);
        }
    }

    /// What went wrong beside the answers, to be told once.
    pub fn complaint(&mut self) -> Option<String> {
        self.complaint.take()
    }

    /// Changes the controller and keeps what it changed, or changes nothing.
    fn change<T>(&mut self, store: &Store, change: &dyn Fn(&mut Bmc) -> T) -> io::Result<T> {
        self.refresh();
        // Most that could change something does not: it is refused, or nothing new.
        let (before, reservations) = (self.bmc.state(), self.bmc.reservations());
        let response = change(&mut self.bmc);
        if self.bmc.state() == before {
            return Ok(response);
        }
        self.bmc.apply(&before);
        self.bmc.reserve_again(reservations);
        let lock = store.lock()?;
        let bytes = store.read()?;
        if !self.adopt(bytes) {
            self.set_aside(store, &lock)?;
        }
        let before = self.bmc.state();
        let response = change(&mut self.bmc);
        let changes = self.bmc.state().since(&before);
        let mut state = self.state.clone();
        state.update(changes);
        let bytes = state.encode();
        if let Err(error) = store.write(&lock, &bytes) {
            self.bmc.apply(&before);
            return Err(error);
        }
        self.model.complete(before.only(&state));
        (self.seen, self.state, self.damaged) = (Some(bytes), state, false);
        Ok(response)
    }

    /// Puts the state that a file's bytes hold in place of the one before;
    /// false if they hold none.
    fn adopt(&mut self, bytes: Vec<u8>) -> bool {
        if self.seen.as_ref() == Some(&bytes) {
            return !self.damaged;
        }
        let state = State::decode(&bytes);
        let intact = state.is_some();
        self.damaged = !intact;
        self.state = state.unwrap_or_default();
        self.model = match self.seen {
            Some(_) => self.bmc.replace(&self.model, &self.state),
            None => self.bmc.apply(&self.state),
        };
        self.seen = Some(bytes);
        intact
    }

    /// Sets a damaged file aside, unless somebody else just did.
    fn mend(&mut self, store: &Store) {
        let mended = store.lock().and_then(|lock| {
            let intact = self.adopt(store.read()?);
            if intact { Ok(()) } else { self.set_aside(store, &lock) }
        });
        if let Err(error) = mended {
            let (path, _) = store.paths();
            self.complaint = Some(format!("{} is damaged and cannot be set aside: {error}", path.display()));
        }
    }

    fn set_aside(&mut self, store: &Store, lock: &store::Lock) -> io::Result<()> {
        store.set_aside(lock)?;
        let (path, aside) = store.paths();
        self.complaint = Some(format!(
            "{} is damaged; it is {} now, and the BMC starts from its model",
            path.display(),
            aside.display()
        ));
        Ok(())
    }
}

/// What a controller answers that cannot keep what it is told (IPMI 2.0
/// table 5-2).
fn completion_of(error: &io::Error) -> CompletionCode {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull, TimedOut};
    match error.kind() {
        PermissionDenied | ReadOnlyFilesystem => CompletionCode::INSUFFICIENT_PRIVILEGE,
        StorageFull | QuotaExceeded => CompletionCode::OUT_OF_SPACE,
        TimedOut => CompletionCode::NODE_BUSY,
        _ => CompletionCode::UNSPECIFIED,
    }
}
