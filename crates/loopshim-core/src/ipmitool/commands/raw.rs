//! `raw`: A request as bytes, the response as bytes.

use crate::ipmitool::{Arg, Outcome, Session};

/// Runs `ipmitool raw …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let _ = (session, args);
    Err(crate::ipmitool::Failed)
}
