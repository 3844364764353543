//! Random calls: ours and the original, each with itself at both ends, on the
//! same tree at the same path.
//!
//! Of three calls of a server one is of a daemon instead, which is the original.
//!
//! `LOOPSHIM_KEEP=FOLDER` makes that folder, as it was before the call; with
//! `LOOPSHIM_SEED=N` and a count of one it is the one of that call.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use super::call::write_script;
use super::subject::Subject;
use crate::support::say::say;
use crate::support::skip::skip;

/// Differences that are shown.
const SHOWN: usize = 5;

/// A call and what it is made on.
pub struct Call {
    /// Arguments; a host stands for the folder that the call is made in.
    pub arguments: Vec<String>,
    /// Makes the folder, the same each time.
    pub make: Box<dyn Fn(&Path)>,
    /// What is compared of it after the call.
    pub left: fn(&Path) -> Vec<String>,
}

/// What a run said and left, without what depends on who of the original's
/// processes is quicker: lines in order of their bytes, and none of those with
/// which they end one another.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// The exit status.
    pub status: Option<i32>,
    /// Lines of standard output.
    pub stdout: Vec<String>,
    /// Lines of standard error.
    pub stderr: Vec<String>,
    /// What is there afterwards.
    pub left: Vec<String>,
}

/// A number from the environment.
fn variable<T: FromStr>(name: &str, default: T) -> T {
    let Some(value) = std::env::var_os(name) else { return default };
    let parsed = value.to_str().and_then(|text| text.parse().ok());
    parsed.unwrap_or_else(|| panic!("{name} is not a number: {}", value.display()))
}

/// Tries the calls of `few` seeds, or of as many as the variable `count` says,
/// from `LOOPSHIM_SEED` on; `is_alike` tells of a call and what the original and
/// ours said of it whether they differ in what is left to chance only.
pub fn compare(
    what: &str,
    count: &str,
    few: u64,
    call: impl Fn(u64) -> Call,
    is_alike: impl Fn(&Call, &Said, &Said) -> bool,
) {
    if !Subject::Theirs.program().exists() {
        return skip(what, "rsync (a package of that name)");
    }
    let (first, count) = (variable("LOOPSHIM_SEED", 1), variable(count, few));
    let mut differences = Vec::new();
    for seed in first..first + count {
        differences.extend(difference(seed, &call(seed), &is_alike));
        if differences.len() >= SHOWN {
            break;
        }
    }
    say(format_args!("{what}, seeds {first} to {}: {} differ", first + count - 1, differences.len()));
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

fn difference(seed: u64, call: &Call, is_alike: &impl Fn(&Call, &Said, &Said) -> bool) -> Option<String> {
    // Both on the same path: rules and messages may be about it.
    let parent = tempfile::tempdir().expect("a folder");
    let shell = parent.path().join("shell");
    write_script(&shell, SHELL);
    let folder = parent.path().join("here");
    if let Some(kept) = std::env::var_os("LOOPSHIM_KEEP") {
        fs::create_dir(&kept).expect("a folder that is not there");
        (call.make)(Path::new(&kept));
    }
    fs::write(parent.path().join("settings"), settings(&folder)).expect("settings");
    let arguments = placed(seed, &call.arguments);
    let run = |subject| {
        fs::create_dir(&folder).expect("a folder");
        (call.make)(&folder);
        let said = said(subject, &shell, &folder, &arguments, call.left);
        fs::remove_dir_all(&folder).expect("removed");
        said
    };
    let (theirs, ours) = (run(Subject::Theirs), run(Subject::Ours));
    // What the original does not do twice is nothing to do the same as.
    if theirs == ours || is_alike(call, &theirs, &ours) || run(Subject::Theirs) != theirs {
        return None;
    }
    let only = |of: &Said, other: &Said| Said {
        status: of.status,
        stdout: lacking(&of.stdout, &other.stdout),
        stderr: lacking(&of.stderr, &other.stderr),
        left: lacking(&of.left, &other.left),
    };
    let arguments = arguments.join(" ");
    let (theirs, ours) = (only(&theirs, &ours), only(&ours, &theirs));
    Some(format!("seed {seed}: rsync {arguments}\n  only theirs: {theirs:#?}\n  only ours: {ours:#?}"))
}

fn lacking(lines: &[String], others: &[String]) -> Vec<String> {
    lines.iter().filter(|line| !others.contains(line)).cloned().collect()
}

/// A remote shell for the folder `here` beside it. The daemon is the original.
const SHELL: &str = "#!/bin/sh\n\
    shift\n\
    cd \"${0%shell}here\" || exit\n\
    [ \"$3\" != --daemon ] || exec /usr/bin/rsync --server --daemon --config=../settings .\n\
    exec \"$@\"\n";

/// A daemon with that folder as its module `here`.
fn settings(folder: &Path) -> String {
    let place = format!("[here]\npath = {}\nread only = no\nuid = 0\ngid = 0\n", folder.display());
    format!("use chroot = no\nmunge symlinks = no\n{place}")
}

/// The arguments, with a daemon in place of the server every third time.
fn placed(seed: u64, arguments: &[String]) -> Vec<String> {
    let place = |argument: &String| match argument.strip_prefix("host:") {
        Some(path) if seed.is_multiple_of(3) => format!("host::here/{path}"),
        _ => argument.clone(),
    };
    arguments.iter().map(place).collect()
}

fn said(
    subject: Subject,
    shell: &Path,
    folder: &Path,
    arguments: &[String],
    left: fn(&Path) -> Vec<String>,
) -> Said {
    let mut command = Command::new("/usr/bin/timeout");
    command.args(["-k", "5", "20"]).arg(subject.program()).args(arguments).arg("-e").arg(shell);
    command.arg(format!("--rsync-path={}", subject.program().display()));
    // CVS's rules of whoever runs this are none of ours.
    command.env("HOME", folder).env("LC_ALL", "C").env_remove("CVSIGNORE").current_dir(folder);
    let said = command.output().expect("a run");
    Said {
        status: said.status.code(),
        stdout: lines(&said.stdout),
        stderr: lines(&said.stderr),
        left: left(folder),
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    // Amounts are what the encoding of each takes.
    let is_steady = |line: &&str| {
        let varies = ["sent ", "total size is ", "Total bytes ", "File list ", "opening connection "];
        // How a server ends that has lost its client, where that did not kill it.
        let is_lost = (line.contains("[sender") || line.contains("[Receiver"))
            && (["unexpectedly closed", "(code 12)", "io.c(1892)"].iter().any(|part| line.contains(part)));
        !is_lost && !line.contains("SIGUSR1") && varies.iter().all(|begin| !line.starts_with(begin))
    };
    let mut lines: Vec<String> = text.lines().filter(is_steady).map(without_rates).collect();
    lines.sort();
    lines
}

/// A line of progress with what is said at the end of a file, and no rates.
fn without_rates(line: &str) -> String {
    let Some((before, _)) = line.rsplit_once("B/s") else { return line.to_owned() };
    let last = line.rsplit('\r').next().unwrap_or_default();
    let amounts = before.rsplit('\r').next().unwrap_or_default().rsplit_once(' ');
    let after = last.split_once('(').map(|(_, after)| after);
    format!("{} {}", amounts.map_or("", |(amounts, _)| amounts.trim()), after.unwrap_or_default())
}

/// Every name below a folder, with the path from `root` on.
pub fn names(root: &Path, folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        names.push(path.strip_prefix(root).expect("below").display().to_string());
        if path.is_dir() {
            names.extend(self::names(root, &path));
        }
    }
    names
}
