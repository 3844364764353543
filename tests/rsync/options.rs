//! The command line: what servers are started with, and what is refused. The
//! original, run beside ours, is the judge of every byte.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::call::write_script;
use super::subject::Subject;
use crate::support::say::say;
use crate::support::skip::skip;

/// Options of one call a line.
const ARGUMENTS: &str = include_str!("options/arguments.txt");
/// Arguments of one call a line.
const REFUSALS: &str = include_str!("options/refusals.txt");
/// A remote shell that writes down what it is called with, and ends.
const SHELL: &str = "#!/bin/sh\nfor argument in \"$@\"; do printf '%s\\n' \"$argument\"; done >called\n";
/// The version whose words these are.
const JUDGED: &str = "rsync  version 3.5.0 ";

fn run(subject: Subject, folder: &Path, arguments: &str) -> Output {
    Command::new("/usr/bin/timeout")
        .args(["20", "/bin/sh", "-c"])
        .arg(format!("exec {} {arguments}", subject.program().display()))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .env("HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

/// A folder with something to copy in it; none where there is no judge.
fn folder() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().expect("a folder");
    let version = Command::new(Subject::Theirs.program()).arg("--version").output();
    if !version.is_ok_and(|output| output.stdout.starts_with(JUDGED.as_bytes())) {
        skip("rsync: options", "rsync 3.5.0 is not installed");
        return None;
    }
    fs::create_dir(folder.path().join("s")).expect("a folder");
    fs::create_dir(folder.path().join("d")).expect("a folder");
    fs::write(folder.path().join("s/f"), "hi\n").expect("a file");
    write_script(&folder.path().join("shell"), SHELL);
    Some(folder)
}

#[test]
fn servers_are_started_as_the_original_starts_them() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    let called = |subject, arguments: &str| {
        let _ = fs::remove_file(folder.join("called"));
        run(subject, folder, arguments);
        fs::read_to_string(folder.join("called")).unwrap_or_default()
    };
    let (mut compared, mut different) = (0, Vec::new());
    for options in ARGUMENTS.lines() {
        for operands in ["s/ lh:dst", "lh:src/ d/"] {
            let arguments = format!("-e ./shell {options} {operands}");
            let expected = called(Subject::Theirs, &arguments);
            let got = called(Subject::Ours, &arguments);
            compared += 1;
            if expected != got {
                different.push(format!("{arguments}\n  {expected:?}\n  {got:?}"));
            }
        }
    }
    say(format_args!("rsync's arguments for a server: {compared} calls compared"));
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

#[test]
fn what_is_refused_is_refused_in_the_same_words() {
    let Some(folder) = folder() else { return };
    let (mut compared, mut different) = (0, Vec::new());
    for arguments in REFUSALS.lines() {
        let [expected, got] =
            [Subject::Theirs, Subject::Ours].map(|subject| run(subject, folder.path(), arguments));
        compared += 1;
        if (expected.status, &expected.stdout, &expected.stderr) != (got.status, &got.stdout, &got.stderr) {
            let show = |output: &Output| {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                format!("{} {:?} {:?}", output.status, text(&output.stdout), text(&output.stderr))
            };
            different.push(format!("{arguments}\n  {}\n  {}", show(&expected), show(&got)));
        }
    }
    say(format_args!("rsync's refusals: {compared} calls compared, byte for byte"));
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

/// Said as the original would; these alone it does.
#[test]
fn what_is_not_supported_is_said_so() {
    let Some(folder) = folder() else { return };
    for (option, arguments) in [
        ("--daemon", "--daemon"),
        ("--write-batch", "--write-batch=b s d"),
        ("--only-write-batch", "--only-write-batch=b s d"),
        ("--read-batch", "--read-batch=b d"),
        ("--iconv", "--iconv=utf8,latin1 s d"),
    ] {
        let output = run(Subject::Ours, folder.path(), arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.starts_with(&format!("rsync: This rsync does not support {option}\n")), "{text}");
        assert_eq!(output.status.code(), Some(4), "{arguments}");
    }
    let version = run(Subject::Ours, folder.path(), "--version");
    let text = String::from_utf8_lossy(&version.stdout).into_owned();
    assert!(text.starts_with(JUDGED), "{text}");
    for absent in ["no batchfiles", "no iconv", "no crtimes", "no daemon"] {
        assert!(text.contains(absent), "{absent} in {text}");
    }
}
