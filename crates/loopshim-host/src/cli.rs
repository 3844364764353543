//! The command line: `clap` is used here and in `bmc`, and nowhere else in the
//! project, since all other programs have their originals' grammars.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::bmc::Bmc;
use crate::fixes::Label;
use crate::output::Colour;
use crate::shim::Shim;

/// Stand-ins for hardware and software that a machine lacks, and what else such
/// a machine needs.
///
/// The shims (`ipmitool`, …) are called as their originals are. This program
/// prepares a machine, verifies it, cleans up after others and takes everything
/// back; and it keeps the model of a machine that the shims answer from.
#[derive(Debug, Parser)]
#[command(name = "loopshim", version, after_help = STATUSES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What `--help` says of statuses; [`crate::output::Status`] has them.
const STATUSES: &str = "Status: 0 good; 1 failed; 2 wrong usage or a bad configuration; 3 warnings (verify \
    --strict); 4 another loopshim is changing the machine; 5 something has been changed since and was left alone \
    (undo); 6 changes are pending (plan --detailed-exitcode).";

/// Options of all commands.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Works on the files below DIR as if it were `/`, and on nothing of this
    /// machine: no running value, no service, no package.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// The configuration, instead of /etc/loopshim/config.json.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Prints JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: Colour,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Says what would be changed on this machine, and why; changes nothing.
    Plan(Plan),
    /// Changes what plan says; undo takes it back.
    Apply(Apply),
    /// Takes back what apply did, to the byte.
    Undo(Undo),
    /// Says whether the machine is fit, before or after the installation.
    Verify(Verify),
    /// Removes folders that failed installations left in /tmp; a dry run unless --yes.
    Clean(Clean),
    /// Tells what there is to know of this machine, and what it means.
    Doctor,
    /// Packs what support needs to know, without secrets.
    Collect(Collect),
    /// What callers asked the stand-ins for, as recorded.
    Calls(Calls),
    /// The pip3 stand-in's queues, delays and quarantine.
    Pip(Pip),
    /// Installs, shows or removes the stand-ins.
    #[command(subcommand)]
    Shim(Shim),
    /// The modelled BMC: copy it from a real server, look at it, change it, use it elsewhere.
    ///
    /// The model is /etc/loopshim/bmc.json, or without that file a machine that is
    /// compiled in.
    #[command(subcommand)]
    Bmc(Bmc),
    /// Reads lines at the terminal for `ipmitool shell`: one for each byte of the
    /// standard input, printed to the standard output.
    #[command(hide = true)]
    EditLines {
        /// What stands before each line.
        #[arg(long, value_name = "TEXT", default_value = "")]
        prompt: String,
    },
    /// Prints a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes manual pages.
    Man {
        /// The folder they go to.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Which fixes are meant.
#[derive(Debug, Default, Args)]
pub(crate) struct Selection {
    /// Only these fixes, of whatever label.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Not these fixes.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// Fixes with these labels; required and workaround if not given.
    #[arg(long, value_name = "LABEL", value_delimiter = ',', value_enum)]
    pub(crate) label: Vec<Label>,
}

/// What fixes need besides.
#[derive(Debug, Default, Args)]
pub(crate) struct Means {
    /// Lets fixes install packages, over the network.
    #[arg(long)]
    pub(crate) packages: bool,
    /// The folder with the static stand-ins (./install.sh --build prints it).
    #[arg(long, value_name = "DIR")]
    pub(crate) binaries: Option<PathBuf>,
}

/// `plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) means: Means,
    /// Shows how files would change.
    #[arg(long)]
    pub(crate) diff: bool,
    /// Ends with status 6 when changes are pending.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

/// `apply`.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) means: Means,
    /// Says what would be done; changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Also applies what is labelled dangerous, if it is named by --only.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `undo`.
#[derive(Debug, Args)]
#[group(id = "which", multiple = false)]
pub(crate) struct Undo {
    /// The run to take back, as --list shows it; the last one if not given.
    #[arg(value_name = "RUN", group = "which")]
    pub(crate) run: Option<String>,
    /// Takes back the last run.
    #[arg(long, group = "which")]
    pub(crate) last: bool,
    /// Takes back all runs, the last one first.
    #[arg(long, group = "which")]
    pub(crate) all: bool,
    /// Lists the runs; takes nothing back.
    #[arg(long, group = "which")]
    pub(crate) list: bool,
    /// Also takes back what somebody has changed since.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Before or after the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Phase {
    /// Before.
    Pre,
    /// After.
    Post,
}

/// How `verify` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Text,
    /// JSON, as --json.
    Json,
    /// JUnit's XML, for CI.
    Junit,
    /// The Test Anything Protocol, version 13.
    Tap,
    /// One line and a status for Nagios and Icinga.
    Nagios,
    /// The layout of the seed documents' checklist.
    Seeds,
}

/// `verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Before or after the installation.
    #[arg(long, value_enum, default_value_t = Phase::Pre)]
    pub(crate) phase: Phase,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Only these checks.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Not these checks.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// Ends with status 3 when there are warnings.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `clean`.
#[derive(Debug, Args)]
pub(crate) struct Clean {
    /// Removes them; otherwise it is only said which ones.
    #[arg(long)]
    pub(crate) yes: bool,
    /// How old the newest file must be, such as 90s, 60m or 2h; as configured, or
    /// 60m, if not given.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) older_than: Option<Duration>,
    /// Moves them into DIR instead of removing them.
    #[arg(long, value_name = "DIR")]
    pub(crate) quarantine: Option<PathBuf>,
}

/// `collect`.
#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// The file to write; loopshim-HOST-TIME.tar.zst if not given.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `calls`.
#[derive(Debug, Args)]
pub(crate) struct Calls {
    #[command(subcommand)]
    pub(crate) action: Option<CallsAction>,
}

/// What is done with the recorded calls.
#[derive(Debug, Subcommand)]
pub(crate) enum CallsAction {
    /// Lists them by tool and caller, those that nobody models first.
    List,
    /// Writes them as snapshot cases: argv, stdout, stderr, status.
    Export {
        /// The folder they go to.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// `pip`.
#[derive(Debug, Args)]
pub(crate) struct Pip {
    #[command(subcommand)]
    pub(crate) action: Option<PipAction>,
}

/// What is done about pip.
#[derive(Debug, Subcommand)]
pub(crate) enum PipAction {
    /// Who waits, what is delayed, what is in quarantine.
    Status,
    /// Clears away what killed pips left, as the stand-in does before each run.
    Repair {
        /// Says what would be done; changes nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Lists what was set aside, or puts one of it back.
    Quarantine {
        /// Puts this one back where it was.
        #[arg(long, value_name = "NAME")]
        restore: Option<String>,
    },
}

/// A time such as `90`, `90s`, `10m`, `2h` or `1d`.
fn duration(text: &str) -> Result<Duration, String> {
    let unit = match text.bytes().last() {
        Some(b's') => 1,
        Some(b'm') => 60,
        Some(b'h') => 3600,
        Some(b'd') => 86_400,
        _ => 0,
    };
    let digits = if unit == 0 { text } else { &text[..text.len() - 1] };
    let number =
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten();
    let seconds = number.and_then(|number| number.checked_mul(unit.max(1)));
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "a time is a number and s, m, h or d, such as 60m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_in_itself_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for text in ["", "m", "-1", "1x", "99999999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
