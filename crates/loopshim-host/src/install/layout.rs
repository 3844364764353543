//! Where things go: on this machine, in a tree that is staged, or in a folder
//! of a user's own. Paths are as seen inside the root.

use super::program::Program;
use crate::machine::Machine;
use crate::machine::root::Root;

/// The commands' folder of a system.
const SYSTEM: &str = "/usr";
/// Where rsync waits for `docker cp`.
const LIBEXEC: &str = "/usr/libexec/loopshim";
/// What shims write, and the record.
const STATE: &str = "/var/lib/loopshim";
/// The record's name in a folder of a user's own.
const OWN_RECORD: &str = ".loopshim-originals";

/// A program at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// ipmitool.
    Ipmitool,
    /// pip3.
    Pip3,
    /// rsync, ready for containers.
    Rsync,
    /// rsync once more, in place of the machine's own.
    HostRsync,
    /// The host tool.
    Loopshim,
}

impl Slot {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Ipmitool, Self::Pip3, Self::Rsync, Self::HostRsync, Self::Loopshim];

    /// The program that belongs there.
    pub const fn program(self) -> Program {
        match self {
            Self::Ipmitool => Program::Ipmitool,
            Self::Pip3 => Program::Pip3,
            Self::Rsync | Self::HostRsync => Program::Rsync,
            Self::Loopshim => Program::Loopshim,
        }
    }

    /// The name in its folder.
    pub const fn name(self) -> &'static str {
        self.program().name()
    }
}

/// The layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Whether it is a tree of files and not this machine.
    pub staging: bool,
    /// A user's own folder, absolute; nothing of the system then.
    pub prefix: Option<String>,
}

impl Layout {
    /// That of the system at a machine's root.
    pub fn system(machine: &Machine) -> Self {
        Self { staging: !machine.is_live(), prefix: None }
    }

    /// The folder of commands.
    pub fn bin(&self) -> String {
        format!("{}/bin", self.prefix.as_deref().unwrap_or(SYSTEM))
    }

    /// The folder of the record.
    pub fn state(&self) -> String {
        if self.prefix.is_some() { self.bin() } else { STATE.to_owned() }
    }

    /// The record.
    pub fn record(&self) -> String {
        match self.prefix {
            Some(_) => format!("{}/{OWN_RECORD}", self.bin()),
            None => loopshim_core::original::RECORD.to_owned(),
        }
    }

    /// The folder that a slot's program goes to.
    pub fn folder(&self, slot: Slot) -> String {
        match (slot, &self.prefix) {
            (Slot::Rsync, None) => LIBEXEC.to_owned(),
            _ => self.bin(),
        }
    }

    /// Where a slot's program goes.
    pub fn installed(&self, slot: Slot) -> String {
        format!("{}/{}", self.folder(slot), slot.name())
    }

    /// The slots there are.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        let has_host_rsync = self.prefix.is_none();
        Slot::ALL.into_iter().filter(move |slot| has_host_rsync || *slot != Slot::HostRsync)
    }

    /// The folders that these slots need, the record's last.
    pub fn folders(&self, slots: &[Slot]) -> Vec<String> {
        let mut folders = vec![self.bin()];
        folders.extend(slots.iter().map(|slot| self.folder(*slot)));
        folders.push(self.state());
        folders.dedup();
        folders
    }

    /// The folder that is locked against others that install. Nothing is left
    /// behind by that, which a lock file would be.
    pub fn locked(&self, root: &Root) -> String {
        let folder = match &self.prefix {
            Some(prefix) => prefix.clone(),
            None if self.staging => "/".to_owned(),
            None => self.bin(),
        };
        nearest(root, &folder)
    }
}

/// The nearest directory on the way to `path` that there is.
pub fn nearest(root: &Root, path: &str) -> String {
    let mut path = path;
    while !path.is_empty() && !root.is_directory(path) {
        path = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    if path.is_empty() { "/".to_owned() } else { path.to_owned() }
}

/// The directories on the way to `path`, it included, outermost first.
pub fn on_the_way(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    ends.map(|at| &path[..at]).filter(|path| path.len() > 1)
}

/// Those of them that are missing.
pub fn missing(root: &Root, path: &str) -> Vec<String> {
    on_the_way(path).filter(|path| !root.is_directory(path)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_place() {
        let system = Layout { staging: false, prefix: None };
        assert_eq!(system.installed(Slot::Rsync), "/usr/libexec/loopshim/rsync");
        assert_eq!(system.installed(Slot::HostRsync), "/usr/bin/rsync");
        assert_eq!(
            system.folders(&[Slot::Ipmitool, Slot::Rsync]),
            ["/usr/bin", "/usr/libexec/loopshim", "/var/lib/loopshim"]
        );
        let own = Layout { staging: false, prefix: Some("/home/user/.local".into()) };
        assert_eq!(own.installed(Slot::Rsync), "/home/user/.local/bin/rsync");
        assert_eq!(own.record(), "/home/user/.local/bin/.loopshim-originals");
        assert_eq!(own.folders(&[Slot::Ipmitool]), ["/home/user/.local/bin"]);
        assert!(own.slots().all(|slot| slot != Slot::HostRsync));
    }

    #[test]
    fn ways_are_walked_from_outside() {
        assert_eq!(
            on_the_way("/usr/libexec/loopshim").collect::<Vec<_>>(),
            ["/usr", "/usr/libexec", "/usr/libexec/loopshim"]
        );
        assert_eq!(on_the_way("/a").collect::<Vec<_>>(), ["/a"]);
    }
}
