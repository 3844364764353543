//! Skipping, loudly: a machine without the originals still passes, CI does not.

use super::say::say;

/// Says that `what` was skipped for want of `missing`; in CI that is a failure.
pub fn skip(what: &str, missing: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what}: needs {missing}, and in CI a skip is a failure");
    say(format_args!("\n*** SKIPPED: {what}: needs {missing}\n"));
}
