//! Writers that may not write, or have nowhere to: they are refused as by a
//! controller, and nothing is lost.

use std::os::unix::process::CommandExt;
use std::process::Command;

use super::{FOLDER, ask, expect, machine, state_file};
use crate::install::machine::is_root;
use crate::support::machine::{Machine, answer, run};
use crate::support::skip::skip;

/// A user who owns nothing.
const NOBODY: u32 = 65534;

#[test]
fn without_the_right_to_write_a_write_is_refused_and_nothing_is_lost() {
    if !is_root() {
        return skip("writing as another user", "root");
    }
    let machine = machine();
    ask(&machine, "lan set 1 ipaddr 10.0.0.9");
    let before = std::fs::read(state_file(&machine)).expect("a state");
    let by_nobody = |args: &[&str]| {
        let mut command = machine.command("bin/ipmitool", args);
        answer(&run(std::mem::replace(command.uid(NOBODY).gid(NOBODY), Command::new("true"))))
    };
    let refusal = "Set Chassis Power Control to Down/Off failed: Insufficient privilege level\n";
    assert_eq!(by_nobody(&["power", "off"]), (String::new(), refusal.to_owned(), Some(1)));
    let (stdout, stderr, status) = by_nobody(&["sel", "clear"]);
    assert_eq!(
        (stdout.as_str(), stderr.as_str(), status),
        ("", "Unable to clear SEL: Insufficient privilege level\n", Some(1))
    );
    // What only reads is answered, and a write of what is so already, too.
    assert_eq!(by_nobody(&["power", "status"]).2, Some(0));
    assert_eq!(by_nobody(&["chassis", "policy", "previous"]).2, Some(0));
    assert_eq!(by_nobody(&["sel", "list"]).2, Some(0));
    assert_eq!(std::fs::read(state_file(&machine)).expect("a state"), before);
}

/// Runs shell commands with something mounted over the state's folder (`$1`);
/// `None`, loudly, where that cannot be.
fn with_mount(
    machine: &Machine,
    what: &str,
    mount: &str,
    script: &str,
) -> Option<(String, String, Option<i32>)> {
    if !is_root() {
        skip(what, "root, to mount");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &format!("{mount} || exit 99\nPATH=$2/bin:$PATH\n{script}"), "sh"]);
    command.arg(machine.path(FOLDER)).arg(machine.path("")).env("LOOPSHIM_ROOT", machine.path(""));
    Some(answer(&run(command)))
}

#[test]
fn a_read_only_folder_refuses_writes_and_nothing_else() {
    let machine = machine();
    ask(&machine, "power off");
    let mount = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\"";
    let script =
        "ipmitool power status; ipmitool power on; echo $?; ipmitool sel elist; ipmitool power status";
    let Some((stdout, stderr, _)) = with_mount(&machine, "a read-only folder", mount, script) else { return };
    assert_eq!(stdout, "Chassis Power is off\n1\nChassis Power is off\n");
    let refusal = "Set Chassis Power Control to Up/On failed: Insufficient privilege level\n";
    assert_eq!(stderr, format!("{refusal}SEL has no entries\n"));
    expect(&machine, "power status", &["is off"]);
}

#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    let machine = machine();
    let mount = "mount -t tmpfs -o size=16k,mode=755 none \"$1\"";
    let script = "ipmitool lan set 1 ipaddr 10.0.0.9
        yes >$1/full 2>/dev/null
        ipmitool power off; echo $?; ipmitool power status; ipmitool lan print 1 | grep 'IP Address  '
        rm $1/full; ipmitool power off; ipmitool power status; ls $1 | sed 's/bmc-.*[.]//'";
    let Some((stdout, stderr, _)) = with_mount(&machine, "a full disk", mount, script) else { return };
    assert_eq!(
        stdout,
        "Setting LAN IP Address to 10.0.0.9\n1\nChassis Power is on\nIP Address              : 10.0.0.9\n\
         Chassis Power Control: Down/Off\nChassis Power is off\nlock\nstate\n"
    );
    assert_eq!(stderr, "Set Chassis Power Control to Down/Off failed: Out of space\n");
}
