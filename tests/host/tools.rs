//! The smaller commands.

use std::fs;
use std::process::Command;

use super::{LOOPSHIM, patients};
use crate::install::machine::{Machine, run};

/// Either of the two takes back what the other did: it is one and the same.
#[test]
fn stand_ins_are_installed_by_install_sh_and_by_loopshim_alike() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.write_original("/usr/bin/ipmitool", "one");
    let before = machine.snapshot();
    let loopshim = "/src/sets/all/loopshim";
    machine.sh(&format!("{loopshim} shim install --binaries /src/sets/all --only ipmitool,pip3")).ok();
    assert!(machine.sh("/usr/bin/ipmitool fru print 0").stdout.contains("stand-in ipmitool"));
    let status = machine.sh(&format!("{loopshim} shim status --only ipmitool")).ok().stdout;
    assert_eq!(status, "ipmitool\tinstalled\t0.0.3\t/usr/bin/ipmitool\t/usr/bin/ipmitool.real\n");
    let listed = machine.sh(&format!("{loopshim} --json shim status")).ok().stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["programs"][1]["state"], "installed");
    assert_eq!(
        listed["programs"][2],
        serde_json::json!({
            "name": "rsync", "state": "not-installed", "version": null,
            "path": "/usr/libexec/loopshim/rsync", "original": null,
        })
    );
    machine.install("--uninstall").ok();
    machine.snapshot().assert_is(&before, "uninstalled by install.sh");
    machine.install("--binaries /src/sets/all --only ipmitool").ok();
    machine.sh(&format!("{loopshim} shim remove")).ok();
    machine.snapshot().assert_is(&before, "removed by loopshim");
    assert_eq!(machine.sh(&format!("{loopshim} shim status")).status, 3);
}

/// As a fix: applied, found in place, taken back; on a running machine and in a tree.
#[test]
fn stand_ins_are_a_fix_like_the_others() {
    for (name, patient) in patients() {
        patient.machine.write_original("/usr/bin/ipmitool", "one");
        let before = patient.snapshot();
        patient.loopshim("apply --only shims").ok();
        patient.snapshot().assert_is(&before, &format!("{name}: nothing to be installed from"));
        let apply = format!("apply --only shims --binaries {}", patient.binaries());
        let told = patient.loopshim(&apply).ok().stdout;
        assert!(told.contains("[1/1] put ipmitool and pip3 in place\n"), "{name}: {told}");
        patient.loopshim("verify --only shims").ok();
        assert!(patient.loopshim(&apply).ok().stdout.contains("Nothing to change."), "{name}");
        let told = patient.loopshim("undo").ok().stdout;
        assert!(told.contains("removed the stand-ins ipmitool and pip3\n"), "{name}: {told}");
        patient.snapshot().assert_is(&before, &name);
    }
}

#[test]
fn completions_and_manual_pages_are_made() {
    for shell in ["bash", "zsh", "fish"] {
        let done = run(Command::new(LOOPSHIM).args(["completions", shell])).ok();
        assert!(done.stdout.contains("older-than") || done.stdout.contains("older_than"), "{shell}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    run(Command::new(LOOPSHIM).arg("man").arg(folder.path())).ok();
    let page = fs::read_to_string(folder.path().join("loopshim-apply.1")).expect("a page");
    assert!(page.contains(".TH") && page.contains("dry"), "{page}");
    assert!(
        folder.path().join("loopshim-bmc-capture.1").exists() && folder.path().join("loopshim.1").exists()
    );
    for (name, variable) in
        [("ipmitool", "LOOPSHIM_BMC"), ("pip3", "LOOPSHIM_PIP_STALE"), ("rsync", "RSYNC_PARTIAL_DIR")]
    {
        let page = folder.path().join(format!("loopshim-{name}.1"));
        assert!(fs::read_to_string(&page).is_ok_and(|page| page.contains(variable)), "{name}");
        // Where there is groff it has nothing to complain of.
        if let Ok(shown) = Command::new("groff").args(["-man", "-ww", "-z", "-Tutf8"]).arg(&page).output() {
            assert!(shown.status.success() && shown.stderr.is_empty(), "{shown:?}");
        }
    }
}

#[test]
fn a_bundle_has_no_secrets_and_says_what_is_in_it() {
    let Some((_, patient)) = patients().next() else { return };
    patient.machine.folder("/etc/loopshim");
    patient.machine.folder("/var/log/loopshim");
    patient.machine.write(
        "/etc/sudoers",
        0o440,
        b"Defaults secure_path = /usr/bin\n# api_token = abcdef99\n",
    );
    patient.machine.write(
        "/var/log/loopshim/pip.jsonl",
        0o600,
        b"{\"argv\":[\"https://u:hunter22@index/\"]}\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = folder.path().join("b.tar.zst");
    let done = patient.loopshim(&format!("collect -o {}", bundle.display())).ok();
    assert!(done.stderr.contains("2 secrets masked"), "{}", done.stderr);
    if run(Command::new("sh").args(["-c", "command -v zstd && command -v tar"])).status != 0 {
        crate::support::skip::skip("unpacking a bundle", "packages zstd and tar");
        return;
    }
    let unpack = "zstd -dc b.tar.zst | tar -x --strip-components=1";
    run(Command::new("sh").args(["-ec", unpack]).current_dir(folder.path())).ok();
    let read = |name: &str| {
        fs::read_to_string(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let manifest: serde_json::Value = serde_json::from_str(&read("manifest.json")).expect("JSON");
    let files = manifest["files"].as_array().expect("files");
    for name in [
        "reports/verify-pre.json",
        "reports/plan.json",
        "files/etc/sudoers",
        "files/var/log/loopshim/pip.jsonl",
    ] {
        assert!(files.iter().any(|file| file["name"] == name), "no {name} in {manifest}");
        assert!(!read(name).contains("hunter22") && !read(name).contains("abcdef99"), "{name}");
    }
    // A bundle that is there is not replaced.
    assert_eq!(patient.loopshim(&format!("collect -o {}", bundle.display())).status, 1);
}

#[test]
fn recorded_calls_are_listed_and_become_cases() {
    let Some((_, patient)) = patients().next() else { return };
    let machine = &patient.machine;
    machine.folder("/var/log/loopshim");
    machine.folder("/var/lib/loopshim");
    let call = |argv: &str, callers: &str, rest: &str| {
        format!(
            "{{\"time\":1795223605.1,\"tool\":\"ipmitool\",\"argv\":[\"ipmitool\",{argv}],\"cwd\":\"/\",\"uid\":0,\"callers\":[{callers}],{rest}}}\n"
        )
    };
    let good =
        "\"original\":null,\"status\":0,\"duration_us\":1,\"stdout\":\"out\\n\",\"stderr\":\"\",\"cut\":[]";
    let passed = "\"original\":\"/usr/bin/ipmitool.real\",\"status\":null,\"duration_us\":null,\"stdout\":null,\"stderr\":null,\"cut\":[]";
    let text = call("\"mc\",\"info\"", "\"sh\",\"sshd\"", good).repeat(2)
        + &call("\"sol\",\"x y\"", "\"cron\"", good)
        + &call("\"fru\"", "\"cron\"", passed);
    machine.write("/var/log/loopshim/calls.jsonl", 0o600, text.as_bytes());
    machine.write(
        "/var/lib/loopshim/unmodelled.jsonl",
        0o600,
        b"{\"tool\":\"ipmitool\",\"argv\":[\"sol\",\"x y\"],\"count\":3,\"first\":1,\"last\":2}\n",
    );
    let listed: serde_json::Value =
        serde_json::from_str(&patient.loopshim("calls --json").ok().stdout).expect("JSON");
    assert_eq!(listed["calls"][0]["command"], "ipmitool sol 'x y'");
    assert_eq!(
        (&listed["calls"][0]["modelled"], &listed["calls"][2]["caller"]),
        (&false.into(), &"sshd".into())
    );
    assert_eq!(listed["calls"][2]["count"], 2);
    let folder = tempfile::tempdir().expect("a folder");
    let done = patient.loopshim(&format!("calls export {}", folder.path().display())).ok();
    assert!(done.stderr.contains("2 cases written"), "{}", done.stderr);
    let read = |name: &str| fs::read_to_string(folder.path().join("ipmitool").join(name)).unwrap_or_default();
    assert_eq!(
        (read("mc-info/command"), read("mc-info/stdout"), read("mc-info/status")),
        ("ipmitool mc info\n".into(), "out\n".into(), "0\n".into())
    );
    assert_eq!(read("sol-x-y/command"), "ipmitool sol 'x y'\n");
}

#[test]
fn pip_is_shown_and_repaired() {
    let Some((_, patient)) = patients().next() else { return };
    let shown = patient.loopshim("pip status").ok().stdout;
    assert!(shown.contains("Nobody is changing an environment."), "{shown}");
    let stash = "/usr/lib/python3.6/site-packages/~onitor_v2";
    let planned = patient.loopshim("pip repair --dry-run").ok().stdout;
    assert!(planned.contains(stash) && patient.machine.path(stash).exists(), "{planned}");
    let repaired = patient.loopshim("pip repair").ok().stdout;
    assert!(repaired.contains("removed ") && !patient.machine.path(stash).exists(), "{repaired}");
    assert!(patient.machine.path("/usr/lib/python3.6/site-packages/healthy-1.0.dist-info").exists());
    assert!(patient.loopshim("pip quarantine").ok().stdout.contains("Nothing was set aside."));
}
