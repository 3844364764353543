//! Programs and packages.

use super::kernel::by_fixes;
use super::{Examination, Level, Verdict, running};
use crate::clean::{self, Finding, Rules};
use crate::facts::sudo;
use crate::facts::time_sync::TimeSync;
use crate::fixes::shims::{self, State};
use crate::output::size;

/// By the path that sudo would take, since that is how they are called.
pub(super) fn shims(examination: &Examination<'_>) -> Verdict {
    let root = &examination.context.machine.root;
    let mut values = Vec::new();
    let mut advice = None;
    for (name, place) in shims::PROGRAMS {
        let found = sudo::find(root, name);
        let state = found.as_deref().map_or(State::NotThere, |path| shims::state(root, path));
        let at_place = shims::state(root, place);
        match (state, found) {
            (State::InPlace, Some(path)) => values.push(format!("{name} {path}")),
            (_, Some(path)) if at_place == State::InPlace => {
                values.push(format!("{name} hidden by {path}"));
                advice = Some(format!("sudo finds {path} first: move it away, or change secure_path"));
            }
            (_, Some(_)) if at_place == State::Overwritten => {
                values.push(format!("{name} overwritten by a package"));
                advice = Some("./install.sh puts it back".to_owned());
            }
            (_, Some(path)) => {
                values.push(format!("{name} is not the stand-in: {path}"));
                advice = Some("loopshim apply --only shims".to_owned());
            }
            (_, None) => {
                values.push(format!("{name} missing"));
                advice = Some("loopshim apply --only shims".to_owned());
            }
        }
    }
    let level = if advice.is_some() { Level::Fail } else { Level::Pass };
    Verdict { level, value: values.join(", "), advice }
}

pub(super) fn pip(examination: &Examination<'_>) -> Verdict {
    by_fixes(examination, &["pip-pin"], Level::Warn)
}

pub(super) fn packages(examination: &Examination<'_>) -> Verdict {
    by_fixes(examination, &["packages"], Level::Fail)
}

pub(super) fn pip_leftovers(examination: &Examination<'_>) -> Verdict {
    by_fixes(examination, &["pip-leftovers"], Level::Warn)
}

pub(super) fn guest_agent(examination: &Examination<'_>) -> Verdict {
    by_fixes(examination, &["guest-agent"], Level::Warn)
}

pub(super) fn orphans(examination: &Examination<'_>) -> Verdict {
    let context = &examination.context;
    let findings = clean::scan(context.machine, &Rules::of(context.machine, context.settings));
    let orphans: Vec<_> = findings.iter().filter_map(Finding::orphan).collect();
    let bytes = orphans.iter().map(|orphan| orphan.bytes).sum();
    let value = format!("{}, {}", orphans.len(), size(bytes));
    Verdict::warn_unless(
        orphans.is_empty(),
        value,
        "loopshim clean shows them, loopshim clean --yes removes them",
    )
}

pub(super) fn time_sync(examination: &Examination<'_>) -> Verdict {
    running(examination, || {
        let advice = "start chronyd (or systemd-timesyncd) and let it reach its servers";
        Some(match TimeSync::read(examination.context.machine) {
            TimeSync::Synchronised(by) => Verdict::pass(format!("by {by}")),
            TimeSync::Not(by) => Verdict::warn(format!("not in step, says {by}"), advice),
            TimeSync::Unknown => Verdict::warn("nobody keeps it".to_owned(), advice),
        })
    })
}
