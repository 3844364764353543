//! What a file's data are compared with, so that not all of them have to come.

use rsync_proto::item::Basis;
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::Generator;
use crate::fs::Facts;

/// What a search for a file elsewhere came to.
pub(super) enum Found {
    /// The file is there now, or need not be.
    DealtWith,
    /// Something to compare with.
    Basis(Chosen),
    /// Nothing.
    Nothing,
}

/// What data are compared with.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) basis: Basis,
    /// The name of a similar file.
    pub(super) fuzzy: Option<Vec<u8>>,
    /// The file itself, where it is one of that name.
    pub(super) facts: Option<Facts>,
}

impl Chosen {
    pub(super) fn destination(facts: &Facts) -> Self {
        Self { basis: Basis::Destination, fuzzy: None, facts: Some(*facts) }
    }
}

impl Generator<'_> {
    /// What an interrupted run left of the file.
    pub(super) fn partial_basis(&mut self, path: &[u8]) -> Option<Chosen> {
        let (directory, leaf) = self.places.partial(self.run, &mut self.tree, path, false).ok()??;
        let facts = directory.facts(&leaf).ok()?;
        facts.is_file().then_some(Chosen { basis: Basis::Partial, fuzzy: None, facts: None })
    }

    /// Opens what was chosen, and says how long it is.
    pub(super) fn open_chosen(&mut self, path: &[u8], chosen: &Chosen) -> Result<(OwnedFd, u64), Errno> {
        let (file, facts) = match chosen.basis {
            Basis::Destination => {
                let (directory, leaf) = self.tree.parent(path)?;
                directory.open_file(leaf)?
            }
            Basis::Backup => self.places.open_backup(self.run, &mut self.tree, path)?,
            Basis::Partial => {
                let place = self.places.partial(self.run, &mut self.tree, path, false)?;
                let (directory, leaf) = place.ok_or(Errno::NOENT)?;
                directory.open_file(&leaf)?
            }
            Basis::Alternative(number) => {
                let tree = self.places.alternative(self.run, &self.tree, number).ok_or(Errno::NOENT)?;
                let (directory, leaf) = tree.parent(path)?;
                directory.open_file(leaf)?
            }
            Basis::Fuzzy => {
                let (directory, _) = self.tree.parent(path)?;
                directory.open_file(chosen.fuzzy.as_deref().unwrap_or_default())?
            }
            Basis::FuzzyAlternative(number) => {
                let tree = self.places.alternative(self.run, &self.tree, number).ok_or(Errno::NOENT)?;
                let (directory, _) = tree.parent(path)?;
                directory.open_file(chosen.fuzzy.as_deref().unwrap_or_default())?
            }
        };
        Ok((file, facts.length))
    }
}
