//! Folders that failed installations left in `/tmp`. Here they are set aside,
//! so that `undo` has them; `loopshim clean` removes them for good.

use std::fmt;

use super::{Context, Desired, Need};
use crate::clean::{self, Finding, Rules};
use crate::journal::step::Step;
use crate::output::size;

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    findings: Vec<Finding>,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let orphans = self.findings.iter().filter_map(Finding::orphan);
        let (count, bytes) = orphans.fold((0, 0), |(count, bytes), orphan| (count + 1, bytes + orphan.bytes));
        write!(f, "{count} of them, {}", size(bytes))
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let rules = Rules::of(context.machine, context.settings);
    Current { findings: clean::scan(context.machine, &rules) }
}

/// What should be.
pub fn desired(_context: &Context<'_>, current: &Current) -> Desired {
    let step = |orphan: &clean::Orphan| Step::SetAside {
        path: orphan.path.clone(),
        device: orphan.device,
        inode: orphan.inode,
    };
    let steps: Vec<Step> = current.findings.iter().filter_map(Finding::orphan).map(step).collect();
    let left = current.findings.iter().filter_map(Finding::left);
    let notes: Vec<String> = left.map(|(path, why)| format!("{path} stays: {why}")).collect();
    Desired::new("none", if steps.is_empty() { Need::Nothing } else { Need::Change(steps) }).noting(notes)
}
