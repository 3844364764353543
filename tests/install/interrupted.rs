//! Stopped between every two steps, as by a power cut: what was there works,
//! and running it again or undoing it completes.

use super::machine::{Machine, Snapshot};
use super::{FIRST, SECOND, answer, some_machines};

/// Status of a process killed by SIGKILL.
const KILLED: i32 = 137;
/// After so many operations the record is in its place.
const RECORD_WRITTEN: u32 = 2;

/// Stops `options` after its first, second, … step until it is not stopped any
/// more; `check` sees the machine after each stop. `prepare` leads to the start.
fn walk(machine: &Machine, options: &str, prepare: impl Fn(), check: impl Fn(u32)) -> u32 {
    for step in 1.. {
        prepare();
        let done = machine.install_stopped(options, step);
        if done.status != KILLED {
            done.ok();
            return step - 1;
        }
        check(step);
    }
    unreachable!("a step more than four thousand million")
}

/// `ipmitool` answers as one of `expected`, whatever state the machine is in.
fn assert_answers(machine: &Machine, expected: &[&str], when: &str) {
    let answer = answer(machine);
    assert!(expected.contains(&answer.as_str()), "{when}: ipmitool answers {answer:?}");
}

fn uninstall(machine: &Machine, before: &Snapshot, when: &str) {
    machine.install("--uninstall").ok();
    machine.snapshot().assert_is(before, &format!("{when}, then uninstalled"));
}

#[test]
fn installing() {
    const INSTALL: &str = "--binaries /src/sets/v1";
    for (name, machine) in some_machines() {
        let before = machine.snapshot();
        let had = answer(&machine);
        machine.install(INSTALL).ok();
        let installed = machine.snapshot().undated();
        let clean = || uninstall(&machine, &before, &name);
        let steps = walk(&machine, INSTALL, clean, |step| {
            let when = format!("{name}, stopped after step {step}");
            assert_answers(&machine, &[&had, FIRST], &when);
            machine.install(INSTALL).ok();
            machine.snapshot().undated().assert_is(&installed, &format!("{when}, then run again"));
        });
        assert!(steps >= 3, "{name}: only {steps} steps");
        clean();
        walk(
            &machine,
            INSTALL,
            || (),
            |step| {
                uninstall(&machine, &before, &format!("{name}, stopped after step {step}"));
            },
        );
    }
}

#[test]
fn upgrading() {
    for (name, machine) in some_machines() {
        let before = machine.snapshot();
        let old = || drop(machine.install("--binaries /src/sets/v1").ok());
        let steps = walk(&machine, "--binaries /src/sets/v2", old, |step| {
            let when = format!("{name}, upgrade stopped after step {step}");
            assert_answers(&machine, &[FIRST, SECOND], &when);
            machine.install("--binaries /src/sets/v2").ok();
            assert_answers(&machine, &[SECOND], &when);
            assert_eq!(super::status(&machine), (0, "installed".to_owned()), "{when}");
            uninstall(&machine, &before, &when);
        });
        assert!(steps >= 2, "{name}: only {steps} steps");
        uninstall(&machine, &before, &name);
    }
}

#[test]
fn uninstalling() {
    for (name, machine) in some_machines() {
        let before = machine.snapshot();
        let had = answer(&machine);
        let installed = || drop(machine.install("--binaries /src/sets/v1").ok());
        let steps = walk(&machine, "--uninstall", installed, |step| {
            let when = format!("{name}, uninstalling stopped after step {step}");
            assert_answers(&machine, &[&had, FIRST], &when);
            uninstall(&machine, &before, &when);
            installed();
            machine.install_stopped("--uninstall", step);
            machine.install("--binaries /src/sets/v1").ok();
            assert_answers(&machine, &[FIRST], &when);
        });
        assert!(steps >= 2, "{name}: only {steps} steps");
        machine.snapshot().assert_is(&before, &name);
    }
}

/// A package's update put a newer original over the shim.
#[test]
fn mending_what_an_update_overwrote() {
    let Some(machine) = Machine::of_rpm() else { return };
    machine.write("/owned", 0o644, b"/usr/bin/ipmitool\n");
    let overwritten = || {
        machine.install("--uninstall").ok();
        machine.sh("rm -f /usr/bin/ipmitool").ok();
        machine.write_original("/usr/bin/ipmitool", "one");
        machine.install("--binaries /src/sets/v1").ok();
        machine.sh("rm /usr/bin/ipmitool").ok();
        machine.write_original("/usr/bin/ipmitool", "two");
    };
    let steps = walk(&machine, "--binaries /src/sets/v1", overwritten, |step| {
        let when = format!("stopped after step {step}");
        assert_answers(&machine, &["two", FIRST], &when);
        machine.install("--binaries /src/sets/v1").ok();
        assert_eq!(super::kept_answer(&machine), "two", "{when}");
        machine.install("--uninstall").ok();
        assert_answers(&machine, &["two"], &when);
        assert!(!machine.path("/usr/bin/ipmitool.real").exists(), "{when}");
    });
    assert!(steps >= 2, "only {steps} steps");
}

/// Whatever half-written file a cut inside a step leaves behind is in nobody's way.
#[test]
fn half_written_files_are_cleared_away() {
    for (name, machine) in some_machines() {
        let before = machine.snapshot();
        let leave = || {
            machine.write("/usr/bin/.ipmitool.loopshim-new", 0o600, b"\x7fELF half a prog");
            machine.write("/var/lib/loopshim/.originals.loopshim-new", 0o644, b"ipmi");
            // As install.sh wrote it once.
            machine.write("/var/lib/loopshim/originals.new", 0o644, b"ipmi");
        };
        machine.install_stopped("--binaries /src/sets/v1", RECORD_WRITTEN);
        leave();
        machine.install("--binaries /src/sets/v1").ok();
        assert_answers(&machine, &[FIRST], &name);
        leave();
        uninstall(&machine, &before, &name);
    }
}
