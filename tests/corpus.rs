//! Recorded invocations of the real ipmitool, replayed: the same bytes on both
//! streams, the same status, the same requests in the same order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::originals::without_socket_traces;
use crate::support::recordings::{self, Recording};
use crate::support::replay::Replay;
use crate::support::skip::skip;

/// Invocations that are not identical yet, and why. A row here that *is*
/// identical fails the test: the ledger cannot go stale.
const LEDGER: &str = include_str!("corpus/ledger.json");

#[test]
fn rich_model_over_the_dummy_socket() {
    replay_set("corpus.jsonl");
}

#[test]
fn minimal_model_over_the_dummy_socket() {
    replay_set("corpus-min.jsonl");
}

#[test]
fn no_device() {
    let Some(folder) = recordings::folder() else { return skip("corpus-nodev", "the recordings") };
    let mut tally = Tally::new("corpus-nodev.jsonl");
    for recording in recordings::read(&folder.join("corpus-nodev.jsonl")) {
        let scratch = Scratch::new(&folder);
        let observed = scratch.run(&recording, &[("LOOPSHIM_TRANSPORT", "open")], &[]);
        tally.add(&recording, scratch.differences(&recording, &observed, true));
    }
    tally.settle();
}

#[test]
fn other_zones_and_locales() {
    let Some(folder) = recordings::folder() else { return skip("corpus-env", "the recordings") };
    // Recorded on the rich model without traffic: the same invocation's is borrowed.
    let rich = recordings::read(&folder.join("corpus.jsonl"));
    let mut tally = Tally::new("corpus-env.jsonl");
    for mut recording in recordings::read(&folder.join("corpus-env.jsonl")) {
        let same = |other: &&Recording| other.args == recording.args && other.tool == recording.tool;
        recording.traffic = rich.iter().find(same).and_then(|other| other.traffic.clone());
        replay(&folder, &mut tally, &recording);
    }
    tally.settle();
}

fn replay_set(file: &str) {
    let Some(folder) = recordings::folder() else { return skip(file, "the recordings") };
    let mut tally = Tally::new(file);
    for recording in recordings::read(&folder.join(file)) {
        replay(&folder, &mut tally, &recording);
    }
    tally.settle();
}

/// Replays one recording over the dummy socket, traffic included.
fn replay(folder: &Path, tally: &mut Tally, recording: &Recording) {
    // `-I open`, `-d`, `-H` name another interface than the socket's.
    let Some(traffic) = recording.traffic.clone().filter(|_| !recording.names_interface()) else { return };
    let scratch = Scratch::new(folder);
    // The open interface asks for the device id when it opens; dummy does not.
    let traffic = traffic.get(1..).unwrap_or_default().to_vec();
    let replay = Replay::serve(&scratch.socket(), traffic);
    let mut observed = scratch.run(recording, &[], &["-I", "dummy"]);
    // Recorded over `open`: the socket's own traces, which the original prints as
    // we do (the live test compares them), cannot be in the recording. With -vv
    // `open` traces too; the in-process test compares those.
    observed.stderr = without_socket_traces(&observed.stderr);
    let mut differences = scratch.differences(recording, &observed, !recording.is_very_verbose());
    if let Err(departure) = replay.finish(&scratch.socket()) {
        differences.push(departure);
    }
    tally.add(recording, differences);
}

/// What an invocation did.
struct Observed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: i32,
}

/// A fresh folder for one invocation.
struct Scratch {
    folder: tempfile::TempDir,
    corpus: PathBuf,
}

impl Scratch {
    fn new(corpus: &Path) -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), corpus: corpus.to_owned() }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("bmc")
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

    fn run(&self, recording: &Recording, env: &[(&str, &str)], prefix: &[&str]) -> Observed {
        let places = self.places();
        let args = recording
            .args
            .iter()
            .map(|arg| places.iter().fold(arg.clone(), |arg, (name, path)| arg.replace(name, path)));
        let output = Command::new(env!("CARGO_BIN_EXE_ipmitool"))
            .args(prefix)
            .args(args)
            .env_clear()
            .envs([("TZ", "UTC"), ("LC_ALL", "C"), ("LOOPSHIM_IPMITOOL_VERSION", &recording.tool)])
            .env("IPMI_DUMMY_SOCK", self.socket())
            .envs(env.iter().copied())
            .envs(&recording.env)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("the shim starts");
        let restore = |bytes: Vec<u8>| {
            places.iter().fold(bytes, |bytes, (name, path)| replace(&bytes, path.as_bytes(), name.as_bytes()))
        };
        Observed {
            stdout: restore(output.stdout),
            stderr: restore(output.stderr),
            status: output.status.code().unwrap_or(-1),
        }
    }

    fn differences(&self, recording: &Recording, observed: &Observed, compare_stderr: bool) -> Vec<String> {
        let mut differences = Vec::new();
        if observed.stdout != recording.stdout {
            differences.push(first_difference("stdout", &observed.stdout, &recording.stdout));
        }
        if compare_stderr && observed.stderr != recording.stderr {
            differences.push(first_difference("stderr", &observed.stderr, &recording.stderr));
        }
        if observed.status != recording.status {
            differences.push(format!("status {}, recorded {}", observed.status, recording.status));
        }
        differences
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
    for line in 1.. {
        let (our, their) = (ours.next(), theirs.next());
        if our != their {
            let show = |line: Option<&[u8]>| {
                line.map_or("nothing".to_owned(), |line| format!("{:?}", String::from_utf8_lossy(line)))
            };
            return format!("{stream} line {line}: {}, recorded {}", show(our), show(their));
        }
    }
    unreachable!("only called on streams that differ")
}

/// How many invocations of a file are identical, per version.
struct Tally {
    file: String,
    identical: BTreeMap<String, (usize, usize)>,
    unexplained: Vec<String>,
    stale: Vec<String>,
    known: Vec<Known>,
}

/// A row of the ledger: the leading words of a command, and why it differs.
struct Known {
    words: Vec<String>,
    tool: Option<String>,
    file: Option<String>,
    used: bool,
    identical: Vec<String>,
}

impl Tally {
    fn new(file: &str) -> Self {
        let rows: Vec<serde_json::Value> = serde_json::from_str(LEDGER).expect("the ledger is JSON");
        let known = rows.iter().map(Known::of).collect();
        Self {
            file: file.to_owned(),
            identical: BTreeMap::new(),
            unexplained: Vec::new(),
            stale: Vec::new(),
            known,
        }
    }

    fn add(&mut self, recording: &Recording, differences: Vec<String>) {
        let count = self.identical.entry(recording.tool.clone()).or_default();
        count.1 += 1;
        let known = self.known.iter_mut().find(|known| known.covers(&self.file, recording));
        if differences.is_empty() {
            count.0 += 1;
            if let Some(known) = known {
                known.identical.push(recording.command());
            }
            return;
        }
        match known {
            Some(known) => known.used = true,
            None => self.unexplained.push(format!(
                "{} `ipmitool {}`\n    {}",
                recording.tool,
                recording.command(),
                differences.join("\n    ")
            )),
        }
    }

    /// Prints the counts; fails on any difference the ledger does not explain.
    fn settle(mut self) {
        for (tool, (identical, all)) in &self.identical {
            println!("{} {tool}: {identical} of {all} identical", self.file);
        }
        self.stale.extend(
            self.known
                .iter()
                .filter(|known| !known.used && !known.identical.is_empty())
                .map(|known| format!("{:?}: all identical ({})", known.words, known.identical.len())),
        );
        assert!(
            self.unexplained.is_empty(),
            "{}: {} differ without a reason in the ledger:\n{}",
            self.file,
            self.unexplained.len(),
            self.unexplained.join("\n")
        );
        assert!(self.stale.is_empty(), "{}: stale ledger rows: {:#?}", self.file, self.stale);
    }
}

impl Known {
    fn of(row: &serde_json::Value) -> Self {
        let text = |key: &str| row[key].as_str().map(str::to_owned);
        assert!(row["reason"].is_string(), "a ledger row without its reason: {row}");
        Self {
            words: text("command").expect("a command").split_whitespace().map(str::to_owned).collect(),
            tool: text("tool"),
            file: text("file"),
            used: false,
            identical: Vec::new(),
        }
    }

    fn covers(&self, file: &str, recording: &Recording) -> bool {
        let words = recording.words();
        words.len() >= self.words.len()
            && words.iter().zip(&self.words).all(|(word, known)| word == known)
            && self.tool.as_ref().is_none_or(|tool| *tool == recording.tool)
            && self.file.as_deref().is_none_or(|known| known == file)
    }
}
