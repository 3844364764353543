//! `loopshim apply`: carries out what `plan` shows, each change announced in
//! the journal before it is made.

use serde_json::{Value, json};

use super::Session;
use super::selection::Chosen;
use crate::cli::{Apply, Plan};
use crate::fixes::{Context, Fix, Need};
use crate::journal::Journal;
use crate::journal::run::{Ending, Run};
use crate::lock::Lock;
use crate::output::{Failure, Outcome, Status, print, print_json, say};

/// Applies fixes.
pub(crate) fn run(session: &Session, arguments: &Apply) -> Outcome {
    let chosen = Chosen::of(&arguments.selection)?;
    chosen.refuse_dangerous(&arguments.selection, arguments.yes)?;
    let context = session.context(&arguments.means);
    if arguments.dry_run {
        return dry_run(session, arguments);
    }
    session.require_root("apply")?;
    let _lock = Lock::take(&session.machine)?;
    let mut applying = Applying::begin(session, &context)?;
    for fix in &chosen.fixes {
        applying.fix(fix)?;
    }
    applying.end()
}

/// The plan of just these fixes.
fn dry_run(session: &Session, arguments: &Apply) -> Outcome {
    let Apply { selection, means, .. } = arguments;
    let selection = crate::cli::Selection {
        only: Chosen::of(selection)?.fixes.iter().map(|fix| fix.id.to_owned()).collect(),
        skip: Vec::new(),
        label: Vec::new(),
    };
    let means = crate::cli::Means { packages: means.packages, binaries: means.binaries.clone() };
    super::plan::run(session, &Plan { selection, means, diff: false, detailed_exitcode: false })
}

/// An apply under way.
struct Applying<'s> {
    session: &'s Session,
    context: &'s Context<'s>,
    journal: Journal<'s>,
    /// Begun with the first change.
    run: Option<Run<'s>>,
    changed: usize,
    failed: usize,
    fixes: Vec<Value>,
}

impl<'s> Applying<'s> {
    fn begin(session: &'s Session, context: &'s Context<'s>) -> Result<Self, Failure> {
        let unreadable = |error| format!("the journal cannot be read: {error}");
        let journal = Journal::open(&session.machine).map_err(unreadable)?;
        let interrupted =
            journal.runs().map_err(unreadable)?.into_iter().rfind(|run| run.ending == Ending::Interrupted);
        let mut applying =
            Self { session, context, journal, run: None, changed: 0, failed: 0, fixes: Vec::new() };
        if let Some(mut run) = interrupted {
            applying.tell(&format!("completing run {}, which was interrupted", run.name));
            run.settle_all().map_err(|error| format!("run {} cannot be completed: {error}", run.name))?;
            applying.run = Some(run);
        }
        Ok(applying)
    }

    fn fix(&mut self, fix: &'static Fix) -> Result<(), Failure> {
        // Only now: an earlier fix may have changed what this one is judged by.
        let assessment = (fix.assess)(self.context);
        let state = match &assessment.need {
            Need::Nothing => "ok",
            Need::DoesNotApply(_) => "not here",
            Need::Blocked(what) => {
                self.tell(&format!("{}: by hand: {what}", fix.id));
                "by hand"
            }
            Need::Change(steps) => {
                self.tell(&format!("{}: {}", fix.id, fix.title));
                let mut state = "changed";
                for (at, step) in steps.iter().enumerate() {
                    let progress = format!("  [{}/{}] {}", at + 1, steps.len(), step.words());
                    match self.run()?.carry_out(fix.id, step) {
                        Ok(true) => {
                            self.changed += 1;
                            self.tell(&progress);
                        }
                        Ok(false) => {}
                        Err(error) => {
                            say(&format!("{}: cannot {}: {error}", fix.id, step.words()));
                            self.failed += 1;
                            state = "failed";
                            break;
                        }
                    }
                }
                state
            }
        };
        for note in &assessment.notes {
            self.tell(&format!("  note: {note}"));
        }
        self.fixes.push(json!({"id": fix.id, "state": state, "notes": assessment.notes}));
        Ok(())
    }

    fn run(&mut self) -> Result<&mut Run<'s>, Failure> {
        if self.run.is_none() {
            let begun = self
                .journal
                .begin()
                .map_err(|error| format!("no journal can be kept, so nothing is changed: {error}"))?;
            self.run = Some(begun);
        }
        self.run.as_mut().ok_or_else(|| "no run".into())
    }

    fn end(mut self) -> Outcome {
        let broken = |error| format!("the journal cannot be written: {error}");
        let mut name = None;
        if let Some(mut run) = self.run.take() {
            run.finish(self.failed).map_err(broken)?;
            if run.changes() == 0 {
                self.journal.forget(run).map_err(broken)?;
            } else {
                name = Some(run.name);
            }
        }
        if self.session.json {
            print_json(
                &json!({"run": name, "changes": self.changed, "failed": self.failed, "fixes": self.fixes}),
            );
        } else {
            let back = name.map(|name| format!(" `loopshim undo {name}` takes it back.")).unwrap_or_default();
            self.tell(&match self.changed {
                0 => "Nothing to change.".to_owned(),
                count => format!("Changed: {count}.{back}"),
            });
        }
        Ok(if self.failed > 0 { Status::Failed } else { Status::Good })
    }

    fn tell(&self, line: &str) {
        if !self.session.json {
            print(&format!("{line}\n"));
        }
    }
}
