//! `loopshim collect`: a bundle for support.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use serde_json::json;

use super::Session;
use crate::cli::{Collect, Format, Means, Phase};
use crate::collect::redact::Redactor;
use crate::collect::{archive, entry, gather};
use crate::fixes;
use crate::machine::Machine;
use crate::output::{Failure, Outcome, Status, print_json, say, size, utc};

/// Collects.
pub(crate) fn run(session: &Session, arguments: &Collect) -> Outcome {
    let machine = &session.machine;
    let redactor = Redactor::new(known_secrets(session));
    let (mut entries, missing) = gather(machine, &redactor);
    for (name, contents) in reports(session) {
        entries.push(entry(format!("reports/{name}"), "loopshim".to_owned(), contents.as_bytes(), &redactor));
    }
    let time = machine.now().as_secs();
    let host = machine
        .root
        .value("/etc/hostname")
        .filter(|name| !name.contains('/'))
        .unwrap_or_else(|| "host".to_owned());
    let stamp: String = utc(time).chars().filter(char::is_ascii_digit).collect();
    let folder = format!("loopshim-{host}-{stamp}");
    let packed = archive::pack(&folder, time, &entries, &missing)
        .map_err(|error| format!("cannot be packed: {error}"))?;
    let path = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{folder}.tar.zst")));
    write(&path, &packed)?;
    let redacted: usize = entries.iter().map(|entry| entry.redacted).sum();
    if session.json {
        print_json(
            &json!({"file": path.display().to_string(), "bytes": packed.len(), "files": entries.len(), "redacted": redacted, "missing": missing}),
        );
        return Ok(Status::Good);
    }
    missing.iter().for_each(|what| say(&format!("not collected: {what}")));
    if !Machine::is_root() && machine.is_live() {
        say("not root: what only root may read is missing");
    }
    say(&format!(
        "{}: {} files, {}, {redacted} secrets masked; have a look before you send it: tar -tf {0}",
        path.display(),
        entries.len(),
        size(packed.len() as u64)
    ));
    Ok(Status::Good)
}

/// What is known to be secret on this machine.
fn known_secrets(session: &Session) -> Vec<String> {
    let credentials =
        session.settings.vms.as_ref().and_then(|vms| std::fs::read_to_string(&vms.credentials).ok());
    let text = credentials.unwrap_or_default();
    let whole = text.trim();
    let password = whole.split_once(':').map(|(_, password)| password);
    [Some(whole), password]
        .into_iter()
        .flatten()
        .filter(|secret| !secret.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The tool's own reports.
fn reports(session: &Session) -> Vec<(&'static str, String)> {
    let context = session.context(&Means::default());
    let plan: Vec<_> = fixes::ALL
        .iter()
        .map(|fix| {
            let found = (fix.assess)(&context);
            json!({"id": fix.id, "current": found.current, "wanted": found.wanted, "notes": found.notes})
        })
        .collect();
    let doctor = super::doctor::document(&super::doctor::page(session));
    let verified = |phase| super::verify::report(session, phase, Format::Json);
    vec![
        ("plan.json", format!("{:#}\n", json!(plan))),
        ("doctor.json", format!("{doctor:#}\n")),
        ("verify-pre.json", verified(Phase::Pre)),
        ("verify-post.json", verified(Phase::Post)),
    ]
}

/// Writes a new file that only its owner may read.
fn write(path: &std::path::Path, contents: &[u8]) -> Result<(), Failure> {
    let options = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = options.and_then(|mut file| file.write_all(contents).and_then(|()| file.sync_all()));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}
