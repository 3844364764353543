//! Mending an environment without installing anything: what would be done before
//! the next installation, in a turn of its own.

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use super::clean::{self, Repairs};
use super::places::Places;
use super::queue::{Holder, Queue};
use super::site;
use super::supervisor::line::take_turn;
use super::target;
use crate::pip::arguments::{self, Command};
use crate::pip::distribution::{self, Kind};
use crate::pip::settings::Settings;
use crate::{Tool, World, original};

/// What was found and done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The environment: where packages are.
    pub sites: Vec<PathBuf>,
    /// What was removed, set aside, or had to be left.
    pub repairs: Repairs,
    /// What is not whole now: a project's name and what is wrong with it. Such are
    /// mended by installing them again.
    pub broken: Vec<(String, Vec<String>)>,
}

/// Why nothing was done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no pip but the stand-in for it.
    NoPip,
    /// The pip would not say what it changes.
    NoEnvironment,
    /// Others change the environment, for longer than the time given.
    TimedOut(Duration),
    /// The queue cannot be joined.
    Queue(std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPip => f.write_str("there is no pip3 here but the stand-in for it"),
            Self::NoEnvironment => f.write_str("pip does not say which environment it changes"),
            Self::TimedOut(limit) => {
                write!(f, "others have been changing the environment for {} s", limit.as_secs())
            }
            Self::Queue(error) => write!(f, "the queue cannot be joined: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// Waits for its turn in the queue of the environment that `pip3 install` would
/// change, and mends there what belongs to the projects `names`; without names,
/// to every project that is installed. `command` is what others are told of it.
///
/// # Errors
/// As [`Error`] says; then nothing was changed.
pub fn run(world: &World, settings: &Settings, names: &[String], command: &str) -> Result<Outcome, Error> {
    let original = match &settings.real_pip {
        Some(words) => original::from_command_line(world, words),
        None => original::find(world, Tool::Pip3),
    };
    let original = original.ok_or(Error::NoPip)?;
    let places = Places::prepare(world);
    let args = ["install".into()];
    let Command::Change(change) = arguments::parse(&args) else { return Err(Error::NoEnvironment) };
    let target = target::find(world, &args, &original, &change, places.runtime.as_ref());
    if target.sites.is_empty() {
        return Err(Error::NoEnvironment);
    }
    let queue = places.runtime.as_ref().and_then(|runtime| runtime.below(&target.queue_name(), 0o700).ok());
    let holder =
        Holder { number: 0, pid: std::process::id(), command: command.to_owned(), since: super::now(world) };
    let (sender, turns) = mpsc::channel();
    let (queue, sites, interpreter) = (queue.map(Queue::new), target.lockable(), target.interpreter.clone());
    // Blocked in the kernel; should its turn come too late, it ends with us.
    std::thread::spawn(move || {
        let _ = sender.send(take_turn(queue.as_ref(), &holder, &sites, interpreter.as_deref()));
    });
    let turn = turns
        .recv_timeout(settings.lock_timeout)
        .map_err(|_| Error::TimedOut(settings.lock_timeout))?
        .map_err(Error::Queue)?;
    let outcome = mend(world, &places, target.sites, names);
    turn.leave();
    Ok(outcome)
}

fn mend(world: &World, places: &Places, sites: Vec<PathBuf>, names: &[String]) -> Outcome {
    let installed = site::installed(&sites);
    let mut wanted: Vec<String> = match names {
        [] => installed.iter().map(|one| one.name.clone()).collect(),
        names => names.iter().map(|name| distribution::normalised(name)).collect(),
    };
    wanted.sort();
    wanted.dedup();
    let repairs = clean::run(world, places, &sites, &wanted);
    let left = site::installed(&sites).into_iter();
    let broken = left
        .filter(|one| one.kind == Kind::DistInfo && wanted.contains(&one.name))
        .map(|one| (one.name, site::faults_of(&one.path)))
        .filter(|(_, faults)| !faults.is_empty())
        .collect();
    Outcome { sites, repairs, broken }
}
