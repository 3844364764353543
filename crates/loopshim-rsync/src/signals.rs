//! The end by a signal: what is half written is cleared away first, so that
//! under every name there is the old file or the new one.

use std::io::Write as _;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;

use crate::Status;
use crate::fs::Temporaries;
use crate::report;

/// From now on a signal ends the process with its own status. `who` stands for
/// us in the last line.
///
/// # Errors
/// What the system says; then signals end the process as they always do.
pub(crate) fn watch(temporaries: Temporaries, who: &'static str) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        let Some(signal) = signals.forever().next() else { return };
        temporaries.clear_for_good();
        let (status, site) = match signal {
            SIGUSR1 => (Status::Signal1, "main.c(1660)"),
            _ => (Status::Signal, "rsync.c(874)"),
        };
        // A closed standard error loses the text; the status remains.
        let _ = std::io::stderr().write_all(report::error_line(status.code(), site, who).as_bytes());
        std::process::exit(status.code().into());
    })?;
    Ok(())
}
