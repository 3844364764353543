//! One program on one machine: what it prints, asks and leaves behind.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ipmi::{Bmc, Request, Response};

use super::disturbance::disturbed;
use super::exclusions::{without_build, without_unset};
use crate::support::serving;

/// Where programs are run: a socket with a machine behind it, and a folder of
/// their own for each run.
pub(super) struct Bench {
    pub(super) original: PathBuf,
    pub(super) personality: String,
    folder: tempfile::TempDir,
    served: Arc<Mutex<Served>>,
}

/// The machine that the next client meets, and what clients have asked.
#[derive(Default)]
struct Served {
    machine: Bmc,
    /// From what its answers are disturbed, if they are.
    disturbance: Option<u64>,
    requests: Vec<Request>,
    answers: Vec<Response>,
    /// How often each was asked.
    counts: HashMap<Request, usize>,
}

impl Served {
    /// How often this was asked before.
    fn count(&mut self, request: &Request) -> usize {
        match self.counts.get_mut(request) {
            Some(count) => {
                *count += 1;
                *count - 1
            }
            None => {
                self.counts.insert(request.clone(), 1);
                0
            }
        }
    }

    /// Puts another machine in its place, of which nothing was asked.
    fn replace(&mut self, setting: &Setting<'_>) {
        self.machine.clone_from(setting.machine);
        self.disturbance = setting.disturbance;
        self.requests.clear();
        self.answers.clear();
        self.counts.clear();
    }
}

/// What a run shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// The exit status; `None` if a signal ended it.
    pub(super) status: Option<i32>,
    pub(super) requests: Vec<Request>,
    pub(super) answers: Vec<Response>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

impl Shown {
    /// What was asked and answered.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = (&Request, &Response)> {
        self.requests.iter().zip(&self.answers)
    }
}

/// What both programs are run with.
pub(super) struct Setting<'s> {
    pub(super) args: &'s [String],
    pub(super) machine: &'s Bmc,
    /// Disturbs answers as [`disturbed`] says.
    pub(super) disturbance: Option<u64>,
    pub(super) files: &'s BTreeMap<String, Vec<u8>>,
    pub(super) variables: &'s [(&'static str, &'static str)],
}

/// Seconds since 1970 at which all machines live.
const NOW: u64 = 1_709_647_749;

/// Manufacturers as 1.8.19 looks them up: a user's own registry goes before the
/// system's, of which reading the five megabytes is nine tenths of a run.
const REGISTRY: &str = "0\n  Reserved\n    x\n      x@x\n2\n  IBM\n    x\n      x@x\n674\n  Dell Inc.\n    x\n      x@x\n\
                        10876\n  Super Micro Computer Inc.\n    x\n      x@x\n15000\n  Kontron\n    x\n      x@x\n";
const REGISTRY_PATH: &str = ".local/usr/share/misc/enterprise-numbers.txt";

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(20);

impl Bench {
    pub(super) fn new(original: &Path, personality: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let registry = folder.path().join(REGISTRY_PATH);
        fs::create_dir_all(registry.parent().expect("a folder")).expect("a folder");
        fs::write(registry, REGISTRY).expect("a registry");
        let served = Arc::<Mutex<Served>>::default();
        let clients = Arc::clone(&served);
        serving::serve(&folder.path().join("bmc"), move || {
            let served = Arc::clone(&clients);
            let mut machine = served.lock().expect("the machine").machine.clone();
            move |request: &Request| {
                let mut served = served.lock().expect("the machine");
                let answer = machine.answer(request, NOW);
                // Both meet the same, whatever else the original sends.
                let request = without_unset(request.clone());
                let asked = served.count(&request);
                let answer = match served.disturbance {
                    Some(seed) => disturbed(seed, &request, asked, answer),
                    None => answer,
                };
                served.requests.push(request);
                served.answers.push(answer.clone());
                answer
            }
        });
        Self { original: original.to_owned(), personality: personality.to_owned(), folder, served }
    }

    /// Runs the original; `extra` are variables of its own.
    pub(super) fn original(&self, setting: &Setting<'_>, extra: &[(&str, &str)]) -> Shown {
        self.run(&self.original, setting, extra)
    }

    /// Runs ours.
    pub(super) fn ours(&self, setting: &Setting<'_>) -> Shown {
        self.run(Path::new(env!("CARGO_BIN_EXE_ipmitool")), setting, &[])
    }

    fn run(&self, program: &Path, setting: &Setting<'_>, extra: &[(&str, &str)]) -> Shown {
        let home = self.folder.path();
        let place = home.join("place");
        fs::create_dir(&place).expect("a folder");
        for (name, contents) in setting.files {
            fs::write(place.join(name), contents).expect("a file");
        }
        self.served.lock().expect("the machine").replace(setting);
        let outputs = ["stdout", "stderr"].map(|name| home.join(name));
        let [stdout, stderr] = outputs.each_ref().map(|path| File::create(path).expect("a file"));
        let mut command = Command::new(program);
        command
            .args(["-I", "dummy"])
            .args(setting.args)
            .current_dir(&place)
            .env_clear()
            .envs([
                ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
                ("LOOPSHIM_IPMITOOL_VERSION", &self.personality),
            ])
            .env("HOME", home)
            .env("IPMI_DUMMY_SOCK", home.join("bmc"))
            .envs(setting.variables.iter().copied())
            .envs(extra.iter().copied())
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr);
        let child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let status = await_end(child);
        let [stdout, stderr] = outputs.map(|path| fs::read(path).expect("what was printed"));
        let stdout = without_build(&self.personality, &stdout);
        let stderr = without_build(&self.personality, &with_bare_name(&stderr));
        let (requests, answers) = {
            let mut served = self.served.lock().expect("the machine");
            (std::mem::take(&mut served.requests), std::mem::take(&mut served.answers))
        };
        let shown = Shown { stdout, stderr, status, requests, answers, files: files(&place) };
        fs::remove_dir_all(&place).expect("the folder");
        shown
    }
}

/// The exit status; `None` where there is none, or none in time.
fn await_end(mut child: Child) -> Option<i32> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            return status.code();
        }
        if Instant::now() > deadline {
            child.kill().and_then(|()| child.wait()).expect("a child of ours");
            return None;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

fn files(place: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(place).expect("the folder").map(|entry| entry.expect("an entry").path());
    let named = |path: PathBuf| Some((path.file_name()?.to_str()?.to_owned(), fs::read(&path).ok()?));
    entries.filter_map(named).collect()
}

/// What asks for a password.
const QUESTION: &[u8] = b"Password: ";

/// The library's complaints about options begin with the program's path: each
/// has its own. A question for a password may stand before it.
fn with_bare_name(stderr: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(stderr.len());
    for line in stderr.split_inclusive(|byte| *byte == b'\n') {
        let question = if line.starts_with(QUESTION) { QUESTION } else { b"" };
        kept.extend(question);
        let line = &line[question.len()..];
        let path = line.windows(2).position(|two| two == b": ").map_or(&[][..], |end| &line[..end]);
        let is_path = path.starts_with(b"/") && path.ends_with(b"/ipmitool");
        kept.extend(if is_path { b"ipmitool" } else { path });
        kept.extend(&line[path.len()..]);
    }
    kept
}
