//! Recorded invocations of the original: one JSON object a line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One request of the recorded traffic and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Network function, LUN, command.
    pub head: [u8; 3],
    /// Request data.
    pub request: Vec<u8>,
    /// Completion code.
    pub completion: u8,
    /// Response data.
    pub response: Vec<u8>,
}

/// One invocation of an original and all that could be observed of it.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The words after the program's name.
    pub args: Vec<String>,
    /// Variables beyond `TZ=UTC LC_ALL=C`.
    pub env: BTreeMap<String, String>,
    /// The original's version, as our personalities are named.
    pub tool: String,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Exit status.
    pub status: i32,
    /// What the command wrote to the file it was told to write.
    pub file: Option<Vec<u8>>,
    /// The traffic, where a BMC was reached.
    pub traffic: Option<Vec<Exchange>>,
}

/// The folder with the recordings: `LOOPSHIM_CORPUS`, or beside the repository.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("LOOPSHIM_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/ipmitool-corpus"),
        PathBuf::from,
    );
    folder.is_dir().then_some(folder)
}

/// Reads all recordings of a file.
pub fn read(file: &Path) -> Vec<Recording> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().map(|line| recording(&serde_json::from_str(line).expect("a JSON object a line"))).collect()
}

impl Recording {
    /// The command line, for messages.
    pub fn command(&self) -> String {
        self.args.join(" ")
    }

    /// The words that are not options.
    pub fn words(&self) -> Vec<&str> {
        self.args.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect()
    }

    /// Whether traces are asked for with `-v`: each interface has its own.
    pub fn is_verbose(&self) -> bool {
        self.args.iter().any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('v'))
    }

    /// Whether the interface or device is chosen on the command line.
    pub fn names_interface(&self) -> bool {
        self.args.iter().any(|word| matches!(word.as_str(), "-I" | "-H" | "-d"))
    }
}

fn recording(row: &Value) -> Recording {
    let strings = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|word| Some(word.as_str()?.to_owned())).collect()
    };
    Recording {
        args: strings(&row["argv"])[1..].to_vec(),
        env: row["env"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
            .collect(),
        tool: row["tool"].as_str().expect("tool").to_owned(),
        stdout: bytes(&row["stdout"]),
        stderr: bytes(&row["stderr"]),
        file: row["file"].is_object().then(|| bytes(&row["file"])),
        status: row["rc"].as_i64().expect("rc") as i32,
        traffic: row["xfer"].as_array().map(|rows| rows.iter().map(exchange).collect()),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_vec(),
        other => base64(other["b64"].as_str().expect("a string or {b64}")),
    }
}

fn exchange(row: &Value) -> Exchange {
    let byte = |index: usize| row[index].as_u64().expect("a byte") as u8;
    Exchange {
        head: [byte(0), byte(1), byte(2)],
        request: hex(row[3].as_str().expect("hex")),
        completion: byte(4),
        response: hex(row[5].as_str().expect("hex")),
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0u32;
    let mut held = 0;
    let mut out = Vec::new();
    for byte in text.bytes().filter(|&byte| byte != b'=') {
        let value = ALPHABET.iter().position(|&letter| letter == byte).expect("base64");
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}
