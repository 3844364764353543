//! `mc`: Management controller: device id, enables, watchdog.

use crate::ipmitool::{Arg, Outcome, Session};

/// Runs `ipmitool mc …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}
