//! A virtual environment with a pinned pip, and something to install in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::machine::Machine;
use crate::support::skip::skip;

/// The pip that most tests are run with: the last for Python 3.6.
pub const PIP: &str = "21.3.1";

/// Where `tests/run` prepared a pip of that version; `None`, said loudly, where
/// it did not.
pub fn prepared(version: &str, what: &str) -> Option<PathBuf> {
    let found = if_prepared(version);
    if found.is_none() {
        skip(what, &format!("pip {version} in $LOOPSHIM_ORIGINALS (tests/run prepares it)"));
    }
    found
}

/// As [`prepared`], of what not every machine can have.
pub fn if_prepared(version: &str) -> Option<PathBuf> {
    let originals = std::env::var_os("LOOPSHIM_ORIGINALS").map(PathBuf::from);
    let folder = originals.map(|folder| folder.join(format!("pip-{version}")));
    folder.filter(|folder| folder.join("bin/python").exists())
}

/// Looks again and again until it is so.
pub fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(100);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A copy of an environment that `tests/run` prepared.
pub struct Environment {
    folder: tempfile::TempDir,
    /// What keeps a build from fetching what it builds with; pip 9 does not know
    /// of it.
    pub offline: &'static [&'static str],
    /// The directories that the shim takes for the machine's.
    pub machine: Machine,
}

impl Environment {
    /// The environment with that pip, or `None`, said loudly, where it was not
    /// prepared.
    pub fn with_pip(version: &str, what: &str) -> Option<Self> {
        let prepared = prepared(version, what)?;
        let folder = tempfile::tempdir().expect("a folder");
        let copied =
            Command::new("cp").arg("-a").arg(prepared.join(".")).arg(folder.path().join("env")).status();
        assert!(copied.is_ok_and(|status| status.success()), "a copy of the environment");
        let machine = Machine::new();
        for directory in ["run", "tmp"] {
            machine.make_directory(directory);
        }
        let offline: &[&str] = if version.starts_with("9.") { &[] } else { &["--no-build-isolation"] };
        let environment = Self { folder, offline, machine };
        environment.write_sources();
        Some(environment)
    }

    /// Another of the same, sources and all.
    pub fn another(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let copied =
            Command::new("cp").arg("-a").arg(self.folder.path().join(".")).arg(folder.path()).status();
        assert!(copied.is_ok_and(|status| status.success()), "a copy of the environment");
        let machine = Machine::new();
        for directory in ["run", "tmp"] {
            machine.make_directory(directory);
        }
        Self { folder, offline: self.offline, machine }
    }

    /// A path in its folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Its interpreter.
    pub fn python(&self) -> String {
        self.path("env/bin/python").display().to_string()
    }

    /// Where packages are.
    pub fn site(&self) -> PathBuf {
        let lib = self.path("env/lib");
        let python = fs::read_dir(&lib).expect("lib").flatten().next().expect("a version");
        python.path().join("site-packages")
    }

    /// The real pip.
    pub fn real(&self) -> Command {
        let mut command = Command::new(self.python());
        command.args(["-m", "pip"]);
        self.in_its_surroundings(command)
    }

    /// Ours, with that pip behind it.
    pub fn ours(&self) -> Command {
        let mut command = self.in_its_surroundings(Command::new(env!("CARGO_BIN_EXE_pip3")));
        command.env("LOOPSHIM_ROOT", self.machine.path(""));
        command.env("LOOPSHIM_REAL_PIP", format!("{} -m pip", self.python()));
        command.env("LOOPSHIM_PIP_DELAY_MAX", "0");
        command
    }

    fn in_its_surroundings(&self, mut command: Command) -> Command {
        let work = self.path("work");
        fs::create_dir_all(&work).expect("a folder");
        fs::create_dir_all(self.path("tmp")).expect("a folder");
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.path("home"))
            .env("LC_ALL", "C.UTF-8");
        command.env("TMPDIR", self.path("tmp")).env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        command.current_dir(work).stdin(Stdio::null());
        command
    }

    /// A copy of the source of demo 2.0 in a new folder.
    pub fn source(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        let copied = Command::new("cp").arg("-a").arg(self.path("src")).arg(&to).status();
        assert!(copied.is_ok_and(|status| status.success()), "a copy of the source");
        to
    }

    fn write_sources(&self) {
        let write = |path: &str, text: &str| {
            let path = self.path(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        let setup = |version: &str| {
            format!(
                "from setuptools import setup\nsetup(name='demo', version='{version}', packages=['demo', 'demo.inner'],\n      \
                 entry_points={{'console_scripts': ['demo-tool = demo:main']}})\n"
            )
        };
        write("src/setup.py", &setup("2.0"));
        for module in 0..40 {
            write(&format!("src/demo/module_{module}.py"), &format!("VALUE = {module}\n").repeat(20));
            write(&format!("src/demo/inner/module_{module}.py"), &format!("INNER = {module}\n").repeat(20));
        }
        write("src/demo/__init__.py", "def main():\n    print('demo')\n");
        write("src/demo/inner/__init__.py", "");
        write("broken/setup.py", "raise SystemExit('cannot be built')\n");
        write("first/setup.py", &setup("1.0"));
        write("first/demo/__init__.py", "def main():\n    print('demo 1.0')\n");
        write("first/demo/inner/__init__.py", "");
        let built = self
            .real()
            .args(["wheel", "-q", "--no-deps"])
            .args(self.offline)
            .arg("-w")
            .arg(self.path("wheels"))
            .arg(self.path("first"))
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the wheel");
    }

    /// The wheel of demo 1.0.
    pub fn wheel(&self) -> PathBuf {
        self.path("wheels/demo-1.0-py3-none-any.whl")
    }

    /// Everything that belongs to demo, removed.
    pub fn without_demo(&self) {
        let site = self.site();
        for folder in [site.as_path(), &self.path("env/bin")] {
            for entry in fs::read_dir(folder).expect("a folder").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with("demo")
                    || name.starts_with('~')
                    || name.starts_with("__editable__")
                    || name == "easy-install.pth"
                {
                    remove(&entry.path());
                }
            }
        }
        for folder in ["work", "home", "tmp"] {
            remove(&self.path(folder));
        }
        for left in ["src/build", "src/demo.egg-info", "broken/build"] {
            remove(&self.path(left));
        }
    }

    /// demo 1.0, installed by the real pip: once, and from then on put back as
    /// it was.
    pub fn with_demo(&self) {
        let kept = self.path("kept");
        if kept.exists() {
            let copied = Command::new("cp").arg("-a").arg(kept.join(".")).arg(self.path("env")).status();
            assert!(copied.is_ok_and(|status| status.success()), "demo 1.0");
            return;
        }
        let installed =
            self.real().args(["install", "-q", "--no-index", "--no-deps"]).arg(self.wheel()).status();
        assert!(installed.is_ok_and(|status| status.success()), "demo 1.0");
        for folder in [self.site(), self.path("env/bin")] {
            let to = kept.join(folder.strip_prefix(self.path("env")).expect("below"));
            fs::create_dir_all(&to).expect("a folder");
            for entry in fs::read_dir(&folder).expect("a folder").flatten() {
                if entry.file_name().to_string_lossy().starts_with("demo") {
                    let copied = Command::new("cp").arg("-a").arg(entry.path()).arg(&to).status();
                    assert!(copied.is_ok_and(|status| status.success()), "demo 1.0 kept");
                }
            }
        }
    }

    /// What keeps the environment from being whole; empty if nothing does.
    pub fn faults(&self) -> Vec<String> {
        let script = "import importlib.metadata as m, hashlib, base64, sys, os\n\
            d = [d for d in m.distributions(path=[sys.argv[1]]) if d.metadata['Name'] == 'demo']\n\
            if len(d) != 1: print(len(d), 'distributions')\n\
            for f in [f for x in d if x._path.suffix == '.dist-info' for f in x.files or []]:\n\
            \x20   p = f.locate()\n\
            \x20   if not p.exists(): print('missing', f)\n\
            \x20   elif f.hash and base64.urlsafe_b64encode(hashlib.new(f.hash.mode, p.read_bytes()).digest()).rstrip(b'=').decode() != f.hash.value: print('differs', f)\n";
        // By the machine's Python: the environment's may be too old for this.
        let output = self
            .in_its_surroundings(Command::new("python3"))
            .args(["-c", script])
            .arg(self.site())
            .output()
            .expect("python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut faults: Vec<String> =
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        faults.extend(self.leftovers());
        faults
    }

    /// What pip, or ours, left lying.
    fn leftovers(&self) -> Vec<String> {
        let mut left = Vec::new();
        find(&self.site(), &mut |path, name| {
            if name.starts_with('~') {
                left.push(format!("stash {}", path.display()));
            }
        });
        find(&self.path("tmp"), &mut |path, name| {
            if name.starts_with("pip-") || name.starts_with("loopshim-") {
                left.push(format!("temporary {}", path.display()));
            }
        });
        left
    }
}

fn find(folder: &Path, see: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        see(&entry.path(), &entry.file_name().to_string_lossy());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&entry.path(), see);
        }
    }
}

fn remove(path: &Path) {
    let removed =
        if path.is_dir() && !path.is_symlink() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    assert!(removed.is_ok() || !path.exists(), "{} cannot be removed", path.display());
}
