//! Package managers: dpkg is told where to unpack its own file, RPM is asked
//! whether it knows a file. Of a staged tree, this system's programs are used.

use super::layout::{Layout, Slot};
use super::plan::Diversion;
use super::record::{Aside, How};
use crate::machine::Machine;
use crate::machine::commands::{Commands, Done, OfThisSystem};

/// Where dpkg keeps its books.
const DPKG: &str = "/var/lib/dpkg";
/// Where RPM does, and where newer distributions' does.
const RPM: [&str; 2] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm"];

fn programs(machine: &Machine) -> &dyn Commands {
    if machine.is_live() { machine.commands.as_ref() } else { &OfThisSystem }
}

fn run(machine: &Machine, program: &str, arguments: &[&str]) -> Result<Done, String> {
    let root = machine.root.path("/").into_os_string().into_string().map_err(|_| "a root that is no text")?;
    let mut words = vec![program];
    if !machine.is_live() {
        words.extend(["--root", root.trim_end_matches('/')]);
    }
    words.extend(arguments);
    programs(machine).run(&words).map_err(|error| format!("{program} cannot be run: {error}"))
}

/// Who is to be told, or warned, of a program in this slot.
pub(super) fn manager(machine: &Machine, layout: &Layout, slot: Slot) -> How {
    if layout.prefix.is_some() || matches!(slot, Slot::Rsync | Slot::Loopshim) {
        How::Plain
    } else if machine.root.is_directory(DPKG) {
        if programs(machine).has("dpkg-divert") { How::DpkgDivert } else { How::Plain }
    } else if RPM.iter().any(|folder| machine.root.is_directory(folder)) {
        How::Rpm
    } else {
        How::Plain
    }
}

/// Where dpkg unpacks its own file for `installed`.
pub(super) fn diversion(machine: &Machine, installed: &str) -> Diversion {
    match truename(machine, installed) {
        Ok(name) if name == installed => Diversion::None,
        Ok(name) => {
            let known = [Aside::Real, Aside::Replaced];
            let to = known.into_iter().find(|aside| name == format!("{installed}{}", aside.suffix()));
            to.map_or(Diversion::Elsewhere, Diversion::To)
        }
        Err(_) => Diversion::Elsewhere,
    }
}

/// Why dpkg cannot be told about `installed`, nothing when it can.
pub(super) fn trouble(machine: &Machine, installed: &str) -> Option<String> {
    if diversion(machine, installed) != Diversion::Elsewhere {
        return None;
    }
    Some(match truename(machine, installed) {
        Ok(name) => format!(
            "{installed} is already diverted to {name} by somebody else: remove that diversion first (dpkg-divert --list {installed})"
        ),
        Err(why) => format!("dpkg-divert does not work here: {why}"),
    })
}

fn truename(machine: &Machine, installed: &str) -> Result<String, String> {
    let done = run(machine, "dpkg-divert", &["--truename", installed])?;
    let name = done.text().trim_end().to_owned();
    if done.succeeded() && !name.is_empty() { Ok(name) } else { Err(done.last_words()) }
}

/// Tells dpkg to unpack its own file under another name.
///
/// # Errors
/// Why that failed.
pub(super) fn divert(machine: &Machine, installed: &str, to: Aside) -> Result<(), String> {
    let target = format!("{installed}{}", to.suffix());
    well(run(machine, "dpkg-divert", &["--local", "--no-rename", "--divert", &target, "--add", installed])?)
}

/// Tells it to do so no more.
///
/// # Errors
/// Why that failed.
pub(super) fn undivert(machine: &Machine, installed: &str) -> Result<(), String> {
    well(run(machine, "dpkg-divert", &["--local", "--no-rename", "--remove", installed])?)
}

fn well(done: Done) -> Result<(), String> {
    if done.succeeded() { Ok(()) } else { Err(done.last_words()) }
}

/// Whether RPM brought `installed` as it is now.
pub(super) fn vouches(machine: &Machine, how: How, installed: &str) -> bool {
    if how != How::Rpm || !programs(machine).has("rpm") {
        return false;
    }
    let owned = run(machine, "rpm", &["-qf", installed]).is_ok_and(|done| done.succeeded());
    owned
        && run(machine, "rpm", &["-Vf", installed]).is_ok_and(|done| {
            !done.text().lines().any(|line| line.split_whitespace().last() == Some(installed))
        })
}
