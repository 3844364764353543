//! `loopshim clean`: orphaned folders, shown or removed.

use std::path::Path;

use serde_json::{Value, json};

use super::Session;
use crate::clean::{self, Finding, Orphan, Removal, Rules, Target};
use crate::cli::Clean;
use crate::lock::Lock;
use crate::machine::root::Place;
use crate::output::table::{Cell, Table, Tone};
use crate::output::{Failure, Outcome, Status, print, print_json, size};

/// Shows orphans, and removes them if told to.
pub(crate) fn run(session: &Session, arguments: &Clean) -> Outcome {
    let machine = &session.machine;
    let mut rules = Rules::of(machine, &session.settings);
    if let Some(older_than) = arguments.older_than {
        rules.older_than = older_than;
    }
    if !arguments.yes {
        let findings = clean::scan(machine, &rules);
        show(session, &findings, None);
        return Ok(Status::Good);
    }
    session.require_root("clean")?;
    let target = target(arguments)?;
    let _lock = Lock::take(machine)?;
    let findings = clean::scan(machine, &rules);
    let orphans: Vec<Orphan> = findings.iter().filter_map(Finding::orphan).cloned().collect();
    let removals = clean::remove(machine, &rules, &orphans, &target);
    show(session, &findings, Some(&removals));
    let failed = removals.iter().any(|removal| matches!(removal, Removal::Left(_)));
    Ok(if failed { Status::Failed } else { Status::Good })
}

fn target(arguments: &Clean) -> Result<Target, Failure> {
    let Some(folder) = &arguments.quarantine else { return Ok(Target::Nowhere) };
    let unusable = |error: std::io::Error| Failure::usage(format!("{}: {error}", folder.display()));
    loopshim_core::trusted::TrustedDir::at_or_made(folder, 0o700).map_err(unusable)?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = loopshim_core::handles::open_path(parent).map_err(unusable)?;
    let name =
        folder.file_name().ok_or_else(|| Failure::usage(format!("{} has no name", folder.display())))?;
    Ok(Target::Quarantine(Place { directory, name: name.to_owned() }))
}

fn show(session: &Session, findings: &[Finding], removals: Option<&[Removal]>) {
    let orphans: Vec<&Orphan> = findings.iter().filter_map(Finding::orphan).collect();
    let outcome = |at: usize| removals.and_then(|removals| removals.get(at));
    let freed: u64 = orphans
        .iter()
        .enumerate()
        .filter(|(at, _)| !matches!(outcome(*at), Some(Removal::Left(_))))
        .map(|(_, orphan)| orphan.bytes)
        .sum();
    if session.json {
        let orphan = |(at, orphan): (usize, &&Orphan)| -> Value {
            let why = match outcome(at) {
                Some(Removal::Left(why)) => Some(why),
                _ => None,
            };
            json!({"path": orphan.path, "what": orphan.what, "bytes": orphan.bytes, "age_s": orphan.age.as_secs(),
                "removed": outcome(at) == Some(&Removal::Done), "why": why})
        };
        let left =
            findings.iter().filter_map(Finding::left).map(|(path, why)| json!({"path": path, "why": why}));
        print_json(&json!({
            "dry_run": removals.is_none(),
            "orphans": orphans.iter().enumerate().map(orphan).collect::<Vec<_>>(),
            "left": left.collect::<Vec<_>>(),
            "bytes": freed,
        }));
        return;
    }
    let mut table = Table::new(&["FOLDER", "WHAT", "SIZE", "STATE"]);
    for (at, orphan) in orphans.iter().enumerate() {
        let state = match outcome(at) {
            None => Cell::toned("orphan", Tone::Warning),
            Some(Removal::Done) => Cell::toned("removed", Tone::Good),
            Some(Removal::Left(why)) => Cell::toned(format!("stays: {why}"), Tone::Bad),
        };
        table.row(
            vec![orphan.path.clone().into(), orphan.what.clone().into(), size(orphan.bytes).into(), state],
            Vec::new(),
        );
    }
    for (path, why) in findings.iter().filter_map(Finding::left) {
        table.row(
            vec![path.into(), "".into(), "".into(), Cell::toned(format!("stays: {why}"), Tone::Faint)],
            Vec::new(),
        );
    }
    if !table.is_empty() {
        print(&table.text(session.colour));
    }
    print(&match (orphans.len(), removals) {
        (0, _) => "No orphaned folders.\n".to_owned(),
        (count, None) => {
            format!("{count} orphaned folders, {}. `loopshim clean --yes` removes them.\n", size(freed))
        }
        (_, Some(removals)) => {
            let done = removals.iter().filter(|removal| **removal == Removal::Done).count();
            format!("{done} folders removed, {} freed.\n", size(freed))
        }
    });
}
