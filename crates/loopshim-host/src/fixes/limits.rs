//! Limits of login sessions (`pam_limits(8)`). They concern what logs in, ssh
//! included, not services and containers: those `verify` looks at. Never more
//! than `fs.nr_open`: a session that is to have more cannot be opened at all.

use std::fmt;

use super::{Context, Desired, head, pending, write};
use crate::facts::limits::{self, Limit, Line};

/// The file.
pub const FILE: &str = "/etc/security/limits.d/99-vast.conf";

/// What is limited, for whom and how.
const ROWS: [(&str, &str, &str); 6] = [
    ("*", "soft", "nofile"),
    ("*", "hard", "nofile"),
    ("root", "soft", "nofile"),
    ("root", "hard", "nofile"),
    ("*", "soft", "nproc"),
    ("*", "hard", "nproc"),
];

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    lines: Vec<Line>,
    nr_open: Option<u64>,
}

impl Current {
    /// What a line for exactly this domain sets, the last one counting.
    fn value(&self, domain: &str, kind: &str, item: &str) -> Option<Limit> {
        let fits = |line: &&Line| {
            line.domain == domain && line.item == item && (line.kind == kind || line.kind == "-")
        };
        self.lines.iter().rev().find(fits).map(|line| line.value)
    }
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = ROWS.map(|(domain, kind, item)| {
            let value = self
                .value(domain, kind, item)
                .map_or_else(|| "not set".to_owned(), |value| value.to_string());
            format!("{domain} {kind} {item} {value}")
        });
        f.write_str(&text.join(", "))
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let texts = limits::files(root).into_iter().filter_map(|file| root.text(file));
    let lines = texts.flat_map(|text| limits::parse(&text)).collect();
    let nr_open =
        context.machine.is_live().then(|| root.value("/proc/sys/fs/nr_open")?.parse().ok()).flatten();
    Current { lines, nr_open }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let (mut text, mut notes, mut wanted) = (head("limits"), Vec::new(), Vec::new());
    for (domain, kind, item) in ROWS {
        let documented = if item == "nofile" {
            context.settings.limits.nofile.get()
        } else {
            context.settings.limits.nproc.get()
        };
        let mut aim =
            Limit::Number(documented).max(current.value(domain, kind, item).unwrap_or(Limit::Number(0)));
        if let Some(bound) = current.nr_open.filter(|bound| item == "nofile" && aim > Limit::Number(*bound)) {
            notes.push(format!(
                "{domain} {kind} nofile is kept at fs.nr_open, {bound}: with more nobody could log in"
            ));
            aim = Limit::Number(bound);
        }
        text += &format!("{domain} {kind} {item} {aim}\n");
        wanted.push(format!("{domain} {kind} {item} {aim}"));
    }
    let need = pending(context.machine, write(context.machine, FILE, text));
    notes.extend(
        changed(&need).then(|| "sessions that are open keep what they have: log in again".to_owned()),
    );
    Desired::new(wanted.join(", "), need).noting(notes)
}

fn changed(need: &super::Need) -> bool {
    matches!(need, super::Need::Change(_))
}
