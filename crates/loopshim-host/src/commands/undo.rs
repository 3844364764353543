//! `loopshim undo`: takes runs back.

use serde_json::{Value, json};

use super::Session;
use crate::cli::Undo;
use crate::journal::Journal;
use crate::journal::run::Run;
use crate::journal::undo::Refusal;
use crate::lock::Lock;
use crate::output::table::Table;
use crate::output::{Failure, Outcome, Status, print, print_json, say, utc};

/// Takes runs back, or lists them.
pub(crate) fn run(session: &Session, arguments: &Undo) -> Outcome {
    let unreadable = |error| format!("the journal cannot be read: {error}");
    if arguments.list {
        let runs = Journal::open(&session.machine).and_then(|journal| journal.runs()).map_err(unreadable)?;
        list(session, &runs);
        return Ok(Status::Good);
    }
    session.require_root("undo")?;
    let _lock = Lock::take(&session.machine)?;
    let journal = Journal::open(&session.machine).map_err(unreadable)?;
    journal.tidy().map_err(unreadable)?;
    let runs = journal.runs().map_err(unreadable)?;
    let mut status = Status::Good;
    let mut reports = Vec::new();
    for run in choose(runs, arguments)? {
        let (report, came_to) = take_back(session, &journal, run, arguments.force)?;
        reports.push(report);
        if came_to != Status::Good {
            status = came_to;
        }
    }
    if session.json {
        print_json(&json!({ "runs": reports }));
    } else if reports.is_empty() {
        print("Nothing to take back.\n");
    }
    Ok(status)
}

/// The runs that are meant, the last one first.
fn choose<'m>(mut runs: Vec<Run<'m>>, arguments: &Undo) -> Result<Vec<Run<'m>>, Failure> {
    runs.reverse();
    if let Some(name) = &arguments.run {
        // `1` will do for `0001`.
        let wanted = format!("{name:0>4}");
        let known: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
        let found = runs.into_iter().find(|run| run.name == wanted);
        let hint = if known.is_empty() {
            "there are none".to_owned()
        } else {
            format!("there are {}", known.join(", "))
        };
        return found
            .map(|run| vec![run])
            .ok_or_else(|| Failure::usage(format!("no run is called {name}; {hint}")));
    }
    if !arguments.all {
        runs.truncate(1);
    }
    Ok(runs)
}

fn take_back<'m>(
    session: &Session,
    journal: &Journal<'m>,
    mut run: Run<'m>,
    force: bool,
) -> Result<(Value, Status), Failure> {
    let name = run.name.clone();
    let undone = run.undo(force).map_err(|error| format!("the journal cannot be written: {error}"))?;
    let tell = |line: &str| {
        if !session.json {
            print(&format!("{line}\n"));
        }
    };
    tell(&format!("Run {name} of {}:", utc(run.started)));
    undone.restored.iter().for_each(|line| tell(&format!("  {line}")));
    undone.notes.iter().for_each(|line| tell(&format!("  note: {line}")));
    let mut status = Status::Good;
    let mut refused = Vec::new();
    for refusal in &undone.refused {
        match refusal {
            Refusal::Drifted { what, diff } => {
                status = Status::Drifted;
                say(&format!("changed since, so left alone ({what}); --force takes it back all the same:"));
                if !session.json {
                    print(diff);
                }
                refused.push(json!({"step": what, "why": "changed since", "diff": diff}));
            }
            Refusal::Needed { what, by, manager } => {
                status = Status::Drifted;
                let by = by.join(" ");
                say(&format!(
                    "left alone ({what}): {by} needs it by now; to take it back, first {manager} remove {by}"
                ));
                refused.push(json!({"step": what, "why": format!("needed by {by}")}));
            }
            Refusal::Failed { what, error } => {
                status = if status == Status::Drifted { status } else { Status::Failed };
                say(&format!("cannot take back ({what}): {error}"));
                refused.push(json!({"step": what, "why": error.to_string()}));
            }
        }
    }
    if undone.refused.is_empty() {
        journal
            .forget(run)
            .map_err(|error| format!("run {name} is taken back, but its journal stays: {error}"))?;
    }
    Ok((json!({"run": name, "restored": undone.restored, "notes": undone.notes, "refused": refused}), status))
}

fn list(session: &Session, runs: &[Run<'_>]) {
    if session.json {
        let run = |run: &Run<'_>| json!({"run": run.name, "started": run.started, "state": run.ending, "changes": run.changes(), "fixes": run.fixes()});
        print_json(&json!({ "runs": runs.iter().map(run).collect::<Vec<_>>() }));
        return;
    }
    if runs.is_empty() {
        print("Nothing was applied here.\n");
        return;
    }
    let mut table = Table::new(&["RUN", "BEGUN", "STATE", "CHANGES", "FIXES"]);
    for run in runs {
        let fixes: Vec<&str> = run.fixes().into_keys().collect();
        let cells = vec![
            run.name.clone().into(),
            utc(run.started).into(),
            run.ending.to_string().into(),
            run.changes().to_string().into(),
            fixes.join(" ").into(),
        ];
        table.row(cells, Vec::new());
    }
    print(&table.text(session.colour));
}
