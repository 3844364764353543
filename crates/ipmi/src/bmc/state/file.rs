//! A state as the bytes of a file: eight of [`MAGIC`], the last of them the
//! version, the cells in ascending order of their keys (key, length in four
//! bytes, value), and a hash of all that. Numbers are little-endian.

use alloc::vec::Vec;

use super::{Key, State};
use crate::Error;
use crate::reader::Reader;

const MAGIC: &[u8] = b"BMCstat\x01";

impl State {
    /// The bytes of a file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (key, value) in &self.cells {
            bytes.extend(key);
            bytes.extend((value.len() as u32).to_le_bytes());
            bytes.extend(value);
        }
        Self::seal(&bytes)
    }

    /// The bytes of a file around those of its cells, whatever they are.
    pub fn seal(cells: &[u8]) -> Vec<u8> {
        let mut bytes = [MAGIC, cells].concat();
        bytes.extend(hash(&bytes).to_le_bytes());
        bytes
    }

    /// The state that a file's bytes hold; `None` if they are not, to the last
    /// bit, what [`Self::encode`] makes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk()?;
        if hash(body) != u64::from_le_bytes(*sum) {
            return None;
        }
        cells(body.strip_prefix(MAGIC)?).ok().flatten()
    }
}

/// The cells; `None` if they are out of order.
fn cells(bytes: &[u8]) -> Result<Option<State>, Error> {
    let mut rest = Reader::new("state", bytes);
    let mut state = State::default();
    while !rest.is_at_end() {
        let key: Key = rest.array()?;
        if state.cells.last().is_some_and(|(last, _)| *last >= key) {
            return Ok(None);
        }
        let len = u32::from_le_bytes(rest.array()?);
        let value = rest.take(usize::try_from(len).unwrap_or(usize::MAX))?;
        state.cells.push((key, value.into()));
    }
    Ok(Some(state))
}

/// FNV-1a with 64 bits: a single changed byte always changes it.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State { cells: [([1, 0, 0, 0], [9].into()), ([20, 3, 0, 0], Vec::new())].into() }
    }

    #[test]
    fn damaged_cut_and_foreign_files_hold_no_state() {
        let bytes = state().encode();
        assert_eq!(State::decode(&bytes), Some(state()));
        for len in 0..bytes.len() {
            assert_eq!(State::decode(&bytes[..len]), None);
        }
        for at in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            assert_eq!(State::decode(&damaged), None, "bit {at}");
        }
    }

    #[test]
    fn cells_out_of_order_are_refused_though_the_sum_be_right() {
        let mut cells = state().cells;
        cells.reverse();
        assert_eq!(State::decode(&State { cells }.encode()), None);
    }
}
