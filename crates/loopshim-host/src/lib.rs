//! The host tool `loopshim`. The shims bring their originals' argument
//! grammars; only this tool has one of its own.

mod bmc;
mod capture;
mod file;
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
    /// Reads a real BMC and writes a model of it.
    Capture(Capture),
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

/// Reads a real BMC through the real ipmitool, by requests that change nothing,
/// and writes a model file that answers as that BMC did.
///
/// What the BMC does not answer is noted in the file and on standard error; the
/// file is usable all the same. Passwords and keys are never read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  loopshim bmc capture -o bmc.json
        this machine's own BMC, through /dev/ipmi0
  loopshim bmc capture -o bmc.json -- -I lanplus -H bmc7 -U admin -f password-file
        another machine's BMC, over the network
  install -m 644 bmc.json /etc/loopshim/bmc.json
        on the VM: from now on it answers as that server")]
struct Capture {
    /// The file to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replaces the file if it is there.
    #[arg(long)]
    force: bool,
    /// The real ipmitool, instead of the one that is installed.
    #[arg(long, value_name = "PROGRAM")]
    ipmitool: Option<PathBuf>,
    /// Keeps the SNMP community string, for which otherwise `public` stands.
    #[arg(long)]
    with_community: bool,
    /// Arguments that lead ipmitool to the BMC, such as `-I lanplus -H HOST -U USER -f FILE`.
    #[arg(last = true, value_name = "IPMITOOL-ARGUMENTS")]
    ipmitool_arguments: Vec<OsString>,
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
    let Command::Bmc(command) = arguments.command;
    let outcome = match command {
        Bmc::Serve(arguments) => bmc::serve(&arguments),
        Bmc::Capture(arguments) => capture::capture(&arguments),
    };
    match outcome {
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

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
