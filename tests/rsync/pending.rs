//! What ours does not do yet as the original: `pending.txt`, one line for each
//! case and way, `CASE WAY CLIENT-SERVER: why`, or `CASE *: why` where that is
//! so in several. A line whose case passes fails the test, so that the table
//! never says more than is true.

use std::collections::BTreeSet;

use crate::support::say::say;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rsync/pending.txt");

/// Compares what failed of a case, by its way and pair, with what the table
/// says of it.
pub fn settle(case: &str, failures: &[(String, String)]) {
    let table = std::fs::read_to_string(TABLE).expect("the table");
    let known: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.split_once(": ")?.0.strip_prefix(case)?.strip_prefix(' '))
        .collect();
    let mut met = BTreeSet::new();
    let mut told = String::new();
    for (name, why) in failures {
        match [name.as_str(), "*"].into_iter().find(|key| known.contains(key)) {
            Some(key) => {
                met.insert(key);
                say(format_args!("pending: rsync {case} {name}"));
            }
            None => told.push_str(&format!("\nDIFFERS {case} {name}: {why}")),
        }
    }
    assert!(told.is_empty(), "{told}");
    let stale: Vec<_> = known.difference(&met).collect();
    assert!(stale.is_empty(), "{case}: no longer differs, but pending.txt says so: {stale:?}");
}
