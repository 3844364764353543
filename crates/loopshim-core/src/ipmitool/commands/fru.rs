//! `fru`: FRU information: inventory areas of the builtin device and of those the SDR locates.

use crate::ipmitool::{Arg, Outcome, Session};

/// Runs `ipmitool fru …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}
