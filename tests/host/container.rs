//! The same on real containers, where `/proc` and `/sys` are the kernel's: of
//! Debian's layout and of RPM's, made by Docker of the machines that the other
//! tests enter by chroot.

use std::path::PathBuf;

use super::furnish;
use crate::install::machine::{Done, Machine, Snapshot};
use crate::support::docker::{self, Image};
use crate::support::skip::skip;

/// The host tool in it.
const LOOPSHIM: &str = "/src/sets/all/loopshim";
/// What is Docker's or the kernel's in a container, and our own sources.
const LEFT_OUT: [&str; 9] =
    ["src", "dev", "proc", "sys", "run", "var/log", "etc/hostname", "etc/hosts", "etc/resolv.conf"];

/// The fixes that change files here; the kernel's values are the host's.
const FIXES: &str =
    "sysctl-old,limits,shims,pip-leftovers,io-scheduler,orphans,huge-pages,sysctl-fd,sysctl-perf";

/// A running container, and its image; both go with it, in this order.
struct Container {
    docker: docker::Container,
    /// Its files, as seen from here.
    root: PathBuf,
    _image: Image,
}

impl Container {
    /// Of a machine's files. `None`, loudly, where there is no Docker.
    fn of(machine: &Machine) -> Option<Self> {
        if !docker::is_here() {
            skip("the host tool in a real container", "Docker");
            return None;
        }
        let image = Image::of(&machine.path("/"), &[]);
        // Folders that are moved lie on volumes: fuse-overlayfs forgets that one of
        // its image's is gone when it is moved a second time. It also makes moving
        // them a matter of two file systems.
        let options = ["--network=none", "--volume=/tmp", "--volume=/usr/lib/python3.6/site-packages"];
        let wait = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"];
        let docker = image.start(&options, &wait);
        let Some(root) = docker.root() else {
            skip("the host tool in a real container", "a Docker engine on this machine");
            return None;
        };
        Some(Self { docker, root, _image: image })
    }

    /// Runs the tool in it; it is killed after so many durable operations.
    fn stopped_after(&self, arguments: &str, operations: Option<u32>) -> Done {
        let stop = operations.map(|operations| format!("--env=LOOPSHIM_HOST_STOP_AFTER={operations}"));
        let options: Vec<&str> = stop.iter().map(String::as_str).collect();
        let words: Vec<&str> = [LOOPSHIM].into_iter().chain(arguments.split_whitespace()).collect();
        self.docker.run(&options, &words).into()
    }

    fn loopshim(&self, arguments: &str) -> Done {
        self.stopped_after(arguments, None)
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.root, &LEFT_OUT)
    }
}

/// A container of each layout, with something to be fixed in every way.
fn containers() -> impl Iterator<Item = (&'static str, Container)> {
    let kinds: [(&str, super::Make); 2] =
        [("Debian-like", Machine::of_debian), ("RPM-like", Machine::of_rpm)];
    kinds.into_iter().filter_map(move |(name, make)| {
        let machine = make()?;
        furnish(&machine, name);
        // No set-user-id: fuse-overlayfs loses that when a file gets a second name.
        machine.write("/usr/bin/pip3", 0o755, b"#!/bin/sh\necho pip\n");
        super::orphans::orphan_of_now(&machine, "hevnojky");
        Some((name, Container::of(&machine)?))
    })
}

/// What `apply` is told.
fn all() -> String {
    format!("--only {FIXES} --binaries /src/sets/all")
}

#[test]
fn applied_twice_and_taken_back_leaves_no_trace() {
    for (name, container) in containers() {
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
    for (name, container) in containers() {
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
    for (name, container) in containers() {
        let hold = ["sh", "-c", "cd /tmp/hevnojky && trap 'exit 0' TERM; while :; do sleep 1; done"];
        Done::from(container.docker.run(&["--detach"], &hold)).ok();
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
