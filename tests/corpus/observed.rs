//! Running one recorded invocation on our side, and comparing.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::SystemTime;

use loopshim_core::World;
use loopshim_core::ipmitool::{self, Personality};

use crate::support::apart::Apart;
use crate::support::originals::without_socket_traces;
use crate::support::recordings::{Exchange, Recording};
use crate::support::replay::Replay;

/// What an invocation did.
pub struct Observed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: i32,
    file: Option<Vec<u8>>,
    ignore_stderr: bool,
}

/// A fresh folder for one invocation.
pub struct Scratch {
    folder: tempfile::TempDir,
    corpus: PathBuf,
}

impl Scratch {
    /// A folder for one invocation of the recordings in `corpus`.
    pub fn new(corpus: &Path) -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), corpus: corpus.to_owned() }
    }

    /// Runs the shim as a process, with options before the recorded ones.
    pub fn run_process(
        &self,
        recording: &Recording,
        options: &[&str],
        vars: &[(&str, OsString)],
    ) -> Observed {
        let apart = Apart::new();
        let output = Command::new(env!("CARGO_BIN_EXE_ipmitool"))
            .arg0("ipmitool")
            .args(options)
            .args(self.args(recording))
            .env_clear()
            .envs(self.vars(recording))
            .env("LOOPSHIM_IPMITOOL_VERSION", &recording.tool)
            .env("LOOPSHIM_ROOT", apart.root())
            .envs(vars.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("the shim starts");
        self.observed(&output.stdout, &output.stderr, output.status.code().unwrap_or(-1))
    }

    /// Answers the invocation in this process from the recorded conversation of
    /// `all` requests; also says where it departed from it.
    pub fn replay(
        &self,
        recording: &Recording,
        traffic: Vec<Exchange>,
        all: usize,
    ) -> (Observed, Option<String>) {
        let (stdout, stderr) = (Shared::default(), Shared::default());
        let mut world = World {
            program: "ipmitool".into(),
            args: self.args(recording).map(OsString::from).collect(),
            vars: self.vars(recording).into_iter().collect(),
            stdin: Box::new(io::empty()),
            stdin_is_terminal: || false,
            stdout: Box::new(stdout.clone()),
            stdout_is_terminal: false,
            stderr: Box::new(stderr.clone()),
            clock: SystemTime::now,
            root: "/".into(),
            proc: "/proc".into(),
        };
        let personality = Personality::from_name(&recording.tool).expect("a personality");
        let (replay, progress) = Replay::new(traffic);
        let succeeds = ipmitool::answer(&mut world, personality, Box::new(replay));
        let status = succeeds.map_or(-1, |succeeds| i32::from(!succeeds));
        let observed = self.observed(&stdout.0.borrow(), &stderr.0.borrow(), status);
        (observed, progress.borrow().departure(all))
    }

    fn observed(&self, stdout: &[u8], stderr: &[u8], status: i32) -> Observed {
        let restore = |bytes: &[u8]| {
            self.places()
                .iter()
                .fold(bytes.to_vec(), |bytes, (name, path)| replace(&bytes, path.as_bytes(), name.as_bytes()))
        };
        let file = std::fs::read(self.folder.path().join("file")).ok();
        Observed { stdout: restore(stdout), stderr: restore(stderr), status, file, ignore_stderr: false }
    }

    fn args<'s>(&'s self, recording: &'s Recording) -> impl Iterator<Item = String> + 's {
        let places = self.places();
        recording
            .args
            .iter()
            .map(move |arg| places.iter().fold(arg.clone(), |arg, (name, path)| arg.replace(name, path)))
    }

    fn vars(&self, recording: &Recording) -> BTreeMap<OsString, OsString> {
        let folder = self.folder.path().as_os_str().to_owned();
        let fixed: [(&str, OsString); 3] = [("TZ", "UTC".into()), ("LC_ALL", "C".into()), ("HOME", folder)];
        let recorded = recording.env.iter().map(|(name, value)| (name.into(), value.into()));
        fixed.into_iter().map(|(name, value)| (name.into(), value)).chain(recorded).collect()
    }

    /// Placeholders of the recordings and what stands for them here.
    fn places(&self) -> [(&'static str, String); 3] {
        let text = |path: PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
        [
            ("@TMP@", text(self.folder.path().join("file"))),
            ("@SDRC@", text(self.corpus.join("data/sdr.cache"))),
            ("@EXEC@", text(self.corpus.join("data/exec.txt"))),
        ]
    }
}

impl Observed {
    /// Takes out what only the dummy socket's client prints, as far as it can be
    /// told apart; with `-v` it cannot, and the stream is not compared.
    pub fn forget_interface_traces(&mut self, recording: &Recording) {
        self.stderr = without_socket_traces(&self.stderr);
        self.ignore_stderr = recording.is_verbose();
    }

    /// How this differs from what was recorded.
    pub fn differences(&self, recording: &Recording) -> Vec<String> {
        let mut differences = Vec::new();
        if self.stdout != recording.stdout {
            differences.push(first_difference("stdout", &self.stdout, &recording.stdout));
        }
        if self.stderr != recording.stderr && !self.ignore_stderr {
            differences.push(first_difference("stderr", &self.stderr, &recording.stderr));
        }
        if self.status != recording.status {
            differences.push(format!("status {}, recorded {}", self.status, recording.status));
        }
        if recording.file.is_some() && self.file != recording.file {
            differences.push("the file it wrote".to_owned());
        }
        differences
    }
}

/// A stream that can be read after its writer is done with it.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

fn first_difference(stream: &str, ours: &[u8], theirs: &[u8]) -> String {
    let mut ours = ours.split(|&byte| byte == b'\n');
    let mut theirs = theirs.split(|&byte| byte == b'\n');
    let show = |line: Option<&[u8]>| match line {
        Some(line) => format!("{:?}", String::from_utf8_lossy(line)),
        None => "nothing".to_owned(),
    };
    for line in 1.. {
        let (our, their) = (ours.next(), theirs.next());
        if our != their {
            return format!("{stream} line {line}: {}, recorded {}", show(our), show(their));
        }
    }
    unreachable!("only called on streams that differ")
}
