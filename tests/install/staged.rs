//! `--root`: trees for images, staged by this machine's own shell; and the
//! real programs, built by install.sh itself.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::machine::{Done, is_root, run};
use super::programs;
use crate::readme::number_between;
use crate::support::say::say;
use crate::support::skip::skip;

/// Largest static `ipmitool`, in bytes.
const SIZE_MAX: u64 = 900_000;

/// Largest static `pip3`, in bytes.
const PIP3_SIZE_MAX: u64 = 1_500_000;

/// Largest static `rsync`, in bytes.
const RSYNC_SIZE_MAX: u64 = 2_500_000;

pub(super) fn install(root: &Path, options: &[&str]) -> Done {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");
    run(Command::new(script).arg("--root").arg(root).args(options))
}

fn set(name: &str) -> String {
    programs::folder().join(name).to_str().expect("in UTF-8").to_owned()
}

#[test]
fn a_tree_is_staged_and_taken_back() {
    let tree = tempfile::tempdir().expect("a folder");
    install(tree.path(), &["--binaries", &set("all")]).ok();
    for place in
        ["usr/bin/ipmitool", "usr/bin/pip3", "usr/libexec/loopshim/rsync", "var/lib/loopshim/originals"]
    {
        assert!(tree.path().join(place).exists(), "{place}");
    }
    let record = fs::read_to_string(tree.path().join("var/lib/loopshim/originals")).expect("the record");
    assert!(
        record.contains("ipmitool\t/usr/bin/ipmitool.real\t/usr/bin/ipmitool\t"),
        "as seen inside: {record}"
    );
    install(tree.path(), &["--status"]).ok();
    install(tree.path(), &["--uninstall"]).ok();
    assert_eq!(fs::read_dir(tree.path()).expect("the tree").count(), 0);
}

#[test]
fn a_link_out_of_the_tree_is_not_followed() {
    let outside = tempfile::tempdir().expect("a folder");
    for (link, below) in [("usr", ""), ("bin", "usr"), ("var", ""), ("lib", "var"), ("libexec", "usr")] {
        let tree = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(tree.path().join(below)).expect("a folder");
        symlink(outside.path(), tree.path().join(below).join(link)).expect("a link");
        install(tree.path(), &["--binaries", &set("all")]).one_line(1, "symbolic link");
        assert_eq!(fs::read_dir(outside.path()).expect("a folder").count(), 0, "{below}/{link}");
    }
}

/// Dpkg's book-keeping of the tree, not of this machine, gets the diversion.
#[test]
fn a_debian_tree_gets_its_own_diversion() {
    if !is_root() || super::machine::find_program("dpkg-divert").is_none() {
        return skip("a diversion in a staged tree", "root and dpkg-divert");
    }
    let tree = tempfile::tempdir().expect("a folder");
    for folder in ["usr/bin", "var/lib/dpkg"] {
        fs::create_dir_all(tree.path().join(folder)).expect("a folder");
    }
    for file in ["diversions", "status"] {
        fs::write(tree.path().join("var/lib/dpkg").join(file), "").expect("a file");
    }
    install(tree.path(), &["--binaries", &set("all"), "--only", "ipmitool"]).ok();
    let diversions = fs::read_to_string(tree.path().join("var/lib/dpkg/diversions")).expect("diversions");
    assert_eq!(diversions, "/usr/bin/ipmitool\n/usr/bin/ipmitool.real\n:\n");
    install(tree.path(), &["--uninstall"]).ok();
    assert_eq!(fs::read_to_string(tree.path().join("var/lib/dpkg/diversions")).expect("diversions"), "");
}

/// From the sources to an answer: small enough, and alone in its root.
#[test]
fn what_it_builds_is_static_small_and_runs_in_an_empty_root() {
    let tree = tempfile::tempdir().expect("a folder");
    let shown = install(tree.path(), &["--only", "ipmitool,pip3,rsync"]).ok().stdout;
    assert!(shown.contains("VAST Data Loopback"), "{shown}");
    let program = tree.path().join("usr/bin/ipmitool");
    let found = fs::metadata(&program).expect("the program");
    assert_eq!(found.permissions().mode() & 0o7777, 0o755);
    say(format_args!("static ipmitool: {} bytes of at most {SIZE_MAX}", found.len()));
    assert!(found.len() <= SIZE_MAX, "{} bytes", found.len());
    let (stated, measured) = (number_between("one static binary of ", " KB"), kilobytes(found.len()));
    assert!((stated - measured).abs() <= 0.03 * measured, "README says {stated} KB, it is {measured} KB");
    let pip3 = tree.path().join("usr/bin/pip3");
    let length = fs::metadata(&pip3).expect("the program").len();
    say(format_args!("static pip3: {length} bytes of at most {PIP3_SIZE_MAX}"));
    assert!(length <= PIP3_SIZE_MAX, "{length} bytes");
    let rsync = tree.path().join("usr/libexec/loopshim/rsync");
    let length = fs::metadata(&rsync).expect("the program").len();
    say(format_args!("static rsync: {length} bytes of at most {RSYNC_SIZE_MAX}"));
    assert!(length <= RSYNC_SIZE_MAX, "{length} bytes");
    if !is_root() {
        return skip("ipmitool in an empty root", "root");
    }
    let empty = tempfile::tempdir().expect("a folder");
    fs::copy(&program, empty.path().join("ipmitool")).expect("a copy");
    let answer = run(Command::new("chroot").arg(empty.path()).args(["/ipmitool", "fru", "print", "0"])).ok();
    assert!(answer.stdout.contains("VAST Data Loopback"), "{}", answer.stdout);
    fs::copy(&pip3, empty.path().join("pip3")).expect("a copy");
    run(Command::new("chroot").arg(empty.path()).args(["/pip3", "list"]))
        .one_line(1, "there is no pip3 here");
    fs::copy(&rsync, empty.path().join("rsync")).expect("a copy");
    run(Command::new("chroot").arg(empty.path()).args(["/rsync", "-a", "/pip3", "/copied"])).ok();
    assert_eq!(fs::read(empty.path().join("copied")).expect("a copy"), fs::read(&pip3).expect("a program"));
}

fn kilobytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1000).expect("a program's size"))
}
