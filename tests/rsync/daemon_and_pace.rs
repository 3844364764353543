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

/// A daemon that asks one caller for a password.
fn asks_for_password(listener: &std::net::TcpListener) {
    use std::io::{BufRead as _, Write as _};
    let (mut caller, _) = listener.accept().expect("a caller");
    caller.write_all(b"@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n").expect("said");
    let mut lines = std::io::BufReader::new(caller.try_clone().expect("the socket")).lines();
    lines.by_ref().take(2).for_each(|line| drop(line.expect("greeting and module")));
    caller.write_all(b"@RSYNCD: AUTHREQD abcdefgh\n").expect("asked");
    assert!(lines.next().is_none_or(|line| line.is_err()), "a password was given");
}

#[test]
fn a_password_that_others_may_read_is_not_given() {
    use std::os::unix::fs::PermissionsExt as _;
    if !Subject::Theirs.program().exists() {
        return skip("password files", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    fs::write(&file, "secret\n").expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("opened to all");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let module = format!("rsync://u@{}/m/", listener.local_addr().expect("an address"));
    for name in ["password", "missing"] {
        let option = format!("--password-file={}", folder.path().join(name).display());
        let [theirs, ours] = BOTH.map(|subject| {
            std::thread::scope(|scope| {
                scope.spawn(|| asks_for_password(&listener));
                call(subject, &[&option, &module, "."])
            })
        });
        assert_eq!(String::from_utf8_lossy(&ours.stderr), String::from_utf8_lossy(&theirs.stderr));
        assert_eq!(ours.status, theirs.status);
    }
}
