//! The short form of what `benches/pip` does in full: storms with kills, broken
//! environments, and pips that end at one file operation or another.

use std::process::Command;

use super::environment::{PIP, prepared};

/// A small package, so that it takes seconds.
const MODULES: &str = "6";

fn rig(what: &str, words: &[&str]) {
    let Some(prepared) = prepared(PIP, what) else { return };
    let rig = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pip/rig");
    let output = Command::new("python3")
        .args(["-B", rig, words[0], "--pip3", env!("CARGO_BIN_EXE_pip3"), "--modules", MODULES, "--prepared"])
        .arg(prepared)
        .args(&words[1..])
        .output()
        .expect("python3");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(out.starts_with('{'), "it says nothing: {out}");
}

#[test]
fn a_storm_with_kills_leaves_nobody_unserved_and_nothing_behind() {
    rig("a storm with kills", &["storm", "--rounds", "3", "--kill", "0.3", "--target", "pip"]);
}

#[test]
fn broken_environments_are_mended_and_rpms_left_alone() {
    let states =
        "METADATA of zeros;two, one without RECORD;stashed, not installed;no RECORD, an RPM package's";
    rig("broken environments", &["matrix", "--states", states]);
}

#[test]
fn wherever_pip_is_stopped_the_same_call_or_the_next_ends_whole() {
    rig("stopped pips", &["crash", "--points", "3", "--hows", "SIGKILL,ENOSPC,EPIPE"]);
}
