//! What is told afterwards: what is in place, how it answers, how to undo it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::layout::Slot;
use super::plan::Name;
use super::record::{How, Record};
use super::take::Removed;
use super::target;
use super::work::Work;
use crate::output::{Failure, say};

/// The commands that a user is told to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What takes everything back.
    pub undo: String,
    /// What tells how things stand.
    pub check: String,
}

/// Most lines of a program's answer that are shown.
const LINES_MAX: usize = 5;
/// The folders where sudo, or root's shell, looks for commands before /usr/bin.
const EARLIER: [&str; 4] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/sbin"];

/// Tells what is in place, and lets each program answer as its users call it.
pub(super) fn installed(
    work: &Work<'_>,
    slots: &[Slot],
    record: &Record,
    words: &Words,
) -> Result<(), Failure> {
    let tell = work.tell;
    tell("");
    tell("In place:");
    for slot in slots {
        tell(&in_place(work, *slot, record)?);
    }
    record.left.iter().for_each(|path| tell(&format!("  left, not loopshim's: {path}")));
    tell(&format!("Undo: {}", words.undo));
    tell(&format!("Check: {}", words.check));
    let mut silent = Vec::new();
    for slot in slots {
        if !show(work, *slot)? {
            silent.push(slot.name());
        }
    }
    warn_of_path(work);
    if silent.is_empty() {
        return Ok(());
    }
    Err(format!("{}: in place but did not answer; {} puts everything back", silent.join(", "), words.undo)
        .into())
}

fn in_place(work: &Work<'_>, slot: Slot, record: &Record) -> Result<String, Failure> {
    let spot = work.spot(slot)?;
    let version = spot.stamp().map(|stamp| stamp.version).unwrap_or_default();
    let mut line = format!("  {}  loopshim {version}", spot.installed);
    let Some(row) = record.rows.get(&slot) else { return Ok(line) };
    if target::look(&spot, How::Plain)?.get(Name::Aside(row.kept)).is_some() {
        line += &format!("; the original is {}{}", spot.installed, row.kept.suffix());
    }
    line += &match row.how {
        How::DpkgDivert => {
            format!("; packages' own file goes to {}{} (dpkg-divert)", spot.installed, row.original.suffix())
        }
        How::Rpm => {
            "; an update of its package will put the original back: install again then (the check tells)"
                .to_owned()
        }
        How::Plain => String::new(),
    };
    Ok(line)
}

/// Lets a program answer; false when it does not.
fn show(work: &Work<'_>, slot: Slot) -> Result<bool, Failure> {
    let installed = work.layout.installed(slot);
    let at = work.outside(&installed);
    let is_command = work.layout.prefix.is_none() && work.layout.folder(slot) == work.layout.bin();
    let mut line: Vec<&str> = if work.layout.staging || !is_command {
        vec![&at]
    } else {
        let is_hidden = warn_of_others(work, slot)?;
        match sudo_runs() {
            true => vec!["sudo", "-n", slot.name()],
            // Another would answer in its place.
            false if is_hidden => vec![&at],
            false => vec![slot.name()],
        }
    };
    let filter = if slot == Slot::Ipmitool { Some("Board Mfg") } else { None };
    line.extend(if filter.is_some() { &["fru", "print", "0"][..] } else { &["--version"] });
    let shown = filter.map(|filter| format!(" | grep \"{filter}\"")).unwrap_or_default();
    (work.tell)("");
    (work.tell)(&format!("$ {}{shown}", line.join(" ")));
    let answer = answer(work, &line);
    let lines: Vec<&str> =
        answer.lines().filter(|line| filter.is_none_or(|filter| line.contains(filter))).collect();
    lines.iter().take(LINES_MAX).for_each(|line| (work.tell)(line));
    Ok(!lines.is_empty())
}

fn answer(work: &Work<'_>, line: &[&str]) -> String {
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).stdin(Stdio::null());
    if work.layout.staging {
        command.env("LOOPSHIM_ROOT", work.machine.root.path("/"));
    }
    let Ok(output) = command.output() else { return String::new() };
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn sudo_runs() -> bool {
    let mut command = Command::new("sudo");
    command.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Another program of the same name in an earlier folder would be run instead;
/// whether there is one.
fn warn_of_others(work: &Work<'_>, slot: Slot) -> Result<bool, Failure> {
    let spot = work.spot(slot)?;
    let own = target::look(&spot, How::Plain)?.get(Name::At).map(|thing| thing.identity);
    let mut is_hidden = false;
    for folder in earlier(&work.layout.bin()) {
        let folder = folder.display();
        let other = work.machine.root.stat(format!("{folder}/{}", slot.name()));
        let is_program = |found: &rustix::fs::Stat| found.st_mode & 0o111 != 0;
        if other.is_ok_and(|found| is_program(&found) && Some((found.st_dev, found.st_ino)) != own) {
            let name = slot.name();
            is_hidden = true;
            say(&format!(
                "{folder}/{name} may be found before {}: sudo's secure_path and PATH decide",
                spot.installed
            ));
        }
    }
    Ok(is_hidden)
}

/// The folders where a command is looked for before `bin`: those of sudo, and
/// those of the caller's PATH.
fn earlier(bin: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = EARLIER.map(PathBuf::from).to_vec();
    for folder in std::env::split_paths(&path).take_while(|folder| folder.as_path() != Path::new(bin)) {
        if folder.is_absolute() && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

fn warn_of_path(work: &Work<'_>) {
    let bin = work.layout.bin();
    let path = std::env::var_os("PATH").unwrap_or_default();
    if work.layout.prefix.is_some()
        && !std::env::split_paths(&path).any(|folder| folder.as_os_str() == bin.as_str())
    {
        say(&format!("{bin} is not in your PATH; sudo does not look there either (its secure_path)"));
    }
}

/// Tells what came of removing.
pub(super) fn removed(work: &Work<'_>, removed: &Removed) {
    let tell = work.tell;
    if removed.was_nothing {
        let place = match (&work.layout.prefix, work.layout.staging) {
            (Some(prefix), _) => format!(" in {prefix}"),
            (None, true) => format!(" in {}", work.outside("/")),
            (None, false) => String::new(),
        };
        return tell(&format!("nothing of loopshim is installed{place}"));
    }
    removed.left.iter().for_each(|path| tell(&format!("left, not loopshim's: {path}")));
    if work.dry_run {
        return;
    }
    let state = work.layout.state();
    if work.layout.prefix.is_none() && !removed.has_rest && work.machine.root.is_directory(&state) {
        tell(&format!("left, with what the shims wrote: {}", work.outside(&state)));
    }
    tell("done: the rest is as it was before");
}
