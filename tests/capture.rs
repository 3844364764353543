//! `loopshim bmc capture`: on the captured file our shim answers as the original
//! does on the source.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ipmi::{CompletionCode, Request, Response};
use loopshim_core::model::Model;
use serde_json::Value;

use crate::support::recorded_model::bmc_json;
use crate::support::served::Served;
use crate::support::skip::skip;
use crate::support::{originals, recordings, serving};

/// What has to be the same on the source and on the captured file.
const COMMANDS: &[&str] = &[
    "fru print",
    "fru print 0",
    "sdr elist",
    "sdr elist all",
    "sdr list",
    "sdr info",
    "sensor",
    "sensor list -v",
    "lan print",
    "lan print 1",
    "mc info",
    "mc guid",
    "mc getenables",
    "mc selftest",
    "sel info",
    "sel elist",
    "sel list -v",
    "user list 1",
    "channel info 1",
    "channel getciphers ipmi 1",
    "chassis status",
    "chassis poh",
    "chassis bootparam get 5",
    "sol info 1",
    "dcmi power reading",
    "dcmi asset_tag",
    "dcmi get_mc_id_string",
    "mc getsysinfo system_name",
    "raw 6 1",
    "raw 0 1",
    "raw 4 0x10",
    "raw 4 0x13 6 1 0",
    "raw 0x2c 1 0xdc 1",
];

/// A captured machine and where it was captured.
pub struct Captured {
    folder: tempfile::TempDir,
    said: String,
}

impl Captured {
    /// The captured file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("bmc.json")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file()).expect("the file")).expect("JSON")
    }

    fn notes(&self) -> String {
        self.json()["captured"]["notes"].to_string()
    }
}

/// Captures through an original; `arguments` lead it to the BMC.
pub fn capture(original: &Path, socket: &Path, arguments: &[&str]) -> Captured {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = loopshim(&["bmc", "capture", "-o", "bmc.json", "--ipmitool"])
        .arg(original)
        .arg("--")
        .args(arguments)
        .current_dir(folder.path())
        .env("IPMI_DUMMY_SOCK", socket)
        .output()
        .expect("loopshim starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    Captured { folder, said }
}

fn loopshim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopshim"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(program: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(variables.iter().copied()).stdin(Stdio::null());
    command.envs([("TZ", "UTC"), ("LC_ALL", "C"), ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")]);
    command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

/// An output without the time of a power reading, which one of the two took later.
fn untimed(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.split_inclusive('\n').filter(|line| !line.contains("IPMI timestamp:")).collect()
}

/// Compares the original on the source with ours on the file.
pub fn compare(original: &Path, personality: &str, source: (&[&str], &Path), file: &Path, commands: &[&str]) {
    let mut differences = Vec::new();
    for line in commands {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arguments = [source.0, &words[..]].concat();
        let theirs = run(original, &arguments, &[("IPMI_DUMMY_SOCK", source.1)]);
        let ours = run(
            Path::new(env!("CARGO_BIN_EXE_ipmitool")),
            &words,
            &[("LOOPSHIM_BMC", file), ("LOOPSHIM_IPMITOOL_VERSION", Path::new(personality))],
        );
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (source, here) = (untimed(&theirs.stdout), untimed(&ours.stdout));
        if (&here, ours.status.code()) != (&source, theirs.status.code()) {
            let only = |lines: &str, others: &str| {
                let lines = lines.lines().filter(|line| !others.lines().any(|other| other == *line));
                lines.map(|line| format!("  {line}\n")).collect::<String>()
            };
            differences.push(format!(
                "{personality} `{line}`, statuses {:?} and {:?}:\nonly of the source:\n{}{}only of ours:\n{}{}",
                theirs.status.code(),
                ours.status.code(),
                only(&source, &here),
                text(&theirs.stderr),
                only(&here, &source),
                text(&ours.stderr)
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {}:\n{}",
        differences.len(),
        commands.len(),
        differences.join("\n")
    );
}

fn comes_back(name: &str, served: &Served) {
    for personality in originals::PERSONALITIES {
        let Some(original) = originals::find(personality) else {
            skip(&format!("capturing the {name} model"), &format!("the original {personality}"));
            continue;
        };
        let captured = capture(&original, &served.socket(), &["-I", "dummy"]);
        assert_eq!(captured.notes(), "[]", "{name}: {}", captured.said);
        compare(&original, personality, (&["-I", "dummy"], &served.socket()), &captured.file(), COMMANDS);
    }
}

#[test]
fn default_model_comes_back() {
    comes_back("default", &Served::default_model());
}

#[test]
fn recorded_models_come_back() {
    let Some(folder) = recordings::folder() else {
        return skip("capturing recorded models", "the recordings");
    };
    for name in ["data", "data-min"] {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bmc_json(&folder.join(name)).to_string()).expect("a model");
        comes_back(name, &Served::model(file.path()));
    }
}

/// The default machine with the habits of poor firmware.
fn odd_machine() -> impl FnMut(&Request) -> Response {
    let model = Model::from_json(Path::new("bmc.json"), br#"{"sel": {"entries": [
        "01 00 02 00 00 00 60 20 00 04 01 01 01 57 00 00", "02 00 02 00 00 00 60 20 00 04 01 01 01 57 00 00"]}}"#, b"host");
    let mut bmc = model.expect("a model").bmc;
    let mut asked = 0;
    move |request| {
        asked += 1;
        let refuse = |code: u8| Response::from(CompletionCode(code));
        let data = &request.data[..];
        match (request.netfn, request.cmd) {
            // No chassis, no GUID, no users.
            (0x00, _) | (0x06, 0x08 | 0x37 | 0x44) => refuse(0xC1),
            // Busy now and then, and for ever.
            (0x0A, 0x11) if asked % 3 == 0 => refuse(0xC0),
            (0x06, 0x25) => refuse(0xC0),
            // Records in small portions.
            (0x0A, 0x23) if data[5] > 16 => refuse(0xCA),
            // The second event is cut off, as is every answer about thresholds.
            (0x0A, 0x43) if data[2] == 2 => Response::ok([0xFF, 0xFF]),
            (0x04, 0x27) => Response::ok([0x3F, 1, 2]),
            // A byte too many.
            (0x06, 0x04) => Response::ok([0x55, 0, 0, 0]),
            _ => bmc.answer(request, 1_700_000_000),
        }
    }
}

#[test]
fn odd_answers_end_in_a_usable_file() {
    let personality = originals::PERSONALITIES[1];
    let Some(original) = originals::find(personality) else {
        return skip("capturing an odd machine", "the original");
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let socket = folder.path().join("bmc");
    serving::serve(&socket, odd_machine);
    let captured = capture(&original, &socket, &["-I", "dummy"]);
    let notes = captured.notes();
    for note in ["command 06 25: the controller stays busy", "event 0002h", "command 04 27: cut off"] {
        assert!(notes.contains(note), "{note:?} is not among {notes}");
        assert!(captured.said.contains(note), "{}", captured.said);
    }
    // What the original cannot read of such a machine, it can of ours.
    let commands = ["sdr elist", "mc info", "mc selftest", "mc guid", "chassis status", "raw 4 0x27 1"];
    compare(&original, personality, (&["-I", "dummy"], &socket), &captured.file(), &commands);
    let ours = Path::new(env!("CARGO_BIN_EXE_ipmitool"));
    let inventory = run(ours, &["fru", "print", "0"], &[("LOOPSHIM_BMC", &captured.file())]);
    assert!(String::from_utf8_lossy(&inventory.stdout).contains("VAST Data Loopback"), "{inventory:?}");
}

#[test]
fn without_a_shell_each_request_is_a_process() {
    let personality = originals::PERSONALITIES[0];
    let Some(original) = originals::find(personality) else {
        return skip("capturing without a shell", "the original");
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = folder.path().join("ipmitool");
    let refusal = "Compiled without readline, shell is disabled";
    let script = format!(
        "#!/bin/sh\nfor word; do [ \"$word\" != shell ] || {{ echo '{refusal}' >&2; exit 1; }}; done\nexec '{}' \"$@\"\n",
        original.display()
    );
    std::fs::write(&program, script).expect("a wrapper");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("its mode");
    let served = Served::default_model();
    let captured = capture(&program, &served.socket(), &["-I", "dummy"]);
    let commands = ["fru print", "sdr elist", "sensor"];
    compare(&original, personality, (&["-I", "dummy"], &served.socket()), &captured.file(), &commands);
}

#[test]
fn secrets_stay_where_they_are() {
    let Some(original) = originals::find(originals::PERSONALITIES[1]) else {
        return skip("capturing secrets", "the original");
    };
    let model = tempfile::NamedTempFile::new().expect("a temporary file");
    let text = r#"{
        "channels": [{"number": 1, "lan": {"community": "hush-hush"}}],
        "users": {"list": [{"id": 3, "name": "operator", "password": "swordfish", "enabled": true}]}}"#;
    std::fs::write(model.path(), text).expect("a model");
    let served = Served::model(model.path());
    let captured = capture(&original, &served.socket(), &["-I", "dummy", "-U", "root", "-P", "calvin"]);
    let text = std::fs::read_to_string(captured.file()).expect("the file");
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for secret in ["hush-hush", "swordfish", "calvin"] {
        assert!(!text.contains(secret) && !text.contains(&hex(secret)), "{secret}");
    }
    assert!(text.contains("operator") && captured.notes().contains("community"), "{text}");
}

#[test]
fn nothing_is_replaced_or_left_behind_unasked() {
    let Some(original) = originals::find(originals::PERSONALITIES[1]) else {
        return skip("capturing over a file", "the original");
    };
    let served = Served::default_model();
    let captured = capture(&original, &served.socket(), &["-I", "dummy"]);
    let again = |options: &[&str], socket: &Path| {
        let mut command = loopshim(&["bmc", "capture", "-o", "bmc.json", "--ipmitool"]);
        command.arg(&original).args(options).args(["--", "-I", "dummy"]).current_dir(captured.folder.path());
        command.env("IPMI_DUMMY_SOCK", socket).output().expect("loopshim starts")
    };
    std::fs::write(captured.file(), "precious").expect("a file");
    let refused = again(&[], &served.socket());
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("exists: --force replaces it"));
    let no_bmc = again(&["--force"], Path::new("/nonexistent"));
    assert_eq!(no_bmc.status.code(), Some(1), "{no_bmc:?}");
    assert_eq!(std::fs::read(captured.file()).expect("the file"), b"precious");
    assert!(again(&["--force"], &served.socket()).status.success());
    assert!(captured.json()["device"].is_object());
    assert_eq!(std::fs::read_dir(captured.folder.path()).expect("the folder").count(), 1);
}
