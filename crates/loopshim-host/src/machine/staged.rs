//! A staged machine for tests: a folder for its files, everything counting as
//! running, and programs that only note how they were called.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use loopshim_core::config::host::Host;

use super::commands::{Commands, Done};
use super::root::Root;
use super::{Machine, Scope};
use crate::fixes::{Assessment, Context, find};

/// The machine.
pub(crate) struct Staged {
    folder: tempfile::TempDir,
    /// How programs were called.
    pub(crate) calls: Rc<RefCell<Vec<String>>>,
    /// The programs that there are, and what they print.
    programs: Vec<(&'static str, &'static str)>,
    /// The settings.
    pub(crate) settings: Host,
}

impl Staged {
    /// With these files, a `/tmp`, and nothing else. A text `-> X` is a link to X.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let staged = Self { folder, calls: Rc::default(), programs: Vec::new(), settings: Host::default() };
        for (path, text) in files {
            staged.write(path, text);
        }
        staged
    }

    /// With this program, too.
    pub(crate) fn program(mut self, name: &'static str, prints: &'static str) -> Self {
        self.programs.push((name, prints));
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        match text.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, path).expect("a link"),
            None => fs::write(path, text).expect("a file"),
        }
    }

    /// Where a path of it is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path.trim_start_matches('/'))
    }

    /// The machine itself, running or as files alone.
    pub(crate) fn machine(&self, scope: Scope) -> Machine {
        let root = Root::open(self.folder.path()).expect("a root");
        let commands = Noting { calls: Rc::clone(&self.calls), programs: self.programs.clone() };
        Machine::staged(root, scope, Box::new(commands))
    }

    /// What a fix comes to while the machine runs.
    pub(crate) fn assess(&self, fix: &str, packages: bool) -> Assessment {
        self.assess_in(Scope::Live, fix, packages)
    }

    /// What a fix comes to.
    pub(crate) fn assess_in(&self, scope: Scope, fix: &str, packages: bool) -> Assessment {
        let machine = self.machine(scope);
        let context = Context { machine: &machine, settings: &self.settings, packages, binaries: None };
        (find(fix).expect("a fix").assess)(&context)
    }
}

struct Noting {
    calls: Rc<RefCell<Vec<String>>>,
    programs: Vec<(&'static str, &'static str)>,
}

impl Commands for Noting {
    fn run_with(&self, words: &[&str], _input: &[u8]) -> io::Result<Done> {
        self.calls.borrow_mut().push(words.join(" "));
        let prints =
            self.programs.iter().find(|(name, _)| *name == words[0]).ok_or(io::ErrorKind::NotFound)?;
        Ok(Done { status: Some(0), stdout: prints.1.as_bytes().to_vec(), stderr: Vec::new() })
    }

    fn run_locked(&self, words: &[&str], _lock: Option<&fs::File>) -> io::Result<Done> {
        self.run(words)
    }

    fn has(&self, program: &str) -> bool {
        self.programs.iter().any(|(name, _)| *name == program)
    }
}
