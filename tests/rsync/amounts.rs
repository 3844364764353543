//! What is said to have been sent and received is what the original says, but for
//! where frames end and the order of names in lists.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::subject::Subject;
use crate::support::skip::skip;

/// Bytes that frames and names may make of a difference: fewer than both sides begin
/// with, which does not count; and parts of a thousand.
const FEW: u64 = 36;
const PER_MILLE: u64 = 1;

/// Options, source, destination: within this machine, pushed and pulled.
const CALLS: [(&str, &str, &str); 7] = [
    ("-a", "from/", "to/"),
    ("-a", "from/", "host:to/"),
    ("-a", "host:from/", "to/"),
    ("-aW", "from/big", "to"),
    // There is something to compare.
    ("-a --no-whole-file -I", "from/", "there/"),
    ("-a", "from/", "host:there/"),
    ("-a", "host:none/", "to/"),
];

#[test]
fn amounts_are_those_of_the_original() {
    if !Subject::Theirs.program().exists() {
        return skip("amounts", "rsync (a package of that name)");
    }
    for (options, source, destination) in CALLS {
        let [theirs, ours] =
            [Subject::Theirs, Subject::Ours].map(|subject| amounts(subject, options, source, destination));
        let call = format!("{options} {source} {destination}");
        for (what, (theirs, ours)) in ["sent", "received"].iter().zip(theirs.into_iter().zip(ours)) {
            let most = FEW + theirs * PER_MILLE / 1000;
            assert!(theirs.abs_diff(ours) <= most, "{call}: {what}: theirs {theirs}, ours {ours}");
        }
    }
}

/// What the last lines of a call say.
fn amounts(subject: Subject, options: &str, source: &str, destination: &str) -> [u64; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    make(folder.path());
    let mut command = Command::new("/usr/bin/timeout");
    command.arg("20").arg(subject.program()).arg("-v").args(options.split(' ')).args([source, destination]);
    // The server is the original: it is asked what it says of itself.
    command.args(["-e", "./shell", "--rsync-path=/usr/bin/rsync"]).env("LC_ALL", "C");
    let output = command.current_dir(folder.path()).output().expect("a run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("sent ")).unwrap_or_else(|| panic!("{output:?}"));
    let words: Vec<&str> = line.split_whitespace().collect();
    [1, 4].map(|at| words[at].replace(',', "").parse().expect("a number"))
}

/// A folder `from`, an older one `there`, and a remote shell.
fn make(folder: &Path) {
    let big: Vec<u8> = (0..3_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, length) in [("from", big.len()), ("there", big.len() - 700_000)] {
        let folder = folder.join(name);
        fs::create_dir_all(folder.join("sub")).expect("folders");
        fs::write(folder.join("big"), &big[..length]).expect("a file");
        for at in 0..20 {
            fs::write(folder.join(format!("sub/{at}")), &big[..at * 1000 + length / 100_000])
                .expect("a file");
        }
    }
    super::call::write_script(&folder.join("shell"), "#!/bin/sh\nshift\nexec \"$@\"\n");
}
