//! Writers that are killed, and files that are damaged.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{FOLDER, ask, expect, files, machine, state_file};
use crate::support::machine::{Machine, answer, run};
use crate::support::skip::skip;

/// The system calls between taking the lock and giving the answer.
const CALLS: &[&str] = &["openat", "flock", "unlink", "write", "fsync", "rename", "close", "statx", "read"];

#[test]
fn a_writer_killed_at_any_system_call_leaves_the_old_state_or_the_new() {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        return skip("killing a writer at each system call", "package strace");
    }
    let machine = machine();
    ask(&machine, "chassis policy always-off");
    let (mut old, mut new) = (0, 0);
    for call in CALLS {
        for nth in 1.. {
            ask(&machine, "power on");
            let ended = killed_at(&machine, call, nth);
            expect(&machine, "chassis status", &["always-off"]);
            let status = ask(&machine, "power status");
            match status.trim_end() {
                "Chassis Power is on" => old += 1,
                "Chassis Power is off" => new += 1,
                other => panic!("{call} {nth}: {other}"),
            }
            if ended {
                assert_eq!(status, "Chassis Power is off\n");
                break;
            }
        }
    }
    assert!(old > 10 && new > CALLS.len(), "{old} old, {new} new");
    assert!(!files(&machine).iter().any(|name| name.ends_with(".damaged")), "{:?}", files(&machine));
}

/// Switches power off in a process that is killed at the nth such call; whether
/// it ended by itself before that.
fn killed_at(machine: &Machine, call: &str, nth: usize) -> bool {
    let mut command = Command::new("strace");
    command.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={call}:signal=KILL:when={nth}")]);
    command.arg(machine.path("bin/ipmitool")).args(["power", "off"]);
    command.env("LOOPSHIM_ROOT", machine.path("")).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).status().expect("strace runs").success()
}

#[test]
fn a_killed_writer_has_stored_all_that_it_was_told_is_stored() {
    let machine = machine();
    let add = "raw 0x0a 0x44 0 0 2 0 0 0 0 0x41 0 4 1 1 0x57 0 0 0\n";
    machine.write("events", add.repeat(400));
    let script = machine.path("events");
    let mut total = 0;
    for round in 0..12 {
        let mut command = machine.command("bin/ipmitool", &["exec", script.to_str().expect("a path")]);
        let acknowledged = fs::File::create(machine.path("acknowledged")).expect("a file");
        // Its answers are counted: to a file they would come in blocks.
        let mut child = command.env("POSIXLY_CORRECT", "1").stdout(acknowledged).spawn().expect("a writer");
        thread::sleep(Duration::from_millis(5 + 7 * round));
        child.kill().expect("a kill");
        child.wait().expect("its end");
        let info = ask(&machine, "sel info");
        let entries: usize = info
            .lines()
            .find_map(|line| line.strip_prefix("Entries          : ")?.parse().ok())
            .expect("a count");
        assert!(
            entries >= total + machine.read("acknowledged").lines().count(),
            "{entries} of {total} are left"
        );
        total = entries;
    }
    assert!(total > 0, "no writer got to write");
    assert!(!files(&machine).iter().any(|name| name.ends_with(".damaged")));
}

#[test]
fn a_damaged_file_is_set_aside_with_a_message_and_the_model_remains() {
    type Spoil = fn(&mut Vec<u8>);
    let spoilt: [(&str, Spoil); 5] = [
        ("empty", Vec::clear),
        ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
        ("longer", |bytes| bytes.push(0)),
        ("a changed bit", |bytes| bytes[20] ^= 4),
        ("of a later version", |bytes| bytes[7] += 1),
    ];
    for (how, spoil) in spoilt {
        let machine = machine();
        ask(&machine, "power off");
        let file = state_file(&machine);
        let mut bytes = fs::read(&file).expect("a state");
        spoil(&mut bytes);
        fs::write(&file, &bytes).expect("a damaged state");
        let (stdout, stderr, status) = answer(&machine.run(&["power", "status"]));
        assert_eq!((&*stdout, status), ("Chassis Power is on\n", Some(0)), "{how}");
        let aside = file.with_extension("damaged");
        let (path, now) = (file.display(), aside.display());
        let message =
            format!("ipmitool: {path} is damaged; it is {now} now, and the BMC starts from its model\n");
        assert_eq!(stderr, message, "{how}");
        assert_eq!(fs::read(&aside).expect("what was set aside"), bytes, "{how}");
        assert_eq!(answer(&machine.run(&["power", "off"])).1, "", "{how}: said twice");
        expect(&machine, "power status", &["is off"]);
    }
}

#[test]
fn what_a_dead_writer_left_is_in_nobodys_way() {
    let machine = machine();
    ask(&machine, "power off");
    let file = state_file(&machine);
    fs::write(file.with_extension("state.new"), "half a st").expect("a left-over");
    expect(&machine, "power status", &["is off"]);
    ask(&machine, "power on");
    expect(&machine, "power status", &["is on"]);
    assert!(!files(&machine).iter().any(|name| name.ends_with(".new")));
}

#[test]
fn who_finds_the_lock_held_waits_for_it() {
    let machine = machine();
    ask(&machine, "power off");
    let lock = fs::File::open(state_file(&machine).with_extension("lock")).expect("the lock");
    lock.lock().expect("the lock");
    // Reading does not wait.
    expect(&machine, "power status", &["is off"]);
    let mut writer = machine.command("bin/ipmitool", &["power", "on"]);
    let mut writer = writer.stdout(Stdio::null()).spawn().expect("a writer");
    thread::sleep(Duration::from_millis(200));
    assert!(writer.try_wait().expect("a look").is_none(), "it did not wait");
    expect(&machine, "power status", &["is off"]);
    drop(lock);
    assert!(writer.wait().expect("its end").success());
    expect(&machine, "power status", &["is on"]);
}

#[test]
fn a_planted_link_is_not_followed() {
    for ending in ["state.new", "lock"] {
        let machine = machine();
        ask(&machine, "power off");
        let planted = state_file(&machine).with_extension(ending);
        let _ = fs::remove_file(&planted);
        machine.write("victim", "untouched");
        std::os::unix::fs::symlink(machine.path("victim"), &planted).expect("a link");
        run(machine.command("bin/ipmitool", &["power", "on"]));
        assert_eq!(machine.read("victim"), "untouched", "{ending} in {FOLDER}");
    }
}
