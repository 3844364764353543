//! Which record ids a walk has been to.

/// A set of record ids: a bit for each, as far as the largest.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordIds(Vec<u8>);

impl RecordIds {
    /// Puts `id` in; false if it was there.
    pub(super) fn insert(&mut self, id: u16) -> bool {
        let (byte, bit) = place(id);
        if self.0.len() <= byte {
            self.0.resize(byte + 1, 0);
        }
        let is_new = self.0[byte] & bit == 0;
        self.0[byte] |= bit;
        is_new
    }

    /// Takes `id` out.
    pub(super) fn remove(&mut self, id: u16) {
        let (byte, bit) = place(id);
        if let Some(byte) = self.0.get_mut(byte) {
            *byte &= !bit;
        }
    }
}

fn place(id: u16) -> (usize, u8) {
    (usize::from(id >> 3), 1 << (id & 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_until_it_is_put_in_and_after_it_is_taken_out() {
        let mut ids = RecordIds::default();
        ids.remove(7);
        assert_eq!([0, 7, 0xFFFF, 7, 8, 0].map(|id| ids.insert(id)), [true, true, true, false, true, false]);
        ids.remove(7);
        assert!(ids.insert(7) && !ids.insert(8));
    }
}
