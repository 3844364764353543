//! Recording what callers run: whole, bounded, private, and never noticed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;

use serde_json::json;

use crate::support::machine::{Machine, answer, exists, run};

const CALLS: &str = "var/log/loopshim/calls.jsonl";

fn recording(settings: &str) -> Machine {
    let machine = Machine::new();
    machine.write("etc/loopshim/config.json", format!("{{\"record\": true{settings}}}"));
    machine
}

#[test]
fn nothing_is_recorded_unasked() {
    let machine = Machine::new();
    machine.run(&["-V"]);
    assert_eq!(fs::read_dir(machine.path("var/log/loopshim")).expect("the directory").count(), 0);
}

#[test]
fn a_record_holds_the_call_the_caller_and_what_it_saw() {
    let machine = recording("");
    let (stdout, stderr, status) = answer(&machine.run(&["-x"]));
    assert_eq!(answer(&Machine::new().run(&["-x"])).2, status);
    let [record] = &machine.lines(CALLS)[..] else { panic!("one record") };
    assert_eq!(record["tool"], "ipmitool");
    assert_eq!(record["argv"], json!([machine.path("bin/ipmitool").display().to_string(), "-x"]));
    assert_eq!(record["cwd"], json!(std::env::current_dir().expect("a directory").display().to_string()));
    assert_eq!(record["status"], json!(status));
    assert_eq!(record["stdout"], json!(stdout));
    assert_eq!(record["stderr"], json!(stderr));
    assert_eq!(record["original"], json!(null));
    assert_eq!(record["cut"], json!([]));
    assert!(record["duration_us"].as_u64().is_some_and(|duration| duration < 60_000_000));
    assert!(record["time"].as_f64().is_some_and(|time| time > 1_700_000_000.0));
    assert_eq!(record["callers"][0], json!(own_name()));
    assert_eq!(fs::metadata(machine.path(CALLS)).expect("the file").permissions().mode() & 0o777, 0o600);
}

/// This process's name, of which the kernel keeps 15 bytes.
fn own_name() -> String {
    let name = fs::read_to_string(format!("/proc/{}/comm", std::process::id())).expect("a name");
    name.trim_end().to_owned()
}

#[test]
fn the_whole_chain_of_callers_is_noted() {
    let machine = recording("");
    machine.install_shim("bin/ipmitool");
    let shim = machine.path("bin/ipmitool").display().to_string();
    machine.install_script("outer", &format!("'{}' x; true", machine.path("inner").display()));
    machine.install_script("inner", &format!("'{shim}' -V; true"));
    run(machine.command("outer", &[]));
    let [record] = &machine.lines(CALLS)[..] else { panic!("one record") };
    assert_eq!(record["callers"][0], "inner");
    assert_eq!(record["callers"][1], "outer");
}

#[test]
fn recording_changes_nothing_the_caller_sees() {
    for args in [&["-V"][..], &["-h"], &["mc", "info"], &["lan", "print", "1"], &["bogus"], &["-x"], &[]] {
        let plain = Machine::new();
        let recorded = recording("");
        plain.install_shim("bin/ipmitool");
        recorded.install_shim("bin/ipmitool");
        let see = |machine: &Machine| {
            let (stdout, stderr, status) = answer(&machine.run(args));
            let root = machine.path("").display().to_string();
            (stdout.replace(&root, "/"), stderr.replace(&root, "/"), status)
        };
        assert_eq!(see(&plain), see(&recorded), "{args:?}");
        assert_eq!(recorded.lines(CALLS).len(), 1, "{args:?}");
    }
}

#[test]
fn secrets_are_not_written_down() {
    let machine = recording("");
    machine.install_shim("bin/ipmitool");
    let mut command =
        machine.command("bin/ipmitool", &["-vPhunter2", "-k", "swordfish", "user", "set", "password"]);
    command.args(["2", "tr0ub4dor"]).env("IPMI_PASSWORD", "correcthorse");
    run(command);
    machine.run(&["-y", "0badc0de", "bogus-0badc0de"]);
    let text = machine.read(CALLS) + &machine.read("var/lib/loopshim/unmodelled.jsonl");
    for secret in ["hunter2", "swordfish", "tr0ub4dor", "correcthorse"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let records = machine.lines(CALLS);
    assert_eq!(records[0]["argv"][1], "-vP***");
    assert_eq!(records[0]["argv"][8], "***");
    let output = format!("{}{}", records[1]["stdout"], records[1]["stderr"]);
    assert!(!output.contains("0badc0de") && output.contains("bogus-***"), "{output}");
}

#[test]
fn output_and_arguments_are_cut_at_the_bound_and_marked() {
    let machine = recording(r#", "recorder": {"output_bytes": 100}"#);
    let full = answer(&machine.run(&["-h"])).1;
    let long = "x".repeat(200);
    machine.run(&["-V", &long]);
    let records = machine.lines(CALLS);
    assert!(full.len() > 1000);
    assert_eq!(records[0]["stderr"], json!(full[..100]));
    assert_eq!(records[0]["cut"], json!(["stderr"]));
    assert!(records[1]["cut"].as_array().is_some_and(|cut| cut.contains(&json!("argv"))));
    assert!(!machine.read(CALLS).contains(&long));
}

#[test]
fn files_are_rotated_and_the_oldest_goes() {
    let machine = recording(r#", "recorder": {"file_bytes": 4096, "files": 3}"#);
    for number in 0..80 {
        machine.run(&["-V", &format!("call-{number}")]);
    }
    let mut names: Vec<String> = fs::read_dir(machine.path("var/log/loopshim"))
        .expect("the directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    assert_eq!(names, ["calls.jsonl", "calls.jsonl.1", "calls.jsonl.2", "calls.lock"]);
    let mut seen = Vec::new();
    for suffix in [".2", ".1", ""] {
        let path = format!("{CALLS}{suffix}");
        assert!(fs::metadata(machine.path(&path)).expect("a file").len() <= 4096, "{path}");
        seen.extend(machine.lines(&path).iter().map(|record| record["argv"][2].clone()));
    }
    let expected: Vec<_> = (80 - seen.len()..80).map(|number| json!(format!("call-{number}"))).collect();
    assert_eq!(seen, expected, "the last calls, in order, none missing");
    assert!(seen.len() >= 10);
}

#[test]
fn sixteen_writers_at_once_lose_and_tear_nothing() {
    let machine = recording("");
    machine.install_shim("bin/ipmitool");
    let all = storm(&machine, 16, 20);
    let mut seen: Vec<String> = machine
        .lines(CALLS)
        .iter()
        .map(|record| record["argv"][2].as_str().unwrap_or_default().to_owned())
        .collect();
    seen.sort();
    assert_eq!(seen, all);
}

#[test]
fn sixteen_writers_stay_within_bounds_while_files_rotate() {
    let machine = recording(r#", "recorder": {"file_bytes": 4096, "files": 2}"#);
    machine.install_shim("bin/ipmitool");
    storm(&machine, 16, 20);
    for path in [CALLS.to_owned(), format!("{CALLS}.1")] {
        assert!(!machine.lines(&path).is_empty(), "{path}");
        assert!(machine.read(&path).len() <= 2 * 4096 + 16 * 1024, "{path}: {}", machine.read(&path).len());
    }
    assert!(!exists(&machine.path(&format!("{CALLS}.2"))));
}

/// Runs the shim `writers` × `calls` times, `writers` at once; the names given
/// to the calls, sorted.
fn storm(machine: &Machine, writers: usize, calls: usize) -> Vec<String> {
    std::thread::scope(|scope| {
        for writer in 0..writers {
            scope.spawn(move || {
                for call in 0..calls {
                    run(machine.command("bin/ipmitool", &["-V", &format!("{writer}-{call}")]));
                }
            });
        }
    });
    let names = (0..writers).flat_map(|writer| (0..calls).map(move |call| format!("{writer}-{call}")));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn nothing_is_written_through_links_or_into_directories_open_to_others() {
    let machine = recording("");
    let expected = answer(&machine.run(&["-V"]));
    fs::remove_file(machine.path(CALLS)).expect("a removal");
    machine.write("victim", "untouched");
    symlink(machine.path("victim"), machine.path(CALLS)).expect("a link");
    assert_eq!(answer(&machine.run(&["-V"])), expected);
    assert_eq!(machine.read("victim"), "untouched", "a symbolic link");

    fs::remove_file(machine.path(CALLS)).expect("a removal");
    fs::hard_link(machine.path("victim"), machine.path(CALLS)).expect("a link");
    assert_eq!(answer(&machine.run(&["-V"])), expected);
    assert_eq!(machine.read("victim"), "untouched", "a hard link");

    fs::remove_file(machine.path(CALLS)).expect("a removal");
    machine.permit("var/log/loopshim", 0o777);
    assert_eq!(answer(&machine.run(&["-V"])), expected);
    assert!(!exists(&machine.path(CALLS)), "a directory open to others");

    fs::rename(machine.path("var/log/loopshim"), machine.path("elsewhere")).expect("a move");
    machine.permit("elsewhere", 0o755);
    symlink(machine.path("elsewhere"), machine.path("var/log/loopshim")).expect("a link");
    assert_eq!(answer(&machine.run(&["-V"])), expected);
    assert!(!exists(&machine.path("elsewhere/calls.jsonl")), "a linked directory");
}

#[test]
fn a_fifo_in_the_files_place_does_not_hold_us_up() {
    let machine = recording("");
    let made = std::process::Command::new("mkfifo").arg(machine.path(CALLS)).status();
    assert!(made.is_ok_and(|status| status.success()));
    assert_eq!(answer(&machine.run(&["-V"])).2, Some(0));
}

#[test]
fn a_directory_that_cannot_be_written_is_passed_over() {
    let machine = recording("");
    let expected = answer(&machine.run(&["-V"]));
    fs::remove_file(machine.path(CALLS)).expect("a removal");
    machine.permit("var/log/loopshim", 0o555);
    let mut command = machine.command("bin/ipmitool", &["-V"]);
    if std::process::Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n") {
        // Permissions do not stop root.
        command.uid(65534).gid(65534);
    }
    assert_eq!(answer(&run(command)), expected);
    assert!(!exists(&machine.path(CALLS)));
    machine.permit("var/log/loopshim", 0o755);

    fs::remove_dir_all(machine.path("var/log")).expect("a removal");
    assert_eq!(answer(&machine.run(&["-V"])), expected, "no directory to make it in");
}

#[test]
fn a_directory_that_is_missing_is_made_for_us_alone() {
    let machine = recording("");
    fs::remove_dir(machine.path("var/log/loopshim")).expect("a removal");
    machine.run(&["-V"]);
    assert_eq!(machine.lines(CALLS).len(), 1);
    let mode = fs::metadata(machine.path("var/log/loopshim")).expect("the directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn becoming_the_original_is_recorded_and_not_meddled_with() {
    let machine = recording("").with_device();
    machine.install_script("bin/ipmitool.real", "echo original; exit 7");
    assert_eq!(answer(&machine.run(&["mc", "info"])), ("original\n".to_owned(), String::new(), Some(7)));
    let [record] = &machine.lines(CALLS)[..] else { panic!("one record") };
    assert_eq!(record["original"], json!(machine.path("bin/ipmitool.real").display().to_string()));
    for unknown in ["status", "duration_us", "stdout", "stderr"] {
        assert_eq!(record[unknown], json!(null), "{unknown}");
    }
}
