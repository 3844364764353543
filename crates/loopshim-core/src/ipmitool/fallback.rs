//! What to do with a command the original has and we do not.

use super::{Arg, Failed, Outcome, Session};

/// Runs `words`, a command that is not reproduced: it ends as where the BMC
/// refuses every request the command makes.
pub fn unmodelled(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let _ = words;
    session.met_unmodelled = true;
    Err(Failed)
}
