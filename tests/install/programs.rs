//! The programs that get installed: stand-ins of two versions, and bad ones.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The names that install.sh knows.
pub(crate) const NAMES: [&str; 4] = ["ipmitool", "pip3", "rsync", "loopshim"];

/// The folder with the programs that install.sh builds, the host tool among
/// them, which does the installing.
pub(crate) fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");
        let done = Command::new(script).arg("--build").output().expect("install.sh starts");
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "install.sh --build: {told}");
        PathBuf::from(String::from_utf8_lossy(&done.stdout).trim_end())
    })
}

/// A folder with a subfolder for each version and set of programs: `v1` and
/// `v2` (ipmitool alone), `all` (every name, the host tool as it is).
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stand-ins");
        for (set, version, names) in
            [("v1", "0.0.1", &NAMES[..1]), ("v2", "0.0.2", &NAMES[..1]), ("all", "0.0.3", &NAMES)]
        {
            std::fs::create_dir_all(folder.join(set)).expect("a folder");
            for name in names.iter().filter(|name| **name != "loopshim") {
                compile(&folder.join(set).join(name), &format!("{name}:{version}"));
            }
        }
        std::fs::copy(built().join("loopshim"), folder.join("all/loopshim")).expect("a copy");
        folder
    })
}

fn compile(program: &Path, stamp: &str) {
    let attempts: [&[&str]; 2] =
        [&["--target", "x86_64-unknown-linux-musl"], &["-C", "target-feature=+crt-static"]];
    let compiled = attempts.iter().any(|options| {
        Command::new("rustc")
            .args(["--edition", "2024", "-C", "panic=abort", "-C", "strip=symbols"])
            .args(*options)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/install/stand_in.rs"))
            .arg("-o")
            .arg(program)
            .env("MARKER", loopshim_core::marker::MARKER)
            .env("STAMP", stamp)
            .output()
            .expect("rustc starts")
            .status
            .success()
    });
    assert!(compiled, "no static program can be compiled here");
}

/// `program` with the bytes at `offset` replaced.
pub(crate) fn patched(program: &Path, offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut patched = std::fs::read(program).expect("a program");
    patched[offset..offset + bytes.len()].copy_from_slice(bytes);
    patched
}
