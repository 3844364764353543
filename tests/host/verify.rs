//! Verifying.

use std::collections::BTreeSet;
use std::fs;

use super::{From, patients};

#[test]
fn every_check_of_a_phase_is_reported_in_every_format() {
    for (name, patient) in patients() {
        for (phase, wanted) in [
            ("pre", &["cpus", "memory", "disk", "swap", "time-sync", "limits", "shims", "packages"][..]),
            ("post", &["monitor", "image", "containers", "vms", "docker", "orphans"][..]),
        ] {
            let verify =
                |format: &str| patient.loopshim(&format!("verify --phase {phase} --format {format}")).stdout;
            let report: serde_json::Value = serde_json::from_str(&verify("json")).expect("JSON");
            let checks = report["checks"].as_array().expect("checks");
            let ids: BTreeSet<&str> = checks.iter().filter_map(|check| check["id"].as_str()).collect();
            assert!(wanted.iter().all(|id| ids.contains(id)), "{name}: {ids:?}");
            // Before the installation there can be neither image nor containers.
            for id in ["image", "containers", "monitor", "vms"] {
                assert_eq!(ids.contains(id), phase == "post", "{name}: {id} in phase {phase}");
            }
            for check in checks {
                let is_bad = ["fail", "warn"].contains(&check["result"].as_str().unwrap_or_default());
                assert_eq!(check["advice"].is_string(), is_bad, "{name}: {check}: a finding says what to do");
            }
            let count = checks.len();
            assert!(verify("junit").contains(&format!("tests=\"{count}\"")), "{name}");
            assert_eq!(verify("junit").matches("<testcase ").count(), count, "{name}");
            assert!(verify("tap").starts_with(&format!("TAP version 13\n1..{count}\n")), "{name}");
            assert!(verify("nagios").starts_with("LOOPSHIM CRITICAL - "), "{name}");
            assert!(ids.iter().all(|id| verify("text").contains(id)), "{name}");
        }
        assert_eq!(patient.loopshim("verify").status, 1, "{name}");
        assert_eq!(patient.loopshim("verify --format nagios").status, 2, "{name}");
        patient.loopshim("verify --only no-such").one_line(2, "no check is called no-such");
    }
}

/// What is about files alone is good once the fixes are applied.
#[test]
fn file_based_checks_are_green_after_apply() {
    for (name, patient) in patients() {
        let only = "sysctl-files,limits,pip-leftovers,pip";
        assert_eq!(patient.loopshim(&format!("verify --only {only}")).status, 1, "{name}");
        patient.loopshim("apply --only sysctl-old,sysctl-fd,limits,pip-leftovers").ok();
        patient.loopshim(&format!("verify --strict --only {only}")).ok();
        if patient.from == From::Within {
            patient.loopshim("apply --only huge-pages,io-scheduler").ok();
            patient.loopshim("verify --strict --only file-max,nr-open,inotify,huge-pages,io-scheduler").ok();
        }
    }
}

#[test]
fn warnings_fail_only_where_they_are_to() {
    for (name, patient) in patients().filter(|(_, patient)| patient.from == From::Within) {
        assert_eq!(patient.loopshim("verify --only huge-pages").status, 0, "{name}");
        assert_eq!(patient.loopshim("verify --strict --only huge-pages").status, 3, "{name}");
        assert_eq!(patient.loopshim("verify --format nagios --only huge-pages").status, 1, "{name}");
    }
}

#[test]
fn the_documents_own_layout_can_be_printed() {
    for (name, patient) in patients() {
        patient.machine.write(
            "/sys/kernel/mm/transparent_hugepage/enabled",
            0o644,
            b"always madvise [never]\n",
        );
        let text = patient.loopshim("verify --format seeds").stdout;
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "=== Pre-Bootstrap Verification ===", "{name}");
        assert_eq!(lines[1], "pip: 21.3.1", "{name}");
        assert!(lines[2].starts_with("FD limit (process): "), "{name}");
        assert_eq!(
            lines[3..],
            ["FD limit (kernel): 2097152", "ipmitool: MISSING", "THP: disabled", "Orphan dirs: 0"],
            "{name}"
        );
        let shim = format!("{}:ipmitool:0.0.1;", loopshim_core::marker::MARKER);
        patient.machine.write("/usr/bin/ipmitool", 0o755, shim.as_bytes());
        assert!(patient.loopshim("verify --format seeds").stdout.contains("ipmitool: OK (fake)"), "{name}");
    }
}

#[test]
fn limits_are_those_of_the_users_session() {
    for (name, patient) in patients() {
        let result = |patient: &super::Patient| {
            let report = patient.loopshim("verify --json --only limits").stdout;
            serde_json::from_str::<serde_json::Value>(&report).expect("JSON")["checks"][0]["result"].clone()
        };
        patient.machine.write("/etc/security/limits.d/99-vast.conf", 0o644, b"root soft nofile 1048576\n");
        assert_eq!(result(&patient), "fail", "{name}: root's limits are not the user's");
        patient.machine.write(
            "/etc/security/limits.d/99-vast.conf",
            0o644,
            b"* soft nofile 1048576\ncentos - nofile 10\n",
        );
        assert_eq!(result(&patient), "fail", "{name}: the user's own count more");
        patient.machine.write("/etc/security/limits.d/99-vast.conf", 0o644, b"* soft nofile 2097152\n");
        assert_eq!(result(&patient), "pass", "{name}: more is as good");
    }
}

#[test]
fn a_shim_that_sudo_does_not_find_is_told() {
    for (name, patient) in patients() {
        let machine = &patient.machine;
        let write = |path: &str, name: &str| {
            machine.write(path, 0o755, format!("{}:{name}:0.0.1;", loopshim_core::marker::MARKER).as_bytes());
        };
        write("/usr/bin/ipmitool", "ipmitool");
        write("/usr/bin/pip3", "pip3");
        machine.write("/etc/sudoers", 0o440, b"Defaults secure_path = /usr/local/bin:/usr/bin\n");
        patient.loopshim("verify --only shims").ok();
        machine.folder("/usr/local/bin");
        machine.write("/usr/local/bin/pip3", 0o755, b"#!/bin/sh\n");
        let done = patient.loopshim("verify --only shims");
        assert!(
            done.status == 1 && done.stdout.contains("pip3 hidden by /usr/local/bin/pip3"),
            "{name}: {}",
            done.stdout
        );
        fs::remove_file(machine.path("/usr/local/bin/pip3")).expect("removed");
        machine.write("/usr/bin/pip3", 0o755, b"#!/bin/sh\n");
        machine.folder("/var/lib/loopshim");
        machine.write(
            "/var/lib/loopshim/originals",
            0o644,
            b"pip3\t/usr/bin/pip3.real\t/usr/bin/pip3\t/usr/bin/pip3.real\trpm\n",
        );
        let done = patient.loopshim("verify --only shims");
        assert!(done.stdout.contains("pip3 overwritten by a package"), "{name}: {}", done.stdout);
    }
}

#[test]
fn a_broken_monitor_is_found_and_the_cure_named() {
    for (name, patient) in patients() {
        let site = "/usr/local/lib/python3.6/site-packages";
        let done = patient.loopshim("verify --phase post --only monitor");
        assert!(
            done.status == 1 && done.stdout.contains("monitor-v2 is not installed"),
            "{name}: {}",
            done.stdout
        );
        let info = format!("{site}/monitor_v2-0.0.3.dist-info");
        patient.machine.folder(&info);
        patient.machine.folder(&format!("{site}/monitor_v2"));
        // An empty file's SHA-256 in RECORD's form.
        let empty = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        let record = format!("monitor_v2/__init__.py,{empty},0\nmonitor_v2-0.0.3.dist-info/INSTALLER,,\n");
        for (file, text) in [
            ("METADATA", "Name: monitor-v2\n"),
            ("WHEEL", "x\n"),
            ("INSTALLER", "pip\n"),
            ("RECORD", &record),
        ] {
            patient.machine.write(&format!("{info}/{file}"), 0o644, text.as_bytes());
        }
        patient.machine.write(&format!("{site}/monitor_v2/__init__.py"), 0o644, b"");
        patient.loopshim("verify --phase post --only monitor").ok();
        // A healthy one is nobody's left-over.
        let done = patient.loopshim("apply --only pip-leftovers").ok();
        assert!(!done.stdout.contains("monitor_v2-0.0.3"), "{name}: {}", done.stdout);
        patient.loopshim("verify --phase post --only monitor").ok();
        patient.machine.write(&format!("{site}/monitor_v2/__init__.py"), 0o644, b"changed");
        let done = patient.loopshim("verify --phase post --only monitor");
        assert!(done.status == 1 && done.stdout.contains("is not as installed"), "{name}: {}", done.stdout);
        fs::remove_file(patient.machine.path(&format!("{info}/RECORD"))).expect("removed");
        let done = patient.loopshim("verify --phase post --only monitor");
        assert!(done.stdout.contains("--ignore-installed"), "{name}: {}", done.stdout);
        // Such metadata is set aside, unless a package of the distribution owns it.
        patient.machine.write(&format!("{info}/INSTALLER"), 0o644, b"rpm\n");
        assert_eq!(patient.plan_of("pip-leftovers")["notes"].as_array().map(Vec::len), Some(1), "{name}");
        patient.machine.write(&format!("{info}/INSTALLER"), 0o644, b"pip\n");
        patient.loopshim("apply --only pip-leftovers").ok();
        assert!(!patient.machine.path(&info).exists(), "{name}");
        patient.loopshim("undo").ok();
        assert!(patient.machine.path(&info).exists(), "{name}");
    }
}
