//! Putting a list in the order by which both peers number its entries.

use super::name::{Name, compare};

/// Sorts by `key`, an item's name and whether it is a directory; items of one
/// name keep the order they came in. A list that is in order, as most that
/// peers send are, costs a look.
pub fn sort<T>(items: &mut [T], key: impl Fn(&T) -> (&Name, bool)) {
    if items.is_sorted_by(|left, right| compare(key(left), key(right)).is_le()) {
        return;
    }
    // Entries are large: their places are sorted instead.
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by(|&left, &right| compare(key(&items[left]), key(&items[right])));
    arrange(items, &mut places);
}

/// Puts the item of place `places[at]` into place `at`, for all.
fn arrange<T>(items: &mut [T], places: &mut [usize]) {
    for start in 0..places.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut places[at], at);
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_are_in_order_and_those_of_one_name_as_they_came(
            names in proptest::collection::vec(("[ab/]{1,4}", any::<bool>()), 0..60)
        ) {
            let named = names.iter().enumerate().filter_map(|(at, (name, is_directory))| {
                Some((Name::new(name.as_bytes()).ok()?, *is_directory, at))
            });
            let mut sorted: Vec<_> = named.collect();
            let mut expected = sorted.clone();
            let key = |item: &'_ (Name, bool, usize)| (item.0.clone(), item.1);
            expected.sort_by(|left, right| {
                let (left, right) = (key(left), key(right));
                compare((&left.0, left.1), (&right.0, right.1))
            });
            sort(&mut sorted, |item| (&item.0, item.1));
            prop_assert_eq!(sorted, expected);
        }
    }
}
