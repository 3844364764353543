//! Where something runs out: patience, time, room, rights.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::environment::{Environment, PIP};
use crate::support::machine::Machine;
use crate::support::skip::skip;

const INSTALL: [&str; 4] = ["install", "--no-deps", "--no-cache-dir", "--no-build-isolation"];

/// A source folder whose build does this first.
fn source_that(environment: &Environment, name: &str, python: &str) -> PathBuf {
    let folder = environment.source(name);
    let setup = fs::read_to_string(folder.join("setup.py")).expect("a file");
    fs::write(folder.join("setup.py"), format!("{python}\n{setup}")).expect("a file");
    folder
}

fn start(mut command: Command, folder: &Path) -> Child {
    command.args(INSTALL).arg(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("started")
}

fn run(command: Command, folder: &Path) -> Output {
    start(command, folder).wait_with_output().expect("an end")
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(100);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A build that has begun and ends when it is let go.
struct Slow {
    client: Child,
    let_go: PathBuf,
}

impl Slow {
    fn start(environment: &Environment) -> Self {
        let (begun, let_go) = (environment.path("begun"), environment.path("let_go"));
        let python = format!(
            "import os, time\nopen({:?}, 'w').close()\nwhile not os.path.exists({:?}): time.sleep(0.05)",
            begun.display().to_string(),
            let_go.display().to_string()
        );
        let client = start(environment.ours(), &source_that(environment, "slow", &python));
        wait_for("the build does not begin", || begun.exists());
        Self { client, let_go }
    }

    fn end(self) -> Output {
        fs::write(&self.let_go, "").expect("a file");
        self.client.wait_with_output().expect("an end")
    }
}

#[test]
fn who_waits_too_long_is_told_for_whom_and_gives_up() {
    let Some(environment) = Environment::with_pip(PIP, "a limit of patience") else { return };
    let slow = Slow::start(&environment);
    let mut impatient = environment.ours();
    impatient.env("LOOPSHIM_PIP_LOCK_TIMEOUT", "3s");
    let output = run(impatient, &environment.source("other"));
    let err = String::from_utf8_lossy(&output.stderr);
    let who = format!("process {}, pip3 install", slow.client.id());
    for words in ["pip3: loopshim: waiting for ", "pip3: loopshim: gave up waiting for ", who.as_str()] {
        assert!(err.contains(words), "{words} is not in {err}");
    }
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let mut status = environment.ours();
    let status = status.arg("--loopshim-status").output().expect("a status");
    assert!(String::from_utf8_lossy(&status.stdout).starts_with("Changing "), "{status:?}");
    assert!(slow.end().status.success());
    assert_eq!(environment.faults(), [""; 0]);
}

#[test]
fn a_stuck_pip_is_ended_with_evidence_and_a_slow_one_is_not() {
    let Some(environment) = Environment::with_pip(PIP, "a stuck pip") else { return };
    let limited = || {
        let mut command = environment.ours();
        command.env("LOOPSHIM_PIP_STALE", "4s").env("LOOPSHIM_PIP_ATTEMPTS", "1");
        command
    };
    let stuck = source_that(&environment, "stuck", "import time; time.sleep(600)");
    assert_eq!(run(limited(), &stuck).status.signal(), Some(9));
    // It computes, sleeps, and says nothing: for twice as long as the limit.
    let python = "import time\nfor _ in range(25): time.sleep(0.2); sum(range(300000))";
    let output = run(limited(), &source_that(&environment, "moving", python));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
    assert_eq!(entries[0]["attempts"][0]["result"], "stuck");
    let note = entries[0]["notes"][0].as_str().unwrap_or_default();
    assert!(note.contains("setup.py") && note.contains("State:"), "{note}");
    assert_eq!(entries[1]["attempts"][0]["result"], "whole");
}

#[test]
fn what_keeps_failing_is_held_back_and_success_forgets() {
    let Some(environment) = Environment::with_pip(PIP, "a request that keeps failing") else { return };
    let fickle =
        format!("import os, sys\nif not os.path.exists({:?}): sys.exit('not yet')", environment.path("now"));
    let folder = source_that(&environment, "fickle", &fickle);
    let held_back = || {
        let mut command = environment.ours();
        command.env("LOOPSHIM_PIP_DELAY_MAX", "5s");
        run(command, &folder)
    };
    let outputs = [held_back(), held_back(), held_back()];
    assert!(outputs.iter().all(|output| output.status.code() == Some(1)));
    // As pip words it each time.
    assert_eq!(outputs[0].stderr.len(), outputs[2].stderr.len());
    fs::write(environment.path("now"), "").expect("a file");
    assert!(held_back().status.success());
    assert!(held_back().status.success());
    let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
    let delayed: Vec<bool> =
        entries.iter().map(|entry| entry["delayed_ms"].as_u64().is_some_and(|delay| delay > 0)).collect();
    // The second and third only if they came within a second or two.
    assert_eq!((delayed[0], delayed[3], delayed[4]), (false, true, false), "{entries:?}");
    assert!(entries.iter().all(|entry| entry["attempts"].as_array().is_some_and(|runs| runs.len() == 1)));
}

#[test]
fn where_nothing_of_ours_can_be_written_it_locks_and_runs_and_says_so_once() {
    let Some(environment) = Environment::with_pip(PIP, "a machine that cannot be written") else { return };
    for directory in ["run", "var"] {
        fs::remove_dir_all(environment.machine.path(directory)).expect("removed");
        environment.machine.write(directory, "no directory");
    }
    let first = run(environment.ours(), &environment.source("one"));
    let second = run(environment.ours(), &environment.source("other"));
    let says_so = |output: &Output| {
        String::from_utf8_lossy(&output.stderr)
            .starts_with("pip3: loopshim: its directories cannot be written")
    };
    assert!(first.status.success() && second.status.success(), "{first:?} {second:?}");
    assert_eq!((says_so(&first), says_so(&second)), (true, false));
    assert_eq!(environment.faults(), [""; 0]);
}

/// A user without a name or a home, as in a container whose `/etc/passwd` has
/// none: what we need of a machine is there all the same. The pip is a script,
/// for this machine's Python may be closed to such a user.
#[test]
fn a_nameless_user_is_served_too() {
    const NAMELESS: &str = "54321";
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !is_root {
        return skip("a user without a name", "root, to become one");
    }
    let machine = Machine::new();
    machine.make_directory("tmp");
    machine.write("pip", "#!/bin/sh\necho \"$1 by $(id -u) in $TMPDIR\"\n");
    machine.permit("pip", 0o755);
    machine.install_program("pip3", env!("CARGO_BIN_EXE_pip3"));
    let given = Command::new("chown").args(["-R", NAMELESS]).arg(machine.path("")).status();
    assert!(given.is_ok_and(|status| status.success()));
    let output = Command::new("setpriv")
        .args(["--reuid", NAMELESS, "--regid", NAMELESS, "--clear-groups"])
        .arg(machine.path("pip3"))
        .args(["install", "x"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TMPDIR", machine.path("tmp"))
        .env("LOOPSHIM_ROOT", machine.path(""))
        .env("LOOPSHIM_REAL_PIP", machine.path("pip"))
        .stdin(Stdio::null())
        .output()
        .expect("started");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // The private directory's name is not the caller's business.
    let expected = format!("install by {NAMELESS} in {}\n", machine.path("tmp").display());
    assert_eq!((output.status.code(), &*out), (Some(0), &*expected), "{err}");
    assert!(machine.path("tmp/loopshim-54321").is_dir(), "nowhere to queue");
}
