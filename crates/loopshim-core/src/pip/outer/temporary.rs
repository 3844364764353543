//! A private directory for what pip makes while it works, removed afterwards
//! whatever happens: by us, or, where we were killed, by the next run.
//!
//! A mark in the runtime directory names each one, and whose it is: that of a
//! place in a queue, which is locked as long as its supervisor or its pip lives;
//! where there is no queue, the mark itself is locked that long.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::builds::Moment;
use super::queue::Queue;
use super::turn::Turn;
use crate::World;
use crate::pip::fields::Fields;
use crate::trusted::TrustedDir;

/// A mark's name: this and a number.
const MARK: &str = "temporary-";
/// A mark's name until it is locked.
const DRAFT: &str = "draft-";
/// How long a draft is let be: nobody takes that long to lock it.
const DRAFT_AGE: Duration = Duration::from_secs(600);
/// A directory's name: this and the same number.
const DIRECTORY: &str = "loopshim-pip-";

/// A private directory.
#[derive(Debug)]
pub struct Temporary {
    runtime: TrustedDir,
    mark_name: String,
    /// Locked, where no ticket is.
    mark: Option<File>,
    path: PathBuf,
    parent: PathBuf,
}

impl Temporary {
    /// Makes one where the caller's temporary files go, for as long as this turn
    /// in the queue of that name lasts.
    ///
    /// # Errors
    /// When it cannot be made; then pip has to do with the caller's.
    pub fn make(world: &World, runtime: &TrustedDir, queue: &str, turn: &Turn) -> io::Result<Self> {
        let parent = parent(world);
        let number = format!("{:016x}", super::random());
        let path = parent.join(format!("{DIRECTORY}{number}"));
        let mark_name = format!("{MARK}{number}");
        // Locked under another name first: a mark that is not locked is dead.
        let draft = format!("{DRAFT}{number}");
        let mut mark = super::patiently(|| runtime.append(&draft))?;
        mark.try_lock().map_err(io::Error::other)?;
        let mut fields = Fields::default().with("path", path.as_os_str().as_bytes());
        if let Some(ticket) = &turn.ticket {
            fields = fields.with("queue", queue).with("ticket", ticket.number.to_string());
        }
        mark.write_all(&fields.encode())?;
        runtime.rename(&draft, &mark_name)?;
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        if made.is_err() {
            runtime.remove(&mark_name)?;
        }
        let mark = Some(mark).filter(|_| turn.ticket.is_none());
        made.map(|()| Self { runtime: runtime.clone(), mark_name, mark, path, parent })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// When it was last changed: right after it was made, that is now.
    pub fn changed(&self) -> Option<Moment> {
        let found = std::fs::symlink_metadata(&self.path).ok()?;
        Some((found.ctime(), found.ctime_nsec()))
    }

    /// Where its place would be taken by the caller's own.
    pub fn parent(&self) -> &Path {
        &self.parent
    }

    /// A lock of its own, to be handed down.
    pub fn lock(&self) -> Option<&File> {
        self.mark.as_ref()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed keeps its mark, for the next run.
        if remove(&self.path).is_ok() {
            let _ = self.runtime.remove(&self.mark_name);
        }
    }
}

/// Where Python would put temporary files: `TMPDIR` and so on, if it can.
fn parent(world: &World) -> PathBuf {
    let usable = |path: &PathBuf| {
        path.is_absolute() && path.is_dir() && rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
    };
    let given = ["TMPDIR", "TEMP", "TMP"].into_iter().filter_map(|name| world.var(name)).map(PathBuf::from);
    given
        .chain(["/tmp", "/var/tmp", "/usr/tmp"].map(PathBuf::from))
        .find(usable)
        .unwrap_or_else(|| "/tmp".into())
}

/// Removes the directories of those who died.
pub fn purge(runtime: &TrustedDir) {
    for name in runtime.names().unwrap_or_default() {
        if name.starts_with(MARK) {
            // One that cannot be removed now is tried again.
            let _ = purge_one(runtime, &name);
        } else if name.starts_with(DRAFT) && is_old(runtime, &name) {
            let _ = runtime.remove(&name);
        }
    }
}

fn is_old(runtime: &TrustedDir, name: &str) -> bool {
    let changed = std::fs::symlink_metadata(runtime.path().join(name)).and_then(|found| found.modified());
    changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > DRAFT_AGE))
}

fn purge_one(runtime: &TrustedDir, name: &str) -> io::Result<()> {
    let mark = runtime.read(name)?;
    let mut text = Vec::new();
    (&mark).take(64 << 10).read_to_end(&mut text)?;
    let fields = Fields::decode(&text);
    if mark.try_lock().is_err() || fields.as_ref().is_some_and(|fields| is_in_its_turn(runtime, fields)) {
        return Ok(());
    }
    let path = fields
        .as_ref()
        .and_then(|fields| fields.bytes("path"))
        .map(|path| Path::new(OsStr::from_bytes(path)));
    let is_ours = |path: &Path| {
        let named = path.file_name().and_then(OsStr::to_str).and_then(|name| name.strip_prefix(DIRECTORY));
        named == name.strip_prefix(MARK)
    };
    if let Some(path) = path.filter(|path| is_ours(path)) {
        remove(path)?;
    }
    runtime.remove(name)
}

/// Whether the turn that a mark names goes on.
fn is_in_its_turn(runtime: &TrustedDir, mark: &Fields) -> bool {
    let (Some(queue), Some(number)) = (mark.text("queue"), mark.number("ticket")) else { return false };
    match TrustedDir::at(&runtime.path().join(queue)) {
        Ok(directory) => Queue::new(directory).is_taken(number),
        // Without a queue there are no turns in it.
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn remove(path: &Path) -> io::Result<()> {
    let found = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    std::fs::remove_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::super::queue::Holder;
    use super::*;

    #[test]
    fn what_is_left_goes_when_its_turn_is_over_and_not_before() {
        let root = std::env::temp_dir().join(format!("loopshim-temporary-{}", super::super::random()));
        std::fs::create_dir(&root).expect("a folder");
        let mut world = World::of_this_process();
        world.root = root.clone();
        let runtime = TrustedDir::open_or_make(&world, "/runtime", 0o700).expect("a directory");
        let queue = Queue::new(runtime.below("queue-x", 0o700).expect("a directory"));
        let holder = Holder { number: 0, pid: 1, command: String::new(), since: Duration::ZERO };
        let ticket = Some(queue.draw(&holder).expect("a ticket"));
        for turn in [Turn { ticket, ..Turn::default() }, Turn::default()] {
            let private = Temporary::make(&world, &runtime, "queue-x", &turn).expect("a directory");
            assert_eq!(private.lock().is_some(), turn.ticket.is_none());
            let path = private.path().to_owned();
            purge(&runtime);
            assert!(path.is_dir(), "its turn is not over");
            // As if it were killed: nothing is removed, but all locks are gone.
            let mut private = std::mem::ManuallyDrop::new(private);
            private.mark = None;
            drop(turn);
            purge(&runtime);
            assert!(!path.exists(), "its turn is over");
        }
        assert_eq!(runtime.names().expect("names"), ["queue-x"]);
        std::fs::remove_dir_all(&root).expect("removed");
    }
}
