//! What each command does with the machine, the fixes and the checks.

pub(crate) mod apply;
pub(crate) mod calls;
pub(crate) mod clean;
pub(crate) mod collect;
pub(crate) mod doctor;
pub(crate) mod documents;
pub(crate) mod edit_lines;
pub(crate) mod pip;
pub(crate) mod plan;
pub(crate) mod selection;
pub(crate) mod undo;
pub(crate) mod verify;

use std::path::PathBuf;

use loopshim_core::config::{self, host::Host};

use crate::cli::{Common, Means};
use crate::fixes::Context;
use crate::machine::Machine;
use crate::output::{Failure, Status};
use crate::shim;

/// What every command works with.
pub(crate) struct Session {
    pub(crate) machine: Machine,
    pub(crate) settings: Host,
    pub(crate) json: bool,
    pub(crate) colour: bool,
}

impl Session {
    pub(crate) fn open(common: &Common, root: PathBuf) -> Result<Self, Failure> {
        let root = std::path::absolute(&root).unwrap_or(root);
        let machine = Machine::open(&root).map_err(|error| {
            Failure::usage(format!("{} cannot be taken as root: {error}", root.display()))
        })?;
        let path = common.config.clone().unwrap_or_else(|| machine.root.path(config::PATH));
        if common.config.is_some() && !path.exists() {
            return Err(Failure::usage(format!("{} is not there", path.display())));
        }
        let settings = Host::load(&path).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Self { machine, settings, json: common.json, colour: common.color.is_wanted() })
    }

    pub(crate) fn context(&self, means: &Means) -> Context<'_> {
        let binaries =
            means.binaries.as_ref().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
        Context {
            machine: &self.machine,
            settings: &self.settings,
            packages: means.packages,
            binaries: binaries.or_else(shim::own_folder),
        }
    }

    /// Refuses what only root may do on a running machine.
    pub(crate) fn require_root(&self, what: &str) -> Result<(), Failure> {
        if Machine::is_root() || !self.machine.is_live() {
            return Ok(());
        }
        Err(Failure {
            status: Status::Failed,
            message: format!("{what} changes this machine: run it as root (sudo loopshim {what})"),
        })
    }
}
