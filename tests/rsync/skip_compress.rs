//! `--skip-compress`: rsync(1) says that it has no effect, since no compression
//! changes its level from file to file. What crosses the wire shows it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::call::write_script;
use super::subject::Subject;
use crate::support::skip::skip;

/// Lists of suffixes, the first of which are none.
const LISTS: [&str; 5] =
    ["", "--skip-compress=", "--skip-compress=txt", "--skip-compress=gz/t[xy]t", "--skip-compress=["];

/// What a client sends to a server of the same program.
fn sent(subject: Subject, folder: &Path, algorithm: &str, list: &str) -> Vec<u8> {
    drop(fs::remove_dir_all(folder.join("to")));
    let mut command = Command::new("/usr/bin/timeout");
    command.arg("20").arg(subject.program());
    // Nothing is negotiated, so that all but the version comes in frames.
    command.args(["-az", "--checksum-seed=1", "--checksum-choice=md5", "--rsh=./shell"]);
    command.arg(format!("--compress-choice={algorithm}")).args(Some(list).filter(|list| !list.is_empty()));
    command.arg(format!("--rsync-path={}", subject.program().display())).args(["from/", "lh:to/"]);
    let output = command.current_dir(folder).env("LC_ALL", "C").output().expect("a run");
    assert!(output.status.success(), "{subject:?} {algorithm} {list}: {output:?}");
    data(&fs::read(folder.join("sent")).expect("what was sent"))
}

/// What is in frames of data, whose borders depend on who is faster.
fn data(stream: &[u8]) -> Vec<u8> {
    const DATA: u8 = 7;
    let mut data = Vec::new();
    let mut rest = &stream[4..];
    while let Some((&[low, middle, high, code], behind)) = rest.split_first_chunk() {
        let (content, behind) = behind.split_at(u32::from_le_bytes([low, middle, high, 0]) as usize);
        data.extend_from_slice(if code == DATA { content } else { &[] });
        rest = behind;
    }
    data
}

#[test]
fn suffixes_change_nothing_of_what_is_sent() {
    if !Subject::Theirs.program().exists() {
        return skip("suffixes", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::create_dir(folder.join("from")).expect("a folder");
    let text: String = (0..3000).map(|number| format!("line {} of a text\n", number % 37)).collect();
    for name in ["a.txt", "b.gz", "c"] {
        fs::write(folder.join("from").join(name), &text).expect("written");
    }
    write_script(
        &folder.join("shell"),
        "#!/bin/sh\nshift\nrm -f in\nmkfifo in\nexec 3<&0\ntee sent <&3 >in &\n\"$@\" <in\n",
    );
    for subject in [Subject::Theirs, Subject::Ours] {
        for algorithm in ["zstd", "lz4", "zlibx", "zlib"] {
            let plain = sent(subject, folder, algorithm, LISTS[0]);
            assert!(plain.len() < text.len() * 3 / 2, "{subject:?} {algorithm}: {} bytes", plain.len());
            for list in &LISTS[1..] {
                assert!(plain == sent(subject, folder, algorithm, list), "{subject:?} {algorithm} {list}");
            }
        }
    }
}
