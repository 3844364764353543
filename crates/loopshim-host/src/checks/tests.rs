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
