//! `loopshim calls`: what callers asked the stand-ins for (`calls.jsonl`, see
//! [`loopshim_core::recorder`]), and what of it nobody models.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use loopshim_core::{ledger, octets, recorder};
use serde_json::{Value, json};

use super::Session;
use crate::cli::{Calls, CallsAction};
use crate::machine::Machine;
use crate::output::table::{Cell, Table, Tone};
use crate::output::{Failure, Outcome, Status, print, print_json, say, utc};

/// Shells and wrappers, which are not who is looked for among callers.
const BETWEEN: [&str; 6] = ["sudo", "sh", "bash", "dash", "env", "timeout"];

/// Lists or exports calls.
pub(crate) fn run(session: &Session, arguments: &Calls) -> Outcome {
    let calls = read(&session.machine);
    if calls.is_empty() {
        say(&format!(
            "nothing is recorded in {}: set \"record\": true in the configuration",
            recorder::DIRECTORY
        ));
    }
    match &arguments.action {
        None | Some(CallsAction::List) => list(session, &calls),
        Some(CallsAction::Export { folder }) => export(&calls, folder)?,
    }
    Ok(Status::Good)
}

/// A recorded call.
#[derive(Debug, Clone, PartialEq)]
struct Call {
    time: u64,
    tool: String,
    arguments: Vec<Vec<u8>>,
    caller: String,
    /// The program that answered in our place.
    original: bool,
    status: Option<u64>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    cut: bool,
}

impl Call {
    fn parse(line: &str) -> Option<Self> {
        let record: Value = serde_json::from_str(line).ok()?;
        let list =
            |key: &str| Some(record.get(key)?.as_array()?.iter().filter_map(bytes).collect::<Vec<_>>());
        let callers: Vec<String> =
            list("callers")?.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let caller =
            callers.iter().find(|name| !BETWEEN.contains(&name.as_str())).or_else(|| callers.first());
        Some(Self {
            time: record.get("time")?.as_f64()? as u64,
            tool: record.get("tool")?.as_str()?.to_owned(),
            arguments: list("argv")?.into_iter().skip(1).collect(),
            caller: caller.cloned().unwrap_or_else(|| "?".to_owned()),
            original: !record.get("original")?.is_null(),
            status: record.get("status")?.as_u64(),
            stdout: bytes(record.get("stdout")?).unwrap_or_default(),
            stderr: bytes(record.get("stderr")?).unwrap_or_default(),
            cut: record.get("cut")?.as_array().is_some_and(|cut| !cut.is_empty()),
        })
    }

    /// As one would type it.
    fn command(&self) -> String {
        let words = self.arguments.iter().map(|word| quoted(word));
        [self.tool.clone()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// Text, or `{"b64": …}`.
fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Object(object) => octets::decode(object.get("b64")?.as_str()?),
        _ => None,
    }
}

/// A word as a shell takes it.
fn quoted(word: &[u8]) -> String {
    let text = String::from_utf8_lossy(word);
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// All recorded calls, the oldest first.
fn read(machine: &Machine) -> Vec<Call> {
    let mut names: Vec<String> = machine.root.names(recorder::DIRECTORY);
    let number = |name: &str| name.strip_prefix(recorder::FILE)?.strip_prefix('.')?.parse::<u32>().ok();
    names.retain(|name| name == recorder::FILE || number(name).is_some());
    names.sort_by_key(|name| std::cmp::Reverse(number(name).unwrap_or(0)));
    let texts = names.iter().filter_map(|name| machine.root.text(format!("{}/{name}", recorder::DIRECTORY)));
    texts.flat_map(|text| text.lines().filter_map(Call::parse).collect::<Vec<_>>()).collect()
}

/// The command lines that nobody models.
fn unmodelled(machine: &Machine) -> BTreeSet<(String, Vec<Vec<u8>>)> {
    let text = machine.root.text(format!("{}/{}", ledger::DIRECTORY, ledger::FILE)).unwrap_or_default();
    let entry = |line: &str| {
        let entry: Value = serde_json::from_str(line).ok()?;
        let words = entry.get("argv")?.as_array()?.iter().filter_map(bytes).collect();
        Some((entry.get("tool")?.as_str()?.to_owned(), words))
    };
    text.lines().filter_map(entry).collect()
}

/// What is told of equal calls of one caller.
#[derive(Debug, Default)]
struct Group {
    count: u64,
    last: u64,
    statuses: BTreeSet<u64>,
    original: bool,
}

fn list(session: &Session, calls: &[Call]) {
    let unmodelled = unmodelled(&session.machine);
    let mut groups: BTreeMap<(bool, String, String, String), Group> = BTreeMap::new();
    for call in calls {
        // `false` comes first.
        let is_modelled = !unmodelled.contains(&(call.tool.clone(), call.arguments.clone()));
        let group =
            groups.entry((is_modelled, call.tool.clone(), call.caller.clone(), call.command())).or_default();
        group.count += 1;
        group.last = group.last.max(call.time);
        group.statuses.extend(call.status);
        group.original |= call.original;
    }
    if session.json {
        let group = |((is_modelled, tool, caller, command), group): (
            &(bool, String, String, String),
            &Group,
        )| {
            json!({"tool": tool, "caller": caller, "command": command, "count": group.count, "last": group.last,
                "statuses": group.statuses, "modelled": is_modelled, "original": group.original})
        };
        print_json(&json!({"calls": groups.iter().map(group).collect::<Vec<_>>()}));
        return;
    }
    let mut table = Table::new(&["TOOL", "CALLER", "COUNT", "LAST", "STATUS", "ANSWERED", "COMMAND"]);
    for ((is_modelled, tool, caller, command), group) in &groups {
        let statuses: Vec<String> = group.statuses.iter().map(u64::to_string).collect();
        let answered = match (is_modelled, group.original) {
            (false, _) => Cell::toned("by nobody", Tone::Bad),
            (true, true) => Cell::toned("by the original", Tone::Faint),
            (true, false) => Cell::toned("yes", Tone::Good),
        };
        let cells = vec![
            tool.clone().into(),
            caller.clone().into(),
            group.count.to_string().into(),
            utc(group.last).into(),
            statuses.join(",").into(),
            answered,
            command.clone().into(),
        ];
        table.row(cells, Vec::new());
    }
    if !table.is_empty() {
        print(&table.text(session.colour));
    }
}

/// Writes a case for each command line: as the caller typed it and what it saw.
/// The last record counts; what was cut, or answered by the original, cannot be one.
fn export(calls: &[Call], folder: &Path) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut cases: BTreeMap<String, &Call> = BTreeMap::new();
    let mut left = 0;
    for call in calls {
        match call.status {
            Some(_) if !call.cut => drop(cases.insert(call.command(), call)),
            _ => left += 1,
        }
    }
    let mut names = BTreeSet::new();
    for (command, call) in &cases {
        let case = folder.join(&call.tool).join(name(command, &call.tool, &mut names));
        std::fs::create_dir_all(&case).map_err(unwritable)?;
        let status = format!("{}\n", call.status.unwrap_or_default());
        let files: [(&str, &[u8]); 4] = [
            ("command", &[command.as_bytes(), b"\n"].concat()),
            ("status", status.as_bytes()),
            ("stdout", &call.stdout),
            ("stderr", &call.stderr),
        ];
        // An absent stdout or stderr stands for an empty one.
        for (file, contents) in files.into_iter().filter(|(_, contents)| !contents.is_empty()) {
            std::fs::write(case.join(file), contents).map_err(unwritable)?;
        }
    }
    say(&format!(
        "{} cases written to {}; {left} calls were cut or answered by the original",
        cases.len(),
        folder.display()
    ));
    Ok(())
}

/// A folder's name for a command line: its letters and digits, and a number
/// where that is taken.
fn name(command: &str, tool: &str, names: &mut BTreeSet<String>) -> String {
    let words = command.strip_prefix(tool).unwrap_or(command);
    let letters: String = words
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect();
    let parts: Vec<&str> = letters.split('-').filter(|part| !part.is_empty()).collect();
    let mut stem: String = parts.join("-").chars().take(60).collect();
    if stem.is_empty() {
        stem = "no-arguments".to_owned();
    }
    let mut name = stem.clone();
    let mut number = 2;
    while !names.insert(format!("{tool}/{name}")) {
        name = format!("{stem}-{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_with_bytes_that_are_no_text() {
        let line = r#"{"time":1.5,"tool":"ipmitool","argv":["ipmitool","fru",{"b64":"/w=="}],"cwd":"/","uid":0,"callers":["bash","sudo","sshd"],"original":null,"status":1,"duration_us":2,"stdout":"","stderr":"no\n","cut":[]}"#;
        let call = Call::parse(line).expect("a call");
        assert_eq!(
            (call.caller.as_str(), call.status, call.arguments[1].as_slice()),
            ("sshd", Some(1), &b"\xff"[..])
        );
        assert!(Call::parse("{}").is_none() && Call::parse("").is_none());
    }

    #[test]
    fn cases_have_names_of_their_own() {
        let mut names = BTreeSet::new();
        assert_eq!(name("ipmitool fru print 0", "ipmitool", &mut names), "fru-print-0");
        assert_eq!(name("ipmitool -fru 'print' 0", "ipmitool", &mut names), "fru-print-0-2");
        assert_eq!(name("ipmitool", "ipmitool", &mut names), "no-arguments");
        assert_eq!(quoted(b"it's"), r"'it'\''s'");
    }
}
