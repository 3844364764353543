//! `loopshim shim …`: the stand-ins put in place, looked at, taken away, by
//! `install.sh` itself, which this program carries: there is one way, with one
//! record, whichever of the two is called.

use std::path::PathBuf;
use std::process::Command;

use clap::{Args, Subcommand};

use crate::output::{Failure, Outcome, Status};

/// What `sh` is given to run.
const SCRIPT: &str = include_str!("../../../install.sh");
/// What it calls itself in its messages.
const NAME: &str = "loopshim shim";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Shim {
    /// Puts stand-ins in the originals' places; the originals are kept.
    Install(Install),
    /// Tells what is in place: NAME STATE VERSION PATH ORIGINAL, tabs between.
    #[command(long_flag = "status")]
    Status(Selection),
    /// Puts the originals back and removes the stand-ins.
    #[command(long_flag = "uninstall")]
    Remove(Remove),
}

/// `install`.
#[derive(Debug, Args)]
pub(crate) struct Install {
    /// The folder with the static binaries, as `./install.sh --build` prints it;
    /// otherwise the one this program lies in.
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    /// Also replaces this machine's own rsync.
    #[arg(long)]
    host_rsync: bool,
    /// Tells what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// `remove`.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    selection: Selection,
    /// Tells what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// Which of them.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only these, with commas between: ipmitool, pip3, rsync, loopshim.
    #[arg(long, value_name = "LIST")]
    only: Option<String>,
}

/// Runs one of the commands on the machine at `root`.
pub(crate) fn run(root: &std::path::Path, command: &Shim) -> Outcome {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SCRIPT, NAME]);
    if root != std::path::Path::new("/") {
        shell.arg("--root").arg(root);
    }
    let (selection, dry_run) = match command {
        Shim::Install(install) => {
            shell.arg("--binaries").arg(binaries(install)?);
            if install.host_rsync {
                shell.arg("--host-rsync");
            }
            (&install.selection, install.dry_run)
        }
        Shim::Status(selection) => {
            shell.arg("--status");
            (selection, false)
        }
        Shim::Remove(remove) => {
            shell.arg("--uninstall");
            (&remove.selection, remove.dry_run)
        }
    };
    if dry_run {
        shell.arg("--dry-run");
    }
    if let Some(only) = &selection.only {
        shell.arg("--only").arg(only);
    }
    let status = shell.status().map_err(|error| format!("/bin/sh cannot be run: {error}"))?;
    // It has said why, if it failed.
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(Status::Failed, Status::PassedOn))
}

fn binaries(install: &Install) -> Result<PathBuf, Failure> {
    let folder = install.binaries.clone().or_else(own_folder);
    folder.ok_or_else(|| {
        Failure::usage("say by --binaries DIR where the stand-ins lie (./install.sh --build makes them)")
    })
}

/// This program's folder, if stand-ins lie beside it and it is not the place
/// they are to be put in.
pub(crate) fn own_folder() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.to_owned();
    let is_source =
        !folder.starts_with("/usr") && folder.join("ipmitool").is_file() && folder.join("pip3").is_file();
    is_source.then_some(folder)
}
