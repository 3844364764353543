//! Packages, by the names of the distribution. Whether one is there is told by
//! a file that it brings: databases of packages are large, RPM's is binary, and
//! what was installed by other ways is as good.

use std::fmt;

use super::{Context, Desired, Need};
use crate::facts::os::{Family, Os};
use crate::facts::python::Python;
use crate::journal::step::Step;
use crate::machine::Machine;
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
    let Current { family, missing } = current;
    let program = if *family == Family::Debian { "apt-get" } else { "dnf" };
    let mut note = None;
    let need = if missing.is_empty() {
        Need::Nothing
    } else if !context.packages {
        Need::Blocked(format!("{program} install {}, or let --packages do it", missing.join(" ")))
    } else if !context.machine.commands.has(program) {
        Need::Blocked(format!("there is no {program} to be run here"))
    } else {
        // Installing what is installed would change nothing, and taking that back
        // would remove what was there before.
        let installed = installed(context.machine, *family, missing);
        let absent: Vec<&str> = missing.iter().copied().filter(|name| !installed.contains(name)).collect();
        let advice = "reinstall them, or install those of the Python in use";
        let idle = format!("installed already, but not all is there: {}; {advice}", installed.join(" "));
        if absent.is_empty() {
            Need::Blocked(idle)
        } else {
            note = (!installed.is_empty()).then_some(idle);
            Need::Change(install(*family, &absent))
        }
    };
    Desired::new("all there", need).noting(note)
}

/// Those of the names that are installed, as the distribution's books have it.
fn installed(machine: &Machine, family: Family, names: &[&'static str]) -> Vec<&'static str> {
    // EL8's python36-devel is what dnf installs by the name of python3-devel.
    let query: &[&str] = match family {
        Family::Debian => &["dpkg-query", "-W", "-f", r"${db:Status-Status} ${Package}\n"],
        _ => &["rpm", "-q", "--whatprovides", "--qf", r"[installed %{PROVIDENAME}\n]"],
    };
    // Both end with 1 when one of them is not, after printing the others.
    let words: Vec<&str> = query.iter().chain(names).copied().collect();
    let text = machine.commands.run(&words).map(|done| done.text()).unwrap_or_default();
    let is_listed = |name: &&str| text.lines().any(|line| line.strip_prefix("installed ") == Some(name));
    names.iter().copied().filter(is_listed).collect()
}

fn install(family: Family, names: &[&str]) -> Vec<Step> {
    // What the packages brought along stays, as it may be in use by now. Not by
    // apt-get, which refuses names that it does not know: nothing may have come.
    let (install, remove): (&[&str], &[&str]) = match family {
        Family::Debian => {
            (&["apt-get", "-y", "-o", "DPkg::Lock::Timeout=120", "install"], &["dpkg", "--remove"])
        }
        _ => (&["dnf", "-y", "install"], &["dnf", "-y", "remove", "--noautoremove"]),
    };
    let mut steps = Vec::new();
    if family == Family::Debian {
        // New machines have no lists, and old lists name packages that are gone.
        steps.push(Step::run(&["apt-get", "update"], &[]));
    }
    steps.push(Step::run(&[install, names].concat(), &[&[remove, names].concat()]));
    steps
}
