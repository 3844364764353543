//! Names that nobody guesses beforehand.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

thread_local! {
    // Keyed by the system's random numbers, once for each thread.
    static KEY: RandomState = RandomState::new();
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Six letters and digits.
pub(super) fn six() -> [u8; 6] {
    let count = COUNT.with(|count| count.replace(count.get().wrapping_add(1)));
    let mut number = KEY.with(|key| {
        let mut hasher = key.build_hasher();
        hasher.write_u64(count);
        hasher.finish()
    });
    std::array::from_fn(|_| {
        let letter = LETTERS[(number % LETTERS.len() as u64) as usize];
        number /= LETTERS.len() as u64;
        letter
    })
}
