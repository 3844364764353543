//! Checks on machines of one kind and another.

use super::*;
use crate::machine::Scope;
use crate::machine::staged::Staged;

fn look(staged: &Staged, id: &str) -> Verdict {
    let machine = staged.machine(Scope::Live);
    let context = Context { machine: &machine, settings: &staged.settings, packages: false, binaries: None };
    (find(id).expect("a check").look)(&Examination { context, began: None })
}

fn cpuinfo(count: usize, model: &str, flags: &str) -> String {
    (0..count)
        .map(|number| {
            format!("processor\t: {number}\nmodel name\t: {model}\nphysical id\t: 0\ncore id\t: {number}\nflags\t\t: fpu {flags}\n\n")
        })
        .collect()
}

#[test]
fn every_check_has_its_own_name() {
    let mut ids: Vec<&str> = ALL.iter().map(|check| check.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ALL.len());
}

#[test]
fn hardware_is_judged_by_what_a_guest_can_see() {
    let level = |files: &[(&str, &str)], id: &str| look(&Staged::with(files), id).level;
    let mut staged =
        Staged::with(&[("/proc/cpuinfo", &cpuinfo(12, "AMD Ryzen Threadripper 2920X", "hypervisor svm"))]);
    assert_eq!(look(&staged, "cpus").level, Level::Pass);
    for (cores, expected) in [(12, Level::Pass), (8, Level::Fail)] {
        staged.settings.sizes.physical_cores = Some(cores);
        assert_eq!(look(&staged, "cpus").level, expected, "{cores} physical cores");
    }
    assert_eq!(look(&staged, "nested").level, Level::Pass);
    assert_eq!(look(&staged, "virtio-scsi").level, Level::Warn);
    for model in ["QEMU Virtual CPU version 2.5+", "Common KVM processor"] {
        assert_eq!(
            level(&[("/proc/cpuinfo", &cpuinfo(1, model, "hypervisor"))], "cpu-model"),
            Level::Fail,
            "{model}"
        );
    }
    let memory = |gb: u64| {
        format!("MemTotal: {} kB\nMemAvailable: 1 kB\nSwapTotal: 0 kB\n", gb * 1_000_000_000 / 1024)
    };
    for (gb, expected) in [(97, Level::Fail), (109, Level::Fail), (118, Level::Warn), (128, Level::Pass)] {
        assert_eq!(level(&[("/proc/meminfo", &memory(gb))], "memory"), expected, "{gb} GB");
    }
    let disk = |gb: u64| (gb * 1_000_000_000 / 512).to_string();
    for (gb, expected) in [(499, Level::Fail), (500, Level::Warn), (1000, Level::Pass)] {
        let size = disk(gb);
        assert_eq!(level(&[("/sys/block/sda/size", &size)], "disk"), expected, "{gb} GB");
    }
    assert_eq!(level(&[("/sys/bus/virtio/drivers/virtio_balloon/virtio3/x", "")], "balloon"), Level::Warn);
    assert_eq!(level(&[], "balloon"), Level::Pass);
    assert_eq!(level(&[], "cpus"), Level::Skip, "what cannot be read is not judged");
}

#[test]
fn containers_are_meant_by_their_whole_names() {
    let staged = Staged::with(&[]).program("docker", "/vast_platform_11.0.0.1-41000\trunning\t1\n");
    let verdict = look(&staged, "containers");
    assert_eq!(verdict.level, Level::Fail);
    assert!(verdict.value.contains("vast_platform_11.0.0.1-4100 not there"), "{}", verdict.value);
    assert_eq!(look(&Staged::with(&[]), "containers").level, Level::Skip);
    let staged =
        Staged::with(&[]).program("docker", "vastdata.registry.local:5000/dev/orion:release-5-4-0-2043819\n");
    assert_eq!(look(&staged, "image").level, Level::Pass);
}

#[test]
fn the_clock_is_asked_of_whoever_keeps_it() {
    let chrony = |leap: &'static str| Staged::with(&[]).program("chronyc", leap);
    assert_eq!(look(&chrony("A,1,2,Normal\n"), "time-sync").level, Level::Pass);
    assert_eq!(look(&chrony("A,1,2,Not synchronised\n"), "time-sync").level, Level::Warn);
    assert_eq!(
        look(&Staged::with(&[("/run/systemd/timesync/synchronized", "")]), "time-sync").level,
        Level::Pass
    );
    assert_eq!(look(&Staged::with(&[]), "time-sync").level, Level::Warn);
}

#[test]
fn what_others_may_read_is_no_place_for_credentials() {
    use std::os::unix::fs::PermissionsExt;
    let mut staged = Staged::with(&[("/secret", "admin:x\n")]).program("curl", "[]");
    let credentials = staged.path("/secret");
    staged.settings.vms = Some(loopshim_core::config::host::Vms {
        url: "https://v".into(),
        credentials: credentials.clone(),
        verify_tls: true,
    });
    std::fs::set_permissions(&credentials, PermissionsExt::from_mode(0o644)).expect("a mode");
    assert!(look(&staged, "vms").value.contains("may be read by others"));
    assert!(staged.calls.borrow().is_empty(), "nothing was asked");
    std::fs::set_permissions(&credentials, PermissionsExt::from_mode(0o600)).expect("a mode");
    assert_eq!(look(&staged, "vms").level, Level::Fail, "no nodes at all");
    assert!(staged.calls.borrow().iter().all(|call| call == "curl --config -"), "credentials in arguments");
}

/// A running process with these limits of open files.
fn process(staged: &Staged, pid: u32, name: &str, limit: &str) {
    staged.write(&format!("/proc/{pid}/comm"), &format!("{name}\n"));
    let text = format!("Max open files            {limit}               {limit}               files     \n");
    staged.write(&format!("/proc/{pid}/limits"), &text);
}

#[test]
fn limits_of_services_and_containers_are_those_of_their_processes() {
    let staged = Staged::with(&[]).program("docker", "/vms\trunning\t300\n");
    assert_eq!(look(&staged, "limits-running").level, Level::Skip);
    process(&staged, 100, "sshd", "1024");
    process(&staged, 200, "dockerd", "1048576");
    process(&staged, 300, "nginx", "1024");
    let verdict = look(&staged, "limits-running");
    assert_eq!(verdict.level, Level::Warn);
    assert_eq!(verdict.value, "sshd 1024/1024, dockerd 1048576/1048576, vms 1024/1024");
    let advice = verdict.advice.expect("what to do");
    assert!(advice.starts_with("vms: raise LimitNOFILE"), "sessions of sshd have PAM's: {advice}");
    process(&staged, 300, "nginx", "1048576");
    assert_eq!(look(&staged, "limits-running").level, Level::Pass);
}

#[test]
fn swap_is_told_and_never_a_failure() {
    for kb in [0_u64, 4_194_304, 67_108_864] {
        let memory = format!("MemTotal: 134217728 kB\nMemAvailable: 1 kB\nSwapTotal: {kb} kB\n");
        let verdict = look(&Staged::with(&[("/proc/meminfo", &memory)]), "swap");
        assert_ne!(verdict.level, Level::Fail, "{}", verdict.value);
        assert!(!verdict.value.is_empty());
    }
}

#[test]
fn the_file_table_is_the_kernels_own_count() {
    let level = |used: &str| {
        let staged = Staged::with(&[("/proc/sys/fs/file-nr", &format!("{used}\t0\t1000\n"))]);
        look(&staged, "open-files").level
    };
    assert_eq!((level("499"), level("501")), (Level::Pass, Level::Warn));
}
