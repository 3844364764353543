//! One module per command of the original; [`TABLE`] lists them.

pub mod chassis;
pub mod fru;
pub mod mc;
pub mod raw;
pub mod sdr;
pub mod sel;
pub mod sensor;

use super::{Arg, Outcome, Session};

/// A top-level command: its word, and what runs it on the words after it.
pub struct Command {
    /// The word after the options, matched whole in every version.
    pub name: &'static str,
    /// Runs the command.
    pub run: fn(&mut Session<'_>, &[Arg]) -> Outcome,
}

/// The commands, in the original's order.
pub const TABLE: &[Command] = &[
    Command { name: "raw", run: raw::run },
    Command { name: "chassis", run: chassis::run },
    Command { name: "power", run: chassis::run_power },
    Command { name: "mc", run: mc::run },
    Command { name: "bmc", run: mc::run },
    Command { name: "sdr", run: sdr::run },
    Command { name: "sensor", run: sensor::run },
    Command { name: "fru", run: fru::run },
    Command { name: "sel", run: sel::run },
];
