//! The kernel: its version, its own count of open files.

use std::fmt;

use crate::machine::Machine;
use crate::machine::root::Root;

/// A version of the kernel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first two numbers.
    pub number: (u32, u32),
    /// All of it, as `uname -r` prints it.
    pub release: String,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.release)
    }
}

impl Version {
    /// Takes a release apart.
    pub fn parse(release: &str) -> Option<Self> {
        let mut numbers =
            release.split(|letter: char| !letter.is_ascii_digit()).map(|number| number.parse().ok());
        let number = (numbers.next()??, numbers.next()??);
        Some(Self { number, release: release.to_owned() })
    }
}

/// The versions that may be running: the one that is, or of a tree of files
/// those that are installed.
pub fn versions(machine: &Machine) -> Vec<Version> {
    match machine.is_live() {
        true => machine
            .root
            .value("/proc/sys/kernel/osrelease")
            .and_then(|text| Version::parse(&text))
            .into_iter()
            .collect(),
        false => machine.root.names("/lib/modules").iter().filter_map(|name| Version::parse(name)).collect(),
    }
}

/// `/proc/sys/fs/file-nr`: open files, not handles of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileTable {
    /// Files that are open.
    pub open: u64,
    /// How many there may be.
    pub max: u64,
}

impl FileTable {
    /// Reads it.
    pub fn read(root: &Root) -> Option<Self> {
        let text = root.value("/proc/sys/fs/file-nr")?;
        let mut numbers = text.split_whitespace().map(|number| number.parse().ok());
        let open = numbers.next()??;
        Some(Self { open, max: numbers.nth(1)?? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_taken_apart_and_compared_by_number() {
        let version = |text: &str| Version::parse(text).map(|version| version.number);
        assert_eq!(version("4.18.0-553.56.1.el8_10.x86_64"), Some((4, 18)));
        assert_eq!(version("6.1.0-9-amd64"), Some((6, 1)));
        assert_eq!(version("extra"), None);
    }
}
