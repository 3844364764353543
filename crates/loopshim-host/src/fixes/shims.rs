//! The stand-ins, installed by [`crate::install`], which install.sh calls, too.

use std::fmt;

use super::{Context, Desired, Need};
use crate::journal::step::Step;
use crate::machine::root::Root;

/// The stand-ins that a machine is to have, and where.
pub const PROGRAMS: [(&str, &str); 2] = [("ipmitool", "/usr/bin/ipmitool"), ("pip3", "/usr/bin/pip3")];

/// What is at a stand-in's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A stand-in of ours.
    InPlace,
    /// Another program, but the record says that there was a stand-in: a
    /// package brought its own file back.
    Overwritten,
    /// None.
    NotThere,
}

/// Looks at one place.
pub fn state(root: &Root, path: &str) -> State {
    let is_ours = root.place(path).and_then(|place| place.open()).and_then(loopshim_core::marker::is_in);
    if is_ours.unwrap_or(false) {
        return State::InPlace;
    }
    let record = root.text(loopshim_core::original::RECORD).unwrap_or_default();
    let is_recorded =
        record.lines().any(|line| !line.starts_with('#') && line.split('\t').nth(2) == Some(path));
    if is_recorded { State::Overwritten } else { State::NotThere }
}

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    states: Vec<(&'static str, State)>,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |(name, state): &(&str, State)| {
            let state = match state {
                State::InPlace => "in place",
                State::Overwritten => "overwritten by a package",
                State::NotThere => "not in place",
            };
            format!("{name} {state}")
        };
        f.write_str(&self.states.iter().map(text).collect::<Vec<_>>().join(", "))
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let states = PROGRAMS.iter().map(|(name, path)| (*name, state(&context.machine.root, path)));
    Current { states: states.collect() }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let missing: Vec<&str> =
        current.states.iter().filter(|(_, state)| *state != State::InPlace).map(|(name, _)| *name).collect();
    let need = if missing.is_empty() { Need::Nothing } else { install(context, &missing) };
    Desired::new("in place, the originals kept beside them", need)
}

fn install(context: &Context<'_>, missing: &[&str]) -> Need {
    let Some(binaries) = context.binaries.as_ref().and_then(|path| path.to_str()) else {
        return Need::Blocked(format!(
            "say by --binaries DIR where they lie, or: ./install.sh --only {}",
            missing.join(",")
        ));
    };
    let only = missing.iter().map(|&name| name.to_owned()).collect();
    Need::Change(vec![Step::Shims { only, binaries: binaries.to_owned() }])
}
