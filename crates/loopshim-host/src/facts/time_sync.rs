//! Whether the clock is kept right.

use crate::machine::Machine;

/// Who keeps it, and whether it is in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeSync {
    /// In step, by this service's word.
    Synchronised(&'static str),
    /// Not in step.
    Not(&'static str),
    /// Nobody could be asked.
    Unknown,
}

impl TimeSync {
    /// Asks.
    pub fn read(machine: &Machine) -> Self {
        if machine.root.exists("/run/systemd/timesync/synchronized") {
            return Self::Synchronised("systemd-timesyncd");
        }
        if machine.commands.has("chronyc") {
            let done = machine.commands.run(&["chronyc", "-c", "tracking"]);
            if let Ok(done) = done.as_ref().map(|done| done.text()) {
                // The last field is the leap status.
                let synchronised = done.trim_end().ends_with(",Normal");
                return if synchronised { Self::Synchronised("chronyd") } else { Self::Not("chronyd") };
            }
        }
        if machine.commands.has("timedatectl") {
            let done = machine.commands.run(&["timedatectl", "show", "-p", "NTPSynchronized", "--value"]);
            match done.map(|done| done.text()) {
                Ok(text) if text.trim() == "yes" => return Self::Synchronised("the kernel's clock"),
                Ok(text) if text.trim() == "no" => return Self::Not("the kernel's clock"),
                _ => {}
            }
        }
        Self::Unknown
    }
}
