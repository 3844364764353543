//! Our model served by the host tool, for the originals to talk to.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A model behind a dummy socket, for as long as this value lives.
pub struct Served {
    folder: tempfile::TempDir,
    server: Child,
}

impl Served {
    /// Serves the compiled-in model, afresh for every connection.
    pub fn default_model() -> Self {
        Self::start(&["--fresh-each"])
    }

    /// Serves the compiled-in model with what is written to it in `folder`.
    pub fn with_memory(folder: &Path) -> Self {
        Self::start(&["--state", folder.to_str().expect("a path in UTF-8")])
    }

    /// Serves a model file, afresh for every connection.
    pub fn model(file: &Path) -> Self {
        Self::start(&["--fresh-each", "--model", file.to_str().expect("a path in UTF-8")])
    }

    fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = Command::new(env!("CARGO_BIN_EXE_loopshim"))
            .args(["bmc", "serve", "--dummy"])
            .arg(folder.path().join("bmc"))
            .args(args)
            .stdout(Stdio::null())
            .spawn()
            .expect("loopshim starts");
        let served = Self { folder, server };
        served.await_socket();
        served
    }

    fn await_socket(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while UnixStream::connect(self.socket()).is_err() {
            assert!(Instant::now() < deadline, "the server made no socket");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Where the model is served.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("bmc")
    }

    /// Writes a script that runs `original` on this model whatever interface
    /// its caller names: `-I open` has no device here.
    pub fn wrapper(&self, original: &Path, script: &Path) {
        let text = format!(
            "#!/bin/sh\n[ \"$1 $2\" = '-I open' ] && shift 2\nIPMI_DUMMY_SOCK='{}' exec '{}' -I dummy \"$@\"\n",
            self.socket().display(),
            original.display()
        );
        let mut file = std::fs::File::create(script).expect("a wrapper");
        file.write_all(text.as_bytes()).expect("a wrapper");
        file.set_permissions(PermissionsExt::from_mode(0o755)).expect("a wrapper");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to stop.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
