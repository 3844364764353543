//! Counting what is not modelled: bounded, private, and never noticed.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::support::machine::{Machine, answer, run};

const LEDGER: &str = "var/lib/loopshim/unmodelled.jsonl";
/// A command that stays unmodelled, on a board that has it: what follows the
/// board's consent is its vendor's alone.
const UNMODELLED: [&str; 2] = ["kontronoem", "setsn"];
const BOARD: &str = r#"{"responses": [{"request": "3e 0c *", "data": ""}]}"#;

fn machine() -> Machine {
    let machine = Machine::new();
    machine.install_shim("bin/ipmitool");
    machine.write("etc/loopshim/bmc.json", BOARD);
    machine
}

#[test]
fn an_unmodelled_invocation_is_counted_and_a_modelled_one_is_not() {
    let machine = machine();
    machine.run(&UNMODELLED);
    machine.run(&["-c", "kontronoem", "setsn"]);
    machine.run(&UNMODELLED);
    machine.run(&["-V"]);
    machine.run(&["bogus"]);
    let seen: Vec<_> =
        machine.lines(LEDGER).iter().map(|entry| (entry["argv"].clone(), entry["count"].clone())).collect();
    assert_eq!(seen, [(json!(UNMODELLED), json!(2)), (json!(["-c", "kontronoem", "setsn"]), json!(1))]);
}

#[test]
fn an_unmodelled_command_is_answered_as_one_the_bmc_refuses() {
    let machine = machine();
    let expected = (String::new(), "IPMI command failed: Invalid command\n".to_owned(), Some(1));
    assert_eq!(answer(&machine.run(&UNMODELLED)), expected);
}

#[test]
fn a_lenient_model_prints_nothing_and_succeeds_and_still_counts() {
    let machine = machine();
    machine.write("etc/loopshim/bmc.json", BOARD.replacen('{', r#"{"unmodelled": "succeed", "#, 1));
    assert_eq!(answer(&machine.run(&UNMODELLED)), (String::new(), String::new(), Some(0)));
    assert_eq!(machine.lines(LEDGER).len(), 1);
    // What the original itself does not know stays an error.
    assert_eq!(answer(&machine.run(&["bogus"])).2, Some(1));
}

#[test]
fn a_bad_model_stops_every_command_at_its_line_and_field() {
    let machine = machine();
    machine.write("etc/loopshim/bmc.json", "{\n  \"unmodeled\": \"succeed\"\n}");
    for args in [&["fru", "print", "0"][..], &UNMODELLED, &["-V"]] {
        let (stdout, stderr, status) = answer(&machine.run(args));
        let place = format!(
            "{}: line 2, column 13, field unmodeled: ",
            machine.path("etc/loopshim/bmc.json").display()
        );
        assert!(stderr.starts_with(&format!("ipmitool: {place}")), "{stderr}");
        assert!(stderr.ends_with("did you mean `unmodelled`?\n"), "{stderr}");
        assert_eq!((stdout.as_str(), status), ("", Some(1)));
    }
}

#[test]
fn many_at_once_leave_a_whole_ledger() {
    let machine = machine();
    std::thread::scope(|scope| {
        for writer in 0..16 {
            let machine = &machine;
            scope.spawn(move || {
                for call in 0..10 {
                    run(machine.command(
                        "bin/ipmitool",
                        &["kontronoem", "setsn", &format!("{}", (writer + call) % 4)],
                    ));
                }
            });
        }
    });
    let ledger = machine.lines(LEDGER);
    let counted: u64 = ledger.iter().filter_map(|entry| entry["count"].as_u64()).sum();
    assert!((1..=4).contains(&ledger.len()), "{ledger:?}");
    assert!((1..=160).contains(&counted), "{counted}");
}

#[test]
fn the_ledger_does_not_grow_without_end() {
    let machine = machine();
    let argv = |number: usize| json!(["kontronoem", "setsn", format!("{number}-{}", "x".repeat(100))]);
    let line =
        |number| json!({"tool": "ipmitool", "argv": argv(number), "count": 2, "first": 1, "last": number});
    let full: Vec<String> = (0..500).map(|number| line(number).to_string() + "\n").collect();
    machine.write(LEDGER, full.concat());
    machine.run(&UNMODELLED);
    machine.run(&["kontronoem", "setsn", &"y".repeat(5000)]);
    let ledger = machine.lines(LEDGER);
    assert_eq!(ledger.len(), 500);
    assert!(ledger.iter().any(|entry| entry["argv"] == json!(UNMODELLED)));
    assert!(!ledger.iter().any(|entry| entry["argv"] == argv(0)), "the oldest of the least asked");
    assert!(!machine.read(LEDGER).contains("yyyy"));
}

#[test]
fn planted_links_are_not_followed() {
    for name in ["unmodelled.jsonl", "unmodelled.lock", "unmodelled.jsonl.new"] {
        let machine = machine();
        let expected = answer(&machine.run(&UNMODELLED));
        let planted = format!("var/lib/loopshim/{name}");
        // The temporary file is gone again by now.
        let _ = fs::remove_file(machine.path(&planted));
        machine.write("victim", "untouched");
        symlink(machine.path("victim"), machine.path(&planted)).expect("a link");
        assert_eq!(answer(&machine.run(&UNMODELLED)), expected, "{name}");
        assert_eq!(machine.read("victim"), "untouched", "{name}");
    }
}

#[test]
fn a_ledger_that_cannot_be_written_or_is_in_use_is_passed_over() {
    let machine = machine();
    let expected = answer(&machine.run(&UNMODELLED));
    let held = fs::File::open(machine.path("var/lib/loopshim/unmodelled.lock")).expect("the lock file");
    held.lock().expect("the lock");
    assert_eq!(answer(&machine.run(&UNMODELLED)), expected);
    assert_eq!(machine.lines(LEDGER)[0]["count"], json!(1), "counted under another's lock");
    drop(held);

    machine.permit("var/lib/loopshim", 0o777);
    assert_eq!(answer(&machine.run(&UNMODELLED)), expected);
    assert_eq!(machine.lines(LEDGER)[0]["count"], json!(1), "counted in a directory open to others");

    fs::remove_dir_all(machine.path("var/lib")).expect("a removal");
    assert_eq!(answer(&machine.run(&UNMODELLED)), expected);
    machine.write("var/lib", "a file in the directory's place");
    assert_eq!(answer(&machine.run(&UNMODELLED)), expected);
}
