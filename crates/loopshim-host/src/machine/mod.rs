//! The machine a command works on, as one value: its files, its commands, its
//! clock. A real one is `/` with everything live; `--root DIR` is a tree of
//! files alone; tests stage both.

pub mod commands;
pub mod diff;
pub mod files;
pub mod packages;
pub mod root;
#[cfg(test)]
pub(crate) mod staged;
pub mod tree;

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use commands::{Commands, NoCommands, OfThisSystem};
use root::Root;

/// After how many durable operations the process is to be killed as a power
/// cut would; for the tests that walk through all of them.
pub const STOP_AFTER: &str = "LOOPSHIM_HOST_STOP_AFTER";

/// What of a machine may be touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Files, the running kernel's values, services, packages.
    Live,
    /// Files alone: the tree is an image, or another machine's.
    Files,
}

/// The machine.
pub struct Machine {
    /// Its files, `/proc` and `/sys` among them.
    pub root: Root,
    /// What may be touched.
    pub scope: Scope,
    /// Its programs.
    pub commands: Box<dyn Commands>,
    /// The time.
    pub clock: fn() -> SystemTime,
    /// What it is locked by, while it is.
    pub(crate) lock: RefCell<Option<File>>,
    stop_after: Cell<Option<u64>>,
}

impl Machine {
    /// This machine, or the tree at `root`.
    ///
    /// # Errors
    /// When the root cannot be opened.
    pub fn open(root: &Path) -> io::Result<Self> {
        let live = root == Path::new("/");
        let commands: Box<dyn Commands> = if live { Box::new(OfThisSystem) } else { Box::new(NoCommands) };
        let scope = if live { Scope::Live } else { Scope::Files };
        let mut machine = Self::staged(Root::open(root)?, scope, commands);
        let stop = std::env::var(STOP_AFTER).ok().and_then(|number| number.parse().ok());
        machine.stop_after = Cell::new(stop);
        Ok(machine)
    }

    /// A machine of these parts.
    pub fn staged(root: Root, scope: Scope, commands: Box<dyn Commands>) -> Self {
        Self {
            root,
            scope,
            commands,
            clock: SystemTime::now,
            lock: RefCell::new(None),
            stop_after: Cell::new(None),
        }
    }

    /// Whether the running system may be asked and changed.
    pub fn is_live(&self) -> bool {
        self.scope == Scope::Live
    }

    /// Time since 1970.
    pub fn now(&self) -> Duration {
        (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// Called after each durable operation: here a test may end the process.
    pub fn checkpoint(&self) {
        let Some(left) = self.stop_after.get() else { return };
        if left <= 1 {
            // SIGKILL to oneself is delivered before the call returns.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
        self.stop_after.set(Some(left.saturating_sub(1)));
    }

    /// Whether this process is root's.
    pub fn is_root() -> bool {
        rustix::process::geteuid().is_root()
    }
}
