//! Package managers at work beside install.sh.

use super::machine::Machine;
use super::{FIRST, answer, kept_answer, status};

/// Builds a package `ipmitool` whose program answers `answer`, by the machine's dpkg-deb.
fn build_package(machine: &Machine, version: &str, answer: &str) {
    let folder = format!("/src/package-{version}");
    machine.folder(&format!("{folder}/DEBIAN"));
    machine.folder(&format!("{folder}/usr/bin"));
    let control = format!(
        "Package: ipmitool\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: a stand-in for the original\n"
    );
    machine.write(&format!("{folder}/DEBIAN/control"), 0o644, control.as_bytes());
    machine.write(
        &format!("{folder}/usr/bin/ipmitool"),
        0o755,
        format!("#!/bin/sh\necho {answer}\n").as_bytes(),
    );
    machine.sh(&format!("dpkg-deb -Zgzip --build {folder} /src/ipmitool-{version}.deb")).ok();
}

fn dpkg_install(machine: &Machine, version: &str) {
    machine.sh(&format!("dpkg --force-script-chrootless -i /src/ipmitool-{version}.deb")).ok();
}

#[test]
fn dpkg_unpacks_beside_the_shim_whenever_it_comes() {
    let Some(machine) = Machine::of_debian() else { return };
    build_package(&machine, "1", "one");
    build_package(&machine, "2", "two");
    machine.install("--binaries /src/sets/v1").ok();
    dpkg_install(&machine, "1");
    assert_eq!(answer(&machine), FIRST, "the package came later and took nothing");
    assert_eq!(kept_answer(&machine), "one");
    dpkg_install(&machine, "2");
    assert_eq!((answer(&machine).as_str(), kept_answer(&machine).as_str()), (FIRST, "two"));
    assert_eq!(status(&machine), (0, "installed".to_owned()));

    let installed = machine.snapshot();
    machine.install("--binaries /src/sets/v1").ok();
    machine.snapshot().assert_is(&installed, "run again after the package came");
    machine.install("--uninstall").ok();
    assert_eq!(answer(&machine), "two");
    assert_eq!(machine.sh("dpkg -V ipmitool").ok().stdout, "", "dpkg finds its files as it left them");
    machine.sh("dpkg --force-script-chrootless -r ipmitool").ok();
    assert!(!machine.path("/usr/bin/ipmitool").exists());
}

#[test]
fn dpkg_removes_the_original_and_the_shim_stays() {
    let Some(machine) = Machine::of_debian() else { return };
    build_package(&machine, "1", "one");
    dpkg_install(&machine, "1");
    machine.install("--binaries /src/sets/v1").ok();
    machine.sh("dpkg --force-script-chrootless -r ipmitool").ok();
    assert_eq!(answer(&machine), FIRST);
    assert!(!machine.path("/usr/bin/ipmitool.real").exists());
    machine.install("--uninstall").ok();
    assert!(!machine.path("/usr/bin/ipmitool").exists());
    assert_eq!(machine.sh("dpkg-divert --list").ok().stdout, "");
}

#[test]
fn a_lost_diversion_is_told_and_mended() {
    let Some(machine) = Machine::of_debian() else { return };
    machine.write_original("/usr/bin/ipmitool", "one");
    machine.install("--binaries /src/sets/v1").ok();
    machine.sh("dpkg-divert --no-rename --remove /usr/bin/ipmitool").ok();
    assert_eq!(status(&machine), (4, "undiverted".to_owned()));
    machine.install("--binaries /src/sets/v1").ok();
    assert_eq!(status(&machine), (0, "installed".to_owned()));
}

#[test]
fn a_foreign_diversion_is_respected() {
    let Some(machine) = Machine::of_debian() else { return };
    machine.write_original("/usr/bin/ipmitool", "one");
    machine.sh("dpkg-divert --no-rename --divert /opt/ipmitool --add /usr/bin/ipmitool").ok();
    let before = machine.snapshot();
    machine.install("--binaries /src/sets/v1").one_line(1, "already diverted to /opt/ipmitool");
    machine.snapshot().assert_is(&before, "a foreign diversion");
}

#[test]
fn rpm_overwrites_the_shim_and_a_rerun_mends_it() {
    let Some(machine) = Machine::of_rpm() else { return };
    let told = machine.install("--binaries /src/sets/v1").ok().stdout;
    assert!(told.contains("an update of its package will put the original back"), "{told}");
    machine.write("/owned", 0o644, b"/usr/bin/ipmitool\n");
    machine.sh("rm /usr/bin/ipmitool").ok();
    machine.write_original("/usr/bin/ipmitool", "one");
    assert_eq!(status(&machine), (4, "overwritten".to_owned()), "the original appeared later");
    machine.install("--binaries /src/sets/v1").ok();
    assert_eq!((answer(&machine).as_str(), kept_answer(&machine).as_str()), (FIRST, "one"));

    machine.sh("rm /usr/bin/ipmitool").ok();
    machine.write_original("/usr/bin/ipmitool", "two");
    let updated = machine.snapshot();
    machine.install("--binaries /src/sets/v1").ok();
    assert_eq!(kept_answer(&machine), "two", "the update's program is the original now");
    machine.install("--uninstall").ok();
    assert_eq!(answer(&machine), "two");
    assert!(!machine.path("/usr/bin/ipmitool.real").exists());
    drop(updated);
}

/// Overwritten by a hand rather than a package: neither file is lost.
#[test]
fn what_no_package_vouches_for_is_kept_under_a_name_of_its_own() {
    for machine in [Machine::of_busybox(), Machine::of_rpm(), Machine::of_debian()].into_iter().flatten() {
        machine.write_original("/usr/bin/ipmitool", "one");
        machine.install("--binaries /src/sets/v1").ok();
        machine.sh("rm /usr/bin/ipmitool").ok();
        machine.write_original("/usr/bin/ipmitool", "two");
        let told = machine.install("--binaries /src/sets/v1").ok().stdout;
        assert!(told.contains("left, not loopshim's: /usr/bin/ipmitool.real.1"), "{told}");
        assert_eq!(answer(&machine), FIRST);
        let mut both =
            [kept_answer(&machine), machine.sh("/usr/bin/ipmitool.real.1").ok().stdout.trim().to_owned()];
        both.sort();
        assert_eq!(both, ["one", "two"]);
        machine.install("--uninstall").ok();
        assert!(machine.path("/usr/bin/ipmitool.real.1").exists(), "what is not ours stays");
    }
}
