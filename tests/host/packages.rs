//! `apply --packages` with a real apt, from a repository of our own: packages
//! of the names that are wanted, each with the file by which it is known.

use std::fs;
use std::process::Command;

use super::{From, Patient, patients};
use crate::install::machine::{find_program, run};
use crate::support::skip::skip;

/// Package, and what it brings.
const PACKAGES: [(&str, &str); 7] = [
    ("python3-dev", "/usr/include/python3.6/Python.h"),
    ("gcc", "/usr/bin/gcc"),
    ("rsync", "/usr/bin/rsync"),
    ("pv", "/usr/bin/pv"),
    ("jq", "/usr/bin/jq"),
    ("tmux", "/usr/bin/tmux"),
    ("htop", "/usr/bin/htop"),
];
/// What package managers keep for themselves.
const BOOKS: [&str; 3] = ["var/lib/apt", "var/cache/apt", "var/lib/dpkg"];

/// A Debian-like machine with apt, and a repository in /src/repository.
fn with_apt() -> Option<Patient> {
    let (_, patient) = patients().find(|(name, _)| name == "Debian-like, Within")?;
    let (Some(apt), Some(sha256sum)) = (find_program("apt-get"), find_program("sha256sum")) else {
        skip("packages by a real apt", "apt-get");
        return None;
    };
    let machine = &patient.machine;
    machine.copy_dynamic(&apt, "/usr/bin/apt-get");
    machine.folder("/usr/lib/apt/methods");
    for method in ["file", "copy", "store"] {
        let path = format!("/usr/lib/apt/methods/{method}");
        machine.copy_dynamic(path.as_ref(), &path);
    }
    for folder in
        ["/etc/apt", "/var/lib/apt/lists/partial", "/var/cache/apt/archives/partial", "/src/repository"]
    {
        machine.folder(folder);
    }
    for table in ["cputable", "ostable", "tupletable"] {
        let path = format!("/usr/share/dpkg/{table}");
        machine.folder("/usr/share/dpkg");
        machine.write(&path, 0o644, &fs::read(&path).expect("a table of dpkg's"));
    }
    machine.write("/etc/apt/sources.list", 0o644, b"deb [trusted=yes] file:/src/repository ./\n");
    let settings = "APT::Sandbox::User \"root\";\nDPkg::Use-Pty \"0\";\nDPkg::Options { \"--force-script-chrootless\"; };\n";
    machine.write("/etc/apt/apt.conf", 0o644, settings.as_bytes());
    let mut list = String::new();
    for (package, file) in PACKAGES {
        let control = format!(
            "Package: {package}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: a stand-in\n"
        );
        let folder = format!("/src/packages/{package}");
        machine.folder(&format!("{folder}/DEBIAN"));
        machine.folder(&format!("{folder}{}", file.rsplit_once('/').expect("a folder").0));
        machine.write(&format!("{folder}/DEBIAN/control"), 0o644, control.as_bytes());
        machine.write(&format!("{folder}{file}"), 0o755, b"");
        machine.sh(&format!("dpkg-deb -Zgzip --build {folder} /src/repository/{package}.deb")).ok();
        let deb = machine.path(&format!("/src/repository/{package}.deb"));
        let sum = run(Command::new(&sha256sum).arg(&deb)).ok().stdout;
        let (sum, size) = (&sum[..64], fs::metadata(&deb).expect("the package").len());
        list += &format!("{control}Filename: ./{package}.deb\nSize: {size}\nSHA256: {sum}\n\n");
    }
    machine.write("/src/repository/Packages", 0o644, list.as_bytes());
    Some(patient)
}

#[test]
fn apt_installs_what_is_missing_and_it_is_taken_back() {
    let Some(patient) = with_apt() else { return };
    assert_eq!(patient.from, From::Within);
    let snapshot = || patient.snapshot().without(&BOOKS);
    let before = snapshot();
    let told = patient.loopshim("apply --only packages").ok().stdout;
    assert!(told.contains("by hand: apt-get install python3-dev gcc rsync pv jq tmux htop"), "{told}");
    snapshot().assert_is(&before, "without --packages");

    let told = patient.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains("[2/2] run apt-get -y "), "{told}");
    for (package, file) in PACKAGES {
        assert!(patient.machine.path(file).exists(), "{package}");
    }
    let told = patient.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains("Nothing to change."), "{told}");
    patient.loopshim("undo").ok();
    snapshot().assert_is(&before, "taken back");

    // A package that is not to be had is said, and nothing is half-installed.
    let list = patient.machine.path("/src/repository/Packages");
    let text = fs::read_to_string(&list).expect("the list").replace("Package: htop", "Package: another");
    fs::write(&list, text).expect("the list");
    let done = patient.loopshim("apply --only packages --packages");
    assert_eq!(done.status, 1, "{}", done.stdout);
    assert!(done.stderr.contains("Unable to locate package htop"), "{}", done.stderr);
    patient.loopshim("undo --all").ok();
    snapshot().assert_is(&before, "refused");
}

#[test]
fn a_kill_while_apt_is_used_is_completed_or_taken_back() {
    let Some(patient) = with_apt() else { return };
    let snapshot = || patient.snapshot().without(&BOOKS);
    let before = snapshot();
    for operations in 1.. {
        let killed =
            patient.stopped_after("apply --only packages --packages", Some(operations)).status == 137;
        if killed && operations % 2 == 0 {
            patient.loopshim("apply --only packages --packages").ok();
            assert!(patient.machine.path("/usr/bin/htop").exists(), "killed after {operations}, completed");
        }
        patient.loopshim("undo --all").ok();
        snapshot().assert_is(&before, &format!("killed after {operations}"));
        if !killed {
            assert!(operations > 5, "only {operations} operations");
            break;
        }
    }
}
