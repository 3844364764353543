//! Names in messages are the bytes they are, whatever they mean to anybody.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use super::subject::Subject;
use crate::support::skip::skip;

/// Arguments by blanks; each is wrong about a name that is no text.
const CALLS: &[&[u8]] = &[
    b"-a --filter=bad\xff from/ to",
    b"-a --filter=-\xff,x from/ to",
    b"-a --exclude-from=none\xff from/ to",
    b"-a --include-from=none\xff from/ to",
    b"-a --files-from=none\xff from/ to",
    b"-a --log-file=none\xff/log from/ to",
    b"-a --password-file=none\xff rsync://127.0.0.1:1/m to",
    b"-a host:a b\xff to",
    b"-a a\xff host:b to",
    b"-a --usermap=a:nobody\xff from/ to",
    b"-a --usermap=no\xff from/ to",
    b"-a -R from/../\xff to",
    b"-a from/ file/\xff",
    b"-a from/ none\xff/deeper/still",
    b"-a none\xff to",
];

#[test]
fn names_that_are_no_text_are_shown_as_the_original_shows_them() {
    if !Subject::Theirs.program().exists() {
        return skip("names in messages", "rsync (a package of that name)");
    }
    let mut failures = Vec::new();
    for call in CALLS {
        for locale in ["C", "C.UTF-8"] {
            let [theirs, ours] = [Subject::Theirs, Subject::Ours].map(|subject| told(subject, call, locale));
            if theirs != ours {
                let call = call.escape_ascii();
                failures.push(format!("{locale} rsync {call}\n  theirs: {theirs:?}\n  ours: {ours:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What it says to a call in a folder of its own, and its status. The lines of
/// the original's processes come in any order.
fn told(subject: Subject, call: &[u8], locale: &str) -> (Option<i32>, String, Vec<String>) {
    let parent = tempfile::tempdir().expect("a folder");
    // Paths in messages are as long, and the same.
    let folder = parent.path().join("folder");
    fs::create_dir_all(folder.join("from")).expect("a folder");
    fs::write(folder.join("from/a"), "a").expect("a file");
    fs::write(folder.join("file"), "a file").expect("a file");
    let mut command = Command::new("/usr/bin/timeout");
    command.arg("20").arg(subject.program()).args(call.split(|&byte| byte == b' ').map(OsStr::from_bytes));
    let said = command.current_dir(&folder).env("LC_ALL", locale).output().expect("a run");
    let text = |bytes: &[u8]| {
        let shown = bytes.escape_ascii().to_string();
        shown.replace(&parent.path().display().to_string(), "").replace("\\n", "\n")
    };
    let mut errors: Vec<String> = text(&said.stderr).lines().map(str::to_owned).collect();
    errors.sort();
    (said.status.code(), text(&said.stdout), errors)
}
