//! The order in which requests have their turn.
//!
//! Each request draws the next number and holds a lock on a file of that name
//! as long as it lives; it waits for the nearest lower number to end. When that
//! one is gone, by leaving or by dying, whoever waited looks again. So the
//! kernel wakes exactly one, in order of arrival, and a death anywhere in the
//! queue cannot hold it up.

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is its turn.
    First,
    /// It has to wait for this one to end.
    Behind(u64),
}

/// The place of number `mine` among all numbers there are.
pub fn place(numbers: &[u64], mine: u64) -> Place {
    numbers.iter().copied().filter(|&number| number < mine).max().map_or(Place::First, Place::Behind)
}

/// The next number to draw: above the last one drawn, and above all there are,
/// should the note of the last one have been lost.
pub fn next_number(last: Option<u64>, numbers: &[u64]) -> u64 {
    let highest = numbers.iter().copied().max();
    last.max(highest).map_or(1, |number| number.saturating_add(1))
}

#[cfg(test)]
#[path = "order_model.rs"]
mod model;
