//! Snapshots: commands as typed, and what they printed.
//!
//! A case is a folder below `snapshots/` with the files `command`, `stdout`,
//! `stderr`, `status` and, where it is not the default model, `model.json`. An
//! absent `stdout` or `stderr` must be empty. One body runs a case against
//! either subject:
//!
//! - ours (the default): the shim; ipmitool's with the model in its own process;
//! - theirs (`LOOPSHIM_SUBJECT=theirs`): the original that `tests/run` put into
//!   `LOOPSHIM_ORIGINALS`; ipmitool with the same model behind the dummy socket.
//!
//! `LOOPSHIM_RECORD=1` writes the snapshots anew, and is refused while the
//! subject is ours: a snapshot is evidence, never a self-portrait.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::machine::{Machine, run};
use super::originals;
use super::say::say;
use super::served::Served;
use super::skip::skip;

/// Who is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The shim.
    Ours,
    /// The original.
    Theirs,
}

impl Subject {
    fn chosen() -> Self {
        match std::env::var("LOOPSHIM_SUBJECT").as_deref() {
            Err(_) | Ok("ours") => Self::Ours,
            Ok("theirs") => Self::Theirs,
            Ok(other) => panic!("LOOPSHIM_SUBJECT={other}: ours or theirs"),
        }
    }
}

/// Where cases are run.
pub trait Stage {
    /// Runs a case.
    fn observe(&mut self, case: &Case) -> Observed;
}

/// A folder of ipmitool's cases and the version that wrote their snapshots.
pub struct Suite {
    /// Folder below `snapshots/`.
    pub folder: &'static str,
    /// The personality that answers.
    pub personality: &'static str,
    /// Cases where ours differs so far, and why. One that does not differ fails.
    pub pending: &'static [(&'static str, &'static str)],
}

impl Suite {
    /// Runs every case of the suite, or, when asked to, records it.
    pub fn check(&self) {
        let cases = Cases { folder: self.folder, pending: self.pending };
        cases.check(&format!("the original {}", self.personality), |subject| {
            Machines::set(subject, self.personality)
        });
    }
}

/// A folder of cases.
pub struct Cases {
    /// Folder below `snapshots/`.
    pub folder: &'static str,
    /// Cases where ours differs so far, and why. One that does not differ fails.
    pub pending: &'static [(&'static str, &'static str)],
}

impl Cases {
    /// Runs every case on a stage with the chosen subject, or, when asked to,
    /// records it. There is no stage where the `original` is not installed.
    pub fn check<S: Stage>(&self, original: &str, set: impl FnOnce(Subject) -> Option<S>) {
        let subject = Subject::chosen();
        let records = std::env::var_os("LOOPSHIM_RECORD").is_some_and(|value| value == "1");
        assert!(
            !(records && subject == Subject::Ours),
            "only the original writes snapshots: LOOPSHIM_RECORD=1 needs LOOPSHIM_SUBJECT=theirs"
        );
        let cases = self.cases();
        self.assert_pending_cases_exist(&cases);
        let Some(mut stage) = set(subject) else { return skip(self.folder, original) };
        if records {
            return cases.iter().for_each(|case| stage.observe(case).write(&case.folder));
        }
        let (mut held, mut differences) = (0, Vec::new());
        for case in &cases {
            let difference = stage.observe(case).difference(&Observed::read(&case.folder));
            held += usize::from(difference.is_none());
            let pending =
                self.pending.iter().find(|(name, _)| *name == case.name && subject == Subject::Ours);
            match (difference, pending) {
                (None, None) | (Some(_), Some(_)) => {}
                (Some(difference), None) => differences.push(format!("{}: {difference}", case.name)),
                (None, Some(_)) => differences.push(format!("{}: holds now, no longer pending", case.name)),
            }
        }
        say(format_args!("{}: {held} of {} cases", self.folder, cases.len()));
        self.pending.iter().for_each(|(name, reason)| say(format_args!("  pending: {name}: {reason}")));
        assert!(differences.is_empty(), "{}:\n{}", self.folder, differences.join("\n"));
    }

    fn cases(&self) -> Vec<Case> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(self.folder);
        let entries = fs::read_dir(&folder).expect("a folder of cases");
        let mut cases: Vec<Case> = entries.map(|entry| Case::read(entry.expect("an entry").path())).collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(!cases.is_empty(), "{} has no cases", self.folder);
        cases
    }

    fn assert_pending_cases_exist(&self, cases: &[Case]) {
        for (name, reason) in self.pending {
            assert!(cases.iter().any(|case| case.name == *name), "{}: no case {name}", self.folder);
            assert!(!reason.is_empty(), "{}: {name} is pending without a reason", self.folder);
        }
    }
}

/// One command and the model it runs on.
pub struct Case {
    name: String,
    folder: PathBuf,
    /// As typed.
    pub command: String,
    /// A model file's text; empty is the default model.
    model: String,
}

impl Case {
    fn read(folder: PathBuf) -> Self {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a case's name").to_owned();
        let command = fs::read_to_string(folder.join("command")).expect("a case's command");
        let model = fs::read_to_string(folder.join("model.json")).unwrap_or_default();
        Self { name, folder, command, model }
    }
}

/// What a command did.
#[derive(PartialEq, Eq)]
pub struct Observed {
    /// Without what differs between machines.
    pub stdout: Vec<u8>,
    /// The same of the other stream.
    pub stderr: Vec<u8>,
    /// Its exit status.
    pub status: i32,
}

impl Observed {
    fn read(folder: &Path) -> Self {
        let status = fs::read_to_string(folder.join("status")).expect("a recorded status");
        Self {
            stdout: fs::read(folder.join("stdout")).unwrap_or_default(),
            stderr: fs::read(folder.join("stderr")).unwrap_or_default(),
            status: status.trim_end().parse().expect("a number"),
        }
    }

    fn write(&self, folder: &Path) {
        fs::write(folder.join("status"), format!("{}\n", self.status)).expect("a status");
        for (name, bytes) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if bytes.is_empty() {
                // It need not have been there.
                let _ = fs::remove_file(folder.join(name));
            } else {
                fs::write(folder.join(name), bytes).expect("a stream");
            }
        }
    }

    fn difference(&self, recorded: &Self) -> Option<String> {
        (self != recorded).then(|| {
            let show = |observed: &Self| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                format!("{:?} {:?} {}", text(&observed.stdout), text(&observed.stderr), observed.status)
            };
            format!("\n  recorded {}\n  observed {}", show(recorded), show(self))
        })
    }
}

/// A machine with the subject first on its search path.
struct Machines {
    subject: Subject,
    personality: &'static str,
    machine: Machine,
    original: PathBuf,
    /// The models served so far, by their files' text.
    served: BTreeMap<String, Served>,
}

impl Machines {
    /// `None` when the subject is not installed.
    fn set(subject: Subject, personality: &'static str) -> Option<Self> {
        let original = match subject {
            Subject::Ours => PathBuf::new(),
            Subject::Theirs => originals::find(personality)?,
        };
        let stage = Self { subject, personality, machine: Machine::new(), original, served: BTreeMap::new() };
        if subject == Subject::Ours {
            stage.machine.install_shim("bin/ipmitool");
        }
        // sudo itself would go by its secure_path, where the subject is not; what
        // matters of it is that little of the environment passes.
        stage.machine.install_script("bin/sudo", &format!("exec env -i {} \"$@\"", stage.assignments()));
        Some(stage)
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.machine.path("bin").display());
        let root = self.machine.path("").display().to_string();
        let mut environment = vec![
            ("PATH", path),
            ("TZ", "UTC".to_owned()),
            ("LC_ALL", "C".to_owned()),
            ("LOOPSHIM_ROOT", root),
        ];
        // The default is not asked for, so that it is tested.
        if self.personality != originals::PERSONALITIES[0] {
            environment.push(("LOOPSHIM_IPMITOOL_VERSION", self.personality.to_owned()));
        }
        environment
    }

    fn assignments(&self) -> String {
        self.environment().iter().map(|(name, value)| format!("{name}='{value}' ")).collect()
    }

    /// Has the subject answer from the model file of that text.
    fn take_model(&mut self, model: &str) {
        // The default model needs no file, and the last case's must go.
        let _ = fs::remove_file(self.machine.path(MODEL));
        if !model.is_empty() {
            self.machine.write(MODEL, model);
        }
        if self.subject == Subject::Theirs {
            self.serve(model);
        }
    }

    /// Has the original answer from a model, afresh for every connection.
    fn serve(&mut self, model: &str) {
        let file = self.machine.path(MODEL);
        let start = || if model.is_empty() { Served::default_model() } else { Served::model(&file) };
        let served = self.served.entry(model.to_owned()).or_insert_with(start);
        let draft = self.machine.path("wrapper");
        served.wrapper(&self.original, &draft);
        self.machine.install_program("bin/ipmitool", draft.to_str().expect("a path in UTF-8"));
    }
}

impl Stage for Machines {
    fn observe(&mut self, case: &Case) -> Observed {
        self.take_model(&case.model);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &case.command]).current_dir(self.machine.path("")).env_clear();
        command.envs(self.environment()).stdin(std::process::Stdio::null());
        let output = run(command);
        let status = output.status.code().expect("a status");
        // The socket between the original and the model is not part of the case.
        let stderr = match self.subject {
            Subject::Ours => output.stderr,
            Subject::Theirs => originals::without_socket_traces(&output.stderr),
        };
        Observed { stdout: portable(&output.stdout), stderr: portable(&stderr), status }
    }
}

/// Where a machine's model is described.
const MODEL: &str = "etc/loopshim/bmc.json";

/// What the default model prints of this host, replaced by what stands for it in
/// snapshots: the serial number made of the host's name, and nothing else.
fn portable(output: &[u8]) -> Vec<u8> {
    let own = host_serial();
    let mut text = output.to_vec();
    while let Some(at) = text.windows(own.len()).position(|window| window == own.as_bytes()) {
        text.splice(at..at + own.len(), *b"LOOPBACK-<hostid>");
    }
    text
}

/// `LOOPBACK-` and the first 8 digits of the MD5 of the host's name and a line end.
fn host_serial() -> String {
    let digest = Command::new("sh").args(["-c", "uname -n | md5sum | cut -c1-8"]).output().expect("md5sum");
    format!("LOOPBACK-{}", String::from_utf8_lossy(&digest.stdout).trim_end())
}

#[test]
fn only_the_original_may_record() {
    let ourselves = std::env::current_exe().expect("this program");
    let mut command = Command::new(ourselves);
    command
        .args(["--exact", "vast::ipmitool_as_typed"])
        .env("LOOPSHIM_RECORD", "1")
        .env_remove("LOOPSHIM_SUBJECT");
    let output = command.output().expect("it starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("only the original writes snapshots"));
}

#[test]
fn what_is_not_recorded_must_be_empty() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("status"), "0\n").expect("a status");
    let recorded = Observed::read(folder.path());
    let observed = |stdout: &[u8], stderr: &[u8], status| Observed {
        stdout: stdout.to_vec(),
        stderr: stderr.to_vec(),
        status,
    };
    assert!(observed(b"", b"", 0).difference(&recorded).is_none());
    assert!(observed(b"\n", b"", 0).difference(&recorded).is_some());
    assert!(observed(b"", b"x", 0).difference(&recorded).is_some());
    assert!(observed(b"", b"", 1).difference(&recorded).is_some());
}

#[test]
fn only_this_hosts_serial_number_is_replaced() {
    let own = host_serial();
    assert_eq!(own.len(), "LOOPBACK-".len() + 8);
    let text = format!("a {own} b {own}-PS1 c LOOPBACK-001");
    assert_eq!(portable(text.as_bytes()), b"a LOOPBACK-<hostid> b LOOPBACK-<hostid>-PS1 c LOOPBACK-001");
}
