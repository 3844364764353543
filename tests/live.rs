//! The original tools, run against our model: they, our client on the same
//! socket, and our client on the model in its own process must not differ.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::apart::Apart;
use crate::support::originals;
use crate::support::say::say;
use crate::support::served::Served;
use crate::support::skip::skip;

const INVOCATIONS: &str = include_str!("live/invocations.txt");
/// A machine with wrong answers, and the invocations that meet them.
const ODD_MODEL: &str = include_str!("live/odd.json");
const ODD_INVOCATIONS: &str = include_str!("live/odd.txt");
const VENDOR_MODEL: &str = include_str!("live/vendor.json");
const VENDOR_INVOCATIONS: &str = include_str!("live/vendor.txt");

/// Machines for `picmg`, `vita` and `firewall`.
const BOARD_MODEL: &str = include_str!("live/board.json");
const BOARD_INVOCATIONS: &str = include_str!("live/board.txt");
const MODULE_MODEL: &str = include_str!("live/module.json");
const MODULE_INVOCATIONS: &str = include_str!("live/module.txt");
const VITA_MODEL: &str = include_str!("live/vita.json");
/// A server.
const SERVER_MODEL: &str = include_str!("live/server.json");
const SERVER_INVOCATIONS: &str = include_str!("live/server.txt");
const FILES_INVOCATIONS: &str = include_str!("live/files.txt");
const VITA_INVOCATIONS: &str = include_str!("live/vita.txt");

#[test]
fn default_model() {
    compare("default", None, INVOCATIONS);
}

#[test]
fn profile_virtual_cnode() {
    compare("virtual-cnode", Some(r#"{"profile": "virtual-cnode"}"#), INVOCATIONS);
}

#[test]
fn profile_virtual_node() {
    compare("virtual-node", Some(r#"{"profile": "virtual-node"}"#), INVOCATIONS);
}

#[test]
fn odd_answers() {
    compare("odd", Some(ODD_MODEL), ODD_INVOCATIONS);
}

#[test]
fn advanced_tca_board() {
    compare("board", Some(BOARD_MODEL), BOARD_INVOCATIONS);
}

#[test]
fn advanced_mc_module() {
    compare("module", Some(MODULE_MODEL), MODULE_INVOCATIONS);
}

#[test]
fn files_for_ekanalyzer() {
    compare("default", None, FILES_INVOCATIONS);
}

#[test]
fn vpx_module_with_a_firewall() {
    compare("vita", Some(VITA_MODEL), VITA_INVOCATIONS);
}

#[test]
fn server_of_a_vendor() {
    compare("server", Some(SERVER_MODEL), SERVER_INVOCATIONS);
}

#[test]
fn vendors_commands_refused() {
    compare("default", None, VENDOR_INVOCATIONS);
}

#[test]
fn vendors_commands_answered() {
    compare("vendor", Some(VENDOR_MODEL), VENDOR_INVOCATIONS);
}

/// How the test socket's interface begins to show a request.
const TRACE: &[u8] = b">>> IPMI req";

fn compare(name: &str, model: Option<&str>, invocations: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = model.map(|text| write(folder.path().join("bmc.json"), text));
    let served = file.as_deref().map_or_else(Served::default_model, Served::model);
    for personality in originals::PERSONALITIES {
        let Some(original) = originals::find(personality) else {
            skip(&format!("live comparison on the {name} model"), &format!("the original {personality}"));
            continue;
        };
        let subjects = Subjects { served: &served, original: &original, personality, model: file.as_deref() };
        subjects.compare_all(name, invocations);
    }
}

fn write(path: PathBuf, text: &str) -> PathBuf {
    std::fs::write(&path, text).expect("a model file");
    path
}

struct Subjects<'a> {
    served: &'a Served,
    original: &'a Path,
    personality: &'a str,
    model: Option<&'a Path>,
}

impl Subjects<'_> {
    fn compare_all(&self, name: &str, invocations: &str) {
        let mut differences = Vec::new();
        let mut count = 0;
        for line in invocations.lines().filter_map(|line| applicable(line, self.personality)) {
            let args = split(line);
            count += 1;
            differences.extend(
                self.compare_one(&args).into_iter().map(|difference| format!("`{line}` {difference}")),
            );
        }
        say(format_args!("live, {name} model, {}: {count} invocations", self.personality));
        assert!(differences.is_empty(), "{name}, {}:\n{}", self.personality, differences.join("\n"));
    }

    fn compare_one(&self, args: &[String]) -> Vec<String> {
        let theirs = self.run(self.original, &["-I", "dummy"], args);
        let ours = self.run(Path::new(env!("CARGO_BIN_EXE_ipmitool")), &["-I", "dummy"], args);
        let model = self.run(Path::new(env!("CARGO_BIN_EXE_ipmitool")), &[], args);
        let mut differences = difference("on the socket", &ours, &theirs, true);
        // Where something is traced, each interface adds traces of its own.
        let traces = args.iter().any(|arg| arg.starts_with('-') && arg.contains('v'))
            || theirs.stderr.windows(TRACE.len()).any(|text| text == TRACE);
        differences.extend(difference("in process", &model, &theirs, !traces));
        differences
    }

    fn run(&self, program: &Path, prefix: &[&str], args: &[String]) -> Output {
        let apart = Apart::new();
        let mut command = Command::new(program);
        command
            .env_clear()
            .args(prefix)
            .args(args)
            .envs([("TZ", "UTC"), ("LC_ALL", "C"), ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")])
            .env("LOOPSHIM_IPMITOOL_VERSION", self.personality)
            .env("IPMI_DUMMY_SOCK", self.served.socket())
            .env("LOOPSHIM_ROOT", apart.root())
            .stdin(Stdio::null());
        if let Some(model) = self.model {
            command.env("LOOPSHIM_BMC", model);
        }
        command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()))
    }
}

fn difference(what: &str, ours: &Output, theirs: &Output, with_stderr: bool) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut differences = Vec::new();
    if ours.stdout != theirs.stdout {
        differences.push(format!(
            "{what}: stdout\n--- theirs\n{}--- ours\n{}",
            text(&theirs.stdout),
            text(&ours.stdout)
        ));
    }
    if with_stderr && ours.stderr != theirs.stderr {
        differences.push(format!(
            "{what}: stderr\n--- theirs\n{}--- ours\n{}",
            text(&theirs.stderr),
            text(&ours.stderr)
        ));
    }
    if ours.status.code() != theirs.status.code() {
        differences.push(format!("{what}: status {:?}, theirs {:?}", ours.status, theirs.status));
    }
    differences
}

/// The invocation of a line, unless it is a comment or for another version.
fn applicable<'l>(line: &'l str, personality: &str) -> Option<&'l str> {
    match line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
        Some((version, line)) => (version == personality).then_some(line),
        None => (!line.starts_with('#')).then_some(line),
    }
}

/// Splits at blanks; double quotes keep blanks together.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, piece) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}
