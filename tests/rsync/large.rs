//! Trees and files of a size that hurts: what arrives must be what was sent.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::case::{Way, Work};
use super::pending;
use super::snapshot::{self, Scope};
use super::subject::{Pair, Subject};
use super::tree;
use crate::support::skip::skip;

const OURS: Pair = Pair::OURS;
const AS_CLIENT: Pair = Pair::MIXED[0];
const AS_SERVER: Pair = Pair::MIXED[1];

#[test]
fn fifty_thousand_small_files() {
    let ways = [
        (Way::Local, OURS),
        (Way::Push, AS_CLIENT),
        (Way::Push, AS_SERVER),
        (Way::Pull, AS_CLIENT),
        (Way::Pull, AS_SERVER),
    ];
    arrives("fifty_thousand_small_files", &ways, "-a", |from| {
        for folder in 0..100 {
            let folder = from.join(format!("folder {}", folder * 7919 % 100));
            fs::create_dir(&folder).expect("a folder");
            for file in 0..500 {
                fs::write(folder.join(format!("f{file}")), tree::random(file % 97, file as u64))
                    .expect("a file");
            }
        }
    });
}

/// Three gibibytes, more than 31 bits count, with three islands of data.
#[test]
fn a_sparse_file_of_three_gibibytes() {
    let ways = [(Way::Local, OURS), (Way::Push, AS_CLIENT), (Way::Pull, AS_CLIENT)];
    arrives("a_sparse_file_of_three_gibibytes", &ways, "-aS", |from| {
        const SIZE: u64 = 3 << 30;
        let file = fs::File::create(from.join("sparse")).expect("a file");
        file.set_len(SIZE).expect("a length");
        for (position, seed) in [(0, 1), (SIZE / 2 + 12_345, 2), (SIZE - 100_000, 3)] {
            file.write_all_at(&tree::random(100_000, seed), position).expect("data");
        }
    });
}

/// Copies what `make` made in each of those ways and compares with it.
fn arrives(name: &str, ways: &[(Way, Pair)], options: &str, make: impl Fn(&Path)) {
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
    for (number, (way, pair)) in (11..).zip(ways) {
        let there = work.surroundings(number, *pair, "");
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
            failures.push((format!("{} {pair}", way.name()), found.join("\n  ")));
        }
        drop(fs::remove_dir_all(&there.folder));
    }
    pending::settle(name, &failures);
}
