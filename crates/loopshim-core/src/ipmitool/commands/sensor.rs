//! `sensor`: Sensor table with thresholds.

use crate::ipmitool::{Arg, Outcome, Session};

/// Runs `ipmitool sensor …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}
