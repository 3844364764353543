//! A private directory for what pip makes while it works, removed afterwards
//! whatever happens: by us, or, where we were killed, by the next run.
//!
//! A mark in the runtime directory names each one and is locked as long as its
//! supervisor or its pip lives.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    mark: File,
    path: PathBuf,
    parent: PathBuf,
}

impl Temporary {
    /// Makes one where the caller's temporary files go.
    ///
    /// # Errors
    /// When it cannot be made; then pip has to do with the caller's.
    pub fn make(world: &World, runtime: &TrustedDir) -> io::Result<Self> {
        let parent = parent(world);
        let number = format!("{:016x}", super::random());
        let path = parent.join(format!("{DIRECTORY}{number}"));
        let mark_name = format!("{MARK}{number}");
        // Locked under another name first: a mark that is not locked is dead.
        let draft = format!("{DRAFT}{number}");
        let mut mark = super::patiently(|| runtime.append(&draft))?;
        mark.try_lock().map_err(io::Error::other)?;
        mark.write_all(&Fields::default().with("path", path.as_os_str().as_bytes()).encode())?;
        runtime.rename(&draft, &mark_name)?;
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        if made.is_err() {
            runtime.remove(&mark_name)?;
        }
        made.map(|()| Self { runtime: runtime.clone(), mark_name, mark, path, parent })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where its place would be taken by the caller's own.
    pub fn parent(&self) -> &Path {
        &self.parent
    }

    /// The lock, to be handed down.
    pub fn file(&self) -> &File {
        &self.mark
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
    if mark.try_lock().is_err() {
        return Ok(());
    }
    let mut text = Vec::new();
    (&mark).take(64 << 10).read_to_end(&mut text)?;
    let fields = Fields::decode(&text);
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
