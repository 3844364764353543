//! Random trees with random rules in files at every depth and above: ours and
//! the original, each with itself at both ends, must say the same and leave the
//! same names.
//!
//! `LOOPSHIM_RULES=4000` tries so many instead of a few, `LOOPSHIM_SEED` says
//! where to begin; one that differs prints its seed, which is tried again alone
//! with `LOOPSHIM_RULES=1`.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::random::{Call, Said, compare, names};
use super::tree;
use crate::support::grammar::Draw;
use crate::support::random::Random;

/// What every run tries.
const FEW: u64 = 120;
/// Names of files, and of directories.
const FILES: [&str; 4] = ["a", "b", "c", "d"];
const DIRECTORIES: [&str; 3] = ["p", "q", "r"];
/// How deep directories lie in one another.
const DEPTH: usize = 3;

const PATTERNS: &[&str] = &[
    "a", "b", "c", "d", "/a", "/p", "/p/q", "q", "p/", "q/a", "/q/a", "*", "*/b", "**/c", "/t/p", "r", "r/",
    "/r/a", "p/q/b", "?", "[ab]", "p/***", "/**/b",
];
const MODIFIERS: &[&str] = &["", "", "", "", "", "!", "p", "s", "r", "/"];
/// Rules that name files of rules, on the command line.
const NAMING: &[&str] = &[
    ": .rules",
    ": .rules",
    ": .rules",
    ": /.rules",
    ": /.rules",
    ": ../.rules",
    ":n .rules",
    ":e .rules",
    ":s .rules",
    ":r .rules",
    ":- .rules",
    ":w .rules",
    ":C",
    ". named",
    "- b",
    "+ a",
];
const DELETIONS: &[&str] =
    &["--delete", "--delete-before", "--delete-after", "--delete-delay", "--delete-excluded"];

#[test]
fn random_rules_do_what_the_originals_do() {
    let is_alike = |_: &Call, theirs: &Said, ours: &Said| is_refused(theirs) && is_refused(ours);
    compare("random rules", "LOOPSHIM_RULES", FEW, call, is_alike);
}

/// A run that was ended by a rule: which of several that is depends on the order
/// in which a directory gives its names, and what had been done by then on who
/// was quicker.
fn is_refused(said: &Said) -> bool {
    matches!(said.status, Some(1 | 11 | 12))
}

fn call(seed: u64) -> Call {
    let arguments = arguments(&mut Random::new(seed));
    let made = arguments.clone();
    let make = move |folder: &Path| make(&mut random_after(seed), folder, &made);
    Call { arguments, make: Box::new(make), left: |folder| names(folder, &folder.join("to")) }
}

/// The numbers that trees are made of.
fn random_after(seed: u64) -> Random {
    Random::new(!seed)
}

fn arguments(random: &mut Random) -> Vec<String> {
    let mut arguments = vec!["-rli".to_owned()];
    if random.percent(60) {
        arguments.push(random.one(DELETIONS).to_owned());
    }
    for _ in 0..random.one(&[1, 1, 1, 2]) {
        arguments.push(format!("--filter={}", random.one(NAMING)));
    }
    for (option, percent) in [("-C", 15), ("-F", 10), ("-m", 20), ("--no-i-r", 20), ("-R", 25)] {
        if random.percent(percent) {
            arguments.push(option.to_owned());
        }
    }
    let mut operand = "t".to_owned();
    for _ in 0..random.below(3) {
        operand = format!("{operand}/{}", random.one(&DIRECTORIES));
    }
    if arguments.iter().any(|argument| argument == "-R") && random.percent(30) {
        operand = operand.replacen("t/", "t/./", 1);
    }
    operand.push_str(random.one(&["", "/"]));
    let (source, destination) = random.one(&[("", ""), ("", ""), ("host:", ""), ("", "host:")]);
    if source != destination {
        arguments.push(random.one(&["--protocol=30", "--protocol=31", "--protocol=32"]).to_owned());
    }
    arguments.extend([format!("{source}{operand}"), format!("{destination}to/")]);
    arguments
}

/// A folder with trees `t` and `to`, and files of rules beside them.
fn make(random: &mut Random, folder: &Path, arguments: &[String]) {
    for (name, percent) in [(".rules", 40), ("named", 30)] {
        if random.percent(percent) {
            write(random, &folder.join(name));
        }
    }
    grow(random, &folder.join("t"), 0);
    // What is to be sent is there, whatever grew.
    let operand = &arguments[arguments.len() - 2];
    fs::create_dir_all(folder.join(operand.trim_start_matches("host:"))).expect("a folder");
    fs::create_dir(folder.join("to")).expect("a folder");
    if arguments.iter().any(|argument| argument.starts_with("--delete")) || random.percent(30) {
        let within = random.one(&["to", "to/t", "to/p"]);
        grow(random, &folder.join(within), 0);
    }
}

fn grow(random: &mut Random, folder: &Path, depth: usize) {
    fs::create_dir_all(folder).expect("a folder");
    for name in FILES {
        if random.percent(60) {
            write_dated(&folder.join(name), name);
        }
    }
    for (name, percent) in [(".rules", 40), (".more", 15), ("named", 15)] {
        if random.percent(percent) {
            write(random, &folder.join(name));
        }
    }
    for name in DIRECTORIES {
        if depth < DEPTH && random.percent(50) {
            grow(random, &folder.join(name), depth + 1);
        }
    }
}

/// Writes a file of rules.
fn write(random: &mut Random, path: &Path) {
    let count = random.one(&[1, 1, 2, 3]);
    let rules: Vec<String> = (0..count).map(|_| rule(random)).collect();
    write_dated(path, &(rules.join("\n") + random.one(&["\n", "\n", ""])));
}

/// Writes a file of a fixed time: whether two are of one second must not depend on
/// when they were made.
fn write_dated(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
    let time = UNIX_EPOCH + Duration::from_secs(tree::BASE.unsigned_abs());
    fs::File::options().write(true).open(path).and_then(|file| file.set_modified(time)).expect("a time");
}

fn rule(random: &mut Random) -> String {
    let pattern = random.one(PATTERNS);
    match random.below(100) {
        0..76 => format!("{}{} {pattern}", random.one(&["-", "+"]), random.one(MODIFIERS)),
        76..81 => "!".to_owned(),
        81..85 => format!("{} {pattern}", random.one(&["H", "S", "P", "R"])),
        85..90 => format!("{} .more", random.one(&[":", ":n", ":e"])),
        90..93 => format!(". {}", random.one(&["named", "../named", "./named"])),
        93..95 => "-C".to_owned(),
        95 => "zzz".to_owned(),
        96 => "-q x".to_owned(),
        97 => "- ".to_owned(),
        _ => "# note".to_owned(),
    }
}
