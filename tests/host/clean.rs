//! Cleaning, as a program: what it says, and what is mounted.

use std::fs;

use super::patients;

pub(super) fn orphan(machine: &crate::install::machine::Machine, name: &str) {
    machine.folder(&format!("/tmp/{name}/monitor_v2"));
    machine.write(&format!("/tmp/{name}/setup.py"), 0o644, b"setup(name='monitor-v2')");
    machine.write(&format!("/tmp/{name}/monitor_v2/a.py"), 0o644, b"x = 1");
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(machine.path("/tmp"), PermissionsExt::from_mode(0o1777)).expect("a mode");
}

#[test]
fn nothing_goes_without_a_yes_and_freed_bytes_are_told() {
    let Some((_, patient)) = patients().next() else { return };
    orphan(&patient.machine, "hevnojky");
    patient.machine.folder("/tmp/research");
    let before = patient.snapshot();
    let told = patient.loopshim("clean --older-than 0s").ok().stdout;
    assert!(told.contains("/tmp/hevnojky  monitor-v2") && told.contains("1 orphaned folders"), "{told}");
    assert!(patient.loopshim("clean").ok().stdout.contains("0 min old"), "a young one stays");
    patient.snapshot().assert_is(&before, "a dry run");
    let told = patient.loopshim("clean --older-than 0s --yes --json").ok().stdout;
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert!(told["bytes"].as_u64() > Some(0) && told["orphans"][0]["removed"] == true, "{told}");
    assert!(
        !patient.machine.path("/tmp/hevnojky").exists() && patient.machine.path("/tmp/research").exists()
    );
}

#[test]
fn what_is_quarantined_is_kept() {
    let Some((_, patient)) = patients().next() else { return };
    orphan(&patient.machine, "okshyyok");
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("kept");
    patient.loopshim(&format!("clean --older-than 0s --yes --quarantine {}", kept.display())).ok();
    assert!(
        kept.join("okshyyok/monitor_v2/a.py").exists() && !patient.machine.path("/tmp/okshyyok").exists()
    );
}

/// Something else mounted on an orphan, or in it, belongs to somebody.
#[test]
fn what_is_mounted_stays() {
    let Some((_, patient)) = patients().next() else { return };
    for name in ["tabvaxwo", "wlkexvqj"] {
        orphan(&patient.machine, name);
    }
    patient.machine.folder("/home/work");
    patient.machine.write("/home/work/thesis", 0o644, b"mine");
    let root = patient.machine.path("/");
    let script = format!(
        "mount --bind $1/home/work $1/tmp/tabvaxwo/monitor_v2 && mount --bind $1/tmp/wlkexvqj $1/tmp/wlkexvqj && \
         {} --root $1 clean --older-than 0s --yes",
        super::LOOPSHIM
    );
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "sh", "-ec", &script, "sh"]).arg(&root);
    let done = crate::install::machine::run(&mut command);
    assert!(done.stdout.contains("No orphaned folders."), "{} {}", done.stdout, done.stderr);
    assert_eq!(fs::read(patient.machine.path("/home/work/thesis")).ok(), Some(b"mine".to_vec()));
    for name in ["tabvaxwo", "wlkexvqj"] {
        assert!(patient.machine.path(&format!("/tmp/{name}/monitor_v2/a.py")).exists(), "{name}");
    }
}
