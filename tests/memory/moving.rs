//! Sensors that move, what they cross, and power actions that do something.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::{ask, machine};
use crate::support::machine::{Machine, answer, run};

/// The reading that `sensor reading` prints.
fn reading(machine: &Machine, name: &str) -> String {
    let printed = ask(machine, &format!("sensor reading {name}"));
    printed.split('|').nth(1).expect("a reading").trim().to_owned()
}

fn events(machine: &Machine) -> Vec<String> {
    ask(machine, "sel list")
        .lines()
        .map(|line| line.split(" | ").skip(3).collect::<Vec<_>>().join(" | "))
        .collect()
}

/// A machine whose sensor `Temp` follows the file `temp`, in thousandths.
fn following() -> Machine {
    let machine = machine();
    let file = machine.path("temp");
    machine.write(
        "etc/loopshim/bmc.json",
        r#"{"sensors": [{"name": "Temp", "number": 9, "entity": "3.1", "type": "Temperature",
            "unit": "degrees C", "hysteresis": "0202",
            "reading": {"from": 0, "to": 120, "follow": "../../temp", "scale": 0.001},
            "thresholds": {"upper_non_critical": 80, "upper_critical": 90}}]}"#,
    );
    fs::write(file, "45000\n").expect("a temperature");
    machine
}

fn warm(machine: &Machine, degrees: u32) {
    fs::write(machine.path("temp"), format!("{degrees}000\n")).expect("a temperature");
}

#[test]
fn a_reading_follows_its_file() {
    let machine = following();
    assert_eq!(reading(&machine, "Temp"), "45");
    warm(&machine, 46);
    assert_eq!(reading(&machine, "Temp"), "46");
    fs::remove_file(machine.path("temp")).expect("the temperature");
    let (_, stderr, _) = answer(&machine.run(&["sensor", "reading", "Temp"]));
    assert_eq!(reading_of_nothing(&machine), "na", "{stderr}");
}

fn reading_of_nothing(machine: &Machine) -> String {
    let printed = ask(machine, "sensor list");
    printed.split('|').nth(1).expect("a reading").trim().to_owned()
}

#[test]
fn a_threshold_crossed_is_logged_once_whoever_looks() {
    let machine = following();
    ask(&machine, "sensor list");
    assert_eq!(ask(&machine, "sel list"), "", "nothing yet");
    warm(&machine, 85);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| ask(&machine, "sensor list"));
        }
    });
    let asserted = "Temperature #0x09 | Upper Non-critical going high | Asserted";
    assert_eq!(events(&machine), [asserted]);
    // Within the hysteresis it goes on.
    warm(&machine, 79);
    ask(&machine, "sdr elist");
    assert_eq!(events(&machine), [asserted]);
    warm(&machine, 60);
    // Who looks at the log alone sees it, too.
    let deasserted = "Temperature #0x09 | Upper Non-critical going high | Deasserted";
    assert_eq!(events(&machine), [asserted, deasserted]);
    assert_eq!(events(&machine).len(), 2);
}

#[test]
fn a_walk_is_the_same_for_all_and_stays_between_its_ends() {
    let machine = machine();
    let sensor = |number: u32| {
        format!(
            r#"{{"name": "S{number}", "number": {number}, "type": "Temperature", "unit": "degrees C",
                "reading": {{"from": 20, "to": 60, "seed": 7, "every": 600}}}}"#
        )
    };
    let sensors: Vec<String> = (1..=20).map(sensor).collect();
    machine.write("etc/loopshim/bmc.json", format!(r#"{{"sensors": [{}]}}"#, sensors.join(",")));
    let list = || ask(&machine, "sensor list");
    let (first, second) = (list(), list());
    let values = |list: &str| -> Vec<f64> {
        list.lines()
            .map(|line| line.split('|').nth(1).expect("a value").trim().parse().expect("a number"))
            .collect()
    };
    let (first, second) = (values(&first), values(&second));
    assert!(first.iter().all(|value| (20.0..=60.0).contains(value)), "{first:?}");
    assert!(first.iter().any(|value| (value - first[0]).abs() > 3.0), "each goes its own way: {first:?}");
    // A second later none has gone far.
    assert!(first.iter().zip(&second).all(|(first, second)| (first - second).abs() <= 1.0));
}

#[test]
fn processors_at_work_can_be_followed() {
    let machine = machine();
    let json = r#"{"sensors": [{"name": "Load", "number": 1, "type": "Other", "percent": true,
        "reading": {"from": 0, "to": 100, "follow": "/proc/stat"}}]}"#;
    machine.write("etc/loopshim/bmc.json", json);
    let value: f64 = reading(&machine, "Load").parse().expect("a number");
    assert!((0.0..=100.0).contains(&value), "{value}");
}

#[test]
fn a_power_action_does_what_the_model_says_and_only_that() {
    let machine = machine();
    let done = machine.path("done");
    machine.write(
        "etc/loopshim/bmc.json",
        format!(r#"{{"chassis": {{"power_commands": {{"cycle": "echo cycle >'{}'"}}}}}}"#, done.display()),
    );
    ask(&machine, "power off");
    ask(&machine, "power on");
    assert!(!done.exists());
    ask(&machine, "power cycle");
    let deadline = Instant::now() + Duration::from_secs(20);
    while fs::read_to_string(&done).unwrap_or_default().is_empty() {
        assert!(Instant::now() < deadline, "the command has not been run");
        thread::yield_now();
    }
    assert_eq!(fs::read_to_string(&done).expect("what was done"), "cycle\n");
}

#[test]
fn a_refused_action_does_nothing() {
    let machine = machine();
    let done = machine.path("done");
    machine.write(
        "etc/loopshim/bmc.json",
        format!(
            r#"{{"responses": [{{"request": "00 02 *", "completion": 212}}],
                "chassis": {{"power_commands": {{"off": "touch '{}'"}}}}}}"#,
            done.display()
        ),
    );
    let mut command = machine.command("bin/ipmitool", &["power", "off"]);
    command.stdin(std::process::Stdio::null());
    assert_eq!(answer(&run(command)).2, Some(1));
    assert!(!done.exists());
}
