//! Many at once, killed and retried: the short form of the judgement. Whoever
//! was not killed succeeds, and what is left is whole.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::environment::{Environment, PIP, wait_for};

/// The monitors' own way to call it.
const INSTALL: [&str; 4] = ["install", "-U", "--no-deps", "--no-cache-dir"];

fn start(mut command: Command, folder: &std::path::Path) -> Child {
    command
        .args(INSTALL)
        .arg("--no-build-isolation")
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("started")
}

fn succeed(child: Child) -> String {
    let output = child.wait_with_output().expect("an end");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// The processes that run pip for this environment.
fn pips(environment: &Environment) -> Vec<u32> {
    let python = environment.python();
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|&byte| byte == 0).map(String::from_utf8_lossy).collect();
        if words.len() > 4 && words[0] == python && words[2] == "pip" && words[3] == "install" {
            pids.extend(entry.file_name().to_string_lossy().parse::<u32>().ok());
        }
    }
    pids
}

fn kill(pid: u32) {
    // It may have ended in the meantime.
    let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status();
}

#[test]
fn four_at_once_leave_the_environment_whole_and_share_one_run() {
    let Some(environment) = Environment::with_pip(PIP, "a storm of installations") else { return };
    for round in 0..2 {
        let folders: Vec<_> =
            (0..4).map(|client| environment.source(&format!("copy_{round}_{client}"))).collect();
        let clients: Vec<_> = folders.iter().map(|folder| start(environment.ours(), folder)).collect();
        for (client, folder) in clients.into_iter().zip(&folders) {
            let out = succeed(client);
            assert!(out.starts_with(&format!("Processing {}\n", folder.display())), "{out}");
        }
        assert_eq!(environment.faults(), [""; 0]);
    }
    let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
    assert_eq!(entries.len(), 8);
    let shared = entries.iter().filter(|entry| entry["result"] == "shared").count();
    assert!(shared >= 2, "only {shared} of 8 shared: {entries:?}");
}

#[test]
fn different_packages_are_never_shared() {
    let Some(environment) = Environment::with_pip(PIP, "a storm of different packages") else { return };
    let folders: Vec<_> = (0..3).map(|client| environment.source(&format!("copy_{client}"))).collect();
    for (client, folder) in folders.iter().enumerate() {
        fs::write(folder.join("demo/client.py"), format!("CLIENT = {client}\n")).expect("a file");
    }
    let clients: Vec<_> = folders.iter().map(|folder| start(environment.ours(), folder)).collect();
    clients.into_iter().for_each(|client| drop(succeed(client)));
    assert_eq!(environment.faults(), [""; 0]);
    let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
    assert!(
        entries.iter().all(|entry| entry["result"] == "ok" && entry["shared_with"].is_null()),
        "{entries:?}"
    );
}

#[test]
fn a_killed_pip_is_run_again_for_a_caller_who_sees_nothing_of_it() {
    let Some(environment) = Environment::with_pip(PIP, "a killed pip") else { return };
    environment.with_demo();
    for pause in [0, 300, 600] {
        let folder = environment.source(&format!("copy_{pause}"));
        let client = start(environment.ours(), &folder);
        while pips(&environment).is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(pause));
        pips(&environment).into_iter().for_each(kill);
        let out = succeed(client);
        assert_eq!(out.matches("Processing ").count(), 1, "{out}");
        assert_eq!(environment.faults(), [""; 0]);
    }
}

/// setuptools does not copy again what is newer than its source, whole or not.
#[test]
fn what_a_killed_pip_was_building_is_not_built_upon() {
    let Some(environment) = Environment::with_pip(PIP, "a pip that is killed while it builds") else {
        return;
    };
    let folder = environment.source("copy");
    let setup = fs::read_to_string(folder.join("setup.py")).expect("a file");
    let dies = "import os\nif not os.path.exists('build'):\n    os.makedirs('build/lib/demo')\n    \
                open('build/lib/demo/module_0.py', 'w').write('VAL')\n    os.kill(os.getppid(), 9)\n";
    fs::write(folder.join("setup.py"), format!("{dies}{setup}")).expect("a file");
    succeed(start(environment.ours(), &folder));
    let installed = fs::read(environment.site().join("demo/module_0.py")).expect("a module");
    assert_eq!(installed, fs::read(folder.join("demo/module_0.py")).expect("its source"));
    let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
    assert_eq!(entries[0]["attempts"][0]["result"], "killed");
}

#[test]
fn a_killed_front_leaves_no_half_environment() {
    let Some(environment) = Environment::with_pip(PIP, "a killed caller") else { return };
    environment.with_demo();
    let folder = environment.source("copy");
    let mut client = start(environment.ours(), &folder);
    while pips(&environment).is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    client.kill().expect("killed");
    client.wait().expect("waited for");
    // The next one waits for the pip that goes on, and finds all in order.
    succeed(start(environment.ours(), &environment.source("next")));
    assert_eq!(environment.faults(), [""; 0]);
}

#[test]
fn what_a_caller_leaves_in_tmp_is_removed_by_a_later_run_which_says_so() {
    let Some(environment) = Environment::with_pip(PIP, "an orphan") else { return };
    let left = environment.machine.path("tmp/hevnojky");
    fs::rename(environment.source("copy"), &left).expect("moved");
    let install = |folder: &std::path::Path| {
        let mut command = environment.ours();
        command.env("LOOPSHIM_PIP_ORPHAN_PACKAGES", "demo").env("LOOPSHIM_PIP_ORPHAN_AGE", "1s");
        succeed(start(command, folder));
    };
    install(&left);
    let other = environment.source("other");
    wait_for("it is not removed", || {
        install(&other);
        !left.exists()
    });
    let note = format!("removed the orphan {}", left.display());
    let cleaned = || {
        let entries = environment.machine.lines("var/log/loopshim/pip.jsonl");
        entries.into_iter().find(|entry| entry["result"] == "cleaned")
    };
    // The caller has its answer before.
    wait_for("nothing is said of it", || cleaned().is_some());
    assert_eq!(cleaned().expect("a line")["notes"][0], note.as_str());
    let mut status = environment.ours();
    let status = status.arg("--loopshim-status").output().expect("a status");
    assert!(!String::from_utf8_lossy(&status.stdout).contains("hevnojky"), "{status:?}");
}

#[test]
fn what_broke_before_is_mended() {
    let Some(environment) = Environment::with_pip(PIP, "broken environments") else { return };
    type Breakage = fn(&std::path::Path, &std::path::Path);
    let breakages: [(&str, Breakage); 5] = [
        ("no RECORD", |info, _| fs::remove_file(info.join("RECORD")).expect("removed")),
        ("RECORD of zeros", |info, _| fs::write(info.join("RECORD"), [0; 4096]).expect("written")),
        ("only INSTALLER", |info, _| {
            for entry in fs::read_dir(info).expect("a folder").flatten() {
                if entry.file_name() != "INSTALLER" {
                    fs::remove_file(entry.path()).expect("removed");
                }
            }
        }),
        ("two of them", |info, site| {
            let copied = Command::new("cp").arg("-a").arg(info).arg(site.join("demo-0.9.dist-info")).status();
            assert!(copied.is_ok_and(|status| status.success()));
        }),
        ("a stash inside", |_, site| fs::create_dir_all(site.join("demo/~nner")).expect("a folder")),
    ];
    for (name, breaks) in breakages {
        environment.without_demo();
        fs::create_dir_all(environment.path("tmp")).expect("a folder");
        environment.with_demo();
        breaks(&environment.site().join("demo-1.0.dist-info"), &environment.site());
        succeed(start(environment.ours(), &environment.source(&format!("copy {name}").replace(' ', "_"))));
        assert_eq!(environment.faults(), [""; 0], "{name}");
    }
}

#[test]
fn what_an_rpm_package_owns_is_refused_as_pip_refuses_it() {
    let Some(environment) = Environment::with_pip(PIP, "a package of RPM's") else { return };
    environment.with_demo();
    let info = environment.site().join("demo-1.0.dist-info");
    fs::write(info.join("INSTALLER"), "rpm\n").expect("written");
    fs::remove_file(info.join("RECORD")).expect("removed");
    let output = start(environment.ours(), &environment.source("copy")).wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("The package was installed by rpm"), "{err}");
    assert!(info.join("METADATA").exists());
}

#[test]
fn a_bad_setting_is_refused_before_anything_runs() {
    let output = Command::new(env!("CARGO_BIN_EXE_pip3"))
        .args(["install", "demo"])
        .env("LOOPSHIM_PIP_STALE", "soon")
        .output()
        .expect("started");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.starts_with("pip3: loopshim: LOOPSHIM_PIP_STALE: \"soon\" is not a time"), "{err}");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}
