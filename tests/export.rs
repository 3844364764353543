//! `loopshim bmc export`: what QEMU and ipmi_sim take, checked on what they
//! document and, where it is installed, on ipmi_sim itself; and a machine that
//! went there and was captured back.

mod qemu;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::capture::{capture, compare};
use crate::support::originals;
use crate::support::recorded_model::bmc_json;
use crate::support::recordings;
use crate::support::simulator::{Simulator, free_port};
use crate::support::skip::skip;

fn loopshim(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopshim"));
    command.args(arguments).current_dir(folder).env("LOOPSHIM_ROOT", folder).stdin(Stdio::null());
    command.output().expect("loopshim starts")
}

fn folder_with(model: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("bmc.json"), model.to_string()).expect("a model");
    folder
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn qemu_gets_images_of_one_size_and_records_in_a_row() {
    let record = "0100510105 20 00 01 03 01";
    let folder = folder_with(&json!({
        "profile": "empty",
        "device": {"manufacturer": 674, "product": 256, "firmware": "3.74"},
        "frus": [{"id": 0, "hex": "01", "size": 300}, {"id": 2, "hex": "0102"}],
        "sdr": {"records": [record, {"bytes": record, "comment": "the same"}]},
    }));
    let printed = stdout(&loopshim(folder.path(), &["bmc", "export", "--qemu", "out, put", "bmc.json"]));
    let out = folder.path().canonicalize().expect("a path").join("out, put");
    let images = std::fs::read(out.join("fru.bin")).expect("images");
    assert_eq!((images.len(), images[0], images[2048], images[2049]), (3 * 1024, 1, 1, 2));
    assert_eq!(std::fs::read(out.join("sdr.bin")).expect("records").len(), 20);
    let file = out.join("fru.bin").display().to_string().replace(',', ",,");
    assert!(printed.contains(&format!("fruareasize=1024,frudatafile={file}")), "{printed}");
    for part in ["mfg_id=674,product_id=256", "fwrev1=3,fwrev2=116", "-device isa-ipmi-kcs,bmc=bmc0"] {
        assert!(printed.contains(part), "{part} is not in {printed}");
    }
    assert!(printed.lines().any(|line| line.starts_with("args: -device ipmi-bmc-sim,id=bmc0,")), "{printed}");
}

#[test]
fn nothing_is_replaced_unasked() {
    let folder = folder_with(&json!({}));
    let export =
        |options: &[&str]| loopshim(folder.path(), &[&["bmc", "export", "--qemu", "out"], options].concat());
    assert!(export(&[]).status.success());
    assert_eq!(export(&[]).status.code(), Some(1));
    assert!(export(&["--force"]).status.success());
}

#[test]
fn the_default_machine_in_ipmi_sim_prints_the_same() {
    in_ipmi_sim(&json!({}), &["mc info", "fru print", "sdr elist", "sdr elist all"]);
}

#[test]
fn the_recorded_machine_in_ipmi_sim_prints_the_same() {
    let Some(folder) = recordings::folder() else {
        return skip("the recorded machine in ipmi_sim", "the recordings");
    };
    // `fru print` alone meets a device that is not there: the simulator has a
    // completion code of its own for that.
    let commands = ["fru print 0", "fru print 1", "fru print 2", "sdr elist", "sdr elist all"];
    in_ipmi_sim(&bmc_json(&folder.join("data")), &commands);
}

/// Exports, compares through the original, captures back from there, and
/// compares all that a cloned server is known by.
fn in_ipmi_sim(model: &Value, commands: &[&str]) {
    const CLONED: &[&str] = &["fru print", "sdr elist", "sensor", "lan print 1", "mc info", "sel elist"];
    let personality = originals::PERSONALITIES[1];
    let Some(original) = originals::find(personality) else { return skip("ipmi_sim", "the original") };
    let folder = folder_with(model);
    let port = free_port().to_string();
    stdout(&loopshim(folder.path(), &["bmc", "export", "--ipmi-sim", "sim", "--port", &port, "bmc.json"]));
    let simulator = Simulator::start(&folder.path().join("sim"), port.parse().expect("a port"));
    let Some(simulator) = simulator else {
        return skip("the exported machine in ipmi_sim", "package openipmi");
    };
    let arguments = simulator.arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let nowhere = PathBuf::new();
    compare(&original, personality, (&arguments, &nowhere), &folder.path().join("bmc.json"), commands);
    let captured = capture(&original, &nowhere, &arguments);
    compare(&original, personality, (&arguments, &nowhere), &captured.file(), CLONED);
}
