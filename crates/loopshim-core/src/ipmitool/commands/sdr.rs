//! `sdr`: Sensor data repository.

use crate::ipmitool::{Arg, Outcome, Session};

/// Runs `ipmitool sdr …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}
