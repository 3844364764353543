//! Programs that parse ipmitool's output, run on our shim and on the original:
//! what they make of either must be the same.

use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::apart::Apart;
use crate::support::originals;
use crate::support::served::Served;
use crate::support::skip::skip;

/// Status by which a client script says that what it drives is not installed.
const NOT_INSTALLED: i32 = 77;

macro_rules! clients {
    ($($name:ident: $script:literal, expects $evidence:literal;)*) => {
        $(#[test]
        fn $name() {
            check(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/", $script), $evidence);
        })*
    };
}

clients! {
    prometheus_collectors: "prometheus-collectors.sh", expects "node_ipmi_temperature_celsius{sensor=\"CPU Temp\"} 45.000000";
    munin_ipmi: "munin-ipmi.sh", expects "CPUTemp.value 45.000";
    munin_ipmi_sensor: "munin-ipmi-sensor.sh", expects "cpu_temp.value 45";
    fusioninventory_fru: "fusioninventory-fru.sh", expects "VAST Data Loopback";
    ceilometer: "ceilometer.sh", expects "\"Sensor Reading\": \"45 (+/- 0) degrees C\"";
    ironic: "ironic.sh", expects "\"Sensor Reading\": \"45 (+/- 0) degrees C\"";
    ironic_python_agent: "ironic-python-agent.sh", expects "get_bmc_address 0.0.0.0";
    netbox_agent: "netbox-agent.sh", expects "('mac', '52:54:00:";
    telegraf: "telegraf.sh", expects "sdr-elist cpu_temp 1 3.1 [('analogUnit', 'degrees C'), ('analogValue', '45')]";
    checkmk: "checkmk.sh", expects "CPU_Temp 45.000 degrees_C ok";
    python_ipmi: "python-ipmi.sh", expects "board VAST Data Loopback Virtual Platform LOOPBACK-";
}

/// The fencing agent speaks to a remote BMC; without an original to hand over
/// to, the model is that BMC. The original itself would need a real one.
#[test]
fn cluster_glue_ipmi() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/cluster-glue-ipmi.sh");
    let tools = ours_folder();
    // An original anywhere in PATH would be run for a remote BMC.
    for tool in ["sh", "which", "basename", "date", "sed", "grep", "cat", "logger", "tr", "id", "uname", "ps"]
    {
        symlink(Path::new("/usr/bin").join(tool), tools.path().join(tool)).expect("a link to a tool");
    }
    let ours = run_in(script, tools.path().as_os_str(), originals::PERSONALITIES[0]);
    if is_missing(script, &ours) {
        return;
    }
    let text = String::from_utf8_lossy(&ours.stdout);
    assert_eq!(
        text,
        "node1\ngethosts: 0\nIPMI STONITH device\ngetinfo-devid: 0\nstatus: 0\non: 0\nreset: 0\noff: 0\n",
        "stderr: {}",
        String::from_utf8_lossy(&ours.stderr)
    );
}

fn check(script: &str, evidence: &str) {
    let Some(ours) = run_on_ours(script) else { return };
    let text = String::from_utf8_lossy(&ours.stdout);
    assert!(
        text.contains(evidence),
        "{script} found no {evidence:?} in\n{text}\nstderr: {}",
        String::from_utf8_lossy(&ours.stderr)
    );
    for personality in originals::PERSONALITIES {
        let Some(original) = originals::find(personality) else {
            skip(script, &format!("the original {personality}"));
            continue;
        };
        let served = Served::default_model();
        let folder = tempfile::tempdir().expect("a temporary folder");
        served.wrapper(&original, &folder.path().join("ipmitool"));
        let theirs = run(script, folder.path(), personality);
        let tools = ours_folder();
        let ours = run(script, tools.path(), personality);
        assert_eq!(
            String::from_utf8_lossy(&ours.stdout),
            String::from_utf8_lossy(&theirs.stdout),
            "{script} {personality}"
        );
        assert_eq!(ours.status.code(), theirs.status.code(), "{script} {personality}");
    }
}

fn run_on_ours(script: &str) -> Option<Output> {
    let folder = ours_folder();
    let output = run(script, folder.path(), originals::PERSONALITIES[0]);
    if is_missing(script, &output) {
        return None;
    }
    assert!(output.status.success(), "{script}: {output:?}");
    Some(output)
}

/// Whether what the script drives is not installed; then it has been said.
fn is_missing(script: &str, output: &Output) -> bool {
    let missing = output.status.code() == Some(NOT_INSTALLED);
    if missing {
        skip(script, String::from_utf8_lossy(&output.stdout).trim());
    }
    missing
}

/// A folder with nothing but our shim, to stand first in PATH.
fn ours_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    symlink(env!("CARGO_BIN_EXE_ipmitool"), folder.path().join("ipmitool")).expect("a link to the shim");
    folder
}

fn run(script: &str, tools: &Path, personality: &str) -> Output {
    let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", tools.display());
    run_in(script, path.as_ref(), personality)
}

fn run_in(script: &str, path: &OsStr, personality: &str) -> Output {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let apart = Apart::new();
    Command::new("/bin/sh")
        .arg(script)
        .env("PATH", path)
        .env("LOOPSHIM_IPMITOOL_VERSION", personality)
        .env("LOOPSHIM_ROOT", apart.root())
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir(scratch.path())
        .output()
        .expect("sh starts")
}
