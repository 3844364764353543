//! What the tool prints and how it ends, on a tree of files that is always the
//! same. The snapshots in `snapshots/host/` are of our own words: to change
//! them, run the tests with INSTA_UPDATE=always and read the difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};

/// A tree with something to be fixed, in which nothing differs from run to run.
fn tree() -> tempfile::TempDir {
    let tree = tempfile::tempdir().expect("a folder");
    let site = "usr/lib/python3.6/site-packages";
    for (path, text) in [
        (
            "etc/os-release",
            "PRETTY_NAME=\"Rocky Linux 8.10\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
        ),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\ncentos:x:1000:1000::/home/centos:/bin/sh\n"),
        ("etc/sysctl.d/99-vast.conf", "fs.file-max = 2097152\nfs.nr_open = 2097152\n"),
        ("etc/security/limits.d/99-vast.conf", "* soft nofile 65536\n"),
        ("usr/bin/python3.6", ""),
        ("usr/bin/rsync", ""),
        (&format!("{site}/~onitor_v2-0.0.3.dist-info/METADATA"), "Name: monitor-v2\n"),
        (&format!("{site}/pip-9.0.3.dist-info/METADATA"), "Name: pip\n"),
        (&format!("{site}/setuptools-59.6.0.dist-info/METADATA"), "Name: setuptools\n"),
        ("run/.keep", ""),
    ] {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    std::os::unix::fs::symlink("python3.6", tree.path().join("usr/bin/python3")).expect("a link");
    tree
}

/// The tool, on a tree.
fn loopshim(root: &Path) -> Command {
    let mut command = Command::new(super::LOOPSHIM);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").arg("--root").arg(root);
    command
}

/// What it prints on standard output, with the given status and nothing on
/// standard error.
fn printed(root: &Path, words: &str, status: i32) -> String {
    let assert = loopshim(root).args(words.split_whitespace()).assert().code(status).stderr(is_empty());
    String::from_utf8(assert.get_output().stdout.clone()).expect("text")
}

/// Compares with a file in `snapshots/host/`.
macro_rules! assert_like {
    ($name:literal, $text:expr) => {
        insta::with_settings!({
            snapshot_path => "../../snapshots/host",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!($name, $text) });
    };
}

#[test]
fn a_plan_says_what_is_and_what_would_be_and_why() {
    let tree = tree();
    assert_like!("plan", printed(tree.path(), "plan", 0));
    assert_like!("plan-diff", printed(tree.path(), "plan --diff --only sysctl-old,limits", 0));
    assert_like!("plan-json", printed(tree.path(), "plan --json --only limits,packages", 0));
}

#[test]
fn a_verification_says_what_is_wrong_and_what_to_do() {
    let tree = tree();
    assert_like!("verify-pre", printed(tree.path(), "verify", 1));
    assert_like!("verify-post", printed(tree.path(), "verify --phase post", 1));
    assert_like!("verify-nagios", printed(tree.path(), "verify --format nagios", 2));
}

#[test]
fn an_apply_tells_each_step_and_its_undoing() {
    let tree = tree();
    assert_like!("apply", printed(tree.path(), "apply --only sysctl-old,limits,pip-leftovers", 0));
    assert_like!("apply-again", printed(tree.path(), "apply --only sysctl-old,limits,pip-leftovers", 0));
    let undone = printed(tree.path(), "undo", 0);
    let (first, rest) = undone.split_once('\n').expect("lines");
    assert!(contains("Run 0001 of 20").eval(first), "{first}");
    assert_like!("undo", rest);
}

/// The commands with what they take, as `--help` and the manual pages have it.
#[test]
fn help_is_complete() {
    let help = |words: &str| {
        let assert = Command::new(super::LOOPSHIM).args(words.split_whitespace()).assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).expect("text")
    };
    assert_like!("help", help("--help"));
    assert_like!("help-doctor", help("doctor --help"));
    assert_like!("help-shim-install", help("shim install --help"));
}

#[test]
fn every_failure_has_its_status_and_one_message() {
    let tree = tree();
    for (words, status, message) in [
        ("plan --only limts", 2, "did you mean limits?"),
        ("plan --skip xyzzy", 2, "known: packages, "),
        ("verify --only no-such", 2, "no check is called no-such"),
        ("apply --only dracut-virtio", 2, "applied only by --only dracut-virtio --yes"),
        ("undo 7", 2, "no run is called 7; there are none"),
        ("shim install", 2, "--binaries DIR"),
        ("shim install --binaries /nowhere", 1, "/nowhere is not a folder"),
        ("shim install --prefix /a --binaries /usr/bin", 2, "--prefix and --root exclude each other"),
        ("clean --older-than soon", 2, "such as 60m"),
        ("shim status --only ipmitol", 2, "ipmitool"),
        ("aply", 2, "'apply'"),
        ("calls export", 2, "<DIR>"),
        ("plan --config /nowhere.json", 2, "/nowhere.json is not there"),
    ] {
        let assert = loopshim(tree.path()).args(words.split_whitespace()).assert();
        assert.code(status).stdout(is_empty()).stderr(contains(message).and(contains("panicked").not()));
    }
    // What ends well, or says by its status what it found.
    for (words, status) in [
        ("plan --detailed-exitcode", 6),
        ("plan --detailed-exitcode --only docker", 0),
        ("apply --dry-run", 0),
        ("undo", 0),
        ("undo --list", 0),
        ("shim status", 3),
        ("shim remove", 0),
        ("clean", 0),
        ("doctor", 0),
        ("verify --only sysctl-files", 1),
    ] {
        let assert = loopshim(tree.path()).args(words.split_whitespace()).assert();
        assert.code(status).stdout(is_empty().not()).stderr(is_empty());
    }
}

/// The names of all members, but for those of `undo --list` that are fixes'.
fn members(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Array(values) => values.iter().for_each(|value| members(value, names)),
        serde_json::Value::Object(object) => object.iter().for_each(|(name, value)| {
            if loopshim_host::fixes::find(name).is_none() {
                names.insert(name.clone());
            }
            members(value, names);
        }),
        _ => {}
    }
}

/// In the order in which one leads to something for the next to tell.
#[test]
fn all_that_json_has_is_documented() {
    let documented = include_str!("../../docs/json.md");
    let tree = tree();
    let limits = tree.path().join("etc/security/limits.d/99-vast.conf");
    for (command, options, status) in [
        ("plan", "--diff", 0),
        ("verify", "", 1),
        ("apply", "--only sysctl-old,limits,shims", 0),
        ("undo --list", "", 0),
        ("undo", "", 5),
        ("clean", "", 0),
        ("doctor", "", 0),
        ("calls", "", 0),
        ("pip status", "", 0),
        ("pip repair", "", 0),
        ("pip quarantine", "", 0),
        ("shim status", "", 3),
    ] {
        if command == "undo" {
            fs::write(&limits, "# mine\n").expect("a change");
        }
        let words = command.split(' ').chain(options.split_whitespace());
        let assert = loopshim(tree.path()).args(words).arg("--json").assert().code(status);
        let text = String::from_utf8(assert.get_output().stdout.clone()).expect("text");
        let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{command}: {error}: {text}"));
        let mut names = BTreeSet::new();
        members(&value, &mut names);
        assert!(!names.is_empty(), "{command}: nothing");
        let line = documented.lines().find(|line| line.starts_with(&format!("| `{command}`")));
        let line = line.unwrap_or_else(|| panic!("{command} is not documented"));
        for name in names {
            assert!(line.contains(&format!("`{name}`")), "{command}: {name} is not documented");
        }
    }
}
