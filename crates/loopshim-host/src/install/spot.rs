//! One program's place, its folder held open: what is there, and how it is changed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, linkat, openat, renameat};
use rustix::io::Errno;

use super::layout::{Layout, Slot};
use super::packages;
use super::plan::{Action, Diversion, Found, Kind, Name, Thing};
use super::program::{Stamp, is_ours, is_wrapper, stamp};
use super::record::{Aside, How};
use crate::machine::Machine;
use crate::machine::files::{self, Metadata};
use crate::machine::root::{Place, names_in};

/// A place.
pub struct Spot<'m> {
    machine: &'m Machine,
    /// What belongs there.
    pub slot: Slot,
    /// The path of the program, as seen inside the root.
    pub installed: String,
    folder: Option<OwnedFd>,
}

impl<'m> Spot<'m> {
    /// Opens its folder, if that is there.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(machine: &'m Machine, layout: &Layout, slot: Slot) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let place = machine.root.place(format!("{}/.", layout.folder(slot)));
        let opened = place.and_then(|place| Ok(openat(&place.directory, &place.name, flags, Mode::empty())?));
        let folder = match opened {
            Ok(folder) => Some(folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self { machine, slot, installed: layout.installed(slot), folder })
    }

    fn place(&self, name: Name) -> io::Result<Place> {
        let folder = self.folder.as_ref().ok_or(io::ErrorKind::NotFound)?;
        Ok(Place { directory: folder.try_clone()?, name: name.of(self.slot.name()).into() })
    }

    /// What is there, to be judged by who is told of it.
    ///
    /// # Errors
    /// When it cannot be seen.
    pub fn look(&self, how: How) -> io::Result<Found> {
        let mut things = BTreeMap::new();
        let mut names =
            vec![Name::At, Name::Aside(Aside::Real), Name::Aside(Aside::Replaced), Name::New, Name::NewKept];
        names.extend(self.spares()?);
        for name in names {
            if let Some(thing) = self.thing(name)? {
                things.insert(name, thing);
            }
        }
        let diversion = match how {
            How::DpkgDivert => packages::diversion(self.machine, &self.installed),
            How::Rpm | How::Plain => Diversion::None,
        };
        Ok(Found { things, diversion })
    }

    fn thing(&self, name: Name) -> io::Result<Option<Thing>> {
        let place = match self.place(name) {
            Ok(place) => place,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = match place.stat() {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let kind = match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => Kind::Directory,
            FileType::RegularFile if is_ours(&place) => Kind::Ours,
            FileType::RegularFile if is_wrapper(&place, self.slot.name())? => Kind::Wrapper,
            _ => Kind::Foreign,
        };
        Ok(Some(Thing { identity: (found.st_dev, found.st_ino), kind }))
    }

    fn spares(&self) -> io::Result<Vec<Name>> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let names = names_in(openat(folder, ".", flags, Mode::empty())?)?;
        let prefix = format!("{}.real.", self.slot.name());
        let number = |name: &OsStr| name.to_str()?.strip_prefix(&prefix)?.parse().ok();
        Ok(names.iter().filter_map(|name| number(name)).map(Name::Spare).collect())
    }

    /// What our program there says it is.
    pub fn stamp(&self) -> Option<Stamp> {
        let place = self.place(Name::At).ok().filter(is_ours)?;
        stamp(&place.read().ok()?)
    }

    /// Whether the program there is just this one.
    pub fn is_current(&self, bytes: &[u8]) -> bool {
        let place = self.place(Name::At).ok().filter(is_ours);
        place.and_then(|place| place.read().ok()).is_some_and(|there| there == bytes)
    }

    /// Writes our program beside its place, so that what follows is renames only.
    ///
    /// # Errors
    /// When it cannot be written; then nothing is left of it.
    pub fn stage(&self, bytes: &[u8]) -> io::Result<()> {
        files::prepare(&self.place(Name::At)?, bytes, &Metadata::fresh(0o755))
    }

    /// Carries out a change.
    ///
    /// # Errors
    /// When it cannot be done; then nothing of it is.
    pub fn carry_out(&self, action: Action) -> io::Result<()> {
        match action {
            Action::Divert(to) => {
                packages::divert(self.machine, &self.installed, to).map_err(io::Error::other)
            }
            Action::Undivert => packages::undivert(self.machine, &self.installed).map_err(io::Error::other),
            Action::SecondName { from, to, .. } => self.second_name(from, to),
            Action::Replace { kept, .. } => self.replace(kept),
            Action::Rename { from, to } => self.rename(from, to),
            Action::Remove(name) => files::remove(&self.place(name)?),
        }
    }

    /// A hard link has no moment without the first name; a rename is for file
    /// systems without them.
    fn second_name(&self, from: Name, to: Name) -> io::Result<()> {
        let (old, new) = (self.place(from)?, self.place(to)?);
        if link(&old, &new)? { new.sync_directory() } else { files::rename(&old, &new) }
    }

    fn replace(&self, kept: Name) -> io::Result<()> {
        let (at, second) = (self.place(Name::At)?, self.place(Name::NewKept)?);
        if !link(&at, &second)? {
            return self.rename(Name::At, kept);
        }
        self.machine.checkpoint();
        self.rename(Name::NewKept, kept)
    }

    fn rename(&self, from: Name, to: Name) -> io::Result<()> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        renameat(&from.directory, &from.name, &to.directory, &to.name)?;
        to.sync_directory()
    }
}

/// Gives a file a second name; false where the file system has no such thing.
fn link(from: &Place, to: &Place) -> io::Result<bool> {
    match linkat(&from.directory, &from.name, &to.directory, &to.name, AtFlags::empty()) {
        Ok(()) => Ok(true),
        Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
