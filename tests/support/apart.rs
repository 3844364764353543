//! This machine, apart from what shims remember on it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// A root folder for a shim (`LOOPSHIM_ROOT`): everything of this machine's
/// but `/var`, which is empty.
pub struct Apart {
    folder: tempfile::TempDir,
}

impl Apart {
    /// A machine whose BMC nobody has written to.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for entry in fs::read_dir("/").expect("a root folder") {
            let name = entry.expect("an entry").file_name();
            if name != "var" {
                symlink(Path::new("/").join(&name), folder.path().join(&name)).expect("a link");
            }
        }
        Self { folder }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }
}
