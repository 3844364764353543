//! Ours in front of pips of every age: each is queued for, verified, and mended
//! when it was killed.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use loopshim_core::pip::failure::{self, Class};

use super::environment::{Environment, PIP, if_prepared};
use crate::support::say::say;

/// What a machine's own Python runs.
const NEWER: [&str; 4] = ["20.3.4", "22.3.1", "23.3.2", "25.3"];
/// What needs Python 3.6, as the deployers have it; not every machine does.
const OLDER: [&str; 3] = ["9.0.3-py3.6", "20.3.4-py3.6", "21.3.1-py3.6"];

/// Installs both folders at once, as two monitors would.
fn install_at_once(environment: &Environment, folders: &[&Path]) {
    let start = |folder: &&Path| {
        let mut command = environment.ours();
        command.args(["install", "-U", "--no-deps", "--no-cache-dir"]).args(environment.offline).arg(folder);
        command.env("PIP_NO_INDEX", "1");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started")
    };
    let clients: Vec<_> = folders.iter().map(start).collect();
    for client in clients {
        let output = client.wait_with_output().expect("an end");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}\n{err}", output.status);
    }
}

fn guarded(environment: &Environment, version: &str) {
    let (one, other) = (environment.source("one"), environment.source("other"));
    install_at_once(environment, &[&one, &other]);
    assert_eq!(environment.faults(), [""; 0], "pip {version}");
    let info = environment.site().join("demo-2.0.dist-info");
    if info.exists() {
        // As a pip leaves it that was killed between metadata and RECORD.
        fs::remove_file(info.join("RECORD")).expect("removed");
        fs::create_dir(environment.site().join("~emo")).expect("a folder");
    } else {
        // Before there were wheels, one is not built without a cache.
        assert!(version.starts_with("9."), "pip {version} leaves no dist-info");
    }
    install_at_once(environment, &[&environment.source("third")]);
    assert_eq!(environment.faults(), [""; 0], "pip {version} after a kill");
    let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
    assert_eq!(entries.len(), 3);
    assert!(
        entries.iter().all(|entry| entry["status"] == 0
            && entry["site"].is_string()
            && entry["attempts"]
                .as_array()
                .is_some_and(|runs| runs.iter().all(|run| run["result"] == "whole"))),
        "{entries:?}"
    );
}

#[test]
fn every_pip_of_this_python_is_guarded() {
    for version in NEWER {
        let Some(environment) = Environment::with_pip(version, "a pip of another age") else { continue };
        guarded(&environment, version);
    }
}

#[test]
fn every_pip_of_python_3_6_is_guarded() {
    for version in OLDER {
        if if_prepared(version).is_none() {
            say(format_args!("pip {version}: no Python 3.6 here, not tried"));
            continue;
        }
        let Some(environment) = Environment::with_pip(version, "a pip of Python 3.6") else { continue };
        guarded(&environment, version);
    }
}

/// What pips of every age print when they fail is taken for what it is: live, as
/// the recorded ones are by the table's own test.
#[test]
fn failures_of_every_pip_are_told_apart() {
    for version in NEWER.into_iter().chain([PIP]).chain(OLDER) {
        if if_prepared(version).is_none() && OLDER.contains(&version) {
            say(format_args!("pip {version}: no Python 3.6 here, its failures are not tried"));
            continue;
        }
        let Some(environment) = Environment::with_pip(version, "failures of a pip") else { continue };
        let class = |words: &[&str], operand: &Path| {
            let mut command = environment.real();
            command.args(["install", "--no-index"]).args(environment.offline).args(words).arg(operand);
            let output = command.output().expect("started");
            assert!(!output.status.success(), "pip {version} {words:?} succeeds");
            failure::classify(&[output.stdout, output.stderr].concat())
        };
        assert_eq!(class(&[], Path::new("nothing==9")), Class::Other, "pip {version}");
        assert_eq!(class(&[], &environment.path("broken")), Class::Build, "pip {version}");
        if version.starts_with("9.") {
            // It uninstalls without.
            continue;
        }
        environment.with_demo();
        fs::remove_file(environment.site().join("demo-1.0.dist-info/RECORD")).expect("removed");
        assert_eq!(class(&["--force-reinstall"], &environment.wheel()), Class::NoRecord, "pip {version}");
    }
}
