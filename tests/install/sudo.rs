//! The main job as the first user's activation types it: through a real sudo,
//! which looks for commands along its own secure_path only.

use std::fs;
use std::path::{Path, PathBuf};

use super::machine::Machine;
use super::staged::install;
use crate::support::skip::skip;

/// Debian's sudo, unpacked by `tests/run` and never installed here.
fn unpacked() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("LOOPSHIM_ORIGINALS")?).join("sudo");
    folder.join("usr/bin/sudo").exists().then_some(folder)
}

/// Puts sudo on a machine; root and an ordinary user may run anything by it.
fn put_sudo_on(machine: &Machine, package: &Path) {
    let libraries = package.join("usr/libexec/sudo");
    machine.folder("/usr/libexec/sudo");
    for entry in fs::read_dir(&libraries).expect("sudo's libraries") {
        let path = entry.expect("a library").path();
        let name = path.file_name().expect("a name").to_str().expect("in UTF-8");
        machine.copy_dynamic(&path, &format!("/usr/libexec/sudo/{name}"));
    }
    machine.copy_dynamic(&package.join("usr/bin/sudo"), "/usr/bin/sudo");
    let sudo = fs::read(package.join("usr/bin/sudo")).expect("sudo");
    machine.write("/usr/bin/sudo", 0o4755, &sudo);
    machine.folder("/etc/pam.d");
    let permit = Path::new("/lib/x86_64-linux-gnu/security/pam_permit.so");
    machine.folder("/lib/x86_64-linux-gnu/security");
    machine.copy_dynamic(permit, permit.to_str().expect("in UTF-8"));
    let pam = ["auth", "account", "session"].map(|kind| format!("{kind} required pam_permit.so\n")).concat();
    machine.write("/etc/pam.d/sudo", 0o644, pam.as_bytes());
    machine.write("/etc/passwd", 0o644, b"root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n");
    machine.write("/etc/group", 0o644, b"root:x:0:\nuser:x:1000:\n");
    machine.write("/etc/hosts", 0o644, b"127.0.0.1 localhost\n");
    machine.write("/etc/nsswitch.conf", 0o644, b"passwd: files\ngroup: files\nhosts: files\n");
    let rules = "Defaults secure_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n\
        ALL ALL=(ALL) NOPASSWD: ALL\n";
    machine.write("/etc/sudoers", 0o440, rules.as_bytes());
}

#[test]
fn the_main_job_is_done_through_sudo() {
    let Some(package) = unpacked() else { return skip("ipmitool by a real sudo", "tests/run") };
    let Some(machine) = Machine::of_debian() else { return };
    put_sudo_on(&machine, &package);
    install(&machine.path("/"), &["--only", "ipmitool"]).ok();
    let job = "sudo ipmitool fru print 0 2>/dev/null | grep 'Board Mfg'";
    let expected =
        " Board Mfg Date        : Mon Jan  1 00:00:00 2024\n Board Mfg             : VAST Data Loopback\n";
    assert_eq!(machine.sh(job).ok().stdout, expected);
    // Whatever the caller's PATH holds: it is the one at /usr/bin that answers.
    let elsewhere = format!(
        "mkdir -p /tmp/own && printf '#!/bin/sh\\n' >/tmp/own/ipmitool && chmod 755 /tmp/own/ipmitool\n\
        PATH=/tmp/own:$PATH\n{job}"
    );
    assert_eq!(machine.sh_as_user(&elsewhere).ok().stdout, expected);
}
