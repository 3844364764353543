//! Whole invocations on arbitrary arguments.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::SystemTime;

use proptest::prelude::*;

use super::Personality;
use crate::{Config, Ending, World};

/// Words that lead somewhere; none of them writes a file.
const VOCABULARY: &[&str] = &[
    "-I",
    "open",
    "lan",
    "lanplus",
    "usb",
    "dummy",
    "-v",
    "-vv",
    "-c",
    "-y",
    "4142",
    "-L",
    "USER+",
    "-A",
    "-t",
    "0x24",
    "-b",
    "-T",
    "-B",
    "-m",
    "-l",
    "-z",
    "-o",
    "list",
    "-g",
    "-e",
    "-K",
    "-E",
    "-f",
    "-4",
    "-6",
    "--",
    "-",
    "help",
    "raw",
    "chassis",
    "mc",
    "bmc",
    "power",
    "sdr",
    "sel",
    "sensor",
    "fru",
    "lan",
    "user",
    "exec",
    "info",
    "status",
    "guid",
    "watchdog",
    "set",
    "get",
    "timeout=9",
    "setenables",
    "oem0",
    "on",
    "bootdev",
    "pxe",
    "options=persistent,verbose=no",
    "bootparam",
    "bootflag",
    "options=no-PEF,x",
    "bootmbox",
    "text",
    "block",
    "0",
    "5",
    "7",
    "6",
    "0x06",
    "1",
    "0xff",
    "-1",
    "print",
    "elist",
    "type",
    "Fan",
    "getsysinfo",
    "setsysinfo",
    "os_name",
    "policy",
    "poh",
    "identify",
    "force",
    "restart_cause",
    "selftest",
];

fn argument() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => proptest::sample::select(VOCABULARY).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(1_u8.., 0..12),
        1 => proptest::collection::vec(1_u8.., 0..12).prop_map(|tail| [b"-", &tail[..]].concat()),
    ]
}

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A machine with no files at all, so that the default model answers.
fn world(args: Vec<Vec<u8>>, personality: Personality) -> World {
    // Not even root can make one there.
    let nowhere = PathBuf::from("/proc/nowhere");
    World {
        program: "ipmitool".into(),
        args: args.into_iter().map(OsString::from_vec).collect(),
        vars: [("LOOPSHIM_IPMITOOL_VERSION", personality.name())].into_iter().collect(),
        stdin: Box::new(io::empty()),
        stdout: Box::new(Sink),
        stdin_is_terminal: || false,
        stdout_is_terminal: false,
        stderr: Box::new(Sink),
        clock: || SystemTime::UNIX_EPOCH,
        root: nowhere.clone(),
        proc: nowhere,
    }
}

proptest! {
    #[test]
    fn any_arguments_end_with_a_status(args in proptest::collection::vec(argument(), 0..9)) {
        for personality in Personality::ALL {
            // A remote host would be looked up, a file of ours be written.
            let harmless = |arg: &&Vec<u8>| !arg.contains(&b'H') && !arg.contains(&b'/');
            let args = args.iter().filter(harmless).cloned().collect();
            let mut world = world(args, personality);
            let ending = super::run(&mut world, &Config::default(), |_, _| None);
            prop_assert!(matches!(ending, Ending::Status(0 | 1)));
        }
    }
}
