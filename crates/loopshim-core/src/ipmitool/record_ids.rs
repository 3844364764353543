//! Which records a walk has been to.

/// Records that may be asked for again before a walk is taken to go in a ring, in
/// which the original never ends. One wrong word about the next record, said
/// once, can lead back to the first of many hundred.
const REPEATS: u16 = 4096;

/// The ids a walk has asked for: a bit for each, as far as the largest.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordIds {
    bits: Vec<u8>,
    repeated: u16,
}

impl RecordIds {
    /// Notes that `id` is asked for; false when the walk goes in a ring.
    pub(super) fn visit(&mut self, id: u16) -> bool {
        let (byte, bit) = place(id);
        if self.bits.len() <= byte {
            self.bits.resize(byte + 1, 0);
        }
        if self.bits[byte] & bit != 0 {
            self.repeated += 1;
        }
        self.bits[byte] |= bit;
        self.repeated <= REPEATS
    }

    /// Forgets that `id` was asked for.
    pub(super) fn remove(&mut self, id: u16) {
        let (byte, bit) = place(id);
        if let Some(byte) = self.bits.get_mut(byte) {
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
    fn a_walk_may_come_back_but_not_for_ever() {
        let mut ids = RecordIds::default();
        ids.remove(7);
        assert!([0, 7, 0xFFFF, 7, 8, 0].into_iter().all(|id| ids.visit(id)));
        let visits = (0..).take_while(|_| ids.visit(7)).count();
        // Two of the walk above were to known ids.
        assert_eq!(visits, usize::from(REPEATS) - 2);
    }

    #[test]
    fn a_forgotten_id_is_not_asked_for_again() {
        let mut ids = RecordIds::default();
        for _ in 0..=REPEATS {
            assert!(ids.visit(7));
            ids.remove(7);
        }
        assert_eq!(ids.repeated, 0);
    }
}
