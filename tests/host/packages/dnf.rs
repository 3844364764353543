//! With dnf: that of this distribution, on a machine that says it is Rocky
//! Linux 8, with what it needs to run copied from here.

use std::fs;
use std::process::Command;

use super::super::patients;
use super::{KILL, Managed};
use crate::install::machine::{find_program, run};
use crate::support::skip::skip;

/// Package, what it brings, and more lines about it, as with apt. Of EL8 is that
/// a package of another name provides `python3-devel`.
const PACKAGES: [(&str, &str, &str); 12] = [
    ("python36-devel", "/usr/include/python3.6m/Python.h", "Provides: python3-devel\n"),
    ("gcc", "/usr/bin/gcc", "Requires: cpp plugin\n"),
    ("rsync", "/usr/bin/rsync", ""),
    ("pv", "/usr/bin/pv", ""),
    ("jq", "/usr/bin/jq", ""),
    ("tmux", "/usr/bin/tmux", ""),
    ("htop", "/usr/bin/htop", ""),
    ("cpp", "/usr/bin/cpp", ""),
    ("plugin", "/usr/bin/plugin", "Requires: gcc\n"),
    ("shell", "/usr/share/shell", "Provides: /bin/sh\n"),
    ("usergcc", "/usr/bin/usergcc", "Requires: gcc\n"),
    ("usercpp", "/usr/bin/usercpp", "Requires: cpp >= 1\n"),
];
/// What package managers keep for themselves, and leave when they are killed.
const BOOKS: [&str; 5] = ["var/lib/rpm", "var/lib/dnf", "var/cache", "tmp", "var/tmp"];
/// All that dnf and rpm are made of, by this machine's books.
const NEEDED: &str = "apt-cache depends --recurse --installed --no-recommends --no-suggests --no-enhances \
    --no-conflicts --no-breaks --no-replaces dnf rpm | grep '^[a-z0-9]' | sort -u | xargs dpkg -L 2>/dev/null | \
    sort -u | grep -Ev '^/usr/share/(doc|man|locale)/|^/(etc/passwd|usr/bin/python3)$' | \
    while read -r path; do [ ! -d \"$path\" ] && printf '%s\\n' \"$path\"; done | tar -C / -c -T - | tar -C \"$1\" -x";

/// An RPM-like machine with dnf, and a repository in /src/repository. Of one
/// package the installation is killed in this script.
fn with_dnf(killing: Option<&str>) -> Option<Managed> {
    let programs = ["dnf", "rpmbuild", "createrepo_c"].map(find_program);
    let (_, patient) = patients().find(|(name, _)| name == "RPM-like, Within")?;
    if programs.iter().any(Option::is_none) {
        skip("packages by a real dnf", "dnf, rpm and createrepo-c");
        return None;
    }
    let machine = &patient.machine;
    fs::remove_file(machine.path("/bin/rpm")).expect("the one that is none");
    run(Command::new("sh").args(["-ec", NEEDED, "sh"]).arg(machine.path("/"))).ok();
    // The machine's own python3 is an empty 3.6, as far as it is looked at.
    let python = fs::canonicalize("/usr/bin/python3").expect("dnf's Python");
    let dnf = fs::canonicalize("/usr/bin/dnf").expect("a program");
    machine.sh(&format!("sed -i '1s,.*,#!{} -B,' {}", python.display(), dnf.display())).ok();
    for folder in
        ["/etc/yum.repos.d", "/src/repository", "/var/log", "/etc/rpm", "/var/lib/dnf", "/var/cache"]
    {
        machine.folder(folder);
    }
    // Debian has it in the home directory.
    machine.write("/etc/rpm/macros", 0o644, b"%_dbpath /var/lib/rpm\n");
    machine.write("/etc/dnf/dnf.conf", 0o644, b"[main]\ngpgcheck=0\nplugins=0\n");
    for (package, file, more) in PACKAGES {
        let script = match killing.filter(|_| package == "jq") {
            Some(script) => format!("%{script} -p /bin/sh\n{KILL}\n"),
            None => String::new(),
        };
        let spec = format!(
            "Name: {package}\nVersion: 1\nRelease: 1\nSummary: a stand-in\nLicense: none\nBuildArch: noarch\n{more}\
             %description\n\n%install\ninstall -D /dev/null %{{buildroot}}{file}\n{script}%files\n{file}\n"
        );
        machine.write(&format!("/src/{package}.spec"), 0o644, spec.as_bytes());
        let mut build = Command::new("rpmbuild");
        build.args(["-bb", "--quiet"]);
        // What is not given a place goes below the top, which it makes.
        for (folder, place) in [
            ("_topdir", "/src/top"),
            ("_rpmdir", "/src/repository"),
            ("_builddir", "/src"),
            ("buildroot", "/src/built"),
        ] {
            build.args(["--define", &format!("{folder} {}", machine.path(place).display())]);
        }
        run(build.arg(machine.path(&format!("/src/{package}.spec")))).ok();
    }
    run(Command::new("createrepo_c").arg(machine.path("/src/repository"))).ok();
    // With the same packages as the distribution's and as EPEL's.
    let repository = "name=x\nbaseurl=file:///src/repository\n";
    machine.write("/etc/yum.repos.d/rocky.repo", 0o644, format!("[appstream]\n{repository}").as_bytes());
    machine.write("/etc/yum.repos.d/epel.repo", 0o644, format!("[epel]\n{repository}").as_bytes());
    // Real packages have their folders, too.
    machine.folder("/usr/include/python3.6m");
    machine.folder("/etc/dnf/modules.d");
    machine.sh("rpm --initdb").ok();
    Some(Managed { patient, books: &BOOKS })
}

const INSTALL: &str = "rpm -i /src/repository/noarch/";

#[test]
fn dnf_installs_what_is_missing_and_it_is_taken_back() {
    let Some(managed) = with_dnf(None) else { return };
    let before = managed.snapshot();
    let names = "python3-devel gcc rsync pv jq tmux htop";
    let told = managed.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains(&format!("[1/1] run dnf -y install {names}\n")), "{told}");
    for (package, file, _) in &PACKAGES[..9] {
        assert!(managed.has(file), "{package}");
    }
    let told = managed.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains("Nothing to change."), "{told}");
    managed.loopshim("undo").ok();
    managed.snapshot().assert_is(&before, "taken back");

    // As Rocky Linux comes: two of them are in EPEL.
    fs::remove_file(managed.patient.machine.path("/etc/yum.repos.d/epel.repo")).expect("a file");
    let without = managed.snapshot();
    let told = managed.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains("run dnf -y install python3-devel gcc rsync jq tmux\n"), "{told}");
    assert!(told.contains("in EPEL, which is not set up here: pv htop; "), "{told}");
    let told = managed.loopshim("apply --only packages --packages").ok().stdout;
    assert!(told.contains("packages: by hand: in EPEL") && told.contains("Nothing to change."), "{told}");
    managed.loopshim("undo").ok();
    managed.snapshot().assert_is(&without, "taken back");
}

#[test]
fn nothing_of_others_goes_with_what_dnf_installed() {
    let Some(managed) = with_dnf(None) else { return };
    let before = managed.snapshot();
    let told = "usergcc needs it by now; to take it back, first dnf remove usergcc";
    let install = format!("{INSTALL}usergcc-1-1.noarch.rpm");
    managed.refuses_while_needed(&before, &install, "rpm -e usergcc", told);
    let install = format!("{INSTALL}usercpp-1-1.noarch.rpm");
    managed.keeps_what_came_along_and_is_needed(&before, &install, "rpm -e usercpp cpp");
}

#[test]
fn a_kill_while_dnf_is_used_is_completed_or_taken_back() {
    let Some(managed) = with_dnf(None) else { return };
    let before = managed.snapshot();
    managed.survives_kills_at_each_step(&before);
}

/// Killed with dnf in the midst of its transaction: before a package's files come, and after.
#[test]
fn a_kill_of_dnf_is_completed_or_taken_back() {
    for script in ["pre", "post"] {
        let Some(managed) = with_dnf(Some(script)) else { return };
        managed.survives_a_kill_of_the_manager(script);
    }
}
