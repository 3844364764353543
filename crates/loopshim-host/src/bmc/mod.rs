//! `loopshim bmc …`: the modelled BMC, copied from a real server, looked at,
//! changed, used elsewhere.

mod capture;
mod check;
mod export;
mod file;
mod serve;
mod show;
mod socket;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use loopshim_core::World;
use loopshim_core::model::{self, Model};

use crate::output::{print, say};

#[derive(Debug, Subcommand)]
pub(crate) enum Bmc {
    /// Answers the original ipmitool: `IPMI_DUMMY_SOCK=PATH ipmitool -I dummy …`.
    Serve(Serve),
    /// Reads a real BMC and writes a model of it.
    Capture(Capture),
    /// Says what a model file describes.
    Show(Show),
    /// Says whether a model file can be used, and if not where it is wrong.
    Check(Check),
    /// Edits a model file; only one that can be used takes its place.
    Edit(Edit),
    /// Writes the model in the form of other programs.
    Export(Export),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
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
    #[arg(long, conflicts_with = "state")]
    fresh_each: bool,
    /// Keeps what is written in DIR; /var/lib/loopshim is where this machine's
    /// ipmitool keeps it. Otherwise it lasts as long as the server.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
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
pub(crate) struct Capture {
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

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The model file, instead of /etc/loopshim/bmc.json or the compiled-in machine.
    file: Option<PathBuf>,
}

/// Says whether a model file can be used, and if not where it is wrong: file,
/// line, column and field.
#[derive(Debug, Args)]
#[command(after_help = "Status: 0 it is good, 1 it is not, 2 it cannot be read.")]
pub(crate) struct Check {
    /// The model file, instead of /etc/loopshim/bmc.json.
    file: Option<PathBuf>,
}

/// Opens a copy of a model file in $VISUAL, $EDITOR or vi. A copy that can be
/// used takes the file's place in one step; with another one may go on editing.
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The model file, instead of /etc/loopshim/bmc.json.
    file: Option<PathBuf>,
}

/// Writes the model in the form of other programs, for those who can give a
/// virtual machine a BMC of its own: it then has a true /dev/ipmi0.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  loopshim bmc export --qemu /etc/pve/bmc7 bmc.json
        files for QEMU's own BMC; prints QEMU's options and Proxmox's args: line
  loopshim bmc export --ipmi-sim /etc/ipmi/bmc7 bmc.json
        a configuration of OpenIPMI's ipmi_sim; prints how to start and ask it")]
pub(crate) struct Export {
    #[command(flatten)]
    target: Targets,
    /// The model file, instead of /etc/loopshim/bmc.json or the compiled-in machine.
    file: Option<PathBuf>,
    /// Replaces files that are there.
    #[arg(long)]
    force: bool,
    /// The UDP port that ipmi_sim is to listen on.
    #[arg(long, value_name = "PORT", default_value_t = 623)]
    port: u16,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Targets {
    /// Writes fru.bin and sdr.bin for QEMU's ipmi-bmc-sim into DIR.
    #[arg(long, value_name = "DIR")]
    qemu: Option<PathBuf>,
    /// Writes lan.conf, bmc.emu and FRU images for OpenIPMI's ipmi_sim into DIR.
    #[arg(long, value_name = "DIR")]
    ipmi_sim: Option<PathBuf>,
}

/// Runs one of the commands in `world`.
pub(crate) fn run(world: &World, command: Bmc, json: bool) -> ExitCode {
    let outcome = match command {
        Bmc::Serve(arguments) => serve::serve(world, &arguments),
        Bmc::Capture(arguments) => capture::capture(world, &arguments),
        Bmc::Show(arguments) => show::show(world, &arguments, json),
        Bmc::Check(arguments) => return check::check(world, &arguments, json),
        Bmc::Edit(arguments) => check::edit(world, &arguments),
        Bmc::Export(arguments) => export::export(world, &arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

/// Where the model file is, unless told otherwise.
fn default_path(world: &World) -> PathBuf {
    world.path(model::PATH)
}

/// The model that a file describes, or this machine's.
fn load(world: &World, file: Option<&Path>) -> Result<Model, String> {
    let model = match file {
        Some(path) => Model::from_file(path, &world.hostname()),
        None => Model::load(world),
    };
    model.map_err(|error| error.to_string())
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
