//! Somebody else on the machine who swaps directories for links while a
//! transfer runs: CVE-2024-12747, CVE-2026-43619, CVE-2026-53797 and their
//! kin. Whoever wins, nothing behind a link is written or read.

use std::fs;
use std::os::unix::fs::{lchown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Subject, beside, pending, snapshot};
use crate::support::skip::skip;

const ROUNDS: usize = 25;

/// Whose links they are: one's own would be meant.
const ATTACKER: u32 = 4242;

/// Swaps `path` for a link to `target`, and back, until told to stop.
fn swap(path: &Path, target: &str, stop: &AtomicBool) {
    let (aside, link) = (path.with_extension("aside"), path.with_extension("link"));
    while !stop.load(Ordering::Relaxed) {
        let made = symlink(target, &link).and_then(|()| lchown(&link, Some(ATTACKER), Some(ATTACKER)));
        if made.is_err() || fs::rename(path, &aside).is_err() {
            continue;
        }
        let _ = fs::rename(&link, path);
        std::thread::yield_now();
        let _ = fs::remove_file(path);
        let _ = fs::rename(&aside, path);
    }
    let _ = fs::remove_file(&link);
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    for path in ["victim", "from/d", "to/d"] {
        fs::create_dir_all(folder.path().join(path)).expect("a folder");
    }
    for number in 0..20 {
        fs::write(folder.path().join(format!("victim/f{number}")), "secret").expect("a file");
        fs::write(folder.path().join(format!("from/d/f{number}")), "public").expect("a file");
    }
    folder
}

fn run(root: &Path, options: &[&str]) {
    let status = Command::new("/usr/bin/timeout")
        .args(["-s", "KILL", "30"])
        .arg(Subject::Ours.program())
        .args(options)
        .args(["from/", "to/"])
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.expect("a run").code() != Some(137), "it hangs");
}

#[test]
fn a_destination_that_is_swapped() {
    if !Subject::Theirs.program().exists() {
        return skip("races", "rsync, which the rest needs too");
    }
    let folder = folder();
    let root = folder.path();
    let before = beside(root);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| swap(&root.join("to/d"), "../victim", &stop));
        for options in [&["-rtI", "--chmod=F600"][..], &["-aI", "--delete"], &["-rtI", "--inplace"]]
            .iter()
            .cycle()
            .take(ROUNDS)
        {
            run(root, options);
        }
        stop.store(true, Ordering::Relaxed);
    });
    let found = snapshot::differences(&before, &beside(root));
    let failures = if found.is_empty() { vec![] } else { vec![("victim".to_owned(), found.join("\n"))] };
    pending::settle("a_destination_that_is_swapped", &failures);
}

#[test]
fn a_source_that_is_swapped() {
    let folder = folder();
    let root = folder.path();
    let stop = AtomicBool::new(false);
    let mut leaked = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| swap(&root.join("from/d"), "../victim", &stop));
        for _ in 0..ROUNDS {
            run(root, &["-rtI"]);
            for entry in fs::read_dir(root.join("to/d")).into_iter().flatten().flatten() {
                if fs::read(entry.path()).is_ok_and(|content| content == b"secret") {
                    leaked.push(entry.path().display().to_string());
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let failures = if leaked.is_empty() { vec![] } else { vec![("secret".to_owned(), leaked.join("\n"))] };
    pending::settle("a_source_that_is_swapped", &failures);
}
