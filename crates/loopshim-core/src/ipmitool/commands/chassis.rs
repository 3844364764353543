//! `chassis`: Chassis and power state.

use crate::ipmitool::{Arg, Outcome, Session};

/// Runs `ipmitool chassis …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}

/// Runs `ipmitool power …`, a shortcut to `chassis power`.
pub fn run_power(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}
