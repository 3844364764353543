//! Somebody else on the machine who swaps directories for links while a
//! transfer runs: CVE-2024-12747, CVE-2026-43619, CVE-2026-53797 and their
//! kin (attributes given by path: CVE-2026-53799; implied parents: CVE-2026-53785;
//! sources opened or removed by path: CVE-2026-53801, CVE-2026-53800). Whoever
//! wins, nothing behind a link is written, read or removed.

use std::fs;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{lchown, symlink};
use std::path::{Path, PathBuf};
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

fn run(root: &Path, options: &[&str], source: &str) {
    let status = Command::new("/usr/bin/timeout")
        .args(["-s", "KILL", "30"])
        .arg(Subject::Ours.program())
        .args(options)
        .args([source, "to/"])
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
        let calls = [
            &["-rtI", "--chmod=F600"][..],
            &["-aI", "--delete"],
            &["-rtI", "--inplace"],
            &["-aAXI", "--chmod=F640,D710"],
            &["-aIb", "--delay-updates"],
        ];
        for options in calls.iter().cycle().take(2 * ROUNDS) {
            run(root, options, "from/");
            run(root, &["-rtIR", "--chmod=F600"], "from/./d/");
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
            run(root, &["-rtI"], "from/");
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

#[test]
fn a_source_that_is_swapped_while_it_is_removed() {
    let folder = folder();
    let root = folder.path();
    // Of the directory itself, wherever it is.
    let directory = fs::File::open(root.join("from/d")).expect("a folder");
    let held = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| swap(&root.join("from/d"), "../victim", &stop));
        for _ in 0..ROUNDS {
            for number in 0..20 {
                fs::write(held.join(format!("f{number}")), "public").expect("a file");
            }
            run(root, &["-rtI", "--remove-source-files"], "from/");
        }
        stop.store(true, Ordering::Relaxed);
    });
    let left = fs::read_dir(root.join("victim")).expect("a folder").count();
    let failures =
        if left == 20 { vec![] } else { vec![("victim".to_owned(), format!("{left} of 20 left"))] };
    pending::settle("a_source_that_is_swapped_while_it_is_removed", &failures);
}

/// CVE-2026-53796: the destination is swapped before it is opened.
#[test]
fn a_destination_that_is_somebody_elses_link() {
    if !Subject::Theirs.program().exists() || !rustix::process::geteuid().is_root() {
        return skip("links of others", "root, and rsync (a package of that name)");
    }
    let folder = folder();
    let root = folder.path();
    let before = beside(root);
    symlink("victim", root.join("link")).expect("a link");
    lchown(root.join("link"), Some(ATTACKER), Some(ATTACKER)).expect("an owner");
    for destination in ["link", "link/"] {
        let [theirs, ours] = [Subject::Theirs, Subject::Ours].map(|subject| {
            let output = Command::new(subject.program())
                .args(["-rt", "from/d/", destination])
                .env("LC_ALL", "C")
                .current_dir(root)
                .output()
                .expect("a run");
            (output.status.code(), output.stderr.escape_ascii().to_string())
        });
        assert_eq!(ours, theirs, "{destination}");
    }
    fs::remove_file(root.join("link")).expect("removed");
    assert_eq!(snapshot::differences(&before, &beside(root)), Vec::<String>::new());
}
