//! Applying and taking back.

use std::fs;
use std::os::unix::fs::symlink;

use super::{From, Patient, patients};

/// The fixes that change files of the machines here.
const FIXES: &str = "sysctl-old,sysctl-fd,limits,shims,sysctl-perf,huge-pages,io-scheduler,pip-leftovers";

/// What `apply` and `plan` are told to do all of it.
fn all(patient: &Patient) -> String {
    format!("--only {FIXES} --binaries {}", patient.binaries())
}

#[test]
fn applied_twice_and_taken_back_leaves_no_trace() {
    for (name, patient) in patients() {
        let all = all(&patient);
        patient.machine.write_original("/usr/bin/pip3", "pip");
        let before = patient.snapshot();
        assert_eq!(patient.loopshim(&format!("plan --detailed-exitcode {all}")).status, 6, "{name}");
        patient.loopshim(&format!("apply --dry-run {all}")).ok();
        patient.snapshot().assert_is(&before, &format!("{name}: a plan changed something"));

        let told = patient.loopshim(&format!("apply {all}")).ok().stdout;
        assert!(told.contains("`loopshim undo 0001` takes it back."), "{name}: {told}");
        let read = |path: &str| fs::read_to_string(patient.machine.path(path)).unwrap_or_default();
        assert!(read("/etc/sysctl.d/99-vast-fd.conf").contains("fs.file-max = 8388608\n"), "{name}");
        assert!(read("/etc/security/limits.d/99-vast.conf").contains("* hard nofile 1048576\n"), "{name}");
        for line in [
            "* soft nofile 1048576",
            "* hard nofile 1048576",
            "root soft nofile 1048576",
            "root hard nofile 1048576",
            "* soft nproc 65535",
            "* hard nproc 65535",
        ] {
            let limits = read("/etc/security/limits.d/99-vast.conf");
            assert!(limits.lines().any(|written| written == line), "{name}: no {line:?} in {limits}");
        }
        let fd = read("/etc/sysctl.d/99-vast-fd.conf");
        assert!(fd.contains("fs.nr_open = 2097152\n"), "{name}: {fd}");
        assert!(fd.contains("fs.inotify.max_user_watches = 524288\n"), "{name}: {fd}");
        let unit = read("/etc/systemd/system/disable-thp.service");
        assert!(unit.contains("echo never >") && unit.contains("WantedBy=basic.target"), "{name}: {unit}");
        let link = "/etc/systemd/system/basic.target.wants/disable-thp.service";
        assert!(patient.machine.path(link).symlink_metadata().is_ok(), "{name}: not at the next start");
        assert!(!patient.machine.path("/etc/sysctl.d/99-vast.conf").exists(), "{name}");
        assert!(!patient.machine.path("/usr/lib/python3.6/site-packages/~onitor_v2").exists(), "{name}");
        assert!(
            patient.machine.path("/usr/lib/python3.6/site-packages/healthy-1.0.dist-info").exists(),
            "{name}"
        );
        let is_live = patient.from == From::Within;
        let value = |path: &str| read(path).trim().to_owned();
        let running = [value("/proc/sys/fs/file-max"), value("/proc/sys/fs/inotify/max_user_instances")];
        let expected = if is_live { ["8388608", "1024"] } else { ["2097152", "1024"] };
        assert_eq!(running, expected, "{name}: running values");
        let switch = value("/sys/kernel/mm/transparent_hugepage/enabled");
        assert_eq!(switch, if is_live { "never" } else { "always" }, "{name}");

        let applied = patient.snapshot();
        let again = patient.loopshim(&format!("apply {all}")).ok().stdout;
        assert!(again.contains("Nothing to change."), "{name}: {again}");
        assert_eq!(patient.loopshim(&format!("plan --detailed-exitcode {all}")).status, 0, "{name}");
        patient.snapshot().assert_is(&applied, &format!("{name}: a second run changed something"));

        patient.loopshim("undo").ok();
        patient.snapshot().assert_is(&before, &format!("{name}: taken back"));
        assert!(patient.loopshim("undo").ok().stdout.contains("Nothing to take back."), "{name}");
    }
}

/// Killed after each durable operation, as by a power cut; then either way out
/// leads to a machine that is all as before or all as meant.
#[test]
fn a_kill_at_any_step_is_completed_or_taken_back() {
    // Each kind once, and each way of looking at it.
    for (name, patient) in
        patients().filter(|(name, _)| ["Debian-like, Outside", "RPM-like, Within"].contains(&name.as_str()))
    {
        patient.machine.write_original("/usr/bin/pip3", "pip");
        let before = patient.snapshot();
        let apply = format!("apply {}", all(&patient));
        patient.loopshim(&apply).ok();
        let applied = patient.snapshot().without(&["var/lib/loopshim"]).undated_below(&["etc", "usr/bin"]);
        patient.loopshim("undo").ok();
        patient.snapshot().assert_is(&before, &name);
        let mut operations = 0;
        loop {
            operations += 1;
            let when = format!("{name}, killed after {operations}");
            if patient.stopped_after(&apply, Some(operations)).status != 137 {
                patient.loopshim("undo").ok();
                break;
            }
            if operations % 2 == 0 {
                patient.loopshim(&apply).ok();
                let completed =
                    patient.snapshot().without(&["var/lib/loopshim"]).undated_below(&["etc", "usr/bin"]);
                completed.assert_is(&applied, &format!("{when}, completed"));
            }
            // Taking back is killed at each step as well, in its turn.
            let mut undone = 0;
            while patient.stopped_after("undo --all", Some(undone % 7 + 1)).status == 137 {
                undone += 1;
                assert!(undone < 500, "{when}: taking back never ends");
            }
            patient.loopshim("undo --all").ok();
            patient.snapshot().assert_is(&before, &format!("{when}, taken back"));
        }
        assert!(operations > 30, "{name}: only {operations} operations");
    }
}

#[test]
fn what_somebody_changed_since_is_left_alone_and_shown() {
    for (name, patient) in patients() {
        let before = patient.snapshot();
        patient.loopshim("apply --only sysctl-old,limits").ok();
        let path = patient.machine.path("/etc/security/limits.d/99-vast.conf");
        let text = fs::read_to_string(&path).expect("the file");
        fs::write(&path, format!("{text}alice hard nofile 7\n")).expect("a change");
        let done = patient.loopshim("undo");
        assert_eq!(done.status, 5, "{name}: {}", done.stderr);
        assert!(done.stdout.contains("+alice hard nofile 7"), "{name}: {}", done.stdout);
        assert!(done.stderr.contains("--force"), "{name}: {}", done.stderr);
        assert!(fs::read_to_string(&path).expect("the file").contains("alice"), "{name}");
        // The rest is back all the same, and stays so.
        assert!(patient.machine.path("/etc/sysctl.d/99-vast.conf").exists(), "{name}");
        patient.loopshim("undo --force").ok();
        patient.snapshot().assert_is(&before, &name);
    }
}

#[test]
fn runs_are_taken_back_one_by_one_or_all() {
    let Some((name, patient)) = patients().next() else { return };
    let before = patient.snapshot();
    for fix in ["limits", "sysctl-fd", "huge-pages"] {
        patient.loopshim(&format!("apply --only {fix}")).ok();
    }
    let listed = patient.loopshim("undo --list --json").ok().stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["runs"].as_array().map(Vec::len), Some(3));
    patient.loopshim("undo 2").ok();
    assert!(!patient.machine.path("/etc/sysctl.d/99-vast-fd.conf").exists());
    patient.loopshim("undo 7").one_line(2, "there are");
    patient.loopshim("undo --all").ok();
    patient.snapshot().assert_is(&before, &name);
}

/// Whoever looks for what went wrong finds it by this list.
#[test]
fn runs_are_listed_by_what_became_of_them() {
    let Some((_, patient)) = patients().find(|(name, _)| name == "RPM-like, Within") else { return };
    patient.machine.write("/usr/bin/dnf", 0o755, b"#!/bin/sh\necho no such package >&2\nexit 1\n");
    patient.loopshim("apply --only sysctl-fd").ok();
    assert_eq!(patient.loopshim("apply --only packages,limits --packages").status, 1);
    assert_eq!(patient.stopped_after("apply --only sysctl-old,huge-pages", Some(6)).status, 137);
    let listed = patient.loopshim("undo --list --json").ok().stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let runs = listed["runs"].as_array().expect("runs");
    let states: Vec<_> = runs.iter().map(|run| (&run["run"], &run["state"])).collect();
    let expected = [("0001", "finished"), ("0002", "failed"), ("0003", "interrupted")]
        .map(|(run, state)| (run.into(), state.into()));
    assert_eq!(states, expected.iter().map(|(run, state)| (run, state)).collect::<Vec<_>>());
    let table = patient.loopshim("undo --list").ok().stdout;
    for (line, state) in table.lines().skip(1).zip(["finished", "failed", "interrupted"]) {
        assert!(line.contains(state), "{table}");
    }
    // Completed, it is as good as any other.
    patient.loopshim("apply --only sysctl-old,huge-pages").ok();
    let table = patient.loopshim("undo --list").ok().stdout;
    assert!(table.lines().last().is_some_and(|line| line.contains("finished")), "{table}");
}

/// A message names the program that failed, and once is enough.
#[test]
fn a_failed_program_is_named_once() {
    let Some((_, patient)) = patients().find(|(name, _)| name == "RPM-like, Within") else { return };
    let failing = b"#!/bin/sh\necho in vain >&2\nexit 3\n";
    patient.machine.write("/usr/bin/systemctl", 0o755, failing);
    let said = |words: &str| patient.loopshim(words).one_line(1, "in vain").stderr;
    assert_eq!(
        said("apply --only huge-pages"),
        "loopshim: huge-pages: cannot run systemctl daemon-reload: in vain (status 3)\n"
    );
    assert_eq!(said("undo"), "loopshim: cannot take back (by systemctl daemon-reload): in vain (status 3)\n");
}

/// Values that are higher already, as systemd sets them, are never lowered.
#[test]
fn nothing_is_lowered() {
    for (name, patient) in patients() {
        let machine = &patient.machine;
        machine.write("/etc/sysctl.d/99-vast.conf", 0o644, b"");
        for (path, value) in [
            ("/proc/sys/fs/nr_open", "1073741816\n"),
            ("/proc/sys/fs/file-max", "9223372036854775807\n"),
            ("/proc/sys/fs/inotify/max_user_watches", "1000000\n"),
            (
                "/etc/security/limits.d/50-more.conf",
                "* hard nofile 2000000\nroot - nofile 1500000\n* soft nproc unlimited\n",
            ),
        ] {
            machine.write(path, 0o644, value.as_bytes());
        }
        machine.folder("/usr/lib/systemd");
        machine.write("/usr/lib/systemd/libsystemd-shared-252.so", 0o644, b"");
        patient.loopshim("apply --label required,workaround,optional").ok();
        let read = |path: &str| fs::read_to_string(machine.path(path)).unwrap_or_default();
        assert_eq!(read("/proc/sys/fs/nr_open"), "1073741816\n", "{name}");
        assert_eq!(read("/proc/sys/fs/file-max"), "9223372036854775807\n", "{name}");
        assert_eq!(read("/proc/sys/fs/inotify/max_user_watches"), "1000000\n", "{name}");
        let fd = read("/etc/sysctl.d/99-vast-fd.conf");
        assert!(!fd.contains("nr_open") && !fd.contains("file-max"), "{name}: {fd}");
        let limits = read("/etc/security/limits.d/99-vast.conf");
        for line in [
            "* soft nofile 1048576",
            "* hard nofile 2000000",
            "root soft nofile 1500000",
            "* soft nproc unlimited",
        ] {
            assert!(limits.lines().any(|written| written == line), "{name}: no {line:?} in\n{limits}");
        }
    }
}

/// A session that is to have more than fs.nr_open could not be opened at all.
#[test]
fn limits_stay_below_what_the_kernel_allows() {
    for (name, patient) in patients().filter(|(_, patient)| patient.from == From::Within) {
        patient.machine.write("/proc/sys/fs/nr_open", 0o644, b"524288\n");
        patient.loopshim("apply --only limits").ok();
        let text =
            fs::read_to_string(patient.machine.path("/etc/security/limits.d/99-vast.conf")).expect("limits");
        assert!(text.contains("* hard nofile 524288\n") && !text.contains("1048576"), "{name}: {text}");
        // With the kernel's bound raised first, as both fixes together do.
        patient.loopshim("undo").ok();
        patient.loopshim("apply --only limits,sysctl-fd").ok();
        let text =
            fs::read_to_string(patient.machine.path("/etc/security/limits.d/99-vast.conf")).expect("limits");
        assert!(text.contains("* hard nofile 1048576\n"), "{name}: {text}");
    }
}

#[test]
fn nothing_is_written_through_a_planted_link() {
    for (name, patient) in patients() {
        let machine = &patient.machine;
        machine.write("/etc/victim", 0o600, b"mine\n");
        symlink("../victim", machine.path("/etc/sysctl.d/99-vast-fd.conf")).expect("a link");
        let done = patient.loopshim("apply --only sysctl-fd");
        assert_eq!(done.status, 1, "{name}: {}", done.stdout);
        assert!(
            done.stderr.contains("is a symbolic link to ../victim: it is left alone"),
            "{name}: {}",
            done.stderr
        );
        assert_eq!(fs::read(machine.path("/etc/victim")).ok(), Some(b"mine\n".to_vec()), "{name}");
        // A folder that leads out of the tree leads nowhere.
        let outside = tempfile::tempdir().expect("a folder");
        fs::remove_dir_all(machine.path("/etc/security")).expect("removed");
        symlink(outside.path(), machine.path("/etc/security")).expect("a link");
        assert_eq!(patient.loopshim("apply --only limits").status, 1, "{name}");
        assert_eq!(fs::read_dir(outside.path()).expect("a folder").count(), 0, "{name}");
    }
}

#[test]
fn only_root_changes_a_running_machine() {
    for (name, patient) in patients().filter(|(_, patient)| patient.from == From::Within) {
        let before = patient.snapshot();
        let as_user = |words: &str| {
            let mut command = std::process::Command::new("chroot");
            command.args(["--userspec=1000:1000"]).arg(patient.machine.path("/")).arg("/src/loopshim");
            crate::install::machine::run(command.args(words.split_whitespace()))
        };
        for words in ["apply", "undo"] {
            as_user(words).one_line(1, &format!("run it as root (sudo loopshim {words})"));
        }
        patient.snapshot().assert_is(&before, &name);
        // What can be read is read, and what cannot is said.
        let told = as_user("plan").ok().stdout;
        assert!(told.contains("not root: what only root may read counts as not there"), "{name}: {told}");
    }
}

#[test]
fn a_second_one_is_told_who_is_first() {
    let Some((_, patient)) = patients().next() else { return };
    let held = fs::File::open(patient.machine.path("/")).expect("the tree");
    held.lock().expect("a lock");
    patient.loopshim("apply --only limits").one_line(4, &format!("process {} (", std::process::id()));
    patient.loopshim("plan --only limits").ok();
}

#[test]
fn programs_that_fixes_run_are_run_and_taken_back_in_order() {
    let Some((_, patient)) = patients().find(|(name, _)| name == "RPM-like, Within") else { return };
    let machine = &patient.machine;
    for program in ["dracut", "udevadm", "systemctl"] {
        let script = format!(
            "#!/bin/sh\necho {program} \"$@\" $(ls /etc/dracut.conf.d 2>/dev/null) >>/var/log/calls\n"
        );
        machine.folder("/var/log");
        machine.write(&format!("/usr/bin/{program}"), 0o755, script.as_bytes());
    }
    let before = patient.snapshot();
    patient.loopshim("apply --only dracut-virtio").one_line(2, "dangerous");
    patient.loopshim("apply --only dracut-virtio,io-scheduler,huge-pages --yes").ok();
    patient.loopshim("undo").ok();
    let calls = fs::read_to_string(machine.path("/var/log/calls")).expect("calls");
    let expected = "systemctl daemon-reload\nudevadm control --reload-rules\ndracut -f virtio.conf\n\
                    dracut -f\nudevadm control --reload-rules\nsystemctl daemon-reload\n";
    assert_eq!(calls, expected);
    patient.snapshot().assert_is(&before, "taken back");
}

/// Somebody may have done by hand since what a program did in vain.
#[test]
fn what_a_program_failed_to_do_is_not_taken_back() {
    let Some((_, patient)) = patients().find(|(name, _)| name == "RPM-like, Within") else { return };
    let machine = &patient.machine;
    machine.folder("/var/log");
    machine.write("/usr/bin/dnf", 0o755, b"#!/bin/sh\necho \"$1 $2\" >>/var/log/calls\nexit 1\n");
    let applied = patient.loopshim("apply --only packages --packages");
    assert_eq!(applied.status, 1, "{}", applied.stderr);
    patient.loopshim("undo").ok();
    assert_eq!(fs::read_to_string(machine.path("/var/log/calls")).expect("calls"), "-y install\n");
}

/// A package manager goes on when the tool is killed; nobody begins before it is done.
#[test]
fn what_a_killed_apply_was_running_is_waited_for() {
    let Some((_, patient)) = patients().find(|(name, _)| name == "RPM-like, Within") else { return };
    let machine = &patient.machine;
    machine.sh("mkfifo /src/ready /src/go").ok();
    machine.write("/usr/bin/dnf", 0o755, b"#!/bin/sh\necho >/src/ready\nread line </src/go\n");
    let mut apply = patient.command("apply --only packages --packages");
    let mut apply = apply.stdout(std::process::Stdio::null()).spawn().expect("the tool");
    fs::read(machine.path("/src/ready")).expect("dnf runs");
    apply.kill().expect("killed");
    apply.wait().expect("an end");
    patient.loopshim("undo").one_line(4, "is changing this machine");
    fs::write(machine.path("/src/go"), "\n").expect("dnf goes on");
    fs::File::open(machine.path("/run/loopshim/lock")).and_then(|lock| lock.lock()).expect("free");
    patient.loopshim("undo").ok();
}

#[test]
fn a_bad_configuration_is_refused_with_a_suggestion() {
    let Some((_, patient)) = patients().next() else { return };
    patient.machine.folder("/etc/loopshim");
    patient.machine.write("/etc/loopshim/config.json", 0o644, b"{\"host\": {\"usr\": \"x\"}}");
    patient.loopshim("plan").one_line(2, "did you mean `user`?");
    patient.machine.write(
        "/etc/loopshim/config.json",
        0o644,
        b"{\"host\": {\"limits\": {\"nofile\": 2000000}}}",
    );
    assert!(
        patient.plan_of("limits")["wanted"]
            .as_str()
            .is_some_and(|text| text.contains("* soft nofile 2000000"))
    );
    patient.loopshim("plan --only limts").one_line(2, "did you mean limits?");
}

/// An empty folder in site-packages would be an importable package.
#[test]
fn no_empty_package_is_made() {
    for (name, patient) in patients() {
        patient.loopshim("apply --label required,workaround,optional").ok();
        let site = patient.machine.path("/usr/lib/python3.6/site-packages");
        let names: Vec<_> =
            fs::read_dir(site).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        assert!(names.iter().all(|name| name.to_string_lossy().ends_with(".dist-info")), "{name}: {names:?}");
        assert!(!patient.machine.path("/tmp/monitor_v2_commands_cache").exists(), "{name}");
    }
}
