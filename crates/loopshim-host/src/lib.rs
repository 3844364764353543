//! The host tool `loopshim`: prepares a machine, verifies it, cleans up, takes
//! everything back; and keeps the model of a BMC. The shims bring their
//! originals' argument grammars; only this tool has one of its own.
//!
//! Facts, fixes and checks are data: see [`facts`], [`fixes`], [`checks`].

pub mod checks;
pub mod clean;
pub mod collect;
pub mod facts;
pub mod fixes;
pub mod install;
pub mod journal;
pub mod machine;
pub mod output;

mod bmc;
mod cli;
mod commands;
mod lock;
mod shim;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use loopshim_core::World;

use cli::{Arguments, Command, Common};
use commands::Session;
use output::{Outcome, say};

/// Runs the tool on these arguments, the program's name first.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to standard output, errors to standard error; nobody is
            // left to tell when that fails.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let common = arguments.common;
    match arguments.command {
        Command::Bmc(command) => bmc::run(&world(&common), command, common.json),
        command => match dispatch(common, command) {
            Ok(status) => status.into(),
            Err(failure) => {
                say(&failure.message);
                failure.status.into()
            }
        },
    }
}

fn dispatch(common: Common, command: Command) -> Outcome {
    match command {
        Command::Shim(command) => return shim::run(&common, &root(&common), &command),
        Command::EditLines { prompt } => return commands::edit_lines::run(&prompt),
        Command::Completions { shell } => return commands::documents::completions(shell),
        Command::Man { folder } => return commands::documents::man(&folder),
        _ => {}
    }
    let session = Session::open(&common, root(&common))?;
    match command {
        Command::Plan(arguments) => commands::plan::run(&session, &arguments),
        Command::Apply(arguments) => commands::apply::run(&session, &arguments),
        Command::Undo(arguments) => commands::undo::run(&session, &arguments),
        Command::Clean(arguments) => commands::clean::run(&session, &arguments),
        Command::Verify(arguments) => commands::verify::run(&session, &arguments),
        Command::Doctor => commands::doctor::run(&session),
        Command::Collect(arguments) => commands::collect::run(&session, &arguments),
        Command::Calls(arguments) => commands::calls::run(&session, &arguments),
        Command::Pip(arguments) => commands::pip::run(&session, &world(&common), &arguments),
        Command::Bmc(_)
        | Command::Shim(_)
        | Command::EditLines { .. }
        | Command::Completions { .. }
        | Command::Man { .. } => {
            unreachable!("handled before a session is opened")
        }
    }
}

/// What `/` means.
fn root(common: &Common) -> PathBuf {
    common.root.clone().unwrap_or_else(|| World::of_this_process().root)
}

/// The shims' view of the machine.
fn world(common: &Common) -> World {
    World { root: root(common), ..World::of_this_process() }
}
