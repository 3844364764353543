//! `apply --packages` with real package managers, from repositories of our own:
//! packages of the names that are wanted, each with the file by which it is
//! known, and others that these bring along or that need them.

mod apt;
mod dnf;

use std::fs;
use std::os::unix::process::CommandExt;

use super::Patient;
use crate::install::machine::{Done, Snapshot, run};

/// Kills whoever is at work, once: as a power cut would, loopshim and all.
const KILL: &str = "[ -e /src/killed ] || { : >/src/killed; kill -9 0; }";

/// A machine with a package manager.
struct Managed {
    patient: Patient,
    /// What the manager keeps for itself.
    books: &'static [&'static str],
}

impl Managed {
    fn snapshot(&self) -> Snapshot {
        self.patient.snapshot().without(self.books)
    }

    fn loopshim(&self, arguments: &str) -> Done {
        self.patient.loopshim(arguments)
    }

    /// Runs the tool where all that it runs can be killed along with it.
    fn killed(&self, arguments: &str) {
        let done = run(self.patient.command(arguments).process_group(0));
        assert_eq!(done.status, 137, "{}{}", done.stdout, done.stderr);
        // The last of those who were killed leaves the lock.
        let lock = fs::File::open(self.patient.machine.path("/run/loopshim/lock")).expect("the lock");
        lock.lock().expect("free");
    }

    fn has(&self, path: &str) -> bool {
        self.patient.machine.path(path).symlink_metadata().is_ok()
    }

    /// What needs a package of ours by now is left alone, and so is all of ours.
    fn refuses_while_needed(&self, before: &Snapshot, install: &str, remove: &str, told: &str) {
        self.loopshim("apply --only packages --packages").ok();
        self.patient.machine.sh(install).ok();
        let all_but_the_journal = || self.snapshot().without(&["var/lib/loopshim"]);
        let applied = all_but_the_journal();
        for undo in ["undo", "undo --force"] {
            self.loopshim(undo).one_line(5, told);
            all_but_the_journal().assert_is(&applied, "left alone");
        }
        self.patient.machine.sh(remove).ok();
        let told = self.loopshim("undo").ok().stdout;
        assert!(!told.contains("note: "), "all that came along goes, too: {told}");
        self.snapshot().assert_is(before, "taken back");
    }

    /// Whoever needs what came along keeps it.
    fn keeps_what_came_along_and_is_needed(&self, before: &Snapshot, install: &str, remove: &str) {
        self.loopshim("apply --only packages --packages").ok();
        self.patient.machine.sh(install).ok();
        let told = self.loopshim("undo").ok().stdout;
        assert!(told.contains("stays, for usercpp"), "{told}");
        assert!(self.has("/usr/bin/cpp") && !self.has("/usr/bin/gcc") && !self.has("/usr/bin/plugin"));
        self.patient.machine.sh(remove).ok();
        self.snapshot().assert_is(before, "and without it");
    }

    /// Killed by a script of a package, which kills its package manager; taken back,
    /// and completed and taken back.
    fn survives_a_kill_of_the_manager(&self, script: &str) {
        let before = self.snapshot();
        for is_completed in [false, true] {
            self.killed("apply --only packages --packages");
            if is_completed {
                let told = self.loopshim("apply --only packages --packages").ok().stdout;
                assert!(self.has("/usr/bin/htop") && self.has("/usr/bin/jq"), "{script}: {told}");
            }
            self.loopshim("undo --all").ok();
            self.snapshot().assert_is(&before, &format!("{script}, completed: {is_completed}"));
            fs::remove_file(self.patient.machine.path("/src/killed")).expect("the mark");
        }
    }

    /// Killed after each durable operation; completed every second time.
    fn survives_kills_at_each_step(&self, before: &Snapshot) {
        for operations in 1.. {
            let apply = "apply --only packages --packages";
            let killed = self.patient.stopped_after(apply, Some(operations)).status == 137;
            if killed && operations % 2 == 0 {
                self.loopshim(apply).ok();
                assert!(self.has("/usr/bin/htop"), "killed after {operations}, completed");
            }
            self.loopshim("undo --all").ok();
            self.snapshot().assert_is(before, &format!("killed after {operations}"));
            if !killed {
                assert!(operations > 5, "only {operations} operations");
                break;
            }
        }
    }
}
