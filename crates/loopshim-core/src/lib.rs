//! The core library: takes an invocation of `ipmitool` (and, in their turn,
//! `pip3` and `rsync`) and answers it as the original would on the modelled
//! machine.
//!
//! The outside world is one value, [`World`]; nothing else in the crate reads
//! arguments, variables, clocks or streams.

pub mod config;
pub mod ipmitool;
pub mod json_file;
pub mod marker;
pub mod octets;
pub mod original;
pub mod trusted;
pub mod world;

use std::process::ExitCode;

pub use world::World;

/// The programs a shim can stand in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `ipmitool`, a client of a baseboard management controller.
    Ipmitool,
}

impl Tool {
    /// The name the tool is installed under, and the original's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipmitool => "ipmitool",
        }
    }
}

/// Runs `tool` on the process's own arguments, environment and streams.
pub fn main(tool: Tool) -> ExitCode {
    let mut world = World::of_this_process();
    run(tool, &mut world)
}

/// Runs `tool` in a given world.
pub fn run(tool: Tool, world: &mut World) -> ExitCode {
    match tool {
        Tool::Ipmitool => ipmitool::run(world),
    }
}
