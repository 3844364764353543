//! The programs as they are shipped: static, built by install.sh.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder with the static programs, built once in a run.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");
        let output = Command::new(script).arg("--build").output().expect("install.sh");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8(output.stdout).expect("in UTF-8");
        PathBuf::from(told.lines().last().expect("a folder"))
    })
}
