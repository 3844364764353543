//! pip, setuptools and wheel as they were last made for Python 3.6. On other
//! versions nothing is pinned: there the distribution's, or a newer pip, is right.

use std::fmt;

use super::{Context, Desired, Need};
use crate::facts::python::Python;
use crate::journal::step::Step;

/// The pinned versions.
pub const PINS: [(&str, &str); 3] = [("pip", "21.3.1"), ("setuptools", "59.6.0"), ("wheel", "0.37.1")];

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    minor: Option<u32>,
    versions: [Option<String>; 3],
    /// Those of `/usr/local`, which is where pip puts its own.
    local: [Option<String>; 3],
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(minor) = self.minor else { return f.write_str("no Python") };
        write!(f, "Python 3.{minor}")?;
        for ((name, _), version) in PINS.iter().zip(&self.versions) {
            write!(f, ", {name} {}", version.as_deref().unwrap_or("not there"))?;
        }
        Ok(())
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let Some(python) = Python::find(root) else {
        return Current { minor: None, versions: Default::default(), local: Default::default() };
    };
    let version = |name: &str| python.installed(root, name).map(|found| found.version);
    let local = |name: &str| {
        let mut all = python.all(root, name).into_iter();
        all.find(|found| found.site.starts_with("/usr/local/")).map(|found| found.version)
    };
    Current {
        minor: Some(python.minor),
        versions: PINS.map(|(name, _)| version(name)),
        local: PINS.map(|(name, _)| local(name)),
    }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let wanted = PINS.map(|(name, version)| format!("{name} {version}")).join(", ");
    match current.minor {
        Some(6) => {}
        None => return Desired::new("", Need::DoesNotApply("there is no Python 3".to_owned())),
        Some(minor) => return Desired::new("", Need::DoesNotApply(format!("Python 3.{minor} is not 3.6"))),
    }
    let is_pinned = |at: usize| current.versions[at].as_deref() == Some(PINS[at].1);
    if (0..PINS.len()).all(is_pinned) {
        return Desired::new(wanted, Need::Nothing);
    }
    let exact = |(name, version): (&str, &str)| format!("{name}=={version}");
    let pins = PINS.map(exact);
    let interpreter = "/usr/bin/python3.6";
    let install: Vec<&str> =
        [interpreter, "-m", "pip", "install"].into_iter().chain(pins.iter().map(String::as_str)).collect();
    let need = if !context.packages {
        Need::Blocked(format!("{}, or let --packages do it", install.join(" ")))
    } else if !context.machine.commands.has(interpreter) {
        Need::Blocked(format!("there is no {interpreter} to be run here"))
    } else {
        Need::Change(vec![Step::Run {
            words: install.iter().map(|&word| word.to_owned()).collect(),
            undo: back(interpreter, current),
        }])
    };
    Desired::new(wanted, need)
}

/// What restores the versions there were: those in /usr/local are installed
/// again, and where there were none what was installed goes, pip itself last.
fn back(interpreter: &str, current: &Current) -> Vec<Vec<String>> {
    let words = |action: &[&str], rest: Vec<String>| {
        let fixed = [interpreter, "-m", "pip"].into_iter().chain(action.iter().copied());
        fixed.map(str::to_owned).chain(rest).collect::<Vec<String>>()
    };
    let mut undo = Vec::new();
    for at in (0..PINS.len()).rev() {
        let name = PINS[at].0;
        undo.push(match &current.local[at] {
            Some(version) => words(&["install"], vec![format!("{name}=={version}")]),
            None => words(&["uninstall", "-y"], vec![name.to_owned()]),
        });
    }
    undo
}
