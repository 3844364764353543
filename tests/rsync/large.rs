//! Trees and files of a size that hurts: what arrives must be what was sent.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::case::{Way, Work};
use super::matrix::versions;
use super::pending;
use super::snapshot::{self, Scope};
use super::subject::{Pair, Subject};
use super::tree;
use crate::support::skip::skip;

const OURS: Pair = Pair::OURS;
const AS_CLIENT: Pair = Pair::MIXED[0];
const AS_SERVER: Pair = Pair::MIXED[1];

/// A way, who is at its ends, and the protocol's version.
type Leg = (Way, Pair, &'static str);

/// Whole seconds, since protocol 30 knows no others.
const DATE: Duration = Duration::from_secs(1_700_000_000);

#[test]
fn fifty_thousand_small_files() {
    let remote = [Way::Push, Way::Pull].into_iter().flat_map(|way| {
        let pairs = [AS_CLIENT, AS_SERVER].into_iter();
        pairs.flat_map(move |pair| versions().iter().map(move |version| (way, pair, *version)))
    });
    let legs: Vec<Leg> = std::iter::once((Way::Local, OURS, "")).chain(remote).collect();
    arrives("fifty_thousand_small_files", &legs, "-a", |from| {
        for folder in 0..100 {
            let folder = from.join(format!("folder {}", folder * 7919 % 100));
            fs::create_dir(&folder).expect("a folder");
            for number in 0..500 {
                let mut file = fs::File::create(folder.join(format!("f{number}"))).expect("a file");
                file.write_all(&tree::random(number % 97, number as u64)).expect("data");
                file.set_modified(UNIX_EPOCH + DATE).expect("a date");
            }
        }
    });
}

/// Ten gibibytes, more than 32 bits count, with three islands of data. Each end of
/// each way has another version: it takes half a minute a time.
#[test]
fn a_sparse_file_of_ten_gibibytes() {
    let legs = [
        (Way::Local, OURS, ""),
        (Way::Push, AS_CLIENT, "--protocol=32"),
        (Way::Push, AS_SERVER, "--protocol=31"),
        (Way::Pull, AS_CLIENT, "--protocol=30"),
        (Way::Pull, AS_SERVER, "--protocol=32"),
    ];
    arrives("a_sparse_file_of_ten_gibibytes", &legs, "-aS", |from| {
        const SIZE: u64 = 10 << 30;
        let file = fs::File::create(from.join("sparse")).expect("a file");
        file.set_len(SIZE).expect("a length");
        for (position, seed) in [(0, 1), (SIZE / 2 + 12_345, 2), (SIZE - 100_000, 3)] {
            file.write_all_at(&tree::random(100_000, seed), position).expect("data");
        }
        file.set_modified(UNIX_EPOCH + DATE).expect("a date");
    });
}

/// Copies what `make` made in each of the ways and compares with it.
fn arrives(name: &str, legs: &[Leg], options: &str, make: impl Fn(&Path)) {
    if !Subject::Theirs.program().exists() {
        return skip(name, "rsync (a package of that name)");
    }
    let work = Work::new((0, 0));
    let source = work.surroundings(10, OURS, "").folder.join("from");
    fs::create_dir(&source).expect("a folder");
    make(&source);
    tree::redate_directories(&source, 0);
    let scope = Scope { now: i64::MAX, access_times: false };
    let sent = snapshot::take(&source, scope);
    let mut failures = Vec::new();
    for (number, &(way, pair, version)) in (11..).zip(legs) {
        let there = work.surroundings(number, pair, version);
        let call =
            way.place(&format!("rsync {options} S:{}/ D:{}/to/", source.display(), there.folder.display()));
        let said = there.run(&call);
        let mut found = Vec::new();
        if said.status != 0 || !said.stderr.is_empty() || !said.stdout.is_empty() {
            found.push(format!("{said:?}"));
        }
        let to = there.folder.join("to");
        let arrived = if to.is_dir() { snapshot::take(&to, scope) } else { snapshot::Snapshot::new() };
        found.extend(snapshot::differences(&sent, &arrived).into_iter().take(12));
        if !found.is_empty() {
            failures.push((format!("{} {pair} {version}", way.name()), found.join("\n  ")));
        }
        drop(fs::remove_dir_all(&there.folder));
    }
    pending::settle(name, &failures);
}
