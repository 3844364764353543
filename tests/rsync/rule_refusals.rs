//! A file of rules with something in it that is no rule ends the run, before
//! anything that it may have been meant to protect is gone.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::call::write_script;
use super::subject::{Pair, Subject};
use crate::support::skip::skip;

/// What a directory's file of rules has, and the rule that names it.
const FILES: &[(&str, &str)] = &[
    ("zzz\n", ": .rules"),
    ("# fine\n\n- a\n-q x\n", ": .rules"),
    ("- \n", ": .rules"),
    ("!x\n", ": .rules"),
    ("- a zzz\n", ":w .rules"),
    ("H x\n", ":s .rules"),
    (". none\n", ": .rules"),
    (". ../none\n", ": .rules"),
    ("- a\n. ./other\n", ": .rules"),
    (": other\n", ": .rules"),
    (". ./itself\n", ": .rules"),
];

/// How it is called, in a folder with `from` and `to`: the receiving side's file
/// is met while directories are swept, removed, or neither.
const CALLS: &[&str] = &[
    "-a --delete S:from/ D:to/",
    "-a --delete-before S:from/ D:to/",
    "-a --delete-after S:from/ D:to/",
    "-a --delete-delay S:from/ D:to/",
    "-a --delete S:without/ D:to/",
    "-a --force S:files/ D:to/",
];

/// The same, where the sending side's file is met.
const SENDS: &[&str] = &["-a S:to/ D:new/", "-a --no-i-r S:to/ D:new/", "-aR --delete S:to/./sub D:new/"];

/// Where the ends are, the version, and what is called. Before version 31 a
/// server that receives cannot be told why; the original kills it.
const WAYS: &[(&str, &str, &[&str])] = &[
    ("local", "", CALLS),
    ("local", "", SENDS),
    ("push", "--protocol=32", CALLS),
    ("push", "--protocol=32", SENDS),
    ("push", "--protocol=30", CALLS),
    ("pull", "--protocol=32", CALLS),
    ("pull", "--protocol=32", SENDS),
    ("pull", "--protocol=30", SENDS),
];

/// So many files are tried with a remote end too.
const REMOTE: usize = 2;

#[test]
fn what_is_no_rule_ends_the_run() {
    if !Subject::Theirs.program().exists() {
        return skip("refused rules", "rsync (a package of that name)");
    }
    let mut failures = Vec::new();
    for (at, (text, rule)) in FILES.iter().enumerate() {
        // How the other end learns of it is the same for all of them.
        let ways = WAYS.iter().filter(|(place, ..)| *place == "local" || at < REMOTE);
        for (place, version, calls) in ways {
            for call in *calls {
                let line = format!("{version} {}", placed(call, place));
                let [theirs, ours] = [Pair::JUDGE, Pair::OURS].map(|pair| told(pair, text, rule, &line));
                if theirs != ours {
                    failures.push(format!(
                        "{text:?} by {rule:?}: rsync {line}\n  theirs: {theirs:#?}\n  ours: {ours:#?}"
                    ));
                }
                // One that only noticed has its own words for it.
                for pair in Pair::MIXED.into_iter().filter(|_| *place != "local") {
                    let mixed = told(pair, text, rule, &line);
                    if (mixed.status, &mixed.kept) != (theirs.status, &theirs.kept) {
                        failures.push(format!("{text:?} by {rule:?}: {pair} {line}\n  {mixed:#?}"));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A call with a host where it has one.
fn placed(call: &str, place: &str) -> String {
    let (source, destination) = match place {
        "push" => ("", "host:"),
        "pull" => ("host:", ""),
        _ => ("", ""),
    };
    call.replace("S:", source).replace("D:", destination)
}

/// What a run says: the status, and the lines of whoever met the rule. The
/// others of the original's processes say how they were ended, some of the time.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    status: Option<i32>,
    errors: Vec<String>,
    /// What was there and may have been meant to stay.
    kept: Vec<&'static str>,
}

fn told(pair: Pair, text: &str, rule: &str, line: &str) -> Told {
    let parent = tempfile::tempdir().expect("a folder");
    // Paths in messages are as long, and the same.
    let folder = parent.path().join("folder");
    make(&folder, text);
    let shell = parent.path().join("shell");
    write_script(&shell, "#!/bin/sh\nshift\ncd \"${0%shell}folder\" && exec \"$@\"\n");
    let mut command = Command::new("/usr/bin/timeout");
    command.args(["-k", "5", "20"]).arg(pair.client.program()).args(line.split_whitespace());
    command.arg(format!("--filter={rule}")).arg("-e").arg(&shell);
    command.arg(format!("--rsync-path={}", pair.server.program().display()));
    let said = command.current_dir(&folder).env("LC_ALL", "C").output().expect("a run");
    let errors = String::from_utf8_lossy(&said.stderr).replace(&parent.path().display().to_string(), "");
    let is_own = |line: &&str| !line.contains("SIGUSR1");
    let mut errors: Vec<String> = errors.lines().filter(is_own).map(amounts_left_out).collect();
    errors.sort();
    let kept = ["to/sub/keep", "to/sub/below/keep", "to/sub/.rules"];
    let kept = kept.into_iter().filter(|kept| folder.join(kept).exists()).collect();
    Told { status: said.status.code(), errors, kept }
}

/// What had arrived when a connection ended depends on who was quicker.
fn amounts_left_out(line: &str) -> String {
    match line.split_once('(') {
        Some((head, tail)) if tail.contains("bytes received so far") => {
            format!("{head}{}", tail.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        _ => line.to_owned(),
    }
}

fn make(folder: &Path, text: &str) {
    for (path, content) in [
        ("from/sub/a", "a"),
        ("without/a", "a"),
        ("files/sub", "a file"),
        ("to/sub/.rules", text),
        ("to/sub/keep", "keep"),
        ("to/sub/below/keep", "keep"),
        ("to/sub/other", "zzz"),
        ("to/sub/itself", ". ./itself"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
}
