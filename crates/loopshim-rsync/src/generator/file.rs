//! Regular files: is the one that is there up to date, and if not, what of it
//! can be used.

use rsync_proto::file_list::Entry;
use rsync_proto::item::{Basis, Flags};
use rsync_proto::sums::{Attempt, Head};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::Generator;
use super::basis::{Chosen, Found};
use super::entry::{At, Met, Say, WHO};
use crate::failure::Failure;
use crate::fs::{Directory, Facts, Target, error_text};
use crate::log::Kind;
use crate::options::{Append, Info};
use crate::receiver::backup::copy_to_backup;
use crate::receiver::run::{Asked, lock};

impl Generator<'_> {
    /// Deals with a file.
    pub(super) fn file(&mut self, at: At<'_>, path: &[u8], there: Option<Facts>) -> Result<Met, Failure> {
        let entry = at.entry;
        if self.is_out_of_bounds(entry, path) {
            return Ok(Met::LeftOut);
        }
        let there = match there {
            // It is written to, as it is.
            Some(facts) if facts.kind.is_device() && self.run.options().attributes.writes_devices => {
                let basis = Chosen::destination(&facts);
                return self.ask(at, path, Some(&facts), Some(basis), Attempt::First);
            }
            Some(facts) if !facts.is_file() => {
                if !self.make_way(path, &facts, "regular file")? {
                    return Ok(Met::LeftOut);
                }
                None
            }
            there => there,
        };
        if let Some(facts) = &there {
            if self.is_newer(entry, facts) {
                if self.run.options().output.info.has(Info::Skip, 1) {
                    self.run.say(&[path, b" is newer"]);
                }
                return Ok(Met::LeftOut);
            }
            if self.is_in_alternative(at, path, facts)? {
                return Ok(Met::There);
            }
            if self.is_up_to_date(entry, facts, path) {
                self.only_attributes(at, path, facts)?;
                return Ok(Met::There);
            }
            if self.run.options().writing.append != Append::No && facts.length >= entry.length {
                return Ok(Met::LeftOut);
            }
        }
        let found = if there.is_none() { self.find_alternative(at, path)? } else { Found::Nothing };
        let mut basis = match found {
            Found::DealtWith => return Ok(Met::There),
            Found::Basis(basis) => Some(basis),
            Found::Nothing => there.map(|facts| Chosen::destination(&facts)),
        };
        if let Some(partial) = self.partial_basis(path) {
            basis = Some(partial);
        } else if basis.is_none() {
            basis = self.similar_basis(entry, path);
        }
        self.ask(at, path, there.as_ref(), basis, Attempt::First)
    }

    /// Asks for a file once more, since what came was not it.
    pub(super) fn ask_again(&mut self, index: u32) -> Result<(), Failure> {
        let Some(position) = self.position(index) else { return Ok(()) };
        let list = std::sync::Arc::clone(&self.lists[position].list);
        let Some(entry) = list.entry(index) else { return Ok(()) };
        let path = self.destination.path(entry).to_vec();
        let there = self.facts(entry, &path).flatten();
        let basis = self.partial_basis(&path);
        let basis = basis.or_else(|| there.filter(Facts::is_file).map(|facts| Chosen::destination(&facts)));
        // It counts as outstanding still.
        self.lists[position].outstanding = self.lists[position].outstanding.saturating_sub(1);
        let at = At { list: &list, index, entry };
        self.ask(at, &path, there.as_ref(), basis, Attempt::Second).map(drop)
    }

    /// Asks for a file's data, unless what they would be written over cannot be kept.
    fn ask(
        &mut self,
        at: At<'_>,
        path: &[u8],
        there: Option<&Facts>,
        basis: Option<Chosen>,
        attempt: Attempt,
    ) -> Result<Met, Failure> {
        let basis = match self.backed_up(path, there, basis, attempt) {
            Ok(basis) => basis,
            Err(errno) => {
                self.run.failed(WHO, "make_backup", &self.tree, path, errno);
                return Ok(Met::LeftOut);
            }
        };
        let mut flags = Flags::TRANSFER;
        let comparison = &self.run.options().comparison;
        let is_dry_run = self.run.options().is_dry_run;
        let is_second = attempt == Attempt::Second;
        let is_append = self.run.options().writing.append != Append::No;
        let alternative = basis.as_ref().filter(|_| there.is_none()).and_then(|basis| match basis.basis {
            Basis::Alternative(number) => Some((number, basis.facts)),
            _ => None,
        });
        let likened = there.copied().or_else(|| alternative.and_then(|(_, facts)| facts));
        if comparison.by_checksum && likened.is_some() {
            flags = flags.and(Flags::CONTENT);
        }
        let uses_basis = !self.is_whole || is_append;
        // What else a file is like is told even where nothing is compared with it.
        let is_told = |chosen: &Chosen| !matches!(chosen.basis, Basis::Destination | Basis::Backup);
        let chosen = basis.filter(|chosen| uses_basis || is_told(chosen));
        let compared = chosen.as_ref().filter(|_| uses_basis && !self.copies);
        let opened = compared.map(|chosen| (chosen.basis, self.open_chosen(path, chosen)));
        // What cannot be read is replaced as if it were not there.
        let is_hidden = matches!(opened, Some((Basis::Destination, Err(Errno::ACCESS))));
        if is_hidden {
            self.tell_of_hidden(path);
        }
        let likened = likened.filter(|_| !is_hidden);
        let file = opened.and_then(|(_, opened)| opened.ok());
        let (head, file) = self.head_of(file, attempt);
        let basis = chosen.as_ref().map_or(Basis::Destination, |chosen| chosen.basis);
        let fuzzy = chosen.and_then(|chosen| chosen.fuzzy);
        let told = Some(basis).filter(|basis| *basis != Basis::Destination);
        let found = self.place_in(alternative.map(|(number, _)| number), path);
        let target = found.as_ref().map(|(directory, leaf)| Target { directory, leaf, file: None });
        lock(&self.run.asked).insert(
            at.index,
            Asked { basis, fuzzy: fuzzy.clone(), head, is_second, is_new: there.is_none() },
        );
        self.add_outstanding(at.index);
        let there = likened.as_ref();
        let (name, is_again) = (fuzzy, is_second);
        self.say(at, Say { flags, there, target, basis: told, name, is_again, ..Say::default() })?;
        if is_dry_run {
            return Ok(Met::Asked);
        }
        self.outlet.head(head)?;
        if let Some(file) = file.filter(|_| !is_append || is_second) {
            self.send_sums(&file, head)?;
        }
        Ok(Met::Asked)
    }

    fn tell_of_hidden(&self, path: &[u8]) {
        let head = b"rsync: [generator] failed to open \"";
        let tail = format!("\", continuing: {}\n", error_text(Errno::ACCESS));
        self.run.log.line(Kind::Error, &[&head[..], &self.tree.shown(path), tail.as_bytes()].concat());
    }

    /// Where `path` lies in the alternative of that number, or at the destination.
    fn place_in<'p>(&mut self, alternative: Option<u8>, path: &'p [u8]) -> Option<(Directory, &'p [u8])> {
        match alternative {
            Some(number) => self.places.alternative(self.run, &self.tree, number)?.parent(path).ok(),
            None => self.tree.parent(path).ok(),
        }
    }

    /// A file that is written in place has its backup first, and that is compared
    /// with: nothing in it is written over (observed: 3.5.0).
    fn backed_up(
        &mut self,
        path: &[u8],
        there: Option<&Facts>,
        basis: Option<Chosen>,
        attempt: Attempt,
    ) -> Result<Option<Chosen>, Errno> {
        let options = self.run.options();
        let Some(backup) = options.writing.backup.as_ref().filter(|_| options.writing.inplace) else {
            return Ok(basis);
        };
        let is_itself = basis.as_ref().is_some_and(|basis| basis.basis == Basis::Destination);
        // What the first attempt left is no backup of what there was.
        let is_first = attempt == Attempt::First && !options.is_dry_run;
        if !is_first || !is_itself || !there.is_some_and(Facts::is_file) {
            return Ok(basis);
        }
        copy_to_backup(self.run, &mut self.tree, &mut self.places, path, backup)?;
        Ok(basis.map(|basis| Chosen { basis: Basis::Backup, ..basis }))
    }

    fn head_of(&self, file: Option<(OwnedFd, u64)>, attempt: Attempt) -> (Head, Option<OwnedFd>) {
        let Some((file, length)) = file.filter(|(_, length)| *length > 0) else { return (Head::NONE, None) };
        let digest = self.run.session.checksum.length();
        let block_length = self.run.options().wire.block_size;
        (Head::of_basis(length, block_length, digest, attempt), Some(file))
    }

    fn is_out_of_bounds(&self, entry: &Entry, path: &[u8]) -> bool {
        let selection = &self.run.options().selection;
        let says = self.run.options().output.info.has(Info::Skip, 1);
        let bound: &[u8] = if selection.max_size.is_some_and(|most| entry.length > most) {
            b" is over max-size"
        } else if selection.min_size.is_some_and(|least| entry.length < least) {
            b" is under min-size"
        } else {
            return false;
        };
        if says {
            self.run.say(&[path, bound]);
        }
        true
    }

    /// Whether what is there is newer; within the window of `--modify-window` that is
    /// said of what is as old or a little older too (observed: 3.5.0).
    fn is_newer(&self, entry: &Entry, there: &Facts) -> bool {
        let window = i64::from(self.run.keep.window.max(0));
        let later = entry.modified.seconds.saturating_sub(there.modified.seconds);
        self.run.options().comparison.update.keeps_newer && later < window
    }

    /// Whether the destination has the file's content, as far as is looked.
    pub(super) fn is_up_to_date(&mut self, entry: &Entry, facts: &Facts, path: &[u8]) -> bool {
        let Ok((directory, leaf)) = self.tree.parent(path) else { return false };
        self.is_same_content(entry, facts, || directory.open_file(leaf))
    }

    /// Whether a file has an entry's content, as far as the options ask.
    pub(super) fn is_same_content(
        &mut self,
        entry: &Entry,
        facts: &Facts,
        open: impl FnOnce() -> Result<(OwnedFd, Facts), Errno>,
    ) -> bool {
        let comparison = &self.run.options().comparison;
        if facts.length != entry.length {
            return false;
        }
        if comparison.by_checksum {
            let theirs = entry.checksum.filter(|_| entry.length > 0 || entry.checksum.is_some());
            let algorithm = self.run.session.list_checksum;
            return theirs.is_some_and(|theirs| self.summing.of_opened(open(), algorithm) == theirs);
        }
        if comparison.size_only {
            return true;
        }
        !comparison.ignores_times && self.run.keep.is_same_time(entry.modified, facts.modified)
    }
}
