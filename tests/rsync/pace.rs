//! What is measured by the clock.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use super::subject::Subject;
use crate::support::skip::skip;

#[test]
fn a_local_copy_keeps_to_its_bandwidth() {
    if !Subject::Theirs.program().exists() {
        return skip("bandwidth of local copies", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).into_os_string().into_string().expect("in UTF-8");
    let content: Vec<u8> = (0..1_u32 << 20).map(|at| (at % 251) as u8).collect();
    fs::write(path("from"), &content).expect("written");
    for subject in [Subject::Theirs, Subject::Ours] {
        let began = Instant::now();
        let operands = [path("from"), path(subject.name())];
        let output = Command::new(subject.program()).arg("--bwlimit=1m").args(operands).output();
        let output = output.expect("a run");
        assert!(output.status.success(), "{subject:?}: {output:?}");
        assert!(began.elapsed() > Duration::from_millis(700), "{subject:?}: {:?}", began.elapsed());
        assert!(fs::read(path(subject.name())).expect("read") == content, "{subject:?}");
    }
}

#[test]
fn who_says_nothing_is_waited_for_as_long_as_is_said() {
    if !Subject::Theirs.program().exists() {
        return skip("silent peers", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a"), "a").expect("written");
    // It ends when nobody listens any more.
    super::call::write_script(&folder.path().join("shell"), "#!/bin/sh\nexec 3>&1 cat >/dev/null\n");
    for operands in [["a", "lh:b"], ["lh:a", "b"]] {
        let [theirs, ours] = [Subject::Theirs, Subject::Ours].map(|subject| {
            let mut command = Command::new("/usr/bin/timeout");
            command.arg("20").arg(subject.program()).args(["--timeout=1", "--rsh=./shell"]).args(operands);
            command.current_dir(folder.path()).env("LC_ALL", "C").output().expect("a run")
        });
        assert_eq!(String::from_utf8_lossy(&ours.stderr), String::from_utf8_lossy(&theirs.stderr));
        assert_eq!((ours.status.code(), ours.status), (Some(30), theirs.status));
    }
}
