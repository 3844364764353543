//! What is compared by the clock, and what a daemon that is not there is called.

use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::subject::Subject;
use crate::support::skip::skip;

const BOTH: [Subject; 2] = [Subject::Theirs, Subject::Ours];

fn call(subject: Subject, arguments: &[&str]) -> Output {
    Command::new(subject.program()).args(arguments).env("LC_ALL", "C").output().expect("a run")
}

#[test]
fn a_local_copy_keeps_to_its_bandwidth() {
    if !Subject::Theirs.program().exists() {
        return skip("bandwidth of local copies", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).into_os_string().into_string().expect("in UTF-8");
    let content: Vec<u8> = (0..1_u32 << 20).map(|at| (at % 251) as u8).collect();
    fs::write(path("from"), &content).expect("written");
    for subject in BOTH {
        let began = Instant::now();
        let output = call(subject, &["--bwlimit=1m", &path("from"), &path(subject.name())]);
        assert!(output.status.success(), "{subject:?}: {output:?}");
        assert!(began.elapsed() > Duration::from_millis(700), "{subject:?}: {:?}", began.elapsed());
        assert!(fs::read(path(subject.name())).expect("read") == content, "{subject:?}");
    }
}

#[test]
fn who_does_not_reach_a_daemon_says_as_what() {
    if !Subject::Theirs.program().exists() {
        return skip("unreachable daemons", "rsync (a package of that name)");
    }
    for arguments in [["rsync://127.0.0.1:1/m/", "."], [".", "rsync://127.0.0.1:1/m/"]] {
        let [theirs, ours] = BOTH.map(|subject| call(subject, &arguments));
        assert_eq!(String::from_utf8_lossy(&ours.stderr), String::from_utf8_lossy(&theirs.stderr));
        assert_eq!(ours.status, theirs.status);
    }
}
