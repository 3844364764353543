//! `sel`: System event log.

use crate::ipmitool::{Arg, Outcome, Session};

/// Runs `ipmitool sel …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}
