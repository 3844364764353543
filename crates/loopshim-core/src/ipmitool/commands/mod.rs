//! One module per command of the original; [`TABLE`] lists them.

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
pub mod tsol;
pub mod user;
pub mod vita;

use super::{Arg, Outcome, Session};

/// A top-level command of the original.
pub struct Command {
    /// The word after the options, matched whole in every version.
    pub name: &'static str,
    /// Its line in the command list; unlisted commands have none.
    pub summary: Option<&'static str>,
    /// What runs it.
    pub body: Body,
}

/// Whether a command is reproduced.
#[derive(Clone, Copy)]
pub enum Body {
    /// Runs the command on the words after its name.
    Modelled(fn(&mut Session<'_>, &[Arg]) -> Outcome),
    /// Known to the original, not to us.
    Unmodelled,
}

/// The command of that name.
pub fn find(name: &[u8]) -> Option<&'static Command> {
    TABLE.iter().find(|command| command.name.as_bytes() == name)
}

const fn modelled(
    name: &'static str,
    summary: &'static str,
    run: fn(&mut Session<'_>, &[Arg]) -> Outcome,
) -> Command {
    Command { name, summary: Some(summary), body: Body::Modelled(run) }
}

const fn unmodelled(name: &'static str, summary: &'static str) -> Command {
    Command { name, summary: Some(summary), body: Body::Unmodelled }
}

/// The commands, in the original's order (the same in 1.8.18 and 1.8.19).
pub const TABLE: &[Command] = &[
    modelled("raw", "Send a RAW IPMI request and print response", raw::run),
    modelled("i2c", "Send an I2C Master Write-Read command and print response", i2c::run),
    modelled("spd", "Print SPD info from remote I2C device", i2c::spd),
    modelled("lan", "Configure LAN Channels", lan::run),
    modelled("chassis", "Get chassis status and set power state", chassis::run),
    modelled("power", "Shortcut to chassis power commands", chassis::run_power),
    modelled("event", "Send pre-defined events to MC", event::run),
    modelled("mc", "Management Controller status and global enables", mc::run),
    Command { name: "bmc", summary: None, body: Body::Modelled(mc::run) },
    modelled("sdr", "Print Sensor Data Repository entries and readings", sdr::run),
    modelled("sensor", "Print detailed sensor information", sensor::run),
    modelled("fru", "Print built-in FRU and scan SDR for FRU locators", fru::run),
    modelled("gendev", "Read/Write Device associated with Generic Device locators sdr", gendev::run),
    modelled("sel", "Print System Event Log (SEL)", sel::run),
    modelled("pef", "Configure Platform Event Filtering (PEF)", pef::run),
    modelled("sol", "Configure and connect IPMIv2.0 Serial-over-LAN", sol::run),
    modelled("tsol", "Configure and connect with Tyan IPMIv1.5 Serial-over-LAN", tsol::run),
    modelled("isol", "Configure IPMIv1.5 Serial-over-LAN", isol::run),
    modelled("user", "Configure Management Controller users", user::run),
    modelled("channel", "Configure Management Controller channels", channel::run),
    modelled("session", "Print session information", session::run),
    modelled("dcmi", "Data Center Management Interface", dcmi::run),
    modelled("nm", "Node Manager Interface", nm::run),
    unmodelled("sunoem", "OEM Commands for Sun servers"),
    modelled("kontronoem", "OEM Commands for Kontron devices", kontronoem::run),
    modelled("picmg", "Run a PICMG/ATCA extended cmd", picmg::run),
    modelled("fwum", "Update IPMC using Kontron OEM Firmware Update Manager", fwum::run),
    modelled("firewall", "Configure Firmware Firewall", firewall::run),
    modelled("delloem", "OEM Commands for Dell systems", delloem::run),
    modelled("shell", "Launch interactive IPMI shell", shell::run),
    modelled("exec", "Run list of commands from file", shell::exec),
    modelled("set", "Set runtime variable for shell and exec", shell::set),
    Command { name: "echo", summary: None, body: Body::Modelled(shell::echo) },
    modelled("hpm", "Update HPM components using PICMG HPM.1 file", hpm::run),
    modelled("ekanalyzer", "run FRU-Ekeying analyzer using FRU files", ekanalyzer::run),
    modelled("ime", "Update Intel Manageability Engine Firmware", ime::run),
    modelled("vita", "Run a VITA 46.11 extended cmd", vita::run),
    modelled("lan6", "Configure IPv6 LAN Channels", lan6::run),
];
