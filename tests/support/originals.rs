//! The original tools, where `tests/run` put them.

use std::path::PathBuf;

/// The versions we stand in for, as personalities are named.
pub const PERSONALITIES: [&str; 2] = ["1.8.18-el8", "1.8.19-deb12"];

/// The original of a personality: a wrapper in `LOOPSHIM_ORIGINALS`.
pub fn find(personality: &str) -> Option<PathBuf> {
    let version = personality.split('-').next().expect("a version");
    let path = PathBuf::from(std::env::var_os("LOOPSHIM_ORIGINALS")?).join(format!("ipmitool-{version}"));
    path.exists().then_some(path)
}
