//! What a controller remembers: everything that requests have changed, apart
//! from the model they changed it on.
//!
//! A [`State`] is a set of cells, each the value of one thing that a request
//! can write: a LAN parameter, a user, the log. It holds only what was
//! written, so a model that is changed later still shows wherever nobody wrote,
//! and a cell that no longer fits it is passed over without being forgotten.

mod archive;
mod cells;
mod file;

use alloc::vec::Vec;

use super::Bmc;
use archive::Archive;

/// Where a cell is: what it is of, and up to three indices.
pub(crate) type Key = [u8; 4];

/// Values of cells, by key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// In ascending order, no key twice.
    cells: Vec<(Key, Vec<u8>)>,
}

impl State {
    /// Whether it holds no cell.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cells whose values are not those of `before`.
    pub fn since(mut self, before: &Self) -> Self {
        self.cells.retain(|(key, value)| before.get(*key) != Some(&value[..]));
        self
    }

    /// Takes over the cells of `newer`.
    pub fn update(&mut self, newer: Self) {
        for (key, value) in newer.cells {
            self.set(key, value);
        }
    }

    /// The cells that `other` has, too.
    pub fn only(mut self, other: &Self) -> Self {
        self.cells.retain(|(key, _)| other.get(*key).is_some());
        self
    }

    /// Takes over those cells of `older` that are not here yet.
    pub fn complete(&mut self, older: Self) {
        for (key, value) in older.cells {
            if self.get(key).is_none() {
                self.set(key, value);
            }
        }
    }

    fn get(&self, key: Key) -> Option<&[u8]> {
        self.place(key).ok().map(|at| &self.cells[at].1[..])
    }

    fn set(&mut self, key: Key, value: Vec<u8>) {
        match self.place(key) {
            Ok(at) => self.cells[at].1 = value,
            Err(at) => self.cells.insert(at, (key, value)),
        }
    }

    fn place(&self, key: Key) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&key, |(key, _)| *key)
    }
}

impl Bmc {
    /// The values of all cells as they are. Nothing changes; it is exclusive
    /// because one walk serves reading and writing.
    pub fn state(&mut self) -> State {
        let mut state = State::default();
        cells::walk(self, &mut |key, cell| state.set(key, save(cell)));
        state
    }

    /// Gives cells the values that `state` has for them, as far as they are
    /// there and fit; returns the values they had.
    pub fn apply(&mut self, state: &State) -> State {
        let mut before = State::default();
        if state.is_empty() {
            return before;
        }
        cells::walk(self, &mut |key, cell| {
            let Some(value) = state.get(key) else { return };
            let old = save(cell);
            if load(cell, value) {
                before.set(key, old);
            } else {
                load(cell, &old);
            }
        });
        before
    }

    /// Puts `state` in place of what others have written so far; `model` is
    /// what that replaced. Returns what `state` replaces.
    ///
    /// A log that lost an entry by this has also lost its reservation (IPMI 2.0
    /// section 31.4): somebody else has deleted or cleared.
    pub fn replace(&mut self, model: &State, state: &State) -> State {
        let entries = self.sel.entries.clone();
        self.apply(model);
        let replaced = self.apply(state);
        if !self.sel.entries.starts_with(&entries) {
            self.sel.reservation = None;
        }
        replaced
    }

    /// A number that tells this machine from others, of what no request
    /// changes: its device id without firmware revision, its GUIDs, and `more`.
    pub fn fingerprint(&self, more: &[u8]) -> u64 {
        let id = |range: core::ops::Range<usize>| self.device_id.get(range).unwrap_or_default();
        let guids = [self.device_guid, self.system_guid].map(Option::unwrap_or_default);
        file::hash(&[id(0..1), id(6..11), &guids.concat(), more].concat())
    }
}

/// A cell: it passes its fields through an archive, which saves or loads them.
type Cell<'c> = &'c mut dyn FnMut(&mut Archive<'_>);

fn save(cell: Cell<'_>) -> Vec<u8> {
    let mut archive = Archive::saving();
    cell(&mut archive);
    archive.into_saved()
}

/// Whether all of `value`, and nothing beyond it, was taken.
fn load(cell: Cell<'_>, value: &[u8]) -> bool {
    let mut archive = Archive::loading(value);
    cell(&mut archive);
    archive.fitted()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;
    use crate::bmc::tests_support::filled;

    fn written(requests: &[(u8, u8, &[u8])]) -> (Bmc, State) {
        let mut bmc = filled();
        let before = bmc.state();
        for (netfn, cmd, data) in requests {
            let response = bmc.answer(&Request::new(*netfn, *cmd, *data), 1000);
            assert!(response.completion.is_ok(), "{netfn:02x} {cmd:02x}: {response:?}");
        }
        let state = bmc.state().since(&before);
        (bmc, state)
    }

    const USER: (u8, u8, &[u8]) = (0x06, 0x45, &[3, b'o', b'p', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

    #[test]
    fn only_what_was_written_is_kept_and_makes_the_same_controller_again() {
        let (bmc, state) = written(&[USER, (0x0A, 0x44, &[2; 16]), (0x06, 0x24, &[4, 1, 0, 0, 100, 0])]);
        // The user, the log's entries, its times, the watchdog.
        assert_eq!(state.cells.len(), 4, "{state:02x?}");
        let mut again = filled();
        let before = again.apply(&state);
        assert_eq!(again, bmc);
        again.apply(&before);
        assert_eq!(again, filled());
    }

    #[test]
    fn a_cell_that_no_longer_fits_is_passed_over_and_not_forgotten() {
        let (_, state) = written(&[(0x0A, 0x12, &[0, 0, 0, 0xAB]), USER]);
        let mut smaller = filled();
        smaller.frus.insert(0, [1; 16].into());
        smaller.users.max = 2;
        let other = smaller.clone();
        assert!(smaller.apply(&state).is_empty());
        assert_eq!(smaller, other);
        assert_eq!(State::decode(&state.encode()), Some(state));
    }

    #[test]
    fn a_log_that_lost_entries_lost_its_reservation() {
        let mut bmc = filled();
        bmc.sel.entries.push([2; 16]);
        bmc.sel.reservation = Some(7);
        let (_, added) = written(&[(0x0A, 0x44, &[2; 16]), (0x0A, 0x44, &[2; 16])]);
        bmc.sel.entries.truncate(1);
        bmc.replace(&State::default(), &added);
        assert_eq!(bmc.sel.reservation, Some(7));
        bmc.replace(&State::default(), &filled().state());
        assert_eq!(bmc.sel.reservation, None);
    }

    #[test]
    fn firmware_does_not_make_another_machine() {
        let mut bmc = filled();
        let fingerprint = bmc.fingerprint(b"");
        bmc.device_id[2] += 1;
        assert_eq!(bmc.fingerprint(b""), fingerprint);
        assert_ne!(bmc.fingerprint(b"elsewhere"), fingerprint);
        bmc.device_id[6] += 1;
        assert_ne!(bmc.fingerprint(b""), fingerprint);
    }
}
