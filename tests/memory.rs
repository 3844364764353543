//! What is written to the BMC is there for the next process: whoever writes,
//! however many at once, and however a writer ends.

mod durability;
mod moving;
mod refused;
mod writers;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::machine::{Machine, answer, run};
use crate::support::served::Served;

/// Where the state is, and its files' names begin with.
const FOLDER: &str = "var/lib/loopshim";

fn machine() -> Machine {
    let machine = Machine::new();
    machine.install_shim("bin/ipmitool");
    machine
}

/// What a command that must succeed prints.
fn ask(machine: &Machine, line: &str) -> String {
    let args: Vec<&str> = line.split_whitespace().collect();
    let (stdout, stderr, status) = answer(&machine.run(&args));
    assert_eq!(status, Some(0), "{line}: {stdout}{stderr}");
    stdout
}

/// Makes sure that what `line` prints has a line with all of `words`.
fn expect(machine: &Machine, line: &str, words: &[&str]) {
    let printed = ask(machine, line);
    let found = printed.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(found, "{line}: no line with {words:?} in:\n{printed}");
}

/// The names of the files in the state's folder.
fn files(machine: &Machine) -> Vec<String> {
    let entries = fs::read_dir(machine.path(FOLDER)).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

/// The state file.
fn state_file(machine: &Machine) -> PathBuf {
    let name = files(machine).into_iter().find(|name| name.ends_with(".state")).expect("a state file");
    machine.path(FOLDER).join(name)
}

#[test]
fn every_write_is_seen_by_the_next_process() {
    let machine = machine();
    machine.write("event", "0x04 0x01 0x01 0x30 0x57 0x59 0xff # test\n");
    for (write, read, words) in [
        // As VAST's configure_network.py writes them.
        ("lan set 1 ipsrc static", "lan print 1", &["IP Address Source", "Static Address"][..]),
        ("lan set 1 ipaddr 10.27.40.5", "lan print 1", &["IP Address  ", "10.27.40.5"]),
        ("lan set 1 netmask 255.255.248.0", "lan print 1", &["Subnet Mask", "255.255.248.0"]),
        ("lan set 1 defgw ipaddr 10.27.40.1", "lan print 1", &["Default Gateway IP", "10.27.40.1"]),
        ("lan set 1 vlan id 44", "lan print 1", &["802.1q VLAN ID", "44"]),
        ("lan set 1 snmp secret", "lan print 1", &["SNMP Community String", "secret"]),
        ("user set name 3 operator", "user list 1", &["3   operator"]),
        ("user set password 3 hunter2", "user test 3 16 hunter2", &["Success"]),
        ("user enable 3", "raw 6 0x44 1 3", &[" 42 "]),
        ("user priv 3 3 1", "user list 1", &["operator", "OPERATOR"]),
        ("channel setaccess 1 3 ipmi=on", "channel getaccess 1 3", &["IPMI Messaging", "enabled"]),
        ("sol set volatile-bit-rate 57.6 1", "sol info 1", &["Volatile Bit Rate", "57.6"]),
        ("chassis power off", "chassis power status", &["is off"]),
        ("chassis policy always-off", "chassis status", &["Power Restore Policy", "always-off"]),
        ("chassis bootdev pxe", "chassis bootparam get 5", &["Force PXE"]),
        ("chassis identify force", "raw 0 1", &[" 60 "]),
        ("mc watchdog off", "mc watchdog get", &["Stopped"]),
        ("raw 6 0x24 0x04 0x01 0x0a 0x00 0x64 0x00", "mc watchdog get", &["Pre-timeout interval", "10"]),
        ("mc setenables system_event_log=off", "mc getenables", &["System Event Logging", "disabled"]),
        ("mc setsysinfo system_name blade-7", "mc getsysinfo system_name", &["blade-7"]),
        ("fru edit 0 field b 0 AnotherMaker567890", "fru print 0", &["Board Mfg ", "AnotherMaker567890"]),
        ("sensor thresh CPU\u{a0}Temp unc 77", "sensor get CPU\u{a0}Temp", &["Upper Non-Critical", "77.000"]),
        ("raw 0x0a 0x44 0 0 2 0 0 0 0 0x41 0 4 1 1 0x57 0 0 0", "sel list", &["1 |", "Temperature"]),
        ("event 1", "sel elist", &["2 |", "Temperature"]),
        ("sel delete 1", "sel info", &["Entries", ": 1"]),
        ("sel time set 01/02/2030\u{a0}03:04:05", "sel time get", &["01/02/2030"]),
        ("sel clear", "sel info", &["Entries", ": 0"]),
        ("raw 4 0 0x24 1", "raw 4 1", &["24 01"]),
        ("dcmi set_asset_tag RACK-7", "dcmi asset_tag", &["Asset tag: RACK-7"]),
        ("dcmi power set_limit limit 450", "dcmi power get_limit", &["Power Limit", "450 Watts"]),
    ] {
        let unquoted =
            |line: &str| line.split(' ').map(|word| word.replace('\u{a0}', " ")).collect::<Vec<_>>();
        for (line, words) in [(write, &[][..]), (read, words)] {
            let args = unquoted(line);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let (stdout, stderr, status) = answer(&machine.run(&args));
            assert_eq!(status, Some(0), "{line}: {stdout}{stderr}");
            let found = stdout.lines().any(|line| words.iter().all(|word| line.contains(word)));
            assert!(found || words.is_empty(), "{line}: no line with {words:?} in:\n{stdout}{stderr}");
        }
    }
}

#[test]
fn reading_leaves_no_trace() {
    let machine = machine();
    for line in [
        "fru print",
        "sdr elist",
        "sensor",
        "sel elist",
        "lan print 1",
        "mc info",
        "user list 1",
        "sol info 1",
    ] {
        ask(&machine, line);
    }
    assert_eq!(files(&machine), [""; 0]);
    // What writes nothing new leaves none either.
    ask(&machine, "chassis policy previous");
    assert!(!files(&machine).iter().any(|name| name.ends_with(".state")), "{:?}", files(&machine));
}

#[test]
fn another_machine_has_a_memory_of_its_own_and_an_edited_one_keeps_it() {
    let machine = machine();
    ask(&machine, "lan set 1 ipaddr 10.0.0.9");
    ask(&machine, "user set name 4 kept");
    let edited = r#"{"device": {"firmware": "9.99"}, "channels": [{"number": 1, "lan": {"netmask": "255.0.0.0", "address": "10.0.0.1"}}]}"#;
    machine.write("etc/loopshim/bmc.json", edited);
    expect(&machine, "lan print 1", &["IP Address  ", "10.0.0.9"]);
    expect(&machine, "lan print 1", &["Subnet Mask", "255.0.0.0"]);
    expect(&machine, "mc info", &["Firmware Revision", "9.99"]);
    machine.write("etc/loopshim/bmc.json", edited.replace("\"firmware\"", "\"product\": 77, \"firmware\""));
    expect(&machine, "lan print 1", &["IP Address  ", "10.0.0.1"]);
    ask(&machine, "user set name 4 other");
    machine.write("etc/loopshim/bmc.json", edited);
    expect(&machine, "user list 1", &["4   kept"]);
    machine.write("trial.json", "{}");
    let mut trial = machine.command("bin/ipmitool", &["lan", "print", "1"]);
    trial.env("LOOPSHIM_BMC", machine.path("trial.json"));
    assert!(!answer(&run(trial)).0.contains("10.0.0.9"), "a model for one run has seen the machine's memory");
}

#[test]
fn a_session_that_lasts_sees_what_others_write_meanwhile() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let machine = machine();
    let mut shell = machine.command("bin/ipmitool", &["shell"]);
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
    let mut input = child.stdin.take().expect("its input");
    let mut output = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut status = || {
        input.write_all(b"power status\n").expect("a command");
        output
            .by_ref()
            .map(|line| line.expect("a line"))
            .find(|line| line.contains("is o"))
            .expect("an answer")
    };
    assert_eq!(status(), "Chassis Power is on");
    ask(&machine, "power off");
    assert_eq!(status(), "Chassis Power is off");
    ask(&machine, "power on");
    assert_eq!(status(), "Chassis Power is on");
    drop(input);
    assert!(child.wait().expect("its end").success());
}

#[test]
fn a_server_shares_the_memory_it_is_told_of() {
    let machine = machine();
    let served = Served::with_memory(&machine.path(FOLDER));
    let over_socket = |line: &str| {
        let mut command: Command = machine
            .command("bin/ipmitool", &[&["-I", "dummy"], &line.split(' ').collect::<Vec<_>>()[..]].concat());
        command.env("IPMI_DUMMY_SOCK", served.socket());
        answer(&run(command)).0
    };
    assert_eq!(over_socket("power off"), "Chassis Power Control: Down/Off\n");
    expect(&machine, "power status", &["is off"]);
    ask(&machine, "power on");
    assert_eq!(over_socket("power status"), "Chassis Power is on\n");
}
