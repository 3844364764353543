//! `ipmitool shell` on a terminal: lines are edited and come again.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::machine::Machine;
use crate::support::skip::skip;

/// What is typed, key by key, after each prompt.
const KEYS: &str = concat!(
    // A wrong letter and its correction.
    "\"raw 6 2\\u007f1\\r\"\n",
    // The same again, with the cursor moved to the digit and that replaced.
    "\"\\u001b[A\\u001b[D\\u001b[D\\u007f0x06\\r\"\n",
    "\"exit\\r\"\n",
);

#[test]
fn lines_are_edited_and_come_again() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skip("a shell on a terminal", "python3");
    }
    let machine = Machine::new();
    machine.install_shim("bin/ipmitool");
    let editor = machine.path("bin/loopshim");
    std::fs::copy(env!("CARGO_BIN_EXE_loopshim"), editor).expect("the host tool beside it");
    let mut command = Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/pseudo_terminal.py"));
    command.arg(machine.path("bin/ipmitool")).arg("shell").env("LOOPSHIM_ROOT", machine.path(""));
    command.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut typist = command.spawn().expect("python3 starts");
    typist.stdin.take().expect("its input").write_all(KEYS.as_bytes()).expect("the keys");
    let output = typist.wait_with_output().expect("an end");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    // Get Device ID, answered twice.
    assert_eq!(shown.matches(" 20 01 ").count(), 2, "{shown}");
    assert!(!shown.contains("Invalid command"), "{shown}");
}
