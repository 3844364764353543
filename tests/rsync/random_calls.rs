//! Random trees and random options: ours and the original must say the same and
//! leave the same, for the super-user and, where the tests run as one, for an
//! ordinary user.
//!
//! `LOOPSHIM_CALLS=4000` tries so many instead of a few, `LOOPSHIM_SEED` says
//! where to begin; one that differs prints its seed, which is tried again alone
//! with `LOOPSHIM_CALLS=1`. Not drawn is what `docs/rsync.md` says is otherwise.

use std::collections::HashMap;
use std::path::Path;

use super::random::{Call, Said, compare};
use super::snapshot::{self, Scope};
use super::tree::{self, Entry};
use crate::support::grammar::Draw;
use crate::support::random::Random;

/// What every run tries.
const FEW: u64 = 120;
/// The status of a call that had to be ended: there is nothing to do the same as.
const HANGS: i32 = 124;
/// Names in a directory.
const NAMES: [&str; 10] = ["a", "b", "c", "d", "e~", "f.o", "in", "of", ".hid", "sp ace"];
/// Where links lead.
const TARGETS: [&str; 6] = ["a", "b", "../a", "nowhere", "in", "../of"];
/// Extended attributes of files.
const ATTRIBUTES: [&str; 2] =
    [" x:user.one=1", " x:user.one=2 x:user.two=a_longer_value_that_takes_more_than_thirty_two_bytes"];
/// Access lists: each entry's tag, permissions and who, as `acl(5)` numbers the tags;
/// who is the group or user, or nobody.
const ACLS: [&[(u16, u16, u32)]; 2] = [
    &[(0x01, 6, NOBODY), (0x02, 4, 5), (0x04, 4, NOBODY), (0x10, 4, NOBODY), (0x20, 0, NOBODY)],
    &[(0x01, 7, NOBODY), (0x04, 5, NOBODY), (0x08, 6, 7), (0x10, 7, NOBODY), (0x20, 1, NOBODY)],
];
const NOBODY: u32 = u32::MAX;
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

/// Options that are not drawn with others, since the two differ on purpose, or leave
/// it to chance.
const APART: &[(&str, &[&str])] = &[
    // The original makes a hole of what is there.
    ("--append", &["-S", "--sparse"]),
    // It looks for other names of a file in the current directory.
    ("-H", &["-n"]),
    // Both are -vvv, of which less is shown.
    ("-vv", &["-v"]),
    // Reading a source changes what is compared.
    ("-U", &["-c"]),
    // A client that pulls shows how it lists what it may delete.
    ("--delete-before", &["--progress", "-P", "--info=flist2"]),
    ("--delete-after", &["--progress", "-P", "--info=flist2"]),
];

/// Options that show one another, of which most calls have some of one group.
const GROUPS: &[&[(&str, usize)]] = &[
    &[("-X", 60), ("-A", 60), ("-XX", 10), ("--fake-super", 15), ("--chown=3:4", 15), ("-o", 20), ("-g", 20)],
    &[
        ("--usermap=1:2", 30),
        ("--groupmap=1-9:2", 30),
        ("--chown=:4", 20),
        ("-og", 40),
        ("--numeric-ids", 20),
        ("--no-o", 15),
        ("--no-g", 15),
    ],
    &[("-R", 85), ("--no-implied-dirs", 30), ("-m", 20), ("--delete", 30), ("-d", 20), ("--mkpath", 10)],
    &[("-L", 40), ("-k", 30), ("--copy-unsafe-links", 40), ("-K", 30), ("--safe-links", 20)],
    &[("--append", 45), ("--append-verify", 45), ("--partial", 20), ("--backup-dir=kept", 20), ("-b", 20)],
    &[
        ("--fuzzy", 60),
        ("-yy", 30),
        ("--no-W", 70),
        ("--delete", 30),
        ("--delete-delay", 20),
        ("--link-dest=../other", 30),
    ],
    &[
        ("--compare-dest=../other", 40),
        ("--compare-dest=../of", 15),
        ("-c", 15),
        ("-u", 10),
        ("--no-W", 30),
        ("-H", 20),
    ],
    &[("--copy-dest=../other", 60), ("--copy-dest=../of", 20), ("-c", 15), ("--no-W", 30), ("-H", 20)],
    &[
        ("--link-dest=../other", 60),
        ("--link-dest=../of", 20),
        ("--link-dest=../none", 5),
        ("-c", 15),
        ("-H", 30),
        ("-X", 20),
        ("-A", 20),
        ("-O", 15),
        ("--no-t", 20),
    ],
    &[("-v", 60), ("-vv", 50), ("--delete", 40), ("--stats", 20), ("-P", 20), ("--log-file=log", 30)],
    &[
        ("--info=all0", 20),
        ("--info=backup,copy,misc2", 30),
        ("--info=name0", 10),
        ("--info=flist2", 20),
        ("--info=skip1", 30),
        ("--info=skip2", 20),
        ("--info=remove,nonreg,symsafe", 30),
        ("--info=stats2", 20),
        ("--progress", 20),
    ],
    &[
        ("--files-from=list", 90),
        ("--from0", 10),
        ("-r", 30),
        ("--no-R", 15),
        ("--delete", 20),
        ("--delete-missing-args", 20),
        ("--ignore-missing-args", 10),
        ("--no-implied-dirs", 15),
        ("--list-only", 8),
    ],
    &[("--list-only", 90), ("-X", 10), ("-v", 30), ("-L", 10), ("-8", 5), ("--human-readable", 10)],
    &[("-U", 40), ("--open-noatime", 20), ("--fsync", 20), ("--sparse", 30), ("--temp-dir=/tmp", 30)],
    &[("--copy-devices", 30), ("--write-devices", 20), ("--specials", 50), ("--no-specials", 20), ("-D", 30)],
    &[
        ("--skip-compress=o", 30),
        ("-zz", 30),
        ("--compress-choice=lz4", 30),
        ("--compress-level=3", 20),
        ("--stats", 20),
        ("--no-W", 40),
        ("--bwlimit=100m", 20),
    ],
    &[("--filter=dir-merge .rules", 60), ("-F", 30), ("-f- b", 20), ("-FF", 20), ("--delete", 50)],
];

#[test]
fn random_calls_do_what_the_originals_do() {
    compare("random calls", "LOOPSHIM_CALLS", FEW, call, is_alike);
}

/// Whether two differ in what `docs/rsync.md` tells of only.
fn is_alike(call: &Call, theirs: &Said, ours: &Said) -> bool {
    // With this nothing is written where a link in place of a directory leads.
    let is_behind_link = |line: &String| line.contains("failed to stat") && line.contains("Not a directory");
    let ignores_existing = call.arguments.iter().any(|argument| argument == "--ignore-existing");
    theirs.status == Some(HANGS) || ignores_existing && ours.stderr.iter().any(is_behind_link)
}

fn call(seed: u64) -> Call {
    let mut random = Random::new(seed);
    let arguments = arguments(&mut random);
    let mut lines = Vec::new();
    grow(&mut random, "from", 0, &mut lines);
    let source = lines.clone();
    for (tree, percent) in [("to", 75), ("other", 50)] {
        if random.percent(percent) {
            // Much of what is there came from the source, once.
            let again: Vec<&String> = source.iter().filter(|_| random.percent(70)).collect();
            lines.extend(again.iter().map(|line| altered(&mut random, &line.replace("from", tree))));
            grow(&mut random, tree, 0, &mut lines);
        }
    }
    if lines.iter().any(|line| line.starts_with("d to ")) {
        // Made by a call, it would change the time of what it lies in.
        lines.push("d to/kept".to_owned());
    }
    lines.push(list(&mut random, &source));
    let make = move |folder: &Path| build(folder, &lines);
    Call { arguments, make: Box::new(make), left }
}

fn arguments(random: &mut Random) -> Vec<String> {
    let drawn = OPTIONS.iter().filter(|(_, percent)| random.percent(*percent));
    let mut arguments: Vec<String> = drawn.map(|(option, _)| (*option).to_owned()).collect();
    if random.percent(70) {
        let drawn = random.one(GROUPS).iter().filter(|(_, percent)| random.percent(*percent));
        arguments.extend(drawn.map(|(option, _)| (*option).to_owned()));
    }
    for (option, others) in APART {
        if arguments.iter().any(|argument| argument.starts_with(option)) {
            arguments.retain(|argument| !others.contains(&argument.as_str()));
        }
    }
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
    arguments.push(format!("{here}{source}"));
    if random.percent(12) && !arguments.iter().any(|option| option == "--files-from=list") {
        let more = random.one(&["from/a", "from/in", "from/of/", "other/", "other", "from/none", "from/b"]);
        arguments.push(format!("{here}{more}"));
    }
    arguments.push(format!("{there}{destination}"));
    arguments
}

/// A list of files to send, of the names of the source and some that are none.
fn list(random: &mut Random, source: &[String]) -> String {
    let mut names: Vec<String> = source
        .iter()
        .filter(|_| random.percent(25))
        .filter_map(|line| line.split(' ').nth(1)?.strip_prefix("from/").map(str::to_owned))
        .collect();
    for name in ["in/none", "./a", "of/", "in/../b", "/d", "in/./a"] {
        if random.percent(12) {
            names.push(name.to_owned());
        }
    }
    format!("f list ={}\\n", names.join("\\n"))
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
    let owner = random.one(&["", "", "", " own=1:1", " own=2:3", " own=0:2"]);
    let owner = if rustix::process::geteuid().is_root() { owner } else { "" };
    let attributes = match random.below(100) {
        0..7 => random.one(&ATTRIBUTES).to_owned(),
        7..14 => access_list(random.one(&ACLS)),
        _ => String::new(),
    };
    format!("f {path} size={size} seed={} mode={mode} t={time}{owner}{attributes}", random.below(3))
}

/// An access list as the attribute that the system keeps it in (`posix_acl_xattr.h`).
fn access_list(entries: &[(u16, u16, u32)]) -> String {
    let of_entry = |(tag, permissions, who): &(u16, u16, u32)| {
        [&tag.to_le_bytes()[..], &permissions.to_le_bytes()[..], &who.to_le_bytes()[..]].concat()
    };
    let bytes = [2, 0, 0, 0].into_iter().chain(entries.iter().flat_map(of_entry));
    let escaped: String = bytes.map(|byte: u8| format!("\\x{byte:02x}")).collect();
    format!(" x:system.posix_acl_access={escaped}")
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
