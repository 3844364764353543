//! A disk that is full: the run ends as the original's does, and under every name
//! there is the old file or the new one, or what is to be kept of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::call::write_script;
use super::subject::{Pair, Subject};
use crate::support::skip::skip;

/// Calls in a folder with a disk of two megabytes, `disk`, onto which `from` does not fit.
const CALLS: [&str; 11] = [
    "-a from/ disk/",
    "-a --partial from/ disk/",
    "-a --partial-dir=kept from/ disk/",
    "-a --inplace from/ disk/",
    "-a -S from/ disk/",
    "-a --delay-updates from/ disk/",
    "-a --preallocate from/ disk/",
    "-a from/ host:disk/",
    "-a --partial from/ host:disk/",
    "-a host:from/ disk/",
    "-a --partial host:from/ disk/",
];

/// Mounts the disk where nobody else sees it, puts an old file on it, calls, and tells
/// what is there.
const SCRIPT: &str = "mount -t tmpfs -o size=2m none disk || exit 99\n\
    echo old >disk/file; touch -d @0 disk/file\n\
    PATH=$CLIENT:$PATH rsync -e ./shell \"$@\" >&2\n\
    echo \"status $?\"; find disk -mindepth 1 | sed 's/\\.[A-Za-z0-9]*$/.X/' | sort; wc -c <disk/file\n";

#[test]
fn a_full_disk_ends_the_run_and_loses_nothing() {
    if !Subject::Theirs.program().exists() {
        return skip("a full disk", "rsync (a package of that name)");
    }
    let can_mount = Command::new("unshare").args(["-m", "true"]).status();
    if !can_mount.is_ok_and(|status| status.success()) {
        return skip("a full disk", "root, to mount one");
    }
    let mut failures = Vec::new();
    for call in CALLS {
        let theirs = told(Pair::JUDGE, call);
        let pairs = if call.contains("host:") { &Pair::MIXED[..] } else { &[Pair::OURS][..] };
        for &pair in pairs {
            let ours = told(pair, call);
            if theirs != ours {
                failures.push(format!("{pair} {call}\n  theirs: {theirs:#?}\n  ours: {ours:#?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Status, what is on the disk, and what was said.
fn told(pair: Pair, call: &str) -> (String, Vec<String>) {
    let parent = tempfile::tempdir().expect("a folder");
    // Paths in messages are as long, and the same.
    let folder = parent.path().join("here");
    make(&folder, pair);
    let mut command = Command::new("/usr/bin/timeout");
    command.args(["60", "unshare", "-m", "/bin/sh", "-c", SCRIPT, "sh"]).args(call.split(' '));
    let path = |subject: Subject| folder.join(subject.name());
    command.env("CLIENT", path(pair.client)).env("SERVER", path(pair.server)).env("LC_ALL", "C");
    let output = command.current_dir(&folder).output().expect("a run");
    assert_ne!(output.status.code(), Some(99), "{output:?}");
    let here = parent.path().display().to_string();
    let said = String::from_utf8_lossy(&output.stderr).replace(&here, "");
    // Whether who sends learns of it by a message or a broken pipe is left to chance,
    // and how the other process of the original is ended.
    let is_steady = |line: &&str| {
        !["write error: Broken pipe", "SIGUSR1", "io.c(1892)"].iter().any(|part| line.contains(part))
    };
    let mut lines: Vec<String> = said.lines().filter(is_steady).map(str::to_owned).collect();
    lines.sort();
    (String::from_utf8_lossy(&output.stdout).into_owned(), lines)
}

fn make(folder: &Path, pair: Pair) {
    fs::create_dir_all(folder.join("from/sub")).expect("folders");
    fs::create_dir(folder.join("disk")).expect("a folder");
    fs::write(folder.join("from/file"), vec![b'x'; 3 << 20]).expect("a file");
    fs::write(folder.join("from/a"), "a").expect("a file");
    for subject in [pair.client, pair.server] {
        let place = folder.join(subject.name());
        if !place.exists() {
            fs::create_dir(&place).expect("a folder");
            std::os::unix::fs::symlink(subject.program(), place.join("rsync")).expect("a link");
        }
    }
    write_script(&folder.join("shell"), "#!/bin/sh\nshift\nPATH=$SERVER:$PATH exec \"$@\"\n");
}
