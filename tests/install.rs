//! install.sh, on small machines of its own: what it does, that it can be
//! stopped between any two steps, and that it takes everything back.

mod interrupted;
pub(crate) mod machine;
mod packages;
pub(crate) mod programs;
mod refusals;
mod staged;
mod sudo;

use std::os::unix::fs::symlink;

use machine::{Machine, Snapshot};

/// A way to make a machine, `None` where it cannot be had.
type Make = fn() -> Option<Machine>;
/// What a machine has before install.sh comes.
type Prepare = fn(&Machine);

const KINDS: [(&str, Make); 3] =
    [("busybox", Machine::of_busybox), ("rpm", Machine::of_rpm), ("debian", Machine::of_debian)];

const ORIGINALS: [(&str, Prepare); 4] = [
    ("no original", |_| ()),
    ("an original", |machine| machine.write_original("/usr/bin/ipmitool", "one")),
    ("a link to it", |machine| {
        machine.folder("/opt");
        machine.write_original("/opt/ipmitool-1.8.18", "one");
        symlink("../../opt/ipmitool-1.8.18", machine.path("/usr/bin/ipmitool")).expect("a link");
    }),
    ("a wrapper over it", |machine| {
        machine.write("/usr/bin/ipmitool", 0o755, b"#!/bin/sh\nexec /usr/bin/ipmitool.real \"$@\"\n");
        machine.write_original("/usr/bin/ipmitool.real", "one");
    }),
];

/// Every kind of machine with every original.
fn machines() -> impl Iterator<Item = (String, Machine)> {
    let pairs = KINDS.iter().flat_map(|kind| ORIGINALS.iter().map(move |original| (kind, original)));
    pairs.filter_map(|(kind, original)| machine(kind, original))
}

/// Each kind of machine and each original at least once, for tests of many runs.
fn some_machines() -> impl Iterator<Item = (String, Machine)> {
    let pairs = [(0, 0), (0, 3), (1, 1), (2, 0), (2, 2)];
    pairs.into_iter().filter_map(|(kind, original)| machine(&KINDS[kind], &ORIGINALS[original]))
}

fn machine((kind, make): &(&str, Make), (original, prepare): &(&str, Prepare)) -> Option<(String, Machine)> {
    let machine = make()?;
    prepare(&machine);
    Some((format!("{kind} with {original}"), machine))
}

/// What `ipmitool` answers; nothing when there is none.
fn answer(machine: &Machine) -> String {
    machine.sh("/usr/bin/ipmitool fru print 0 2>/dev/null").stdout.trim().to_owned()
}

const FIRST: &str = "Board Mfg             : stand-in ipmitool:0.0.1";
const SECOND: &str = "Board Mfg             : stand-in ipmitool:0.0.2";

#[test]
fn install_twice_upgrade_and_uninstall_leave_no_trace() {
    for (name, machine) in machines() {
        let before = machine.snapshot();
        let had = answer(&machine);
        let shown = machine.install("--binaries /src/sets/v1").ok().stdout;
        assert!(shown.contains(" fru print 0 | grep \"Board Mfg\"\n Board Mfg"), "{name}: {shown}");
        assert_eq!(answer(&machine), FIRST, "{name}");
        let once = machine.snapshot();
        machine.install("--binaries /src/sets/v1").ok();
        machine.snapshot().assert_is(&once, &format!("{name}: a second run changed something"));

        machine.install("--binaries /src/sets/v2").ok();
        assert_eq!(answer(&machine), SECOND, "{name}");
        if !had.is_empty() {
            assert_eq!(kept_answer(&machine), had, "{name}: the original is not where the record says");
        }
        assert_eq!(status(&machine), (0, "installed".to_owned()), "{name}");

        machine.install("--uninstall").ok();
        machine.snapshot().assert_is(&before, &format!("{name}: uninstalling left a trace"));
        assert_eq!(status(&machine), (3, "not-installed".to_owned()), "{name}");
        machine.install("--uninstall").ok();
    }
}

/// What the original answers, found as the shim finds it: by the record.
fn kept_answer(machine: &Machine) -> String {
    let record = std::fs::read_to_string(machine.path("/var/lib/loopshim/originals")).expect("the record");
    let row = record.lines().find(|line| line.starts_with("ipmitool\t")).expect("a row");
    let original = row.split('\t').nth(1).expect("a path");
    machine.sh(original).ok().stdout.trim().to_owned()
}

/// Status of `--status`, and the state it gives for ipmitool.
fn status(machine: &Machine) -> (i32, String) {
    let done = machine.install("--status --only ipmitool");
    let state = done.stdout.split('\t').nth(1).unwrap_or_default().to_owned();
    (done.status, state)
}

#[test]
fn every_program_goes_to_its_place() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.write_original("/usr/bin/rsync", "the machine rsync");
    let before = machine.snapshot();
    machine.install("--binaries /src/sets/all").ok();
    for place in ["/usr/bin/ipmitool", "/usr/bin/pip3", "/usr/libexec/loopshim/rsync", "/usr/bin/loopshim"] {
        assert!(machine.path(place).exists(), "{place}");
    }
    let own = machine.sh("/usr/bin/rsync").ok().stdout;
    assert_eq!(own, "the machine rsync\n", "nobody's rsync is replaced unasked");

    machine.install("--binaries /src/sets/all --only rsync --host-rsync").ok();
    assert!(machine.sh("/usr/bin/rsync").ok().stdout.contains("stand-in rsync"));
    assert_eq!(machine.sh("/usr/bin/rsync.real").ok().stdout, own);
    machine.install("--uninstall --only pip3,loopshim").ok();
    assert!(!machine.path("/usr/bin/pip3").exists() && machine.path("/usr/bin/ipmitool").exists());
    machine.install("--uninstall").ok();
    machine.snapshot().assert_is(&before, "uninstalled in two runs");
}

#[test]
fn an_ordinary_user_gets_a_home_of_shims_and_nothing_else_changes() {
    for machine in [Machine::of_busybox(), Machine::of_debian()].into_iter().flatten() {
        machine.write_original("/usr/bin/ipmitool", "one");
        machine.sh_as_user("true").ok();
        let before = machine.snapshot();
        machine.sh_as_user("/src/install.sh --binaries /src/sets/all").ok();
        let shown = machine.sh_as_user("/home/user/.local/bin/ipmitool fru print 0").ok().stdout;
        assert!(shown.contains("0.0.3"), "{shown}");
        for name in programs::NAMES {
            assert!(machine.path("/home/user/.local/bin").join(name).exists(), "{name}");
        }
        machine.sh_as_user("/src/install.sh --status").ok();
        machine.sh_as_user("/src/install.sh --uninstall").ok();
        machine.snapshot().assert_is(&before, "the user's home");

        machine.sh_as_user("cd && /src/install.sh --prefix try/it --binaries /src/sets/v1").ok();
        machine.sh_as_user("/home/user/try/it/bin/ipmitool").ok();
        machine.sh_as_user("/src/install.sh --prefix /home/user/try/it --uninstall").ok();
        machine.snapshot().assert_is(&before, "a prefix");
    }
}

#[test]
fn another_that_comes_first_is_told_of_and_does_not_answer_for_ours() {
    for (name, machine) in some_machines() {
        machine.folder("/opt/first");
        machine.write_original("/opt/first/ipmitool", "Board Mfg of the other");
        let done = machine.sh(
            "PATH=/opt/first:$PATH exec /bin/sh /src/install.sh --binaries /src/sets/all --only ipmitool",
        );
        let done = done.ok();
        assert!(done.stderr.contains("/opt/first/ipmitool may be found before /usr/bin/ipmitool"), "{name}");
        assert!(done.stdout.contains("$ /usr/bin/ipmitool fru print 0"), "{name}: {}", done.stdout);
        assert!(!done.stdout.contains("of the other"), "{name}: {}", done.stdout);
    }
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    for (name, machine) in machines() {
        let before = machine.snapshot();
        let told = machine.install("--dry-run --binaries /src/sets/v1").ok().stdout;
        assert!(told.contains("would put the shim at /usr/bin/ipmitool"), "{name}: {told}");
        machine.snapshot().assert_is(&before, &name);
        machine.install("--binaries /src/sets/v1").ok();
        let installed = machine.snapshot();
        machine.install("--dry-run --uninstall").ok();
        machine.snapshot().assert_is(&installed, &name);
    }
}

#[test]
fn two_at_once_take_turns() {
    for (name, machine) in some_machines() {
        let before = machine.snapshot();
        let race = "/src/install.sh --binaries /src/sets/v1 >/tmp/a 2>&1 & first=$!\n\
                    /src/install.sh --binaries /src/sets/v2 >/tmp/b 2>&1 & second=$!\n\
                    wait $first && wait $second; s=$?; cat /tmp/a /tmp/b; rm /tmp/a /tmp/b; exit $s";
        machine.sh(race).ok();
        assert!([FIRST, SECOND].contains(&answer(&machine).as_str()), "{name}");
        assert_eq!(status(&machine).0, 0, "{name}");
        machine.install("--uninstall").ok();
        machine.snapshot().assert_is(&before, &name);
    }
}

/// An earlier stand-in moved onto NAME.real by a careless second run, as
/// unguarded `mv` scripts do: the shim is never taken for an original.
#[test]
fn a_shim_under_the_originals_name_is_recognised() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.install("--binaries /src/sets/v1").ok();
    machine.sh("cd /usr/bin && mv ipmitool ipmitool.real && printf '#!/bin/sh\\necho fake\\n' >ipmitool && chmod 755 ipmitool").ok();
    assert_eq!(status(&machine), (4, "overwritten".to_owned()));
    machine.install("--binaries /src/sets/v1").ok();
    assert_eq!(answer(&machine), FIRST);
    assert_eq!(kept_answer(&machine), "fake");
    machine.install("--uninstall").ok();
    assert_eq!(answer(&machine), "fake");
    assert!(!machine.path("/usr/bin/ipmitool.real").exists());
}

#[test]
fn a_foreign_file_named_real_is_never_touched() {
    let Some(machine) = Machine::of_busybox() else { return };
    machine.write_original("/usr/bin/ipmitool", "one");
    machine.write_original("/usr/bin/ipmitool.real", "somebody elses");
    let before = machine.snapshot();
    machine.install("--binaries /src/sets/v1").ok();
    assert_eq!(machine.sh("/usr/bin/ipmitool.real").ok().stdout, "somebody elses\n");
    assert_eq!(kept_answer(&machine), "one");
    machine.install("--uninstall").ok();
    machine.snapshot().assert_is(&before, "a foreign NAME.real");
}

/// The record is lost: what lies there still tells what is what.
#[test]
fn a_lost_record_is_found_again() {
    for (name, machine) in machines().filter(|(name, _)| !name.ends_with("a wrapper over it")) {
        let before = machine.snapshot();
        machine.install("--binaries /src/sets/v1").ok();
        let installed = machine.snapshot();
        machine.sh("rm -r /var/lib/loopshim").ok();
        assert_eq!(status(&machine), (4, "unrecorded".to_owned()), "{name}");
        machine.install("--binaries /src/sets/v1").ok();
        machine.snapshot().undated().assert_is(&installed.undated(), &name);
        machine.sh("rm -r /var/lib/loopshim").ok();
        machine.install("--uninstall").ok();
        machine.snapshot().assert_is(&before, &name);
    }
}

fn assert_untouched(machine: &Machine, before: &Snapshot, when: &str) {
    machine.snapshot().assert_is(before, when);
}
