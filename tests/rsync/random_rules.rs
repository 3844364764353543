//! Random trees with random rules in files at every depth and above: ours and
//! the original, each with itself at both ends, must say the same and leave the
//! same names.
//!
//! `LOOPSHIM_RULES=4000` tries so many instead of a few, `LOOPSHIM_SEED` says
//! where to begin; one that differs prints its seed, which is tried again alone
//! with `LOOPSHIM_RULES=1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use super::call::write_script;
use super::subject::Subject;
use crate::support::grammar::Draw;
use crate::support::random::Random;
use crate::support::say::say;
use crate::support::skip::skip;

/// What every run tries.
const FEW: u64 = 120;
/// Differences that are shown.
const SHOWN: usize = 5;
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
    if !Subject::Theirs.program().exists() {
        return skip("random rules", "rsync (a package of that name)");
    }
    let (first, count) = (variable("LOOPSHIM_SEED", 1), variable("LOOPSHIM_RULES", FEW));
    let mut differences = Vec::new();
    for seed in first..first + count {
        differences.extend(difference(seed));
        if differences.len() >= SHOWN {
            break;
        }
    }
    say(format_args!("random rules, seeds {first} to {}: {} differ", first + count - 1, differences.len()));
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

fn variable<T: FromStr>(name: &str, default: T) -> T {
    let Some(value) = std::env::var_os(name) else { return default };
    let parsed = value.to_str().and_then(|text| text.parse().ok());
    parsed.unwrap_or_else(|| panic!("{name} is not a number: {}", value.display()))
}

/// What a run said and left, without what depends on who of the original's
/// processes is quicker: lines in order of their bytes, and none of those with
/// which they end one another.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    status: Option<i32>,
    stdout: Vec<String>,
    stderr: Vec<String>,
    left: Vec<String>,
}

impl Said {
    /// A run that was ended by a rule: which of several that is depends on the
    /// order in which a directory gives its names, and what had been done by
    /// then on who was quicker.
    fn is_refused(&self) -> bool {
        matches!(self.status, Some(1 | 11 | 12))
    }
}

fn difference(seed: u64) -> Option<String> {
    let mut random = Random::new(seed);
    let arguments = arguments(&mut random);
    // Both on the same path: rules may be about it.
    let parent = tempfile::tempdir().expect("a folder");
    let run = |subject| {
        let folder = parent.path().join("here");
        make(&mut random_after(seed), &folder, &arguments);
        let said = said(subject, &parent.path().join("shell"), &folder, &arguments);
        fs::remove_dir_all(&folder).expect("removed");
        said
    };
    let shell = parent.path().join("shell");
    write_script(&shell, "#!/bin/sh\nshift\ncd \"${0%shell}here\" && exec \"$@\"\n");
    let (theirs, ours) = (run(Subject::Theirs), run(Subject::Ours));
    let is_same = theirs == ours || theirs.is_refused() && ours.is_refused();
    // What the original does not do twice is nothing to do the same as.
    if is_same || run(Subject::Theirs) != theirs {
        return None;
    }
    let call = arguments.join(" ");
    Some(format!("seed {seed}: rsync {call}\n  theirs: {theirs:#?}\n  ours: {ours:#?}"))
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
    fs::create_dir(folder).expect("a folder");
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
            fs::write(folder.join(name), name).expect("a file");
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
    fs::write(path, rules.join("\n") + random.one(&["\n", "\n", ""])).expect("a file");
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

fn said(subject: Subject, shell: &Path, folder: &PathBuf, arguments: &[String]) -> Said {
    let mut command = Command::new("/usr/bin/timeout");
    command.args(["-k", "5", "20"]).arg(subject.program()).args(arguments).arg("-e").arg(shell);
    command.arg(format!("--rsync-path={}", subject.program().display()));
    // CVS's rules of whoever runs this are none of ours.
    command.env("HOME", folder).env("LC_ALL", "C").env_remove("CVSIGNORE").current_dir(folder);
    let said = command.output().expect("a run");
    let lines = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let mut lines: Vec<String> =
            text.lines().filter(|line| !line.contains("SIGUSR1")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let mut left = Vec::new();
    list(folder, &folder.join("to"), &mut left);
    Said { status: said.status.code(), stdout: lines(&said.stdout), stderr: lines(&said.stderr), left }
}

fn list(root: &Path, folder: &Path, names: &mut Vec<String>) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        names.push(path.strip_prefix(root).expect("below").display().to_string());
        if path.is_dir() {
            list(root, &path, names);
        }
    }
}
