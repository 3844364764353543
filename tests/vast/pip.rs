//! A host on which monitors install themselves.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::pip::environment::{Environment, PIP};
use crate::pip::without_chance;
use crate::support::snapshot::{Case, Observed, Stage, Subject};

/// The version that wrote the snapshots.
pub const VERSION: &str = PIP;

/// Where the commands say that the monitor's source is.
const FOLDERS: [&str; 2] = ["/tmp/hevnojky", "/tmp/monitor_v2"];

/// The source folders that were made, which go again whatever happens.
pub struct Folders(Vec<&'static Path>);

impl Folders {
    /// Makes them; panics if something of that name is there.
    pub fn make() -> Self {
        let mut folders = Self(Vec::new());
        for folder in FOLDERS.map(Path::new) {
            fs::create_dir(folder).expect("nothing of that name before");
            folders.0.push(folder);
            fs::create_dir(folder.join("monitor_v2")).expect("a package");
            fs::write(folder.join("monitor_v2/__init__.py"), "VERSION = 2\n").expect("a module");
            let setup = "from setuptools import setup\n\
                         setup(name='monitor-v2', version='2.0', packages=['monitor_v2'])\n";
            fs::write(folder.join("setup.py"), setup).expect("a description");
        }
        folders
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in &self.0 {
            // Ours may have been taken for what a monitor left.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// An environment with `pip3` and `sudo` first on its search path.
pub struct Host(Environment);

impl Host {
    /// `None` where that pip is not prepared.
    pub fn set(subject: Subject) -> Option<Self> {
        let environment = Environment::with_pip(VERSION, "VAST's pip commands")?;
        let pip = match subject {
            Subject::Ours => environment.ours(),
            Subject::Theirs => environment.real(),
        };
        // Neither the caller's environment nor sudo's changes what pip3 is.
        let words = [pip.get_program()].into_iter().chain(pip.get_args());
        let words: Vec<_> = words.map(|word| format!("'{}'", word.display())).collect();
        let set = pip.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let set: Vec<_> =
            set.map(|(name, value)| format!("'{}={}'", name.display(), value.display())).collect();
        let line = format!("exec env -i {} {} \"$@\"", set.join(" "), words.join(" "));
        environment.machine.install_script("bin/pip3", &line);
        environment.machine.install_script("bin/sudo", "exec \"$@\"");
        Some(Self(environment))
    }

    /// Without what differs from one machine, or one run, to the next.
    fn portable(&self, text: &[u8]) -> Vec<u8> {
        let text = without_chance(text).replace(&self.0.path("").display().to_string(), "<host>/");
        let interpreter = regex::Regex::new(r"python( ?)3\.[0-9]+").expect("a pattern");
        interpreter.replace_all(&text, "python${1}3.<minor>").into_owned().into_bytes()
    }
}

impl Stage for Host {
    fn observe(&mut self, case: &Case) -> Observed {
        let mut command = Command::new("/bin/sh");
        let path = format!("{}:/usr/bin:/bin", self.0.machine.path("bin").display());
        command.args(["-c", &case.command]).current_dir(self.0.path("")).env_clear().env("PATH", path);
        let output = command.stdin(Stdio::null()).output().expect("a shell");
        Observed {
            stdout: self.portable(&output.stdout),
            stderr: self.portable(&output.stderr),
            status: output.status.code().expect("a status"),
        }
    }
}
