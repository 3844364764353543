//! Putting a list in the order by which both peers number its entries.

use super::entry::Entry;
use super::name::compare;

/// Sorts; entries of one name keep the order they came in.
pub fn sort(entries: &mut [Entry]) {
    entries.sort_by(|left, right| {
        compare((&left.name, left.is_directory()), (&right.name, right.is_directory()))
    });
}
