//! Where something runs out: patience, time, room, rights.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::environment::{Environment, PIP, wait_for};
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

/// The processes that this one started.
fn children(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    children.split_whitespace().map(|pid| pid.parse().expect("a number")).collect()
}

/// The letter that the kernel has for what a process does.
fn state(pid: u32) -> char {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).unwrap_or('?')
}

/// What a process has open besides the three streams and what it inherited from
/// this one.
fn opened(pid: u32) -> Vec<PathBuf> {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).expect("descriptors").flatten();
    let files = files.filter_map(|file| Some((file.file_name(), fs::read_link(file.path()).ok()?)));
    let is_own = |name: &std::ffi::OsString, path: &Path| {
        let number: u32 = name.to_string_lossy().parse().unwrap_or(0);
        number > 2 && fs::read_link(Path::new("/proc/self/fd").join(name)).ok().as_deref() != Some(path)
    };
    files.filter(|(name, path)| is_own(name, path)).map(|(_, path)| path).collect()
}

fn send(signal: &str, pid: u32) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{signal} to {pid}");
}

/// Starts an installation that has to wait.
fn start_behind(environment: &Environment, name: &str) -> Child {
    let tickets = || {
        let queues =
            fs::read_dir(environment.machine.path("run/loopshim/pip")).into_iter().flatten().flatten();
        let files = queues.filter_map(|queue| fs::read_dir(queue.path()).ok()).flatten().flatten();
        files.filter(|file| file.file_name().to_string_lossy().starts_with("ticket-")).count()
    };
    let before = tickets();
    let child = start(environment.ours(), &environment.source(name));
    wait_for("it does not join the queue", || tickets() > before);
    child
}

#[test]
fn who_waits_holds_next_to_nothing_and_is_not_stopped() {
    let Some(environment) = Environment::with_pip(PIP, "one that waits") else { return };
    let slow = Slow::start(&environment);
    let waiting = start_behind(&environment, "waiting");
    let pid = waiting.id();
    // Its place and the one before: no process, no socket, no pipe.
    wait_for("it opens what it needs", || opened(pid).len() == 2);
    std::thread::sleep(Duration::from_millis(100));
    let is_ticket = |path: &PathBuf| path.to_string_lossy().contains("/ticket-");
    assert!(opened(pid).iter().all(is_ticket) && children(pid).is_empty(), "{:?}", opened(pid));
    assert_eq!(opened(pid).len(), 2);
    // Others would have to wait for it.
    send("-TSTP", pid);
    // One that only looks on is stopped as any program is, and pip is not.
    send("-TSTP", slow.client.id());
    wait_for("it is not stopped", || state(slow.client.id()) == 'T');
    let looking_on = slow.client.id();
    fs::write(&slow.let_go, "").expect("a file");
    assert!(waiting.wait_with_output().expect("an end").status.success());
    assert_eq!(state(looking_on), 'T');
    send("-CONT", looking_on);
    assert!(slow.end().status.success());
    assert_eq!(environment.faults(), [""; 0]);
}

#[test]
fn who_is_killed_while_it_waits_holds_up_nobody_and_is_told_of() {
    let Some(environment) = Environment::with_pip(PIP, "deaths in the queue") else { return };
    let slow = Slow::start(&environment);
    let mut dying: Vec<Child> =
        ["one", "two"].into_iter().map(|name| start_behind(&environment, name)).collect();
    let last = start_behind(&environment, "last");
    // The last first: who dies behind another may be the one who would have told.
    let signals = [("-KILL", 9), ("-INT", 2)];
    for (child, (signal, number)) in dying.iter_mut().rev().zip(signals) {
        send(signal, child.id());
        assert_eq!(child.wait().expect("an end").signal(), Some(number));
    }
    assert!(slow.end().status.success());
    assert!(last.wait_with_output().expect("an end").status.success());
    let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
    let notes: Vec<&str> = entries
        .iter()
        .flat_map(|entry| entry["notes"].as_array())
        .flatten()
        .filter_map(|note| note.as_str())
        .collect();
    for child in dying {
        let about = format!("process {}, pip3 install", child.id());
        assert!(
            notes
                .iter()
                .any(|note| note.starts_with(&about) && note.ends_with("ended before its turn was over")),
            "{notes:?}"
        );
    }
    assert_eq!(environment.faults(), [""; 0]);
}

#[test]
fn a_killed_supervisor_is_followed_by_another_when_its_pip_has_ended() {
    let Some(environment) = Environment::with_pip(PIP, "a killed supervisor") else { return };
    let slow = Slow::start(&environment);
    let supervisors = children(slow.client.id());
    assert_eq!(supervisors.len(), 1);
    let pips = children(supervisors[0]);
    assert_eq!(pips.len(), 1);
    send("-KILL", supervisors[0]);
    // Its pip still has the turn, and the front asks for one of its own.
    wait_for("it is not followed", || children(slow.client.id()) != supervisors);
    std::thread::sleep(Duration::from_millis(300));
    assert!(children(slow.client.id()).is_empty() && Path::new(&format!("/proc/{}", pips[0])).exists());
    let output = slow.end();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches("Processing ").count(), 1);
    assert_eq!(environment.faults(), [""; 0]);
}

/// Some daemons ignore SIGCHLD, and what they start inherits it: then the kernel
/// keeps nobody's status.
#[test]
fn pips_status_is_known_where_the_caller_lets_no_status_be_kept() {
    let Some(environment) = Environment::with_pip(PIP, "a caller that ignores its children") else { return };
    let ours = environment.ours();
    let mut command = Command::new("env");
    command.arg("--ignore-signal=CHLD").arg(ours.get_program()).args(ours.get_args()).env_clear();
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = run(command, &environment.path("broken"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
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
