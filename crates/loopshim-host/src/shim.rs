//! `loopshim shim …`: the command line of [`crate::install`].

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::Common;
use crate::install::layout::Layout;
use crate::install::program::{self, Program};
use crate::install::{Installer, Request, Standing, Words};
use crate::machine::Machine;
use crate::output::{Failure, Outcome, Status, print, print_json, say};

/// How install.sh was called, when it is install.sh that calls: so that what a
/// user is told to type is what there is to be typed.
const CALLED_AS: &str = "LOOPSHIM_INSTALL";
/// Status of `status` when nothing is installed.
const NOTHING: u8 = 3;
/// Status of `status` when something needs to be mended.
const UNWELL: u8 = 4;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Shim {
    /// Puts stand-ins in the originals' places; the originals are kept.
    Install(Install),
    /// Tells what is in place: NAME STATE VERSION PATH ORIGINAL, tabs between.
    ///
    /// Status: 0 everything in place, 3 nothing installed, 4 something needs `shim install` again.
    Status(Selection),
    /// Puts the originals back and removes the stand-ins.
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
    #[arg(long, conflicts_with = "prefix")]
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

/// Which of them, and where.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only these, with commas between.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_enum)]
    only: Vec<Program>,
    /// Everything into DIR/bin, nothing of the system touched; ~/.local if not root.
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
}

/// Runs one of the commands on the machine at `root`.
pub(crate) fn run(common: &Common, root: &Path, command: &Shim) -> Outcome {
    let (root, json) = (absolute(root), common.json);
    let machine = Machine::open(&root)
        .map_err(|error| Failure::usage(format!("{} cannot be taken as root: {error}", root.display())))?;
    let tell = |line: &str| {
        if !json {
            print(&format!("{line}\n"));
        }
    };
    let (selection, dry_run) = match command {
        Shim::Install(install) => (&install.selection, install.dry_run),
        Shim::Status(selection) => (selection, false),
        Shim::Remove(remove) => (&remove.selection, remove.dry_run),
    };
    let layout = layout(&machine, selection, common.root.is_some())?;
    let installer = Installer { machine: &machine, layout, dry_run, tell: &tell };
    let only = &selection.only;
    match command {
        Shim::Install(install) => {
            let request = Request {
                binaries: binaries(install)?,
                only: only.clone(),
                host_rsync: install.host_rsync,
                is_locked: false,
            };
            installer.install(&request, Some(&words(&installer.layout, &root, install)).filter(|_| !json))?;
        }
        Shim::Remove(_) => installer.remove(only, false)?,
        Shim::Status(_) => return status(&installer, &installer.status(only)?, json),
    }
    if json {
        print_json(&document(&installer.status(only)?));
    }
    Ok(Status::Good)
}

/// Tells how things stand.
fn status(installer: &Installer<'_>, standings: &[Standing], json: bool) -> Outcome {
    if json {
        print_json(&document(standings));
    } else {
        standings.iter().for_each(|standing| (installer.tell)(&standing.line()));
    }
    let unwell = standings.iter().filter(|standing| standing.is_unwell()).count();
    if unwell > 0 {
        let again = std::env::var(CALLED_AS).unwrap_or_else(|_| "loopshim shim install".to_owned());
        say(&format!("{unwell} not in order: run {again} again"));
        return Ok(Status::Own(UNWELL));
    }
    let is_any = standings.iter().any(|standing| standing.state == crate::install::plan::State::Installed);
    Ok(if is_any { Status::Good } else { Status::Own(NOTHING) })
}

fn document(standings: &[Standing]) -> serde_json::Value {
    json!({ "programs": standings.iter().map(Standing::document).collect::<Vec<_>>() })
}

/// Where things go. An ordinary user's go to a folder of the user's own, unless
/// a root is named.
fn layout(machine: &Machine, selection: &Selection, is_named: bool) -> Result<Layout, Failure> {
    let mut layout = Layout::system(machine);
    let named = selection.prefix.as_deref().map(absolute);
    if named.is_some() && layout.staging {
        return Err(Failure::usage("--prefix and --root exclude each other"));
    }
    let prefix = match named {
        None if !is_named && !layout.staging && !Machine::is_root() => Some(own_prefix()?),
        named => named,
    };
    if let Some(prefix) = prefix {
        let text = prefix.into_os_string().into_string();
        let text = text.ok().filter(|text| !text.contains(['\t', '\n']));
        let text = text.ok_or_else(|| {
            Failure::usage("a folder's name with a tab, a line break or no text cannot be recorded")
        })?;
        layout.prefix = Some(text.trim_end_matches('/').to_owned());
    }
    Ok(layout)
}

/// Where an ordinary user's own programs go.
fn own_prefix() -> Result<PathBuf, Failure> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let home = home.ok_or("neither root nor a HOME to install to: give --prefix DIR")?;
    Ok(Path::new(&home).join(".local"))
}

/// What the user is told to type afterwards.
fn words(layout: &Layout, root: &Path, install: &Install) -> Words {
    let mut place = layout.prefix.as_ref().map(|prefix| format!(" --prefix {prefix}")).unwrap_or_default();
    if layout.staging {
        place += &format!(" --root {}", root.display());
    }
    let has_tool = |folder: &Path| folder.join(Program::Loopshim.name()).is_file();
    match std::env::var(CALLED_AS) {
        Ok(script) => {
            // The tool that removes may be nowhere else.
            let binaries = install.binaries.as_deref().filter(|folder| has_tool(folder));
            let binaries =
                binaries.map(|folder| format!(" --binaries {}", folder.display())).unwrap_or_default();
            Words {
                undo: format!("{script} --uninstall{place}{binaries}"),
                check: format!("{script} --status{place}{binaries}"),
            }
        }
        Err(_) => Words {
            undo: format!("loopshim shim remove{place}"),
            check: format!("loopshim shim status{place}"),
        },
    }
}

fn binaries(install: &Install) -> Result<PathBuf, Failure> {
    install.binaries.as_deref().map(absolute).or_else(own_folder).ok_or_else(|| {
        Failure::usage("say by --binaries DIR where the stand-ins lie (./install.sh --build makes them)")
    })
}

/// A folder that a user named, in full.
fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

/// This program's folder, if stand-ins that can be installed lie beside it and
/// it is not the place they are to be put in.
pub(crate) fn own_folder() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.to_owned();
    let can_be_installed = |program: Program| {
        let bytes = std::fs::read(folder.join(program.name()));
        bytes.is_ok_and(|bytes| program::fault(program, &bytes).is_none())
    };
    let is_source =
        !folder.starts_with("/usr") && [Program::Ipmitool, Program::Pip3].into_iter().all(can_be_installed);
    is_source.then_some(folder)
}
