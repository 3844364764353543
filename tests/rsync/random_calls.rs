//! Random trees and random options: ours and the original must say the same and
//! leave the same.
//!
//! `LOOPSHIM_CALLS=4000` tries so many instead of a few, `LOOPSHIM_SEED` says
//! where to begin; one that differs prints its seed, which is tried again alone
//! with `LOOPSHIM_CALLS=1`. Not drawn is what `docs/rsync.md` says is otherwise.

use std::collections::HashMap;
use std::path::Path;

use super::random::{Call, compare};
use super::snapshot::{self, Scope};
use super::tree::{self, Entry};
use crate::support::grammar::Draw;
use crate::support::random::Random;

/// What every run tries.
const FEW: u64 = 120;
/// Names in a directory.
const NAMES: [&str; 10] = ["a", "b", "c", "d", "e~", "f.o", "in", "of", ".hid", "sp ace"];
/// Where links lead.
const TARGETS: [&str; 6] = ["a", "b", "../a", "nowhere", "in", "../of"];
/// What comes after this, in seconds since trees are dated, was made by a call.
const LATER: i64 = 10_000_000;

/// Options, each with how many calls in a hundred have it.
const OPTIONS: &[(&str, usize)] = &[
    ("-a", 75),
    ("-r", 25),
    ("-l", 15),
    ("-p", 15),
    ("-t", 25),
    ("-H", 15),
    ("-S", 15),
    ("-u", 10),
    ("-c", 12),
    ("-n", 8),
    ("-v", 15),
    ("-i", 45),
    ("-ii", 8),
    ("-z", 6),
    ("-x", 4),
    ("-d", 5),
    ("-m", 6),
    ("-b", 12),
    ("-C", 6),
    ("-I", 8),
    ("-W", 8),
    ("--no-W", 12),
    ("-O", 5),
    ("-J", 5),
    ("-k", 4),
    ("-K", 5),
    ("-E", 5),
    ("-D", 8),
    ("--delete", 12),
    ("--delete-before", 4),
    ("--delete-after", 4),
    ("--delete-delay", 4),
    ("--delete-excluded", 4),
    ("--max-delete=2", 4),
    ("--force", 5),
    ("--ignore-errors", 3),
    ("--existing", 5),
    ("--ignore-existing", 6),
    ("--exclude=*.o", 7),
    ("--include=a", 4),
    ("--exclude=d*", 4),
    ("--partial", 4),
    ("--inplace", 7),
    ("--delay-updates", 5),
    ("--suffix=.bak", 5),
    ("--backup-dir=kept", 5),
    ("--size-only", 6),
    ("--modify-window=1", 4),
    ("--chmod=u+w,go-r", 5),
    ("--chmod=D755,F644", 4),
    ("--safe-links", 4),
    ("--munge-links", 3),
    ("--stats", 6),
    ("--preallocate", 3),
    ("--mkpath", 3),
    ("--remove-source-files", 4),
    ("--min-size=10", 4),
    ("--max-size=1000", 4),
    ("--no-i-r", 12),
    ("--numeric-ids", 3),
    ("--partial-dir=parts", 3),
    ("--omit-link-times", 3),
    ("--no-p", 5),
    ("--no-t", 5),
    ("--no-D", 3),
    ("--no-l", 4),
    ("--no-r", 3),
    ("--super", 3),
    ("--checksum-choice=md5", 3),
    ("--block-size=512", 5),
    ("--ignore-missing-args", 3),
    ("--old-dirs", 2),
    ("--out-format=%i %n%L %l %o", 4),
    ("--info=del2,name2", 4),
    ("-h", 4),
    ("-q", 3),
];

#[test]
fn random_calls_do_what_the_originals_do() {
    compare("random calls", "LOOPSHIM_CALLS", FEW, call, |_, _| false);
}

fn call(seed: u64) -> Call {
    let mut random = Random::new(seed);
    let arguments = arguments(&mut random);
    let mut lines = Vec::new();
    grow(&mut random, "from", 0, &mut lines);
    if random.percent(75) {
        // Much of what is there came from the source, once.
        let again: Vec<String> = lines.iter().filter(|_| random.percent(70)).cloned().collect();
        lines.extend(again.iter().map(|line| altered(&mut random, &line.replace("from", "to"))));
        grow(&mut random, "to", 0, &mut lines);
    }
    let make = move |folder: &Path| build(folder, &lines);
    Call { arguments, make: Box::new(make), left }
}

fn arguments(random: &mut Random) -> Vec<String> {
    let drawn = OPTIONS.iter().filter(|(_, percent)| random.percent(*percent));
    let mut arguments: Vec<String> = drawn.map(|(option, _)| (*option).to_owned()).collect();
    if !arguments.iter().any(|option| ["-a", "-r", "-d"].contains(&option.as_str())) {
        arguments.push("-a".to_owned());
    }
    let source =
        random.one(&["from/", "from/", "from/", "from", "from/in", "from/a", "from/none", "from/in/"]);
    let destination = random.one(&["to/", "to/", "to", "to/new", "to/a/"]);
    let (here, there) = random.one(&[("", ""), ("", ""), ("host:", ""), ("", "host:")]);
    if here != there {
        arguments.push(random.one(&["--protocol=30", "--protocol=31", "--protocol=32"]).to_owned());
    }
    arguments.extend([format!("{here}{source}"), format!("{there}{destination}")]);
    arguments
}

/// Adds the lines of a directory's tree.
fn grow(random: &mut Random, folder: &str, depth: usize, lines: &mut Vec<String>) {
    let mode = random.one(&["755", "755", "700", "2755"]);
    lines.push(format!("d {folder} mode={mode} t={}", random.below(3)));
    for name in NAMES {
        let path = format!("{folder}/{}", name.replace(' ', "_"));
        if random.percent(50) || lines.iter().any(|line| line.split(' ').nth(1) == Some(&path)) {
            continue;
        }
        match random.below(12) {
            0..2 if depth < 2 => grow(random, &path, depth + 1, lines),
            2 => lines.push(format!("l {path} -> {}", random.one(&TARGETS))),
            3 => lines.push(format!("p {path} mode=644")),
            4 => {
                let files: Vec<&String> =
                    lines.iter().filter(|line| line.starts_with(&format!("f {folder}"))).collect();
                if let Some(first) = files.first().and_then(|line| line.split(' ').nth(1)) {
                    lines.push(format!("h {path} -> {first}"));
                }
            }
            _ => lines.push(file(random, &path)),
        }
    }
}

fn file(random: &mut Random, path: &str) -> String {
    let size = random.one(&[0, 1, 5, 100, 700, 3000, 70_000]);
    let mode = random.one(&["644", "644", "600", "755", "444"]);
    let time = random.one(&["0", "0", "0.5", "100", "-100", "1"]);
    format!("f {path} size={size} seed={} mode={mode} t={time}", random.below(3))
}

/// A line as it is, or of a file that is another by now.
fn altered(random: &mut Random, line: &str) -> String {
    let path = line.split(' ').nth(1).unwrap_or_default();
    if line.starts_with("f ") && random.percent(35) { file(random, path) } else { line.to_owned() }
}

/// Makes what the lines say; of what does not go together the first.
fn build(folder: &Path, lines: &[String]) {
    let mut kinds: HashMap<&Path, u8> = HashMap::new();
    let mut entries = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let path = Path::new(words[1]);
        let is = |path: &Path, kind| kinds.get(path).is_none_or(|known| *known == kind);
        let is_first = !kinds.contains_key(path) && path.ancestors().skip(1).all(|above| is(above, b'd'));
        let has_first = words[0] != "h" || kinds.get(Path::new(words[3])) == Some(&b'f');
        if is_first && has_first {
            kinds.extend(path.ancestors().skip(1).map(|above| (above, b'd')));
            kinds.insert(path, line.as_bytes()[0]);
            entries.push(Entry::parse(line));
        }
    }
    let owner = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    tree::build(folder, &entries, owner);
}

fn left(folder: &Path) -> Vec<String> {
    let scope = Scope { now: tree::BASE + LATER, access_times: false };
    snapshot::take(folder, scope).into_iter().map(|(name, line)| format!("{name}: {line}")).collect()
}
