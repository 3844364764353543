//! What cannot be done is said in one line, and nothing is half-done.

use super::machine::{Machine, find_program};
use super::{FIRST, answer, assert_untouched, programs};

/// Where an ELF header names the machine.
const ELF_MACHINE: usize = 18;
/// AArch64's number there.
const AARCH64: [u8; 2] = [183, 0];

#[test]
fn programs_that_would_not_run_here_are_refused() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.write_original("/usr/bin/ipmitool", "one");
    machine.folder("/src/bad");
    let good = programs::folder().join("v1/ipmitool");
    let unmarked = {
        let mut bytes = std::fs::read(&good).expect("a program");
        let marker = loopshim_core::marker::MARKER.as_bytes();
        let at = bytes.windows(marker.len()).position(|window| window == marker).expect("the marker");
        bytes[at] = b'X';
        bytes
    };
    let dynamic = find_program("true").map(|program| std::fs::read(program).expect("a program"));
    let cases = [
        (programs::patched(&good, ELF_MACHINE, &AARCH64), "for another architecture (ELF machine 183)"),
        (unmarked, "does not carry loopshim's mark as ipmitool"),
        (b"#!/bin/sh\n".to_vec(), "is not an ELF program"),
        (Vec::new(), "is not an ELF program"),
        (dynamic.expect("/usr/bin/true"), "is not static"),
    ];
    let before = machine.snapshot();
    for (bytes, words) in cases {
        machine.write("/src/bad/ipmitool", 0o755, &bytes);
        machine.install("--binaries /src/bad").one_line(1, words);
        assert_untouched(&machine, &before, words);
    }
}

#[test]
fn another_processor_is_refused() {
    let Some(machine) = Machine::of_debian() else { return };
    machine.write("/bin/uname", 0o755, b"#!/bin/sh\necho aarch64\n");
    let before = machine.snapshot();
    machine.install("--binaries /src/sets/v1").one_line(1, "this machine is aarch64");
    assert_untouched(&machine, &before, "another processor");
}

#[test]
fn without_cargo_it_says_so() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.folder("/src/shims");
    machine.write("/src/shims/ipmitool.rs", 0o644, b"");
    let before = machine.snapshot();
    machine.install("").one_line(1, "no cargo here");
    machine.install("--only pip3").one_line(1, "no pip3 here: this loopshim has ipmitool");
    machine.install("--binaries /nowhere").one_line(1, "/nowhere is not a folder");
    machine.install("--binaries /etc").one_line(1, "/etc holds none of loopshim's programs");
    assert_untouched(&machine, &before, "nothing to install");
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let Some(machine) = Machine::of_busybox() else { return };
    let before = machine.snapshot();
    for (options, words) in [
        ("--frob", "unknown option '--frob'"),
        ("--only ipmitol", "unknown program 'ipmitol'"),
        ("--only", "--only needs a value"),
        ("--prefix /a --root /b", "exclude each other"),
        ("--prefix /a --host-rsync", "not with --prefix"),
    ] {
        machine.install(options).one_line(2, words);
    }
    let help = machine.install("--help").ok().stdout;
    for option in
        ["--only", "--root", "--prefix", "--binaries", "--status", "--uninstall", "--dry-run", "--host-rsync"]
    {
        assert!(help.contains(option), "{option} is not in the help");
    }
    assert_untouched(&machine, &before, "wrong usage");
}

#[test]
fn a_read_only_target_is_left_alone() {
    for machine in [Machine::of_busybox(), Machine::of_debian()].into_iter().flatten() {
        machine.write_original("/usr/bin/ipmitool", "one");
        let before = machine.snapshot();
        for folder in ["/usr", "/var"] {
            let mounts = format!(
                "mount --bind \"$1{folder}\" \"$1{folder}\"; mount -o remount,ro,bind \"$1{folder}\""
            );
            let done = machine.sh_with_mounts(&mounts, "/src/install.sh --binaries /src/sets/v1");
            done.one_line(1, "ead-only");
            assert_untouched(&machine, &before, folder);
        }
        machine.sh_as_user("/src/install.sh --binaries /src/sets/v1 --root /").one_line(1, "cannot write to");
    }
}

/// The target has no room: /usr/bin is a file system smaller than the shim,
/// or /var/lib one that is full.
#[test]
fn a_full_target_is_left_as_it_was() {
    let Some(machine) = Machine::of_busybox() else { return };
    for (folder, size, fill) in [("/usr/bin", "128k", "true"), ("/var/lib", "4k", "yes >/var/lib/full")] {
        let mounts = format!("mount -t tmpfs -o size={size} none \"$1{folder}\"");
        let script = format!(
            "{fill} 2>/dev/null; find /usr /var >/tmp/before
             /src/install.sh --binaries /src/sets/v1 >/dev/null 2>/tmp/told; status=$?
             find /usr /var >/tmp/after; cmp /tmp/before /tmp/after >&2; cat /tmp/told >&2; exit $status"
        );
        machine.sh_with_mounts(&mounts, &script).one_line(1, "No space left on device");
    }
}

#[test]
fn links_we_did_not_make_are_not_followed() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.folder("/elsewhere");
    std::os::unix::fs::symlink("/elsewhere", machine.path("/var/lib/loopshim")).expect("a link");
    let before = machine.snapshot();
    machine.install("--binaries /src/sets/v1").one_line(1, "symbolic link");
    assert_untouched(&machine, &before, "a planted state folder");
    machine.sh("rm /var/lib/loopshim; mkdir /var/lib/loopshim; echo kept >/etc/precious").ok();
    for planted in
        ["/usr/bin/.ipmitool.loopshim-new", "/var/lib/loopshim/originals", "/var/lib/loopshim/originals.new"]
    {
        std::os::unix::fs::symlink("/etc/precious", machine.path(planted)).expect("a link");
    }
    machine.install("--binaries /src/sets/v1").ok();
    assert_eq!(machine.sh("cat /etc/precious").ok().stdout, "kept\n");
    assert_eq!(answer(&machine), FIRST);
}

#[test]
fn a_folder_in_the_way_is_refused() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.folder("/usr/bin/ipmitool");
    let before = machine.snapshot();
    machine.install("--binaries /src/sets/v1").one_line(1, "is a directory");
    assert_untouched(&machine, &before, "a folder in the way");
}
