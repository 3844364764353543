//! The exported machine in QEMU, where it is installed: asked through the KCS
//! ports of its test interface, without a guest.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ipmi::{Bmc, Request};
use loopshim_core::model::Model;
use serde_json::json;

use super::{folder_with, loopshim, stdout};
use crate::support::skip::skip;

const QEMU: &str = "qemu-system-x86_64";

#[test]
fn qemu_takes_the_files_and_answers_as_the_model() {
    if Command::new(QEMU).arg("--version").output().is_err() {
        return skip("the exported machine in QEMU", "package qemu-system-x86");
    }
    let model = json!({
        // Its serial number is not the host name's.
        "profile": "virtual-node",
        "device": {"manufacturer": 674, "product": 256, "firmware": "3.74"},
        "sensors": [{"name": "CPU Temp", "number": 1, "entity": "3.1", "type": "Temperature",
                     "unit": "degrees C", "reading": 45, "thresholds": {"upper_critical": 90}}],
    });
    let folder = folder_with(&model);
    let printed = stdout(&loopshim(folder.path(), &["bmc", "export", "--qemu", "out", "bmc.json"]));
    let line = printed.lines().find_map(|line| line.strip_prefix("args: ")).expect("Proxmox's line");
    let mut machine = Machine::start(line);
    let mut bmc = Model::from_file(&folder.path().join("bmc.json"), b"host").expect("the model").bmc;
    // QEMU has a mind of its own about what else it supports, and no auxiliary
    // revision.
    let ours = bmc.answer(&Request::new(0x06, 0x01, []), 0).data;
    let theirs = machine.ask(0x06, 0x01, &[]);
    assert_eq!((theirs[0], &theirs[1..6], &theirs[7..12]), (0, &ours[..5], &ours[6..11]));
    // FRU 0 up to its product's name, and the number of records.
    for offset in (0..128).step_by(16) {
        same(&mut machine, &mut bmc, 0x0A, 0x11, &[0, offset, 0, 16]);
    }
    let ours = bmc.answer(&Request::new(0x0A, 0x20, []), 0).data;
    let theirs = machine.ask(0x0A, 0x20, &[]);
    assert_eq!(theirs[..4], [&[0][..], &ours[..3]].concat());
}

/// Both answer with the same bytes.
fn same(machine: &mut Machine, bmc: &mut Bmc, netfn: u8, cmd: u8, data: &[u8]) {
    let ours = bmc.answer(&Request::new(netfn, cmd, data), 0);
    let expected = [&[ours.completion.0], &ours.data[..]].concat();
    let theirs = machine.ask(netfn, cmd, data);
    assert_eq!(theirs, expected, "{netfn:02x} {cmd:02x} {data:02x?}");
}

/// QEMU without a guest.
struct Machine {
    qemu: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Data and command or status port of the keyboard controller style interface
/// (IPMI 2.0 section 9).
const DATA: u16 = 0xCA2;
const COMMAND: u16 = 0xCA3;
const WRITE_START: u8 = 0x61;
const WRITE_END: u8 = 0x62;
const READ: u8 = 0x68;

impl Machine {
    fn start(arguments: &str) -> Self {
        let mut command = Command::new(QEMU);
        command.args([
            "-machine",
            "pc,accel=tcg",
            "-S",
            "-nodefaults",
            "-display",
            "none",
            "-qtest",
            "stdio",
        ]);
        command.args(arguments.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut qemu = command.stderr(Stdio::null()).spawn().expect("QEMU starts");
        let input = qemu.stdin.take().expect("its input");
        let output = BufReader::new(qemu.stdout.take().expect("its output"));
        Self { qemu, input, output }
    }

    /// Sends a line and returns what comes after `OK`.
    fn test(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").expect("QEMU takes the arguments");
        loop {
            let mut answer = String::new();
            let read = self.output.read_line(&mut answer).expect("an answer");
            assert_ne!(read, 0, "QEMU has ended");
            if let Some(rest) = answer.strip_prefix("OK") {
                return rest.trim().to_owned();
            }
        }
    }

    fn write(&mut self, port: u16, byte: u8) {
        self.test(&format!("outb {port:#x} {byte:#x}"));
    }

    fn read(&mut self, port: u16) -> u8 {
        let answer = self.test(&format!("inb {port:#x}"));
        let digits = answer.strip_prefix("0x").expect("a number");
        u64::from_str_radix(digits, 16).expect("a number") as u8
    }

    /// Sends a request through the interface; completion code and data.
    fn ask(&mut self, netfn: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
        let message = [&[netfn << 2, cmd], data].concat();
        let (last, first) = message.split_last().expect("a message");
        self.write(COMMAND, WRITE_START);
        self.read(DATA);
        for byte in first {
            self.write(DATA, *byte);
            self.read(DATA);
        }
        self.write(COMMAND, WRITE_END);
        self.read(DATA);
        self.write(DATA, *last);
        let mut answer = Vec::new();
        // The state is in the top bits: 01b while there is more to read.
        while self.read(COMMAND) >> 6 == 1 {
            answer.push(self.read(DATA));
            self.write(DATA, READ);
            assert!(answer.len() < 300, "an answer without an end");
        }
        self.read(DATA);
        assert_eq!(answer[..2], [netfn << 2 | 4, cmd], "{answer:02x?}");
        answer.split_off(2)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}
