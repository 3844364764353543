//! The host tool `loopshim`. The shims bring their originals' argument
//! grammars; only this tool has one of its own.

mod bmc;
mod socket;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Stand-ins for hardware and software that a machine lacks.
#[derive(Debug, Parser)]
#[command(name = "loopshim", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The modelled BMC.
    #[command(subcommand)]
    Bmc(Bmc),
}

#[derive(Debug, Subcommand)]
enum Bmc {
    /// Answers the original ipmitool: `IPMI_DUMMY_SOCK=PATH ipmitool -I dummy …`.
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Serve {
    /// The UNIX socket to listen on. It must not exist, unless as one that a
    /// server of the same user left behind.
    #[arg(long, value_name = "PATH")]
    dummy: PathBuf,
    /// The description of the machine, instead of /etc/loopshim/bmc.json.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Appends each request and its answer to FILE, a JSON array a line.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Starts every connection from the machine as described, instead of
    /// sharing one state among all.
    #[arg(long)]
    fresh_each: bool,
}

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
    let Command::Bmc(Bmc::Serve(serve)) = arguments.command;
    match bmc::serve(&serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard error.
fn say(message: &str) {
    let _ = writeln!(std::io::stderr(), "loopshim: {message}");
}
