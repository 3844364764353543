//! One change at a time: `/run/loopshim/lock`. In a tree of files the tree
//! itself is locked, so that nothing is left in it.

use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use loopshim_core::trusted::TrustedDir;

use crate::machine::Machine;
use crate::output::{Failure, Status};

/// The folder of the lock file.
const FOLDER: &str = "/run/loopshim";
/// Its name.
const FILE: &str = "lock";

/// The lock; it lasts as long as this value.
#[derive(Debug)]
pub(crate) struct Lock(File);

/// Programs that were run have it as well, and those being started for a moment.
impl Drop for Lock {
    fn drop(&mut self) {
        // Closing it would free it too, if later.
        let _ = self.0.unlock();
    }
}

impl Lock {
    /// Takes it.
    ///
    /// # Errors
    /// When another process has it, or it cannot be had at all.
    pub(crate) fn take(machine: &Machine) -> Result<Self, Failure> {
        let file = open(machine).map_err(|error| format!("cannot open the lock {FOLDER}/{FILE}: {error}"))?;
        match file.try_lock() {
            Ok(()) => {
                *machine.lock.borrow_mut() = file.try_clone().ok();
                Ok(Self(file))
            }
            Err(TryLockError::WouldBlock) => Err(Failure { status: Status::Locked, message: taken(&file) }),
            Err(TryLockError::Error(error)) => Err(format!("cannot lock {FOLDER}/{FILE}: {error}").into()),
        }
    }
}

/// A folder's lock, which leaves nothing behind; it lasts as long as this value.
#[derive(Debug)]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "held, not read")] File);

impl FolderLock {
    /// Waits for it; `waiting` is told for whom, if somebody has it.
    ///
    /// # Errors
    /// When it cannot be had at all.
    pub(crate) fn wait_for(folder: &Path, waiting: impl FnOnce(&str)) -> io::Result<Self> {
        let file = File::open(folder)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting(&who(&file));
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(Self(file))
    }
}

fn open(machine: &Machine) -> io::Result<File> {
    if !machine.is_live() {
        return File::open(machine.root.path("/"));
    }
    TrustedDir::at_or_made(&machine.root.path(FOLDER), 0o755)?.append(FILE)
}

fn taken(file: &File) -> String {
    format!("{} is changing this machine: try again when it is done", who(file))
}

/// The process that holds a lock, in words.
fn who(file: &File) -> String {
    holder(file, Path::new("/proc"))
        .map_or_else(|| "another process".to_owned(), |(pid, command)| format!("process {pid} ({command})"))
}

/// The process that holds a lock, by `/proc/locks` (`proc(5)`), and its command line.
fn holder(file: &File, proc: &Path) -> Option<(u32, String)> {
    let found = file.metadata().ok()?;
    let (device, inode) = (found.dev(), found.ino());
    let name = format!("{:02x}:{:02x}:{inode}", rustix::fs::major(device), rustix::fs::minor(device));
    let locks = std::fs::read_to_string(proc.join("locks")).ok()?;
    let line = locks
        .lines()
        .find(|line| line.contains("FLOCK") && line.split_whitespace().any(|word| word == name))?;
    let taker: u32 = line.split_whitespace().nth(4)?.parse().ok()?;
    // Whoever took it was killed: a program that he ran has it from him.
    let pid = if proc.join(taker.to_string()).exists() { taker } else { heir(&found, proc)? };
    let words = std::fs::read(proc.join(format!("{pid}/cmdline"))).ok()?;
    Some((pid, String::from_utf8_lossy(&words).trim_end_matches('\0').replace('\0', " ")))
}

/// The first process whose standard input a lock's file is.
fn heir(lock: &Metadata, proc: &Path) -> Option<u32> {
    let processes = std::fs::read_dir(proc).ok()?.flatten();
    let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| {
        let stdin = std::fs::metadata(proc.join(format!("{pid}/fd/0")));
        stdin.is_ok_and(|stdin| (stdin.dev(), stdin.ino()) == (lock.dev(), lock.ino()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Scope;
    use crate::machine::commands::NoCommands;
    use crate::machine::root::Root;

    #[test]
    fn the_second_is_told_who_is_first() {
        let folder = tempfile::tempdir().expect("a folder");
        for scope in [Scope::Files, Scope::Live] {
            std::fs::create_dir_all(folder.path().join("run")).expect("a folder");
            let machine = || {
                let root = Root::open(folder.path()).expect("a root");
                Machine::staged(root, scope, Box::new(NoCommands))
            };
            let first = Lock::take(&machine()).expect("a lock");
            let failure = Lock::take(&machine()).expect_err("a second lock");
            assert_eq!(failure.status, Status::Locked);
            assert!(
                failure.message.starts_with(&format!("process {} (", std::process::id())),
                "{}",
                failure.message
            );
            drop(first);
            Lock::take(&machine()).expect("free again");
        }
    }

    /// A package manager goes on when whoever ran it is killed.
    #[test]
    fn what_a_killed_one_was_running_is_named() {
        use std::process::{Command, Stdio};
        let folder = tempfile::tempdir().expect("a folder");
        let lock = File::create_new(folder.path().join("lock")).expect("a file");
        // The shell takes the lock and ends; what it ran reads until there is no writer.
        // By another handle: a shell gives what it runs beside itself /dev/null first.
        let script = "exec 3<&0; flock -n 3 && mkfifo fifo && { cat fifo <&3 3<&- >/dev/null & }";
        let mut taker = Command::new("sh");
        taker.args(["-c", script]).current_dir(folder.path()).stdin(Stdio::from(lock)).stdout(Stdio::null());
        assert!(taker.status().expect("a shell").success());
        drop(taker);
        // There is a writer once it reads, with the lock as its standard input.
        let writer = File::options().write(true).open(folder.path().join("fifo")).expect("the fifo");
        let lock = File::open(folder.path().join("lock")).expect("the file");
        assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
        let (_, command) = holder(&lock, Path::new("/proc")).expect("a holder");
        assert_eq!(command, "cat fifo");
        drop(writer);
        lock.lock().expect("free once it ends");
    }
}
