//! With few open files a copy ends as the original's does.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::snapshot::{self, Scope};
use super::subject::Subject;
use super::tree;
use crate::support::skip::skip;

/// Descriptors, as a process with a small limit has them.
const DESCRIPTORS: u32 = 64;
/// The original holds a directory of each level open, so that it gets no
/// further down than it has descriptors.
const LEVELS: u32 = 40;

#[test]
fn many_files_and_deep_trees_are_copied_with_few_descriptors() {
    if !Subject::Theirs.program().exists() {
        return skip("few descriptors", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let from = folder.path().join("from");
    make(&from);
    tree::redate_directories(&from, 0);
    let scope = Scope { now: i64::MAX, access_times: false };
    let sent = snapshot::take(&from, scope);
    for subject in [Subject::Theirs, Subject::Ours] {
        // Once more for what is there, and read, already.
        for options in ["-a", "-ac", "-aI"] {
            let limited = format!("ulimit -n {DESCRIPTORS} && exec \"$@\"");
            let mut command = Command::new("/bin/sh");
            command.args(["-c", &limited, "sh"]).arg(subject.program()).arg(options);
            let said = command.args(["from/", subject.name()]).current_dir(folder.path()).output();
            let said = said.expect("a run");
            assert!(said.status.success(), "{subject:?} {options}: {said:?}");
            let arrived = snapshot::take(&folder.path().join(subject.name()), scope);
            assert_eq!(snapshot::differences(&sent, &arrived), Vec::<String>::new(), "{subject:?} {options}");
        }
    }
}

fn make(from: &Path) {
    let many = from.join("many");
    fs::create_dir_all(&many).expect("a folder");
    (0..1000).for_each(|file| fs::write(many.join(format!("f{file}")), file.to_string()).expect("a file"));
    let mut deep = from.to_owned();
    for level in 0..LEVELS {
        deep.push(format!("d{level}"));
        fs::create_dir(&deep).expect("a folder");
        fs::write(deep.join("f"), level.to_string()).expect("a file");
    }
}
