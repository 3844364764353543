//! The core library: takes an invocation of `ipmitool` (and, in their turn,
//! `pip3` and `rsync`) and answers it as the original would on the modelled
//! machine.
//!
//! The outside world is one value, [`World`]; nothing else in the crate reads
//! arguments, variables, clocks or streams.

pub mod config;
mod decimal;
mod file;
pub mod handles;
pub mod ipmitool;
mod json;
pub mod json_file;
pub mod ledger;
pub mod life;
pub mod marker;
pub mod memory;
pub mod model;
pub mod octets;
pub mod original;
mod packed;
pub mod pip;
mod process;
pub mod recorder;
pub mod redact;
mod rotated;
pub mod trusted;
pub mod variables;
pub mod world;

use std::io::Write;
use std::process::ExitCode;

pub use config::Config;
pub use original::Original;
pub use variables::Variables;
pub use world::World;

use recorder::Recorder;

/// The programs a shim can stand in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `ipmitool`, a client of a baseboard management controller.
    Ipmitool,
    /// `pip3`, the installer of Python packages.
    Pip3,
    /// `rsync`, which copies files to and from other machines.
    Rsync,
}

impl Tool {
    /// The name the tool is installed under, and the original's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipmitool => "ipmitool",
            Self::Pip3 => "pip3",
            Self::Rsync => "rsync",
        }
    }
}

/// Answers an invocation of one tool. Each shim names its own, so that no
/// program carries another's code.
pub type Answer = fn(&mut World, &Config, FindOriginal) -> Ending;

/// Runs `tool` on the process's own arguments, environment and streams.
pub fn main(tool: Tool, answer: Answer) -> ExitCode {
    let mut world = World::of_this_process();
    let status = run(tool, answer, &mut world);
    // The kernel takes it back whole, and faster.
    std::mem::forget(world);
    status
}

/// How a tool ends an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It has answered, with this status.
    Status(u8),
    /// The original is to answer; nothing has been read or printed.
    Original(Original),
}

/// Looks for the original of a tool.
pub type FindOriginal = fn(&World, Tool) -> Option<Original>;

/// Runs `tool` in a given world.
pub fn run(tool: Tool, answer: Answer, world: &mut World) -> ExitCode {
    let config = match Config::load(world) {
        Ok(config) => config,
        Err(error) => {
            refuse(tool, world, &error);
            return ExitCode::FAILURE;
        }
    };
    let recorder = config.record.then(|| Recorder::start(world, &config.recorder));
    let mut ending = answer(world, &config, original::find);
    if let Ending::Original(original) = &ending {
        record(recorder.as_ref(), world, tool, recorder::Ending::Original(&original.path));
        // It returns only where the file cannot be executed: no original, then.
        original.execute(world);
        ending = answer(world, &config, |_, _| None);
    }
    let Ending::Status(status) = ending else { return ExitCode::FAILURE };
    record(recorder.as_ref(), world, tool, recorder::Ending::Status(status));
    ExitCode::from(status)
}

fn record(recorder: Option<&Recorder>, world: &World, tool: Tool, ending: recorder::Ending<'_>) {
    if let Some(recorder) = recorder {
        recorder.finish(world, tool, ending);
    }
}

/// Says why a file of ours was refused.
fn refuse(tool: Tool, world: &mut World, error: &json_file::Error) {
    // A closed standard error loses the text; the status remains.
    let _ = writeln!(world.stderr, "{}: {error}", tool.name());
}
