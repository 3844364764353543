//! Packages, by the names of the distribution. Whether one is there is told by
//! a file that it brings: databases of packages are large, RPM's is binary, and
//! what was installed by other ways is as good.

use std::fmt;

use super::{Context, Desired, Need};
use crate::facts::os::{Family, Os};
use crate::facts::python::Python;
use crate::facts::repositories;
use crate::journal::step::Step;
use crate::machine::Machine;
use crate::machine::packages::Manager;
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

/// Those that RHEL and its kin do not have themselves.
const EPEL: [&str; 2] = ["pv", "htop"];

fn has_program(root: &Root, name: &str) -> bool {
    ["/usr/bin", "/usr/local/bin", "/bin"].iter().any(|folder| root.exists(format!("{folder}/{name}")))
}

fn has_project(root: &Root, python: Option<&Python>, project: &str) -> bool {
    python.is_some_and(|python| python.installed(root, project).is_some())
}

/// A package that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Package {
    name: &'static str,
    is_in_epel: bool,
}

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    family: Family,
    missing: Vec<Package>,
    /// Where some packages are in EPEL: whether that is not set up.
    lacks_epel: bool,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.missing.is_empty() {
            return f.write_str("all there");
        }
        f.write_str("missing:")?;
        self.missing.iter().try_for_each(|package| write!(f, " {}", package.name))
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let os = Os::read(root);
    let family = os.family;
    let python = Python::find(root);
    let missing = WANTED.iter().filter(|wanted| !(wanted.is_there)(root, python.as_ref()));
    let package = |wanted: &Wanted| {
        let name = if family == Family::Debian { wanted.debian } else { wanted.rpm };
        Package { name, is_in_epel: EPEL.contains(&name) }
    };
    let lacks_epel = os.is_enterprise && !repositories::has(root, "epel");
    Current { family, missing: missing.map(package).collect(), lacks_epel }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let manager = if current.family == Family::Debian { Manager::Apt } else { Manager::Dnf };
    let (elsewhere, here): (Vec<&Package>, Vec<&Package>) =
        current.missing.iter().partition(|package| package.is_in_epel && current.lacks_epel);
    let names = |packages: &[&Package]| packages.iter().map(|package| package.name).collect::<Vec<_>>();
    let advice = format!(
        "in EPEL, which is not set up here: {}; dnf install epel-release, then apply again",
        names(&elsewhere).join(" ")
    );
    let note = (!elsewhere.is_empty()).then_some(advice);
    let (need, idle) = match (&here[..], note.clone()) {
        ([], None) => (Need::Nothing, None),
        ([], Some(advice)) => return Desired::new("all there", Need::Blocked(advice)),
        _ => need(context, manager, &names(&here)),
    };
    Desired::new("all there", need).noting(note.into_iter().chain(idle))
}

/// What follows where these are missing, and what there is to know besides.
fn need(context: &Context<'_>, manager: Manager, missing: &[&'static str]) -> (Need, Option<String>) {
    let machine = context.machine;
    if !context.packages {
        let advice = format!("{manager} install {}, or let --packages do it", missing.join(" "));
        return (Need::Blocked(advice), None);
    }
    if !machine.commands.has(&manager.to_string()) {
        return (Need::Blocked(format!("there is no {manager} to be run here")), None);
    }
    // Installing what is installed would change nothing, and taking that back
    // would remove what was there before.
    let installed = manager.installed(machine, missing);
    let absent: Vec<&str> = missing.iter().copied().filter(|name| !installed.contains(name)).collect();
    let advice = "reinstall them, or install those of the Python in use";
    let idle = format!("installed already, but not all is there: {}; {advice}", installed.join(" "));
    if absent.is_empty() {
        return (Need::Blocked(idle), None);
    }
    (Need::Change(install(machine, manager, &absent)), (!installed.is_empty()).then_some(idle))
}

fn install(machine: &Machine, manager: Manager, names: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    if manager == Manager::Apt {
        // New machines have no lists, and old lists name packages that are gone.
        steps.push(Step::run(&["apt-get", "update"], &[]));
    }
    let names = names.iter().map(|&name| name.to_owned()).collect();
    let configured = manager.configured(machine).into_iter().collect();
    steps.push(Step::Packages { manager, names, configured });
    steps
}
