//! Whoever would like something of others to be removed: thousands of folders,
//! most of them traps, drawn from a seed, with somebody who swaps names while
//! the cleaner is at work. Nothing but orphans may go, and nothing that they
//! lead to.

use std::ffi::{CString, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use loopshim_core::config::host::Host;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::*;
use crate::machine::Scope;
use crate::machine::commands::NoCommands;
use crate::machine::root::Root;

/// Cases in all, and in one tree.
const CASES: usize = 10_400;
const BATCH: usize = 520;

/// Xorshift64 (Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn letters(&mut self) -> String {
        (0..8).map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789_"[self.roll(37)])).collect()
    }
}

/// What must have become of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Goes,
    Stays,
    /// It was swapped while the cleaner looked: the orphan may go, what it was
    /// swapped with may not.
    Either,
}

struct Case {
    kind: usize,
    path: PathBuf,
    fate: Fate,
}

/// A tree with its cases, and what must outlive them.
struct Stage {
    folder: tempfile::TempDir,
    cases: Vec<Case>,
    /// Files that nobody may remove or change, with their texts.
    precious: Vec<(PathBuf, String)>,
    users: Vec<Child>,
    locks: Vec<fs::File>,
    swaps: Vec<(PathBuf, PathBuf)>,
}

const KINDS: usize = 17;

impl Stage {
    fn new(dice: &mut Dice) -> Self {
        let folder = in_memory();
        for name in ["tmp", "home", "proc"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        fs::set_permissions(folder.path().join("tmp"), PermissionsExt::from_mode(0o1777)).expect("a mode");
        let mut stage = Self {
            folder,
            cases: Vec::new(),
            precious: Vec::new(),
            users: Vec::new(),
            locks: Vec::new(),
            swaps: Vec::new(),
        };
        for _ in 0..BATCH {
            let kind = dice.roll(KINDS);
            stage.case(dice, kind);
        }
        stage
    }

    fn precious(&mut self, path: PathBuf) -> PathBuf {
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        let text = format!("precious {}", self.precious.len());
        fs::write(&path, &text).expect("a file");
        self.precious.push((path.clone(), text));
        path
    }

    /// A source folder as a copied package is, with a file or two.
    fn orphan(&mut self, dice: &mut Dice) -> PathBuf {
        let path = loop {
            let path = self.folder.path().join("tmp").join(dice.letters());
            if !path.exists() {
                break path;
            }
        };
        fs::create_dir_all(path.join("monitor_v2/core")).expect("a folder");
        fs::write(path.join("setup.py"), "setup(name='monitor-v2', version='0.0.3')").expect("a file");
        fs::write(path.join("monitor_v2/core/a.py"), "x = 1").expect("a file");
        path
    }

    fn case(&mut self, dice: &mut Dice, kind: usize) {
        let number = self.cases.len();
        let home = self.folder.path().join(format!("home/{number}"));
        let mut path = self.orphan(dice);
        let renamed = |name: OsString| {
            let to = path.with_file_name(name);
            fs::rename(&path, &to).expect("a rename");
            to
        };
        let fate = match kind {
            0 => Fate::Goes,
            1 => {
                path = renamed(format!("pip-uninstall-{}", dice.letters()).into());
                Fate::Goes
            }
            2 => {
                let name =
                    [b"research1", &b"Abcdefgh"[..], b"abc defg", b"abcdefg\n", b"\xffbcdefgh", b"snap.lxd"]
                        [dice.roll(6)];
                path = renamed(OsString::from_vec([name, format!("-{number}").as_bytes()].concat()));
                Fate::Stays
            }
            3 => {
                fs::write(path.join("setup.py"), "setup(name='somebodys-work')").expect("a file");
                Fate::Stays
            }
            4 => {
                // A link called as an orphan, to a folder that looks like one.
                let target = home.join("work");
                self.precious(target.join("thesis"));
                fs::write(target.join("setup.py"), "setup(name='monitor-v2')").expect("a file");
                fs::remove_dir_all(&path).expect("removed");
                symlink(&target, &path).expect("a link");
                Fate::Stays
            }
            5 => {
                if chown(&path, Some(4242), Some(4242)).is_err() {
                    return;
                }
                Fate::Stays
            }
            6 if self.users.len() < 6 => {
                self.user(&path, dice.roll(3));
                Fate::Stays
            }
            7 => {
                let precious = self.precious(home.join("linked"));
                fs::hard_link(precious, path.join("monitor_v2/linked")).expect("a link");
                Fate::Goes
            }
            8 => {
                let precious = self.precious(home.join("folder/file"));
                symlink(precious.parent().expect("a parent"), path.join("monitor_v2/out")).expect("a link");
                symlink(&precious, path.join("setup.cfg.link")).expect("a link");
                symlink("../../..", path.join("up")).expect("a link");
                Fate::Goes
            }
            9 => {
                let file =
                    fs::File::options().write(true).open(path.join("monitor_v2/core/a.py")).expect("a file");
                file.set_modified(later()).expect("a time");
                Fate::Stays
            }
            10 => {
                fs::remove_dir_all(&path).expect("removed");
                fs::write(&path, "a file, not a folder").expect("a file");
                Fate::Stays
            }
            11 => {
                let file = fs::File::open(path.join("setup.py")).expect("a file");
                file.lock().expect("a lock");
                self.locks.push(file);
                Fate::Stays
            }
            12 => {
                for name in [&b"a\nb"[..], b"-rf", b"\xff\xfe", b"*", b". ."] {
                    fs::write(path.join(OsString::from_vec(name.to_vec())), "x").expect("a file");
                }
                Fate::Goes
            }
            // Swapped after it was found, by a folder or a link to one.
            13 | 14 => {
                let other = home.join("other");
                self.precious(other.join("mine"));
                fs::write(other.join("setup.py"), "setup(name='monitor-v2')").expect("a file");
                self.swaps.push((path.clone(), if kind == 13 { other } else { link_to(&home, &other) }));
                Fate::Either
            }
            15 => {
                // Without metadata, or with a FIFO in its place.
                fs::remove_file(path.join("setup.py")).expect("removed");
                let name = CString::new(path.join("setup.py").as_os_str().as_bytes()).expect("a name");
                let made = rustix::fs::mknodat(CWD, &name, rustix::fs::FileType::Fifo, 0o600.into(), 0);
                made.expect("a FIFO");
                Fate::Stays
            }
            _ => {
                path = renamed(format!("pip-something-{}", dice.letters()).into());
                Fate::Stays
            }
        };
        self.cases.push(Case { kind, path, fate });
    }

    /// A process that uses something in the folder.
    fn user(&mut self, path: &Path, way: usize) {
        let mut command = Command::new("sleep");
        command.arg("600").stdin(Stdio::null());
        match way {
            0 => drop(command.current_dir(path.join("monitor_v2"))),
            1 => drop(command.stdin(fs::File::open(path.join("setup.py")).expect("a file"))),
            _ => {
                // sh keeps its arguments, and waits for what it reads.
                command = Command::new("sh");
                command.args(["-c", "read line", "sh"]).arg(path.join("setup.py")).stdin(Stdio::piped());
            }
        }
        self.users.push(command.spawn().expect("a process"));
    }

    fn machine(&self) -> Machine {
        let root = Root::open(self.folder.path()).expect("a root");
        let mut machine = Machine::staged(root, Scope::Files, Box::new(NoCommands));
        machine.clock = later;
        machine
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for user in &mut self.users {
            // It may have ended by itself; then there is nothing to end.
            let _ = user.kill().and_then(|()| user.wait());
        }
    }
}

/// A folder on a file system in memory where there is one. A journal would let
/// cleaner and swapper wait for the disk at each of their renames.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// Old enough for everything that is made now.
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(2 * 3600)
}

fn link_to(home: &Path, other: &Path) -> PathBuf {
    let link = home.join("link");
    symlink(other, &link).expect("a link");
    link
}

/// Swaps each pair over and over until told to stop.
fn swap(pairs: &[(PathBuf, PathBuf)], stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        for (one, other) in pairs {
            // While one of them is elsewhere there is nothing to swap.
            let _ = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
        }
        std::thread::yield_now();
    }
}

#[test]
fn nothing_but_orphans_goes() {
    let mut dice = Dice(0x005e_ed0f_ad5e_7541);
    let mut seen = [0_usize; KINDS];
    let mut gone = 0;
    for batch in 0..CASES / BATCH {
        let stage = Stage::new(&mut dice);
        let machine = stage.machine();
        let rules = Rules::of(&machine, &Host::default());
        let findings = scan(&machine, &rules);
        let orphans: Vec<Orphan> = findings.iter().filter_map(Finding::orphan).cloned().collect();
        let stop = Arc::new(AtomicBool::new(false));
        // Some are swapped now, the others all the time from now on.
        let (before, during) = stage.swaps.split_at(stage.swaps.len() / 2);
        for (one, other) in before {
            renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).expect("a swap");
        }
        let swapper = std::thread::spawn({
            let (pairs, stop) = (during.to_vec(), Arc::clone(&stop));
            move || swap(&pairs, &stop)
        });
        let removals = remove(&machine, &rules, &orphans, &Target::Nowhere);
        stop.store(true, Ordering::Relaxed);
        swapper.join().expect("no panic");
        assert_eq!(removals.len(), orphans.len());
        for case in &stage.cases {
            seen[case.kind] += 1;
            let is_there = fs::symlink_metadata(&case.path).is_ok();
            let what = format!("batch {batch}, kind {}: {}", case.kind, case.path.display());
            match case.fate {
                Fate::Goes => assert!(!is_there, "{what} is still there: {:?}", why(&findings, &case.path)),
                Fate::Stays => assert!(is_there, "{what} is gone"),
                Fate::Either => {}
            }
            gone += usize::from(!is_there);
        }
        for (path, text) in &stage.precious {
            let elsewhere = || swapped(path, &stage.swaps);
            let found = fs::read_to_string(path)
                .ok()
                .or_else(|| elsewhere().and_then(|path| fs::read_to_string(path).ok()));
            assert_eq!(found.as_ref(), Some(text), "batch {batch}: {}", path.display());
        }
        let left = fs::read_dir(stage.folder.path().join("tmp")).expect("a folder").flatten();
        let ours: Vec<_> = left
            .map(|entry| entry.file_name())
            .filter(|name| name.as_bytes().starts_with(b".loopshim"))
            .collect();
        assert!(ours.is_empty(), "batch {batch}: left {ours:?}");
    }
    assert!(seen.iter().all(|count| *count > 0), "not all kinds were drawn: {seen:?}");
    assert!(seen.iter().sum::<usize>() >= 10_000, "too few cases: {seen:?}");
    assert!(gone > 2000, "only {gone} went");
}

/// Where a precious file is after a swap of the folder it was in.
fn swapped(path: &Path, swaps: &[(PathBuf, PathBuf)]) -> Option<PathBuf> {
    let (one, _) = swaps.iter().find(|(_, other)| path.parent() == Some(other))?;
    Some(one.join(path.file_name()?))
}

fn why<'f>(findings: &'f [Finding], path: &Path) -> Option<&'f str> {
    let name = path.file_name()?.to_str()?;
    findings.iter().filter_map(Finding::left).find(|(left, _)| left.ends_with(name)).map(|(_, why)| why)
}

#[test]
fn what_is_quarantined_is_whole_and_what_is_not_sticky_is_not_looked_at() {
    let mut dice = Dice(7);
    let mut stage = Stage::new(&mut dice);
    stage.cases.clear();
    fs::remove_dir_all(stage.folder.path().join("tmp")).expect("removed");
    fs::create_dir(stage.folder.path().join("tmp")).expect("a folder");
    let path = stage.orphan(&mut dice);
    let machine = stage.machine();
    let rules = Rules::of(&machine, &Host::default());
    assert_eq!(scan(&machine, &rules), [], "a folder that is not sticky");
    fs::set_permissions(stage.folder.path().join("tmp"), PermissionsExt::from_mode(0o1777)).expect("a mode");
    let orphans: Vec<Orphan> = scan(&machine, &rules).iter().filter_map(Finding::orphan).cloned().collect();
    assert_eq!(orphans.len(), 1);
    fs::create_dir(stage.folder.path().join("kept")).expect("a folder");
    let target = Target::Quarantine(machine.root.place("/kept").expect("a place"));
    assert_eq!(remove(&machine, &rules, &orphans, &target), [Removal::Done]);
    let kept = stage.folder.path().join("kept").join(path.file_name().expect("a name"));
    assert_eq!(fs::read_to_string(kept.join("monitor_v2/core/a.py")).ok().as_deref(), Some("x = 1"));
    assert!(!path.exists());
}
