//! With apt.

use std::fs;
use std::process::Command;

use super::super::{From, patients};
use super::{KILL, Managed};
use crate::install::machine::{find_program, run};
use crate::support::skip::skip;

/// Package, what it brings, and more lines about it. The second part is what comes
/// along; `plugin` needs what brought it, as annobin needs gcc.
const PACKAGES: [(&str, &str, &str); 11] = [
    ("python3-dev", "/usr/include/python3.6/Python.h", ""),
    ("gcc", "/usr/bin/gcc", "Depends: cpp, plugin\n"),
    ("rsync", "/usr/bin/rsync", ""),
    ("pv", "/usr/bin/pv", ""),
    ("jq", "/usr/bin/jq", ""),
    ("tmux", "/usr/bin/tmux", ""),
    ("htop", "/usr/bin/htop", ""),
    ("cpp", "/usr/bin/cpp", ""),
    ("plugin", "/usr/bin/plugin", "Depends: gcc\n"),
    ("usergcc", "/usr/bin/usergcc", "Depends: gcc | clang\n"),
    ("usercpp", "/usr/bin/usercpp", "Pre-Depends: cpp (>= 1)\n"),
];

/// What package managers keep for themselves.
const BOOKS: [&str; 3] = ["var/lib/apt", "var/cache/apt", "var/lib/dpkg"];

/// A Debian-like machine with apt, and a repository in /src/repository. Of one
/// package the installation is killed in this script.
fn with_apt(killing: Option<&str>) -> Option<Managed> {
    let (_, patient) = patients().find(|(name, _)| name == "Debian-like, Within")?;
    assert_eq!(patient.from, From::Within);
    let (Some(apt), Some(mark), Some(sha256sum)) =
        (find_program("apt-get"), find_program("apt-mark"), find_program("sha256sum"))
    else {
        skip("packages by a real apt", "apt-get");
        return None;
    };
    let machine = &patient.machine;
    machine.copy_dynamic(&apt, "/usr/bin/apt-get");
    machine.copy_dynamic(&mark, "/usr/bin/apt-mark");
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
    for (package, file, more) in PACKAGES {
        let control = format!(
            "Package: {package}\nVersion: 1\nArchitecture: all\n{more}Maintainer: nobody <nobody@localhost>\nDescription: a stand-in\n"
        );
        let folder = format!("/src/packages/{package}");
        machine.folder(&format!("{folder}/DEBIAN"));
        machine.folder(&format!("{folder}{}", file.rsplit_once('/').expect("a folder").0));
        machine.write(&format!("{folder}/DEBIAN/control"), 0o644, control.as_bytes());
        machine.write(&format!("{folder}{file}"), 0o755, b"");
        if package == "rsync" {
            machine.folder(&format!("{folder}/etc/default"));
            machine.write(&format!("{folder}/etc/default/rsync"), 0o644, b"RSYNC_ENABLE=false\n");
            machine.write(&format!("{folder}/DEBIAN/conffiles"), 0o644, b"/etc/default/rsync\n");
        }
        if let Some(script) = killing.filter(|_| package == "jq") {
            machine.write(
                &format!("{folder}/DEBIAN/{script}"),
                0o755,
                format!("#!/bin/sh\n{KILL}\n").as_bytes(),
            );
        }
        machine.sh(&format!("dpkg-deb -Zgzip --build {folder} /src/repository/{package}.deb")).ok();
        let deb = machine.path(&format!("/src/repository/{package}.deb"));
        let sum = run(Command::new(&sha256sum).arg(&deb)).ok().stdout;
        let (sum, size) = (&sum[..64], fs::metadata(&deb).expect("the package").len());
        list += &format!("{control}Filename: ./{package}.deb\nSize: {size}\nSHA256: {sum}\n\n");
    }
    machine.write("/src/repository/Packages", 0o644, list.as_bytes());
    Some(Managed { patient, books: &BOOKS })
}

const INSTALL: &str = "dpkg -i /src/repository/";

#[test]
fn apt_installs_what_is_missing_and_it_is_taken_back() {
    let Some(managed) = with_apt(None) else { return };
    let before = managed.snapshot();
    let told = managed.loopshim("apply --only packages").ok().stdout;
    assert!(told.contains("by hand: apt-get install python3-dev gcc rsync pv jq tmux htop"), "{told}");
    managed.snapshot().assert_is(&before, "without --packages");

    let told = managed.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains("[2/2] run apt-get -y "), "{told}");
    for (package, file, _) in &PACKAGES[..9] {
        assert!(managed.has(file), "{package}");
    }
    let told = managed.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains("Nothing to change."), "{told}");
    managed.loopshim("undo").ok();
    managed.snapshot().assert_is(&before, "taken back");

    // A package that is not to be had is said, and nothing is half-installed.
    let list = managed.patient.machine.path("/src/repository/Packages");
    let text = fs::read_to_string(&list).expect("the list").replace("Package: htop", "Package: another");
    fs::write(&list, text).expect("the list");
    let done = managed.loopshim("apply --only packages --packages");
    assert_eq!(done.status, 1, "{}", done.stdout);
    assert!(done.stderr.contains("Unable to locate package htop"), "{}", done.stderr);
    managed.loopshim("undo --all").ok();
    managed.snapshot().assert_is(&before, "refused");
}

#[test]
fn nothing_of_others_goes_with_what_apt_installed() {
    let Some(managed) = with_apt(None) else { return };
    let before = managed.snapshot();
    let told = "usergcc needs it by now; to take it back, first apt-get remove usergcc";
    managed.refuses_while_needed(&before, &format!("{INSTALL}usergcc.deb"), "dpkg --remove usergcc", told);
    let remove = "dpkg --remove usercpp && dpkg --purge cpp";
    managed.keeps_what_came_along_and_is_needed(&before, &format!("{INSTALL}usercpp.deb"), remove);
}

/// Of a package that was removed, its configuration was there before.
#[test]
fn configuration_that_was_there_before_stays() {
    let Some(managed) = with_apt(None) else { return };
    managed.patient.machine.sh(&format!("{INSTALL}rsync.deb && dpkg --remove rsync")).ok();
    let before = managed.snapshot();
    assert!(managed.has("/etc/default/rsync"));
    managed.loopshim("apply --only packages --packages").ok();
    managed.loopshim("undo").ok();
    managed.snapshot().assert_is(&before, "taken back");
}

#[test]
fn a_kill_while_apt_is_used_is_completed_or_taken_back() {
    let Some(managed) = with_apt(None) else { return };
    let before = managed.snapshot();
    managed.survives_kills_at_each_step(&before);
}

/// Killed with dpkg in the midst of a package: while it unpacks it, and while it configures it.
#[test]
fn a_kill_of_dpkg_is_completed_or_taken_back() {
    for script in ["preinst", "postinst"] {
        let Some(managed) = with_apt(Some(script)) else { return };
        managed.survives_a_kill_of_the_manager(script);
    }
}
