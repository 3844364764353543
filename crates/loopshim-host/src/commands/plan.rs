//! `loopshim plan`: each fix, what is, what should be, why.

use serde_json::{Value, json};

use super::Session;
use super::selection::Chosen;
use crate::cli::Plan;
use crate::fixes::{self, Assessment, Context, Fix, Need};
use crate::journal::Journal;
use crate::journal::run::{Ending, look};
use crate::journal::step::Step;
use crate::machine::{Machine, diff};
use crate::output::table::{Cell, Table, Tone};
use crate::output::{Outcome, Status, print, print_json};

/// Shows the plan.
pub(crate) fn run(session: &Session, arguments: &Plan) -> Outcome {
    let chosen = Chosen::of(&arguments.selection)?;
    let context = session.context(&arguments.means);
    let rows: Vec<Row> = fixes::ALL
        .iter()
        .filter(|fix| !chosen.explicit || chosen.has(fix))
        .map(|fix| Row { fix, selected: chosen.has(fix), assessment: (fix.assess)(&context) })
        .collect();
    let notes = notes(&context);
    if session.json {
        print_json(&document(session, &rows, &notes, arguments.diff));
    } else {
        print(&text(session, &rows, &notes, arguments.diff));
    }
    let pending = rows.iter().any(|row| row.selected && row.is_change());
    Ok(if pending && arguments.detailed_exitcode { Status::Pending } else { Status::Good })
}

/// A fix with what was found.
pub(crate) struct Row {
    pub(crate) fix: &'static Fix,
    /// Whether apply would do it, given the same options.
    pub(crate) selected: bool,
    pub(crate) assessment: Assessment,
}

impl Row {
    fn is_change(&self) -> bool {
        matches!(self.assessment.need, Need::Change(_))
    }

    fn steps(&self) -> &[Step] {
        match &self.assessment.need {
            Need::Change(steps) => steps,
            _ => &[],
        }
    }

    fn state(&self) -> (&'static str, Tone) {
        match &self.assessment.need {
            Need::Nothing => ("ok", Tone::Good),
            Need::Change(_) if self.selected => ("change", Tone::Warning),
            Need::Change(_) => ("available", Tone::Plain),
            Need::Blocked(_) => ("by hand", Tone::Bad),
            Need::DoesNotApply(_) => ("not here", Tone::Faint),
        }
    }
}

/// What concerns the plan as a whole.
fn notes(context: &Context<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    match Journal::open(context.machine).and_then(|journal| journal.runs()) {
        Ok(runs) => notes.extend(runs.iter().filter(|run| run.ending == Ending::Interrupted).map(|run| {
            format!(
                "run {} was interrupted: `loopshim apply` completes it, `loopshim undo` takes it back",
                run.name
            )
        })),
        Err(error) => notes.push(format!("the journal cannot be read: {error}")),
    }
    if context.machine.is_live() && !Machine::is_root() {
        notes.push("not root: what only root may read counts as not there".to_owned());
    }
    notes
}

fn text(session: &Session, rows: &[Row], notes: &[String], with_diff: bool) -> String {
    let mut table = Table::new(&["FIX", "LABEL", "STATE", ""]);
    for row in rows {
        let (state, tone) = row.state();
        let cells = vec![
            row.fix.id.into(),
            row.fix.label.to_string().into(),
            Cell::toned(state, tone),
            row.fix.title.into(),
        ];
        table.row(cells, below(session, row, with_diff));
    }
    let mut text = table.text(session.colour);
    let pending = rows.iter().filter(|row| row.selected && row.is_change()).count();
    let available = rows.iter().filter(|row| !row.selected && row.is_change());
    let available: Vec<&str> = available.map(|row| row.fix.id).collect();
    text += "\n";
    for note in notes {
        text += &format!("Note: {note}.\n");
    }
    text += &match pending {
        0 => "Nothing to change.\n".to_owned(),
        count => {
            format!("To be changed: {count}. `loopshim apply` does it, `loopshim undo` takes it back.\n")
        }
    };
    if !available.is_empty() {
        text += &format!("Besides, if wanted: loopshim apply --only {}\n", available.join(","));
    }
    text
}

fn below(session: &Session, row: &Row, with_diff: bool) -> Vec<Cell> {
    let assessment = &row.assessment;
    let mut lines: Vec<Cell> = Vec::new();
    match &assessment.need {
        Need::Nothing => {}
        Need::DoesNotApply(why) => lines.push(Cell::toned(why.clone(), Tone::Faint)),
        Need::Blocked(what) => {
            lines.push(format!("is: {}", assessment.current).into());
            lines.push(format!("do: {what}").into());
        }
        Need::Change(steps) => {
            lines.push(format!("is:     {}", assessment.current).into());
            lines.push(format!("wanted: {}", assessment.wanted).into());
            lines.push(format!("why:    {} ({})", row.fix.reason, row.fix.source).into());
            lines
                .extend(steps.iter().map(|step| Cell::toned(format!("would {}", step.words()), Tone::Faint)));
        }
    }
    lines.extend(assessment.notes.iter().map(|note| format!("note: {note}").into()));
    if with_diff {
        let diffs = row.steps().iter().map(|step| difference(&session.machine, step));
        lines.extend(diffs.flat_map(|text| text.lines().map(Cell::from).collect::<Vec<_>>()));
    }
    lines
}

/// How a step would change a file; empty for other steps.
pub(crate) fn difference(machine: &Machine, step: &Step) -> String {
    let new = match step {
        Step::Write { contents, .. } => Some(contents.as_bytes()),
        Step::Remove { .. } => None,
        _ => return String::new(),
    };
    match look(machine, step) {
        Ok((_, old)) => diff::unified(step.path().unwrap_or_default(), old.as_deref(), new),
        Err(error) => format!("{}: {error}\n", step.path().unwrap_or_default()),
    }
}

fn document(session: &Session, rows: &[Row], notes: &[String], with_diff: bool) -> Value {
    let fix = |row: &Row| {
        let assessment = &row.assessment;
        let mut fix = json!({
            "id": row.fix.id,
            "title": row.fix.title,
            "label": row.fix.label.to_string(),
            "reason": row.fix.reason,
            "source": row.fix.source,
            "selected": row.selected,
            "state": row.state().0,
            "current": assessment.current,
            "wanted": assessment.wanted,
            "notes": assessment.notes,
            "steps": row.steps().iter().map(Step::words).collect::<Vec<_>>(),
        });
        match &assessment.need {
            Need::Blocked(what) => fix["advice"] = json!(what),
            Need::DoesNotApply(why) => fix["advice"] = json!(why),
            Need::Nothing | Need::Change(_) => {}
        }
        if with_diff {
            let diff: String = row.steps().iter().map(|step| difference(&session.machine, step)).collect();
            fix["diff"] = json!(diff);
        }
        fix
    };
    json!({
        "pending": rows.iter().filter(|row| row.selected && row.is_change()).count(),
        "notes": notes,
        "fixes": rows.iter().map(fix).collect::<Vec<_>>(),
    })
}
