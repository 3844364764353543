//! What a peer at the test socket may send instead of responses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopshim_core::ipmitool::{Personality, answer};
use loopshim_core::model::{Model, Profile};
use loopshim_fuzz::{frames, world};

const COMMANDS: &[&[&str]] =
    &[&["mc", "info"], &["-vv", "sdr", "elist"], &["fru"], &["sel", "list"], &["raw", "6", "1"], &["lan", "print"]];

fuzz_target!(|bytes: &[u8]| {
    let [how, rest @ ..] = bytes else { return };
    let command = COMMANDS[usize::from(how >> 1) % COMMANDS.len()];
    let args = ["-I", "dummy"].iter().chain(command).map(|word| (*word).to_owned()).collect();
    let socket = frames(rest.to_vec());
    let socket = socket.to_str().expect("a path of ours");
    let mut world = world(args, &[("IPMI_DUMMY_SOCK", socket)], Vec::new());
    let bmc = Model::of_profile(Profile::Empty, b"host").bmc;
    answer(&mut world, Personality::ALL[usize::from(how & 1)], bmc);
});
