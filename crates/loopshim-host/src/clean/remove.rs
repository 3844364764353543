//! Removing what was found to be an orphan.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use loopshim_core::handles;
use rustix::fs::{Mode, RenameFlags, mkdirat, renameat_with, unlinkat};

use super::tree::Tree;
use super::users::Users;
use super::{Orphan, Rules};
use crate::machine::Machine;
use crate::machine::root::Place;
use crate::machine::tree as whole;

/// What becomes of orphans.
#[derive(Debug)]
pub enum Target {
    /// They are removed.
    Nowhere,
    /// They are moved into this folder.
    Quarantine(Place),
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, or in quarantine.
    Done,
    /// It stays, for this reason.
    Left(String),
}

/// Removes orphans that [`scan`](super::scan) found, after looking once more.
/// What became of each, in their order.
pub fn remove(machine: &Machine, rules: &Rules, orphans: &[Orphan], target: &Target) -> Vec<Removal> {
    let mut removals = Vec::new();
    // A few at a time: what is moved aside is missed by who is still to come.
    for batch in orphans.chunks(256) {
        let moved: Vec<Result<Moved, String>> =
            batch.iter().map(|orphan| Moved::aside(machine, orphan)).collect();
        let users = Users::look();
        for (moved, orphan) in moved.into_iter().zip(batch) {
            removals.push(
                match moved.and_then(|moved| moved.finish(machine, rules, orphan, &users, target)) {
                    Ok(()) => Removal::Done,
                    Err(why) => Removal::Left(why),
                },
            );
        }
    }
    removals
}

/// One that was moved into a folder of ours beside it.
struct Moved {
    parent: OwnedFd,
    name: OsString,
    /// Our folder's name, and our folder.
    aside: OsString,
    private: OwnedFd,
    folder: OwnedFd,
}

impl Moved {
    fn aside(machine: &Machine, orphan: &Orphan) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot be moved aside: {error}");
        let place = machine.root.place(&orphan.path).map_err(failed)?;
        let parent = handles::open_folder(&place.directory, ".".as_ref()).map_err(failed)?;
        let name = place.name;
        let folder =
            handles::open_folder(&parent, &name).map_err(|_| "it is not there any more".to_owned())?;
        if identity(&folder)? != (orphan.device, orphan.inode) {
            return Err("it is another by now".to_owned());
        }
        let aside = OsString::from(format!(".loopshim-clean-{:016x}", loopshim_core::pip::outer::random()));
        mkdirat(&parent, &aside, Mode::from_raw_mode(0o700)).map_err(|error| failed(error.into()))?;
        let private = handles::open_folder(&parent, &aside).map_err(failed)?;
        let moved = Self { parent, name, aside, private, folder };
        if let Err(error) =
            renameat_with(&moved.parent, &moved.name, &moved.private, &moved.name, RenameFlags::NOREPLACE)
        {
            moved.tidy();
            return Err(failed(error.into()));
        }
        match handles::open_folder(&moved.private, &moved.name).map_err(failed).and_then(|now| identity(&now))
        {
            Ok(now) if now == (orphan.device, orphan.inode) => Ok(moved),
            // Swapped in the moment between: what was moved is somebody's own.
            _ => Err(moved.back("it is another by now".to_owned())),
        }
    }

    fn finish(
        self,
        machine: &Machine,
        rules: &Rules,
        orphan: &Orphan,
        users: &Users,
        target: &Target,
    ) -> Result<(), String> {
        let tree = match Tree::walk(&self.folder) {
            Ok(tree) => tree,
            Err(why) => return Err(self.back(why)),
        };
        // Moving it has changed the folder's own time, and nothing else.
        if machine.now().saturating_sub(tree.newest_inside) < rules.older_than {
            return Err(self.back("something in it was changed just now".to_owned()));
        }
        let paths = [machine.root.path(&orphan.path), PathBuf::from(&orphan.path)];
        if let Some(why) = users.of(&tree, &paths) {
            return Err(self.back(why));
        }
        let done = match target {
            Target::Nowhere => handles::remove_opened(&self.private, &self.folder, &self.name),
            Target::Quarantine(folder) => self.quarantine(folder),
        };
        match done {
            Ok(()) => {
                self.tidy();
                Ok(())
            }
            // Half of it may be gone: it stays where nobody stumbles over it.
            Err(error) => Err(format!(
                "cannot be removed: {error}; what is left is in {}/{}",
                orphan.path.rsplit_once('/').map_or("", |(parent, _)| parent),
                self.aside.to_string_lossy()
            )),
        }
    }

    fn quarantine(&self, folder: &Place) -> io::Result<()> {
        let from = Place { directory: self.private.try_clone()?, name: self.name.clone() };
        let target = handles::open_folder(&folder.directory, &folder.name)?;
        for number in 0..1000 {
            let mut name = self.name.clone();
            if number > 0 {
                name.push(format!(".{number}"));
            }
            let to = Place { directory: target.try_clone()?, name };
            match renameat_with(&from.directory, &from.name, &to.directory, &to.name, RenameFlags::NOREPLACE)
            {
                Ok(()) => return Ok(()),
                Err(rustix::io::Errno::EXIST) => {}
                Err(rustix::io::Errno::XDEV) => {
                    if to.stat().is_err() {
                        whole::copy(&from, &to)?;
                        return handles::remove_opened(&self.private, &self.folder, &self.name);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Puts it back, and says why; and where it is if that is not possible.
    fn back(&self, why: String) -> String {
        match renameat_with(&self.private, &self.name, &self.parent, &self.name, RenameFlags::NOREPLACE) {
            Ok(()) => {
                self.tidy();
                why
            }
            Err(error) => {
                format!("{why}; it is in {} and cannot be put back: {error}", self.aside.to_string_lossy())
            }
        }
    }

    fn tidy(&self) {
        // What is not empty is not removed.
        let _ = unlinkat(&self.parent, &self.aside, rustix::fs::AtFlags::REMOVEDIR);
    }
}

fn identity(folder: &OwnedFd) -> Result<(u64, u64), String> {
    rustix::fs::fstat(folder).map(|found| (found.st_dev, found.st_ino)).map_err(|error| error.to_string())
}
