//! The permissions that new files do not get.

use std::sync::OnceLock;

use rustix::fs::Mode;

/// The mask the process was started with. From the first call on the kernel
/// applies none: what a file gets is decided here, for one file at a time.
pub fn umask() -> u16 {
    static MASK: OnceLock<u16> = OnceLock::new();
    *MASK.get_or_init(|| (rustix::process::umask(Mode::empty()).as_raw_mode() & 0o777) as u16)
}
