//! Directories of ours: for root the system's, for others their own.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::PathBuf;

use crate::World;
use crate::trusted::TrustedDir;

/// Where things of one user's requests are. Each may be missing: on a machine
/// where nothing can be written, requests are still locked and run.
#[derive(Debug)]
pub struct Places {
    /// What a restart may lose: queues, caches, marks of temporary directories.
    pub runtime: Option<TrustedDir>,
    /// What it may not: journal, breakers.
    pub state: Option<TrustedDir>,
    /// Metadata set aside.
    pub quarantine: Option<TrustedDir>,
    /// The ledger.
    pub log: Option<TrustedDir>,
}

impl Places {
    /// Finds or makes them.
    pub fn prepare(world: &World) -> Self {
        if rustix::process::geteuid().is_root() { Self::of_root(world) } else { Self::of_user(world) }
    }

    fn of_root(world: &World) -> Self {
        let state = nested(world, &["/var/lib/loopshim", "/var/lib/loopshim/pip"]);
        Self {
            runtime: runtime(world),
            state: state.ok(),
            quarantine: nested(world, &["/var/lib/loopshim", "/var/lib/loopshim/quarantine"]).ok(),
            log: nested(world, &["/var/log/loopshim"]).ok(),
        }
    }

    fn of_user(world: &World) -> Self {
        let home = |variable: &str, below: &str| {
            let path = PathBuf::from(world.var(variable).filter(|path| !path.is_empty())?).join(below);
            path.is_absolute().then(|| path.to_str().map(str::to_owned)).flatten()
        };
        let state = home("XDG_STATE_HOME", "loopshim").or_else(|| home("HOME", ".local/state/loopshim"));
        let state = state.filter(|path| {
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(world.path(path));
            made.is_ok()
        });
        let below = |name: &str| nested(world, &[&format!("{}{name}", state.as_deref()?)]).ok();
        Self {
            runtime: runtime(world),
            state: below("/pip"),
            quarantine: below("/quarantine"),
            log: below("/log"),
        }
    }

    /// Whether something could not be had.
    pub fn is_degraded(&self) -> bool {
        self.runtime.is_none() || self.state.is_none()
    }
}

/// What a restart may lose: see [`Places::runtime`].
pub fn runtime(world: &World) -> Option<TrustedDir> {
    let own = if rustix::process::geteuid().is_root() {
        nested(world, &["/run/loopshim", "/run/loopshim/pip"])
    } else {
        let path = world.var("XDG_RUNTIME_DIR").and_then(|path| path.into_string().ok());
        match path.as_deref().filter(|path| is_private(world, path)) {
            Some(path) => nested(world, &[&format!("{path}/loopshim")]),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    };
    own.or_else(|_| temporary(world)).ok()
}

/// Makes directories, each in the one before; the last one is private.
fn nested(world: &World, paths: &[&str]) -> io::Result<TrustedDir> {
    let (last, before) = paths.split_last().ok_or(io::ErrorKind::NotFound)?;
    for path in before {
        TrustedDir::open_or_make(world, path, 0o755)?;
    }
    let opened = TrustedDir::open_or_make(world, last, 0o700)?;
    // What can be read may not be writable.
    if rustix::fs::access(opened.path(), rustix::fs::Access::WRITE_OK).is_err() {
        return Err(io::ErrorKind::ReadOnlyFilesystem.into());
    }
    Ok(opened)
}

/// `/tmp/loopshim-UID`: where there is no better place for what a restart may lose.
fn temporary(world: &World) -> io::Result<TrustedDir> {
    let user = rustix::process::geteuid().as_raw();
    nested(world, &[&format!("/tmp/loopshim-{user}")])
}

fn is_private(world: &World, path: &str) -> bool {
    let found = std::fs::symlink_metadata(world.path(path));
    path.starts_with('/')
        && found.is_ok_and(|found| {
            found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0
        })
}
