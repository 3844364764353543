//! Orphaned folders as a fix: set aside, so that `undo` has them.

use std::fs;
use std::os::unix::fs::chown;
use std::process::Command;

use super::clean::orphan;
use super::{From, Patient, patients};
use crate::install::machine::{Machine, run};

/// An orphan on a machine where those of this moment are old enough: the time
/// of a change, which counts, cannot be set.
pub(super) fn orphan_of_now(machine: &Machine, name: &str) {
    orphan(machine, name);
    machine.folder("/etc/loopshim");
    machine.write("/etc/loopshim/config.json", 0o644, b"{\"host\": {\"orphan_minutes\": 0}}");
}

/// Folders of each kind, and some that are none of them.
fn furnish(machine: &Machine) {
    for name in ["hevnojky", "okshyyok", "tabvaxwo"] {
        orphan_of_now(machine, name);
    }
    chown(machine.path("/tmp/tabvaxwo"), Some(4711), Some(4711)).expect("an owner");
    machine.folder("/tmp/pip-ephem-wheel-cache-x1y2z3_4/a");
    machine.write("/tmp/pip-ephem-wheel-cache-x1y2z3_4/a/wheel", 0o4751, b"x");
    machine.folder("/tmp/research");
    machine.write("/tmp/research/thesis", 0o600, b"mine");
}

/// Machines seen from outside: where `/proc` is fabricated it cannot be known
/// what is in use. The containers have a real one.
fn trees() -> impl Iterator<Item = (String, Patient)> {
    patients().filter(|(_, patient)| patient.from == From::Outside)
}

#[test]
fn they_are_set_aside_and_come_back_as_they_were() {
    for (name, patient) in trees() {
        furnish(&patient.machine);
        let before = patient.snapshot();
        let plan = patient.plan_of("orphans");
        assert_eq!(plan["steps"].as_array().map(Vec::len), Some(3), "{name}: {plan}");
        let notes = plan["notes"].to_string();
        assert!(notes.contains("/tmp/tabvaxwo stays: it belongs to user 4711"), "{name}: {notes}");
        patient.snapshot().assert_is(&before, &format!("{name}: a plan"));

        patient.loopshim("apply --only orphans").ok();
        let left: Vec<_> = ["hevnojky", "okshyyok", "pip-ephem-wheel-cache-x1y2z3_4", "tabvaxwo", "research"]
            .into_iter()
            .filter(|name| patient.machine.path("/tmp").join(name).exists())
            .collect();
        assert_eq!(left, ["tabvaxwo", "research"], "{name}");
        patient.loopshim("verify --strict --only orphans").ok();
        assert!(
            patient.loopshim("apply --only orphans").ok().stdout.contains("Nothing to change."),
            "{name}"
        );
        patient.loopshim("undo").ok();
        patient.snapshot().assert_is(&before, &name);
    }
}

/// Another of the same name is there by now: neither is lost.
#[test]
fn one_whose_name_is_taken_waits() {
    let Some((name, patient)) = trees().next() else { return };
    furnish(&patient.machine);
    let before = patient.snapshot();
    patient.loopshim("apply --only orphans").ok();
    let there = patient.machine.path("/tmp/hevnojky");
    fs::create_dir(&there).expect("a folder");
    fs::write(there.join("new"), "x").expect("a file");
    let done = patient.loopshim("undo");
    assert_eq!(done.status, 1, "{name}: {}", done.stdout);
    assert!(done.stderr.contains("/tmp/hevnojky is there again: move it away first"), "{}", done.stderr);
    assert!(there.join("new").exists());
    fs::remove_dir_all(&there).expect("removed");
    patient.loopshim("undo").ok();
    patient.snapshot().assert_is(&before, &name);
}

#[test]
fn a_kill_at_any_step_is_completed_or_taken_back() {
    for (name, patient) in trees() {
        furnish(&patient.machine);
        let before = patient.snapshot();
        for operations in 1.. {
            let when = format!("{name}, killed after {operations}");
            let is_killed = patient.stopped_after("apply --only orphans", Some(operations)).status == 137;
            if is_killed && operations % 2 == 0 {
                patient.loopshim("apply --only orphans").ok();
                assert!(!patient.machine.path("/tmp/hevnojky").exists(), "{when}");
            }
            patient.loopshim("undo --all").ok();
            patient.snapshot().assert_is(&before, &when);
            if !is_killed {
                assert!(operations > 8, "{name}: only {operations} operations");
                break;
            }
        }
    }
}

/// `/tmp` is a file system of its own: nothing can be renamed out of it.
#[test]
fn from_another_file_system_they_are_copied_and_a_kill_loses_nothing() {
    let Some((_, patient)) = trees().next() else { return };
    furnish(&patient.machine);
    let script = r#"
        cp -a "$1/tmp" "$1/src/tmp" && mount -t tmpfs -o mode=1777 none "$1/tmp" && cp -a "$1/src/tmp/." "$1/tmp"
        listing() { (cd "$1" && find tmp var -mindepth 1 -printf '%p %y %m %U %G %l %s\n' | sort; cat tmp/*/*.py); }
        dates() { (cd "$1/tmp" && find . -type f -printf '%p %T@\n' | sort); }
        listing "$1" >"$1/src/before"; dates "$1" >"$1/src/dates"
        n=0 killed=137
        while [ $killed = 137 ]; do
            n=$((n + 1)) killed=0
            LOOPSHIM_HOST_STOP_AFTER=$n "$2" --root "$1" apply --only orphans >/dev/null || killed=$?
            [ $((n % 2)) = 0 ] || "$2" --root "$1" apply --only orphans >/dev/null
            # Taking it back is killed as well.
            again=0
            LOOPSHIM_HOST_STOP_AFTER=$((n % 9 + 1)) "$2" --root "$1" undo --all >/dev/null || again=$?
            case $again in 0 | 137) ;; *) exit $again ;; esac
            "$2" --root "$1" undo --all >/dev/null
            listing "$1" >"$1/src/after"; diff "$1/src/before" "$1/src/after" >&2
            dates "$1" | diff "$1/src/dates" - >&2
        done
        echo "$n operations, the last with status $killed"
    "#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-ec", script, "sh"]).arg(patient.machine.path("/")).arg(super::LOOPSHIM);
    let told = run(&mut command).ok().stdout;
    let operations: u32 = told.split(' ').next().and_then(|word| word.parse().ok()).expect("a number");
    assert!(operations > 12 && told.ends_with("the last with status 0\n"), "{told}");
}
