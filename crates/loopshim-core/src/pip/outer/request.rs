//! A request: what is to be changed where, found out once. The front waits with
//! it; a supervisor is given what the front found out.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::attempt::HELD_VARIABLE;
use super::ledger::Entry;
use super::places::Places;
use super::queue::Queue;
use super::target::{self, Target};
use super::tree::{self, Digests};
use super::{orphans, processes, shared};
use crate::pip::arguments::{self, Change};
use crate::pip::distribution;
use crate::pip::fields::Fields;
use crate::pip::settings::Settings;
use crate::{Original, World};

/// Longest command shown to people, in bytes.
const COMMAND_MAX: usize = 160;

/// What is asked for, and what it has to do with here.
pub struct Request<'w> {
    /// The caller's arguments and environment.
    pub world: &'w World,
    /// Our settings.
    pub settings: &'w Settings,
    /// The real pip.
    pub original: &'w Original,
    /// What the arguments say.
    pub change: &'w Change,
    /// Our directories.
    pub places: Places,
    /// The environment.
    pub target: Target,
    /// What its queue is called.
    pub queue_name: String,
    /// Its queue, where there is a place for one.
    pub queue: Option<Queue>,
    /// The folder that is installed, and its digests at arrival.
    pub folder: Option<(PathBuf, Option<Digests>)>,
    /// What a request must be like that shares an answer with this one.
    pub likeness: Option<String>,
    /// What the ledger will say of it.
    pub entry: Entry,
}

impl<'w> Request<'w> {
    /// Finds out all about it. A folder that is to be installed is noted first:
    /// the caller may not live to remove it, nor we to see to it.
    pub fn new(world: &'w World, settings: &'w Settings, original: &'w Original, change: &'w Change) -> Self {
        let places = Places::prepare(world);
        let folder = change.only_folder(&world.args).map(|(_, path)| path.to_owned());
        let folder = folder.map(|path| {
            let note = places.state.as_ref().and_then(|state| orphans::note(world, state, &path));
            let digests = tree::digest(&path);
            if let (Some(note), Some(digests)) = (note, &digests) {
                note.finish(&digests.sources);
            }
            (path, digests)
        });
        let target = target::find(world, &world.args, original, change, places.runtime.as_ref());
        let queue_name = target.queue_name();
        let likeness = shared::likeness(world, change, &target).filter(|_| settings.coalesce);
        let entry =
            Entry { time: super::now(world), site: target.sites.first().cloned(), ..Entry::default() };
        let queue = queue(&places, &queue_name);
        Self { world, settings, original, change, places, target, queue_name, queue, folder, likeness, entry }
    }

    /// What a supervisor needs of it, besides arguments and environment.
    pub fn handed_down(&self) -> Fields {
        let entry = &self.entry;
        let mut fields = self.target.handed_down().with("queue", &self.queue_name);
        if let Some((path, digests)) = &self.folder {
            fields = fields.with("folder", path.as_os_str().as_bytes());
            if let Some(digests) = digests {
                fields = fields.with("all", &digests.all).with("sources", &digests.sources);
            }
        }
        if let Some(likeness) = &self.likeness {
            fields = fields.with("likeness", likeness);
        }
        for note in &entry.notes {
            fields = fields.with("note", note);
        }
        let times = [("time", entry.time), ("waited", entry.waited), ("delayed", entry.delayed)];
        times.into_iter().fold(fields, |fields, (name, time)| fields.with(name, time.as_millis().to_string()))
    }

    /// The request of which a front has handed these down.
    pub fn taken_over(
        world: &'w World,
        settings: &'w Settings,
        original: &'w Original,
        change: &'w Change,
        fields: &Fields,
    ) -> Option<Self> {
        let places = Places::prepare(world);
        let target = Target::taken_over(fields)?;
        let queue_name = fields.text("queue")?.to_owned();
        let text = |name| fields.text(name).map(str::to_owned);
        let time = |name| fields.number(name).map(Duration::from_millis);
        let digests = text("all").zip(text("sources")).map(|(all, sources)| Digests { all, sources });
        let folder = fields.bytes("folder").map(|path| (PathBuf::from(OsStr::from_bytes(path)), digests));
        let notes = fields.all("note").map(|note| String::from_utf8_lossy(note).into_owned());
        let entry = Entry {
            time: time("time")?,
            waited: time("waited")?,
            delayed: time("delayed")?,
            site: target.sites.first().cloned(),
            notes: notes.collect(),
            ..Entry::default()
        };
        Some(Self {
            world,
            settings,
            original,
            change,
            queue: queue(&places, &queue_name),
            places,
            target,
            queue_name,
            folder,
            likeness: text("likeness"),
            entry,
        })
    }

    /// Whether a pip that has the turn in this very queue started us: it waits
    /// for us, and we must not wait for it.
    pub fn is_inside_its_own_turn(&self) -> bool {
        let held = self.world.var(HELD_VARIABLE).and_then(|held| held.into_string().ok()).unwrap_or_default();
        let mut turns = held.split(';').filter_map(|turn| turn.split_once(':'));
        turns.any(|(pid, queue)| queue == self.queue_name && pid.parse().is_ok_and(processes::is_ancestor))
    }

    /// The command for people, without secrets.
    pub fn command_text(&self) -> String {
        let words = crate::redact::arguments(crate::Tool::Pip3, self.world).args;
        let words: Vec<_> =
            words.into_iter().skip(1).map(std::os::unix::ffi::OsStringExt::from_vec).collect();
        arguments::for_people("pip3", &words, COMMAND_MAX)
    }

    /// The arguments that say what is to be changed.
    pub fn operands(&self) -> impl Iterator<Item = &'w OsString> + use<'w> {
        let (world, change) = (self.world, self.change);
        change.operands.iter().filter_map(|&at| world.args.get(at))
    }

    /// The projects that the arguments name, as far as they can be known.
    pub fn names(&self) -> Vec<String> {
        let names = self.operands().filter_map(|operand| {
            let path = Path::new(operand);
            if arguments::is_local(operand) && path.is_dir() {
                return shared::project_in(path);
            }
            distribution::of_operand(operand)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.dedup();
        names
    }

    /// Adds it to the ledger.
    pub fn write_down(&self) {
        if let Some(log) = &self.places.log {
            self.entry.write(self.world, log);
        }
    }
}

fn queue(places: &Places, name: &str) -> Option<Queue> {
    places.runtime.as_ref().and_then(|runtime| runtime.below(name, 0o700).ok()).map(Queue::new)
}

/// Whether the caller looks on: standard output or error is a terminal.
pub fn is_terminal() -> bool {
    rustix::termios::isatty(std::io::stdout()) || rustix::termios::isatty(std::io::stderr())
}
