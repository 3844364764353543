//! A staged machine: a folder that a shim takes for `/`, and what is in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with the directories an installation has.
pub struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// A machine with empty directories, open to its owner only.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // The shims trust no directory that others can write to, whatever the umask.
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("permissions");
        let machine = Self { folder };
        for directory in
            ["bin", "dev", "etc/loopshim", "usr/share/misc", "var/lib/loopshim", "var/log/loopshim"]
        {
            machine.make_directory(directory);
        }
        machine.write("usr/share/misc/enterprise-numbers.txt", REGISTRY);
        machine
    }

    /// Where `path` (relative) is on this machine.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Makes a directory with permissions 0755.
    pub fn make_directory(&self, path: &str) {
        fs::create_dir_all(self.path(path)).expect("a directory");
        self.permit(path, 0o755);
    }

    /// Sets permissions.
    pub fn permit(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), PermissionsExt::from_mode(mode)).expect("permissions");
    }

    /// Writes a file with permissions 0644.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(path), text).expect("a file");
        self.permit(path, 0o644);
    }

    /// Reads a file; an absent one is empty.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Puts our `ipmitool` at `path`.
    pub fn install_shim(&self, path: &str) {
        self.install_program(path, env!("CARGO_BIN_EXE_ipmitool"));
    }

    /// Puts a copy of another program at `path`.
    ///
    /// Another process writes it: a file that this one has open for writing may
    /// be inherited by a child that another test is starting, and could not be
    /// executed (ETXTBSY) until that child is through.
    pub fn install_program(&self, path: &str, program: &str) {
        let copied = Command::new("install").args(["-m", "755", program]).arg(self.path(path)).status();
        assert!(copied.is_ok_and(|status| status.success()), "install {program}");
    }

    /// Puts a shell script at `path`.
    pub fn install_script(&self, path: &str, text: &str) {
        let draft = format!("{path}.draft");
        self.write(&draft, format!("#!/bin/sh\n{text}\n"));
        self.install_program(path, self.path(&draft).to_str().expect("a path in UTF-8"));
        fs::remove_file(self.path(&draft)).expect("a removal");
    }

    /// Has the kernel's BMC device.
    pub fn with_device(self) -> Self {
        self.write("dev/ipmi0", "");
        self
    }

    /// The shim at `path`, to be run here in an environment of its own.
    pub fn command(&self, path: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.path(path));
        command.args(args).env_clear().env("LOOPSHIM_ROOT", self.folder.path());
        command.env("TZ", "UTC").env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// Runs `bin/ipmitool`, our shim.
    pub fn run(&self, args: &[&str]) -> Output {
        if !self.path("bin/ipmitool").exists() {
            self.install_shim("bin/ipmitool");
        }
        run(self.command("bin/ipmitool", args))
    }

    /// The JSON lines of a file, each of which must be whole.
    pub fn lines(&self, path: &str) -> Vec<serde_json::Value> {
        self.read(path).lines().map(|line| serde_json::from_str(line).expect("a whole line")).collect()
    }
}

/// What 1.8.19 needs of the registry of makers, which its package brings along.
const REGISTRY: &str = "Decimal
| Organization
| | Contact
| | | Email
| | | |
0
  Reserved
    Internet Assigned Numbers Authority
      iana&iana.org
20974
  American Megatrends, Inc
    -
      -
";

/// Runs a command that must end by itself within ten seconds.
pub fn run(mut command: Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let id = child.id();
    let (done, waiting) = std::sync::mpsc::channel();
    let watchdog = std::thread::spawn(move || {
        if waiting.recv_timeout(std::time::Duration::from_secs(10)).is_err() {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        }
    });
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("it ends");
    let _ = done.send(());
    watchdog.join().expect("the watchdog");
    assert!(output.status.code().is_some(), "it did not end by itself");
    output
}

/// Standard output, standard error and status, to be compared or shown.
pub fn answer(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

/// Whether `path` is there, links not followed.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
