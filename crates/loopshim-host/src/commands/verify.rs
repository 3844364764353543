//! `loopshim verify`: looks at everything the documents have on their lists.

use super::Session;
use super::selection::unknown;
use crate::checks::{self, Check, Examination, Level, Report, Row, When};
use crate::clean::{self, Finding, Rules};
use crate::cli::{Format, Means, Phase, Verify};
use crate::facts::python::Python;
use crate::facts::scheduling::Ticks;
use crate::facts::sudo;
use crate::fixes::huge_pages::SWITCHES;
use crate::fixes::shims::{self, State};
use crate::journal::step::chosen;
use crate::output::{Outcome, Status, print};

/// Verifies.
pub(crate) fn run(session: &Session, arguments: &Verify) -> Outcome {
    for id in arguments.only.iter().chain(&arguments.skip) {
        if checks::find(id).is_none() {
            return Err(unknown("check", id, checks::ALL.iter().map(|check| check.id)));
        }
    }
    let format = if session.json { Format::Json } else { arguments.format };
    let report = examine(session, arguments, format);
    print(&checks::render(&report, format, session.colour));
    Ok(status(&report, format, arguments.strict))
}

/// The report on one phase, in a form.
pub(crate) fn report(session: &Session, phase: Phase, format: Format) -> String {
    let arguments = Verify { phase, format, only: Vec::new(), skip: Vec::new(), strict: false };
    checks::render(&examine(session, &arguments, format), format, false)
}

fn examine(session: &Session, arguments: &Verify, format: Format) -> Report {
    let examination = Examination {
        context: session.context(&Means::default()),
        began: Ticks::read(&session.machine.root),
    };
    let rows = checks::ALL
        .iter()
        .filter(|check| is_meant(check, arguments))
        .map(|check| Row { check, verdict: (check.look)(&examination) })
        .collect();
    let seeds = if format == Format::Seeds { seeds(&examination) } else { Vec::new() };
    Report { phase: arguments.phase, rows, seeds }
}

fn is_meant(check: &Check, arguments: &Verify) -> bool {
    let in_phase = match check.when {
        When::Always => true,
        When::Before => arguments.phase == Phase::Pre,
        When::After => arguments.phase == Phase::Post,
    };
    let has = |list: &[String]| list.iter().any(|id| id == check.id);
    let wanted = if arguments.only.is_empty() { in_phase } else { has(&arguments.only) };
    wanted && !has(&arguments.skip)
}

fn status(report: &Report, format: Format, strict: bool) -> Status {
    let (failed, warned) = (report.count(Level::Fail) > 0, report.count(Level::Warn) > 0);
    if format == Format::Nagios {
        // Its own convention: 0 OK, 1 WARNING, 2 CRITICAL.
        return Status::Own(if failed { 2 } else { u8::from(warned) });
    }
    match (failed, warned && strict) {
        (true, _) => Status::Failed,
        (false, true) => Status::Warnings,
        (false, false) => Status::Good,
    }
}

/// The checklist in the documents' own layout (001), so that what greps it goes
/// on working.
fn seeds(examination: &Examination<'_>) -> Vec<String> {
    let context = &examination.context;
    let root = &context.machine.root;
    let pip = Python::find(root).and_then(|python| python.installed(root, "pip"));
    let own_limit = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let limit = crate::facts::limits::open_files(&own_limit).map(|(soft, _)| soft.to_string());
    let fake = sudo::find(root, "ipmitool").is_some_and(|path| shims::state(root, &path) == State::InPlace);
    let never = root.text(SWITCHES[0]).is_some_and(|text| chosen(&text) == "never");
    let rules = Rules::of(context.machine, context.settings);
    let orphans = clean::scan(context.machine, &rules).iter().filter_map(Finding::orphan).count();
    vec![
        "=== Pre-Bootstrap Verification ===".to_owned(),
        format!("pip: {}", pip.map_or_else(|| "not installed".to_owned(), |pip| pip.version)),
        format!("FD limit (process): {}", limit.unwrap_or_else(|| "unknown".to_owned())),
        format!(
            "FD limit (kernel): {}",
            root.value("/proc/sys/fs/file-max").unwrap_or_else(|| "unknown".to_owned())
        ),
        format!("ipmitool: {}", if fake { "OK (fake)" } else { "MISSING" }),
        format!("THP: {}", if never { "disabled" } else { "ENABLED (bad)" }),
        format!("Orphan dirs: {orphans}"),
    ]
}
