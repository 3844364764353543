//! Packages, by the names of the distribution. Whether one is there is told by
//! a file that it brings: databases of packages are large, RPM's is binary, and
//! what was installed by other ways is as good.

use std::fmt;

use super::{Context, Desired, Need};
use crate::facts::os::{Family, Os};
use crate::facts::python::Python;
use crate::journal::step::Step;
use crate::machine::root::Root;

/// What must be there, and the packages that bring it.
struct Wanted {
    rpm: &'static str,
    debian: &'static str,
    is_there: fn(&Root, Option<&Python>) -> bool,
}

const WANTED: &[Wanted] = &[
    Wanted {
        rpm: "python3-devel",
        debian: "python3-dev",
        is_there: |root, python| {
            let minor = python.map_or(6, |python| python.minor);
            ["", "m"].iter().any(|abi| root.exists(format!("/usr/include/python3.{minor}{abi}/Python.h")))
        },
    },
    Wanted {
        rpm: "python3-wheel",
        debian: "python3-wheel",
        is_there: |root, python| has_project(root, python, "wheel"),
    },
    Wanted {
        rpm: "python3-setuptools",
        debian: "python3-setuptools",
        is_there: |root, python| has_project(root, python, "setuptools"),
    },
    Wanted { rpm: "gcc", debian: "gcc", is_there: |root, _| has_program(root, "gcc") },
    Wanted { rpm: "rsync", debian: "rsync", is_there: |root, _| has_program(root, "rsync") },
    Wanted { rpm: "pv", debian: "pv", is_there: |root, _| has_program(root, "pv") },
    Wanted { rpm: "jq", debian: "jq", is_there: |root, _| has_program(root, "jq") },
    Wanted { rpm: "tmux", debian: "tmux", is_there: |root, _| has_program(root, "tmux") },
    Wanted { rpm: "htop", debian: "htop", is_there: |root, _| has_program(root, "htop") },
];

fn has_program(root: &Root, name: &str) -> bool {
    ["/usr/bin", "/usr/local/bin", "/bin"].iter().any(|folder| root.exists(format!("{folder}/{name}")))
}

fn has_project(root: &Root, python: Option<&Python>, project: &str) -> bool {
    python.is_some_and(|python| python.installed(root, project).is_some())
}

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    family: Family,
    missing: Vec<&'static str>,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.missing[..] {
            [] => f.write_str("all there"),
            _ => write!(f, "missing: {}", self.missing.join(" ")),
        }
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let family = Os::read(root).family;
    let python = Python::find(root);
    let missing = WANTED.iter().filter(|wanted| !(wanted.is_there)(root, python.as_ref()));
    let name = |wanted: &Wanted| if family == Family::Debian { wanted.debian } else { wanted.rpm };
    Current { family, missing: missing.map(name).collect() }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let manager: &[&str] = match current.family {
        Family::Debian => &["apt-get", "-y", "-o", "DPkg::Lock::Timeout=120"],
        _ => &["dnf", "-y"],
    };
    let words = |action: &[&'static str]| {
        let words = manager.iter().chain(action).chain(&current.missing).copied();
        words.map(str::to_owned).collect::<Vec<String>>()
    };
    let by_hand = || format!("{} install {}", manager[0], current.missing.join(" "));
    let need = if current.missing.is_empty() {
        Need::Nothing
    } else if !context.packages {
        Need::Blocked(format!("{}, or let --packages do it", by_hand()))
    } else if !context.machine.commands.has(manager[0]) {
        Need::Blocked(format!("there is no {} to be run here", manager[0]))
    } else {
        // What the packages brought along stays, as it may be in use by now. Not by
        // apt-get, which refuses names that it does not know: nothing may have come.
        let remove: &[&str] = match current.family {
            Family::Debian => &["dpkg", "--remove"],
            _ => &["dnf", "-y", "remove", "--noautoremove"],
        };
        let undo = remove.iter().chain(&current.missing).map(|&word| word.to_owned()).collect();
        let mut steps = vec![Step::Run { words: words(&["install"]), undo: vec![undo] }];
        if current.family == Family::Debian {
            // New machines have no lists, and old lists name packages that are gone.
            steps.insert(0, Step::run(&["apt-get", "update"], &[]));
        }
        Need::Change(steps)
    };
    Desired::new("all there", need)
}
