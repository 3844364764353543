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
pub mod sunoem;
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
    /// Runs it on the words after its name.
    pub run: fn(&mut Session<'_>, &[Arg]) -> Outcome,
}

/// The command of that name.
pub fn find(name: &[u8]) -> Option<&'static Command> {
    TABLE.iter().find(|command| command.name.as_bytes() == name)
}

const fn listed(
    name: &'static str,
    summary: &'static str,
    run: fn(&mut Session<'_>, &[Arg]) -> Outcome,
) -> Command {
    Command { name, summary: Some(summary), run }
}

/// The commands, in the original's order (the same in 1.8.18 and 1.8.19).
pub const TABLE: &[Command] = &[
    listed("raw", "Send a RAW IPMI request and print response", raw::run),
    listed("i2c", "Send an I2C Master Write-Read command and print response", i2c::run),
    listed("spd", "Print SPD info from remote I2C device", i2c::spd),
    listed("lan", "Configure LAN Channels", lan::run),
    listed("chassis", "Get chassis status and set power state", chassis::run),
    listed("power", "Shortcut to chassis power commands", chassis::run_power),
    listed("event", "Send pre-defined events to MC", event::run),
    listed("mc", "Management Controller status and global enables", mc::run),
    Command { name: "bmc", summary: None, run: mc::run },
    listed("sdr", "Print Sensor Data Repository entries and readings", sdr::run),
    listed("sensor", "Print detailed sensor information", sensor::run),
    listed("fru", "Print built-in FRU and scan SDR for FRU locators", fru::run),
    listed("gendev", "Read/Write Device associated with Generic Device locators sdr", gendev::run),
    listed("sel", "Print System Event Log (SEL)", sel::run),
    listed("pef", "Configure Platform Event Filtering (PEF)", pef::run),
    listed("sol", "Configure and connect IPMIv2.0 Serial-over-LAN", sol::run),
    listed("tsol", "Configure and connect with Tyan IPMIv1.5 Serial-over-LAN", tsol::run),
    listed("isol", "Configure IPMIv1.5 Serial-over-LAN", isol::run),
    listed("user", "Configure Management Controller users", user::run),
    listed("channel", "Configure Management Controller channels", channel::run),
    listed("session", "Print session information", session::run),
    listed("dcmi", "Data Center Management Interface", dcmi::run),
    listed("nm", "Node Manager Interface", nm::run),
    listed("sunoem", "OEM Commands for Sun servers", sunoem::run),
    listed("kontronoem", "OEM Commands for Kontron devices", kontronoem::run),
    listed("picmg", "Run a PICMG/ATCA extended cmd", picmg::run),
    listed("fwum", "Update IPMC using Kontron OEM Firmware Update Manager", fwum::run),
    listed("firewall", "Configure Firmware Firewall", firewall::run),
    listed("delloem", "OEM Commands for Dell systems", delloem::run),
    listed("shell", "Launch interactive IPMI shell", shell::run),
    listed("exec", "Run list of commands from file", shell::exec),
    listed("set", "Set runtime variable for shell and exec", shell::set),
    Command { name: "echo", summary: None, run: shell::echo },
    listed("hpm", "Update HPM components using PICMG HPM.1 file", hpm::run),
    listed("ekanalyzer", "run FRU-Ekeying analyzer using FRU files", ekanalyzer::run),
    listed("ime", "Update Intel Manageability Engine Firmware", ime::run),
    listed("vita", "Run a VITA 46.11 extended cmd", vita::run),
    listed("lan6", "Configure IPv6 LAN Channels", lan6::run),
];
