//! One module per command of the original; [`find`] knows them.

pub mod channel;
pub mod chassis;
pub mod dcmi;
pub mod delloem;
pub mod ekanalyzer;
pub mod event;
pub mod firewall;
pub mod fru;
pub mod fwum;
pub mod gendev;
pub mod hpm;
pub mod i2c;
pub mod ime;
pub mod isol;
pub mod kontronoem;
pub mod lan;
pub mod lan6;
pub mod mc;
pub mod nm;
pub mod pef;
pub mod picmg;
pub mod raw;
pub mod sdr;
pub mod sel;
pub mod sensor;
pub mod session;
pub mod shell;
pub mod sol;
pub mod sunoem;
pub mod tsol;
pub mod user;
pub mod vita;

use super::text::{Described, described};
use super::{Arg, Outcome, Session};

/// Runs a command on the words after its name.
pub type Run = fn(&mut Session<'_>, &[Arg]) -> Outcome;

/// What runs the command of that name.
pub fn find(name: &[u8]) -> Option<Run> {
    let index = NAMES.iter().position(|(_, known, _)| known.as_bytes() == name)?;
    RUNS.get(index).copied()
}

/// The commands that are listed and what is said of them.
pub fn listed() -> impl Iterator<Item = (&'static str, &'static str)> {
    NAMES.iter().filter(|(_, _, summary)| !summary.is_empty()).map(|(_, name, summary)| (name, summary))
}

/// What follows the verbs, which are separated by blanks; `None` if `args` do
/// not begin with them.
fn after<'a>(session: &Session<'_>, args: &'a [Arg], verbs: &str) -> Option<&'a [Arg]> {
    verbs.split(' ').try_fold(args, |args, verb| {
        let (arg, rest) = args.split_first()?;
        session.personality.is_verb(arg, verb).then_some(rest)
    })
}

/// Makes the tables of names and of what they run from the same rows.
macro_rules! commands {
    ($(($name:literal, $summary:literal, $run:expr)),* $(,)?) => {
        const NAMES: Described = described![$((0, $name, $summary)),*];
        const RUNS: &[Run] = &[$($run),*];
    };
}

// Each name (matched whole in every version), its line in the command list and
// what runs it, in the original's order (the same in 1.8.18 and 1.8.19).
// Commands without a line are not listed.
commands![
    ("raw", "Send a RAW IPMI request and print response", raw::run),
    ("i2c", "Send an I2C Master Write-Read command and print response", i2c::run),
    ("spd", "Print SPD info from remote I2C device", i2c::spd),
    ("lan", "Configure LAN Channels", lan::run),
    ("chassis", "Get chassis status and set power state", chassis::run),
    ("power", "Shortcut to chassis power commands", chassis::run_power),
    ("event", "Send pre-defined events to MC", event::run),
    ("mc", "Management Controller status and global enables", mc::run),
    ("bmc", "", mc::run),
    ("sdr", "Print Sensor Data Repository entries and readings", sdr::run),
    ("sensor", "Print detailed sensor information", sensor::run),
    ("fru", "Print built-in FRU and scan SDR for FRU locators", fru::run),
    ("gendev", "Read/Write Device associated with Generic Device locators sdr", gendev::run),
    ("sel", "Print System Event Log (SEL)", sel::run),
    ("pef", "Configure Platform Event Filtering (PEF)", pef::run),
    ("sol", "Configure and connect IPMIv2.0 Serial-over-LAN", sol::run),
    ("tsol", "Configure and connect with Tyan IPMIv1.5 Serial-over-LAN", tsol::run),
    ("isol", "Configure IPMIv1.5 Serial-over-LAN", isol::run),
    ("user", "Configure Management Controller users", user::run),
    ("channel", "Configure Management Controller channels", channel::run),
    ("session", "Print session information", session::run),
    ("dcmi", "Data Center Management Interface", dcmi::run),
    ("nm", "Node Manager Interface", nm::run),
    ("sunoem", "OEM Commands for Sun servers", sunoem::run),
    ("kontronoem", "OEM Commands for Kontron devices", kontronoem::run),
    ("picmg", "Run a PICMG/ATCA extended cmd", picmg::run),
    ("fwum", "Update IPMC using Kontron OEM Firmware Update Manager", fwum::run),
    ("firewall", "Configure Firmware Firewall", firewall::run),
    ("delloem", "OEM Commands for Dell systems", delloem::run),
    ("shell", "Launch interactive IPMI shell", shell::run),
    ("exec", "Run list of commands from file", shell::exec),
    ("set", "Set runtime variable for shell and exec", shell::set),
    ("echo", "", shell::echo),
    ("hpm", "Update HPM components using PICMG HPM.1 file", hpm::run),
    ("ekanalyzer", "run FRU-Ekeying analyzer using FRU files", ekanalyzer::run),
    ("ime", "Update Intel Manageability Engine Firmware", ime::run),
    ("vita", "Run a VITA 46.11 extended cmd", vita::run),
    ("lan6", "Configure IPv6 LAN Channels", lan6::run),
];
