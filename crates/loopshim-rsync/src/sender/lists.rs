//! The lists of a session: made, sent, and kept until they are done.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use rsync_proto::compat::Ability;
use rsync_proto::file_list::{Encoder, Entry, HardLink, Kind, write_ids};
use rsync_proto::index::{Index, Running};
use rsync_proto::multiplex::{IoErrors, Message};
use rsync_proto::recursion::Directories;

use super::Observer;
use super::listed::{Held, Listed};
use super::scan::{Place, Scanner, sort};
use crate::Failure;
use crate::connection::{Data, Session};
use crate::counting;
use crate::filters::Scope;
use crate::fs::{Identity, Names};

/// Entries sent before the receiver asked for them.
const AHEAD_LEAST: usize = 1000;

/// A list that is not done yet.
#[derive(Debug)]
struct List {
    /// The index of its first entry.
    start: u32,
    /// In the order of their indexes.
    entries: Arc<Vec<Listed>>,
    /// The directory it is of, whose index is the one before its first.
    directory: Option<Arc<Listed>>,
}

/// A directory whose list was not sent.
#[derive(Debug)]
struct ToCome {
    /// Where its contents are looked for; `None`: it is only on the way.
    place: Option<Place>,
    listed: Arc<Listed>,
}

/// The rules that hold above a directory, and the file system that its scan began in.
pub(super) type Surroundings = (Scope, u64);

/// All lists of a session.
pub(super) struct Lists<'s> {
    session: &'s Session,
    observer: &'s dyn Observer,
    encoder: Encoder,
    names: Names,
    lists: VecDeque<List>,
    /// Entries of the list in the making.
    building: Vec<Listed>,
    start: u32,
    directories: Directories,
    /// Directories whose lists were not sent, by number.
    to_come: HashMap<u32, ToCome>,
    /// What was named, by the directory in whose list it comes.
    awaiting: HashMap<Box<[u8]>, Vec<Listed>>,
    /// The directories that were named, or lie on the way to what was.
    named: HashSet<Box<[u8]>>,
    /// The rules and file systems that directories lie in that were named, by base
    /// and name.
    operands: HashMap<(u32, Box<[u8]>), Surroundings>,
    is_complete: bool,
    /// Lists that the receiver is done with.
    finished: u32,
    /// How many entries there are until the end of the list the receiver is at.
    reached: u64,
    /// The first of files that have several names, by their identity.
    linked: HashMap<Identity, u32>,
    users: BTreeSet<u32>,
    groups: BTreeSet<u32>,
    /// Of what was listed.
    pub(super) totals: Totals,
    /// What the receiver knows to have gone wrong.
    pub(super) told_errors: IoErrors,
}

/// What is listed, for statistics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Entries by type: files, directories, links, devices, specials.
    pub entries: [u64; 5],
    /// Bytes of all files and links.
    pub size: u64,
    /// Bytes that went out while lists were made, which of short ones is nothing
    /// (so the original counts them, observed: 3.5.0).
    pub list_bytes: u64,
}

impl<'s> Lists<'s> {
    pub(super) fn new(session: &'s Session, observer: &'s dyn Observer) -> Self {
        let start = u32::from(session.is_incremental());
        let mut encoder = Encoder::new(session.format());
        encoder.begin(start);
        Self {
            session,
            observer,
            encoder,
            names: Names::default(),
            lists: VecDeque::new(),
            building: Vec::new(),
            start,
            directories: Directories::default(),
            to_come: HashMap::new(),
            awaiting: HashMap::new(),
            named: HashSet::new(),
            operands: HashMap::new(),
            is_complete: false,
            finished: 0,
            reached: 0,
            linked: HashMap::new(),
            users: BTreeSet::new(),
            groups: BTreeSet::new(),
            totals: Totals::default(),
            told_errors: IoErrors::default(),
        }
    }

    /// Sends an entry of the list in the making.
    pub(super) fn add(&mut self, mut listed: Listed, data: &mut Data) -> Result<(), Failure> {
        let before = self.building.len() as u64;
        if before.is_multiple_of(counting::TOLD_ONCE_IN) && !self.session.is_incremental() {
            self.observer.counted(before);
        }
        self.count(&listed.entry);
        self.link(&mut listed);
        self.name_owners(&mut listed.entry);
        self.encoder.write(data.buffer(), &listed.entry);
        self.building.push(listed);
        self.settle(data)
    }

    /// Sends what is enough for a frame.
    fn settle(&mut self, data: &mut Data) -> Result<(), Failure> {
        let before = data.sent();
        data.settle()?;
        self.totals.list_bytes += data.sent() - before;
        Ok(())
    }

    /// Sends an entry that was named, or lies on the way to one that was: where
    /// lists come one by one, with that of the directory it lies in, and not at all
    /// where that is not listed (observed: 3.5.0).
    pub(super) fn add_named(&mut self, listed: Listed, data: &mut Data) -> Result<(), Failure> {
        let name = &listed.entry.name;
        if listed.entry.is_directory() {
            self.named.insert(name.bytes().into());
        }
        let Some(parent) = name.parent().filter(|_| self.session.is_incremental()) else {
            return self.add(listed, data);
        };
        if self.named.contains(parent) {
            self.awaiting.entry(parent.into()).or_default().push(listed);
        }
        Ok(())
    }

    /// Has the contents of a directory that was named come with its list.
    pub(super) fn enter_later(&mut self, place: Place) {
        self.operands.insert((place.base, place.name.bytes().into()), (place.scope, place.device));
    }

    fn count(&mut self, entry: &Entry) {
        self.totals.entries[counting::of_kind(&entry.kind)] += 1;
        if matches!(entry.kind, Kind::File | Kind::Symlink(_)) {
            self.totals.size += entry.length;
        }
    }

    /// Tells which earlier entry is the same file.
    fn link(&mut self, listed: &mut Listed) {
        let Some(identity) = listed.links else { return };
        let number = self.encoder.number();
        listed.entry.hard_link = Some(match self.linked.get(&identity) {
            Some(&first) => HardLink::To(first),
            None => {
                self.linked.insert(identity, number);
                HardLink::First
            }
        });
    }

    fn name_owners(&mut self, entry: &mut Entry) {
        if let Some(user) = entry.user {
            self.users.insert(user);
            if self.encoder.wants_user_name(user) {
                entry.user_name = self.names.users().name(user).map(Into::into);
            }
        }
        if let Some(group) = entry.group {
            self.groups.insert(group);
            if self.encoder.wants_group_name(group) {
                entry.group_name = self.names.groups().name(group).map(Into::into);
            }
        }
    }

    /// Ends the list in the making.
    fn end_list(
        &mut self,
        directory: Option<Arc<Listed>>,
        errors: IoErrors,
        data: &mut Data,
    ) -> Result<(), Failure> {
        self.encoder.end(data.buffer(), errors);
        if errors != IoErrors::default() && self.encoder.errors_need_a_message() {
            data.flush()?;
            data.outgoing().message(&Message::IoError(errors))?;
        }
        self.told_errors = self.told_errors.and(errors);
        let mut entries = std::mem::take(&mut self.building);
        sort(&mut entries);
        let start = self.start;
        self.start = start + entries.len() as u32 + 1;
        self.encoder.begin(self.start);
        self.lists.push_back(List { start, entries: Arc::new(entries), directory });
        Ok(())
    }

    /// Ends the one list of a session without incremental recursion.
    pub(super) fn end_only(&mut self, errors: IoErrors, data: &mut Data) -> Result<(), Failure> {
        self.end_list(None, errors, data)?;
        self.is_complete = true;
        if !self.session.options.attributes.numeric_ids {
            self.write_names(data);
        }
        self.settle(data)
    }

    /// Names of users and groups after a list.
    fn write_names(&self, data: &mut Data) {
        let attributes = &self.session.options.attributes;
        let with_zero = self.session.abilities.has(Ability::NAMES_OF_ZERO);
        let tables = [
            (attributes.owner || attributes.acls, &self.users, self.names.users()),
            (attributes.group || attributes.acls, &self.groups, self.names.groups()),
        ];
        for (_, numbers, table) in tables.into_iter().filter(|(is_sent, ..)| *is_sent) {
            let named: Vec<_> =
                numbers.iter().filter_map(|&number| Some((number, table.name(number)?.into()))).collect();
            write_ids(data.buffer(), &named, with_zero.then(|| table.name(0).unwrap_or_default()));
        }
    }

    /// Ends the first list of a session with incremental recursion; `scopes` are
    /// the rules and file systems that its directories lie in, by base.
    pub(super) fn end_first(
        &mut self,
        scopes: &HashMap<u32, Surroundings>,
        errors: IoErrors,
        data: &mut Data,
    ) -> Result<(), Failure> {
        self.end_list(None, errors, data)?;
        if let Some(list) = self.lists.back_mut() {
            // The index before the first list means its root, where it has one.
            list.directory =
                list.entries.first().filter(|first| first.entry.name.is_root()).cloned().map(Arc::new);
        }
        self.number_directories(scopes);
        Ok(())
    }

    /// Gives numbers to the directories of the last list, which lie in `scopes` by
    /// their base if they were not named.
    fn number_directories(&mut self, scopes: &HashMap<u32, Surroundings>) {
        let Some(list) = self.lists.back() else { return };
        let directories = list.entries.iter().filter(|listed| listed.entry.is_directory());
        let found: Vec<&Listed> = directories.collect();
        let numbers = self.directories.add(found.len() as u32);
        for (number, listed) in numbers.zip(found) {
            let name = &listed.entry.name;
            if name.is_root() {
                continue;
            }
            let has_content = matches!(listed.entry.kind, Kind::Directory { has_content: true, .. });
            let own = self.operands.get(&(listed.base, name.bytes().into()));
            let surroundings = own.or_else(|| scopes.get(&listed.base)).filter(|_| has_content).cloned();
            let place = surroundings.map(|(scope, device)| Place {
                base: listed.base,
                name: name.clone(),
                scope,
                device,
            });
            self.to_come.insert(number, ToCome { place, listed: Arc::new(listed.clone()) });
        }
    }

    /// Tells how much there is by now.
    pub(super) fn tell(&self, observer: &dyn Observer) {
        let entries = self.totals.entries.iter().sum();
        observer.known(entries, self.totals.size, self.session.is_incremental() && !self.is_complete);
    }

    /// Sends lists until the receiver has enough to go on with; whether there
    /// were any.
    pub(super) fn send_ahead(
        &mut self,
        scanner: &mut Scanner<'_>,
        running: &mut Running,
        data: &mut Data,
    ) -> Result<bool, Failure> {
        let mut has_sent = false;
        while !self.is_complete && (self.lists.len() < 2 || self.ahead() < AHEAD_LEAST) {
            self.send_next(scanner, running, data)?;
            has_sent = true;
        }
        Ok(has_sent)
    }

    fn ahead(&self) -> usize {
        self.lists.iter().skip(1).map(|list| list.entries.len()).sum()
    }

    /// Sends the next directory's list, or that there is none.
    pub(super) fn send_next(
        &mut self,
        scanner: &mut Scanner<'_>,
        running: &mut Running,
        data: &mut Data,
    ) -> Result<(), Failure> {
        let Some(number) = self.directories.next_directory() else {
            running.write(data.buffer(), Index::LastList);
            self.is_complete = true;
            return data.settle();
        };
        let Some(ToCome { place, listed }) = self.to_come.remove(&number) else { return Ok(()) };
        let mut places = Vec::from_iter(place);
        // Of a directory named more than once all contents are one list.
        while let Some(sibling) = self.directories.peek_sibling()
            && self.to_come.get(&sibling).is_some_and(|other| other.listed.entry.name == listed.entry.name)
        {
            self.directories.next_directory();
            let sibling = self.to_come.remove(&sibling).and_then(|other| other.place);
            // Of the same directory the contents are the same.
            places.extend(sibling.filter(|place| places.iter().all(|known| known.base != place.base)));
        }
        let named = self.awaiting.remove(listed.entry.name.bytes()).unwrap_or_default();
        if places.is_empty() && named.is_empty() {
            return Ok(());
        }
        running.write(data.buffer(), Index::ListOf(number));
        let before = scanner.errors;
        let mut scopes = HashMap::new();
        for place in places {
            let (children, scope) = scanner.children(&place)?;
            scopes.insert(place.base, (scope, place.device));
            children.into_iter().try_for_each(|child| self.add(child, data))?;
        }
        named.into_iter().try_for_each(|named| self.add(named, data))?;
        let errors = if scanner.errors == before { IoErrors::default() } else { scanner.errors };
        self.end_list(Some(listed), errors, data)?;
        self.number_directories(&scopes);
        Ok(())
    }

    /// The entry of an index.
    pub(super) fn get(&self, index: u32) -> Option<Held> {
        let after = self.lists.partition_point(|list| list.start.saturating_sub(1) <= index);
        let list = self.lists.get(after.checked_sub(1)?)?;
        match index.checked_sub(list.start) {
            Some(at) if (at as usize) < list.entries.len() => {
                Some(Held::Entry(Arc::clone(&list.entries), at as usize))
            }
            Some(_) => None,
            None => list.directory.clone().map(Held::Directory),
        }
    }

    /// How many entries come before that of `index` in all lists.
    pub(super) fn position(&self, index: u32) -> u32 {
        if !self.session.is_incremental() {
            return index;
        }
        // The first list begins at 1, and before each list one index is left out.
        let before = self.lists.partition_point(|list| list.start <= index) as u32;
        index.saturating_sub(self.finished + before)
    }

    /// The entry of an index, which the receiver is at.
    pub(super) fn reach(&mut self, index: u32) -> Option<Held> {
        let list = self.lists.partition_point(|list| list.start.saturating_sub(1) <= index);
        self.reached = self.reached.max(self.entries_until(list));
        self.get(index)
    }

    /// How many entries there are in the lists until the one that the receiver is at,
    /// which is not before the oldest.
    pub(super) fn reached(&self) -> u64 {
        self.reached.max(self.entries_until(1))
    }

    /// How many entries there are in the lists before the first, and in `count` from
    /// that on.
    fn entries_until(&self, count: usize) -> u64 {
        let Some(last) = self.lists.get(count.saturating_sub(1)) else { return 0 };
        let end = u64::from(last.start) + last.entries.len() as u64;
        // Before each list one index is left out where they come one by one.
        let left_out = u64::from(self.finished) + count as u64;
        if self.session.is_incremental() { end.saturating_sub(left_out) } else { end }
    }

    /// Whether the receiver is at the last list, and ends a phase next.
    pub(super) fn is_at_last(&self) -> bool {
        self.lists.len() <= 1 && self.is_complete
    }

    /// The receiver is done with the oldest list.
    pub(super) fn finish_oldest(&mut self) {
        self.lists.pop_front();
        self.finished += 1;
    }

    /// How many entries the first list has.
    pub(super) fn first_length(&self) -> usize {
        self.lists.front().map_or(0, |list| list.entries.len())
    }
}
