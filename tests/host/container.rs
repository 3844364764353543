//! The same on real containers, where `/proc` and `/sys` are the kernel's: of
//! Debian's layout and of RPM's, made by Docker of the machines that the other
//! tests enter by chroot.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::furnish;
use crate::install::machine::{Done, Machine, Snapshot, run};
use crate::support::docker;
use crate::support::skip::skip;

/// The host tool in it.
const LOOPSHIM: &str = "/src/sets/all/loopshim";
/// What is Docker's or the kernel's in a container, and our own sources.
const LEFT_OUT: [&str; 9] =
    ["src", "dev", "proc", "sys", "run", "var/log", "etc/hostname", "etc/hosts", "etc/resolv.conf"];

/// The fixes that change files here; the kernel's values are the host's.
const FIXES: &str =
    "sysctl-old,limits,shims,pip-leftovers,io-scheduler,orphans,huge-pages,sysctl-fd,sysctl-perf";

/// A running container, and its image; both go with it.
struct Container {
    name: String,
    /// Its files, as seen from here.
    root: PathBuf,
}

impl Container {
    /// Of a machine's files. `None`, loudly, where there is no Docker.
    fn of(machine: &Machine, name: &str) -> Option<Self> {
        if !docker::is_here() {
            skip("the host tool in a real container", "Docker");
            return None;
        }
        let name = format!("loopshim-test-{name}-{}", std::process::id());
        let mut container = Self { root: PathBuf::new(), name };
        let script = "tar -C \"$1\" --numeric-owner --exclude ./proc/\\* --exclude ./sys/\\* -c . | docker import - \"$2\"";
        run(Command::new("sh").args(["-ec", script, "sh"]).arg(machine.path("/")).arg(&container.name)).ok();
        // Folders that are moved lie on volumes: fuse-overlayfs forgets that one of
        // its image's is gone when it is moved a second time. It also makes moving
        // them a matter of two file systems.
        let volumes = ["-v", "/tmp", "-v", "/usr/lib/python3.6/site-packages"];
        let wait = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"];
        let name = container.name.as_str();
        let words = [&["run", "-d", "--network", "none"], &volumes[..], &["--name", name, name]].concat();
        container.docker(&words, &wait).ok();
        let format = ["inspect", "--format", "{{.State.Pid}}", &container.name];
        let pid = container.docker(&format, &[]).ok().stdout;
        let root = PathBuf::from(format!("/proc/{}/root", pid.trim()));
        if !root.join("etc/os-release").exists() {
            skip("the host tool in a real container", "a Docker engine on this machine");
            return None;
        }
        container.root = root;
        Some(container)
    }

    fn docker(&self, words: &[&str], command: &[&str]) -> Done {
        run(Command::new("docker").args(words).args(command).stdin(Stdio::null()))
    }

    /// Runs the tool in it; it is killed after so many durable operations.
    fn stopped_after(&self, arguments: &str, operations: Option<u32>) -> Done {
        let mut words = vec!["exec".to_owned()];
        if let Some(operations) = operations {
            words.extend(["-e".to_owned(), format!("LOOPSHIM_HOST_STOP_AFTER={operations}")]);
        }
        words.extend([self.name.clone(), LOOPSHIM.to_owned()]);
        words.extend(arguments.split_whitespace().map(str::to_owned));
        run(Command::new("docker").args(words).stdin(Stdio::null()))
    }

    fn loopshim(&self, arguments: &str) -> Done {
        self.stopped_after(arguments, None)
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.root, &LEFT_OUT)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.docker(&["rm", "-f", "-v", &self.name], &[]);
        self.docker(&["rmi", "-f", &self.name], &[]);
    }
}

/// A container of each layout, with something to be fixed in every way.
fn containers(purpose: &str) -> impl Iterator<Item = (&'static str, Container)> {
    let kinds: [(&str, super::Make); 2] =
        [("Debian-like", Machine::of_debian), ("RPM-like", Machine::of_rpm)];
    kinds.into_iter().filter_map(move |(name, make)| {
        let machine = make()?;
        furnish(&machine, name);
        // No set-user-id: fuse-overlayfs loses that when a file gets a second name.
        machine.write("/usr/bin/pip3", 0o755, b"#!/bin/sh\necho pip\n");
        super::orphans::orphan_of_now(&machine, "hevnojky");
        let container = Container::of(&machine, &format!("{purpose}-{}", name.to_lowercase()))?;
        Some((name, container))
    })
}

/// What `apply` is told.
fn all() -> String {
    format!("--only {FIXES} --binaries /src/sets/all")
}

#[test]
fn applied_twice_and_taken_back_leaves_no_trace() {
    for (name, container) in containers("twice") {
        let before = container.snapshot();
        let told = container.loopshim(&format!("apply {}", all())).ok().stdout;
        // The kernel is the host's: its values are left to it, and that is said.
        assert!(told.contains("so to be done outside of it: set fs."), "{name}: {told}");
        let green = "verify --strict --only sysctl-files,limits,pip-leftovers,pip,shims,orphans";
        container.loopshim(green).ok();
        let applied = container.snapshot();
        let again = container.loopshim(&format!("apply {}", all())).ok().stdout;
        assert!(again.contains("Nothing to change."), "{name}: {again}");
        assert_eq!(container.loopshim(&format!("plan --detailed-exitcode {}", all())).status, 0, "{name}");
        container.snapshot().assert_is(&applied, &format!("{name}: a second run changed something"));
        container.loopshim("undo").ok();
        container.snapshot().assert_is(&before, &format!("{name}: taken back"));
    }
}

/// Killed after each durable operation; taken back at once, and, every fourth
/// time, completed first.
#[test]
fn a_kill_at_any_step_is_completed_or_taken_back() {
    for (name, container) in containers("kill") {
        let before = container.snapshot();
        let apply = format!("apply {}", all());
        let mut operations = 0;
        loop {
            operations += 1;
            let is_killed = container.stopped_after(&apply, Some(operations)).status == 137;
            if is_killed && operations % 4 == 0 {
                let told = container.loopshim(&apply).ok().stdout;
                let plan = container.loopshim(&format!("plan --detailed-exitcode {}", all()));
                let when = format!("{name}, killed after {operations}");
                assert_eq!(plan.status, 0, "{when}, then told:\n{told}\nand planned:\n{}", plan.stdout);
            }
            container.loopshim("undo --all").ok();
            container.snapshot().assert_is(&before, &format!("{name}, killed after {operations}"));
            if !is_killed {
                break;
            }
        }
        assert!(operations > 50, "{name}: only {operations} operations");
    }
}

/// What a process in the container uses is nobody's orphan.
#[test]
fn an_orphan_that_is_in_use_stays() {
    for (name, container) in containers("in-use") {
        let hold = ["sh", "-c", "cd /tmp/hevnojky && trap 'exit 0' TERM; while :; do sleep 1; done"];
        container.docker(&["exec", "-d", &container.name], &hold).ok();
        let told = loop {
            // Until it is there: Docker does not wait for it.
            let told = container.loopshim("apply --dry-run --only orphans").ok().stdout;
            if told.contains("stays") {
                break told;
            }
        };
        assert!(
            told.contains("/tmp/hevnojky stays: ") && told.contains("Nothing to change."),
            "{name}: {told}"
        );
    }
}
