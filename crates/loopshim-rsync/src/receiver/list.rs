//! File lists as they arrive: put in order, cleaned of duplicates, and checked
//! against what a sender may name.

use rsync_proto::Input;
use rsync_proto::file_list::{Decoder, Entry, Format, HardLink, Kind, Name, Received, compare, sort};
use rsync_proto::multiplex::IoErrors;

use crate::failure::{Failure, Status};

/// An entry in its place of a list.
#[derive(Debug)]
pub struct Slot {
    /// The entry. Lists are put in order, and grow: large ones would be moved.
    pub entry: Box<Entry>,
    /// It is no duplicate of another.
    pub is_live: bool,
    /// Which entries are one file: the number of the first of them.
    pub group: Option<u32>,
}

/// A list in the order by which both peers number its entries.
#[derive(Debug)]
pub struct FileList {
    /// The index of the first entry.
    pub start: u32,
    /// The entries; one that is left out keeps its index.
    pub slots: Vec<Slot>,
    /// The directory it is the list of, as the index before the first entry
    /// names it.
    pub directory: Option<Entry>,
}

impl FileList {
    /// The entry of an index.
    pub fn slot(&self, index: u32) -> Option<&Slot> {
        self.slots.get(index.checked_sub(self.start)? as usize)
    }

    /// The entry that an item's index means, be it the list's directory itself.
    pub fn entry(&self, index: u32) -> Option<&Entry> {
        if index.checked_add(1) == Some(self.start) {
            return self.directory.as_ref();
        }
        self.slot(index).map(|slot| &*slot.entry)
    }

    /// The index after the last entry.
    pub fn end(&self) -> u32 {
        self.start + self.slots.len() as u32
    }

    /// The indexes of entries that were dropped for others of their name.
    pub fn duplicates(&self) -> impl Iterator<Item = u32> {
        duplicates(&self.slots).into_iter().map(|(_, dropped)| self.start + dropped as u32)
    }

    /// What the list has under `name`, a directory or anything else, but no
    /// duplicate.
    pub fn find(&self, name: &Name) -> Option<&Slot> {
        let search = |is_directory| {
            let order =
                |slot: &Slot| compare((&slot.entry.name, slot.entry.is_directory()), (name, is_directory));
            let first = self.slots.partition_point(|slot| order(slot).is_lt());
            self.slots[first..].iter().take_while(|slot| order(slot).is_eq()).find(|slot| slot.is_live)
        };
        search(true).or_else(|| search(false))
    }
}

/// What of a sender's names is accepted.
pub trait Accept {
    /// Whether an entry was asked for.
    fn accepts(&self, entry: &Entry) -> bool;

    /// Whether an accepted directory is only on the way to what was asked for:
    /// then what else it holds is none of the sender's business.
    fn is_on_the_way(&self, entry: &Entry) -> bool;
}

/// A directory that a list may follow for.
#[derive(Debug)]
struct Awaited {
    /// `None` once its list came.
    directory: Option<Entry>,
}

/// How lists of a session are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// One list for each directory.
    pub is_incremental: bool,
    /// Names are paths as they were given to the sender (`-R`).
    pub is_relative: bool,
    /// Directories on the way to a name need not be in the list.
    pub has_gaps: bool,
    /// Directories are entered.
    pub is_recursive: bool,
}

/// Changes an entry as it arrives.
pub type Edit = Box<dyn Fn(&mut Entry) + Send>;

/// Reads the lists of a session.
pub struct Lists {
    decoder: Decoder,
    shape: Shape,
    accept: Box<dyn Accept + Send>,
    /// The index that the next list begins at.
    next: u32,
    awaited: Vec<Awaited>,
    errors: IoErrors,
    count: u64,
    /// Changes of an entry's mode that the user asked us for.
    change: Option<Edit>,
}

impl Lists {
    /// Lists in `format` and `shape`.
    pub fn new(format: Format, shape: Shape, accept: Box<dyn Accept + Send>) -> Self {
        Self {
            decoder: Decoder::new(format),
            shape,
            accept,
            next: u32::from(shape.is_incremental),
            awaited: Vec::new(),
            errors: IoErrors::default(),
            count: 0,
            change: None,
        }
    }

    /// Has every entry changed by `change` as it arrives.
    pub fn set_change(&mut self, change: Edit) {
        self.change = Some(change);
    }

    /// What went wrong at the sender so far.
    pub fn errors(&self) -> IoErrors {
        self.errors
    }

    /// How many entries have arrived.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether a list for some directory is still to come.
    pub fn is_incremental(&self) -> bool {
        self.shape.is_incremental
    }

    /// Reads the first list.
    ///
    /// # Errors
    /// Where the sender breaks a rule, or those of the input.
    pub fn read_first<I: Input<Error = Failure>>(&mut self, input: &mut I) -> Result<FileList, Failure> {
        let mut list = self.read(input, None)?;
        if self.shape.is_incremental {
            list.directory = list
                .slots
                .first()
                .filter(|slot| slot.entry.name.is_root())
                .map(|slot| Entry::clone(&slot.entry));
        }
        Ok(list)
    }

    /// Reads the list of the directory of that number.
    ///
    /// # Errors
    /// Where the sender breaks a rule, or those of the input.
    pub fn read_of<I: Input<Error = Failure>>(
        &mut self,
        input: &mut I,
        number: u32,
    ) -> Result<FileList, Failure> {
        let awaited = self.awaited.get_mut(number as usize).filter(|_| self.shape.is_incremental);
        // A second list of a directory could slip past what was made of the first.
        let directory = awaited.and_then(|awaited| awaited.directory.take()).ok_or_else(|| {
            Failure::new(
                Status::Protocol,
                format!("a file list came for directory {number}, which awaits none"),
            )
        })?;
        self.read(input, Some(directory))
    }

    fn read<I: Input<Error = Failure>>(
        &mut self,
        input: &mut I,
        directory: Option<Entry>,
    ) -> Result<FileList, Failure> {
        let start = self.next;
        self.decoder.begin(start);
        let mut slots = Vec::new();
        loop {
            let mut entry = match self.decoder.read(input)? {
                Received::Entry(entry) => entry,
                Received::End(errors) => {
                    self.errors = self.errors.and(errors);
                    break;
                }
            };
            self.check(&mut entry, directory.as_ref())?;
            if let Some(change) = &self.change {
                change(&mut entry);
            }
            let number = start + slots.len() as u32;
            let group = entry.hard_link.map(|link| match link {
                HardLink::First => number,
                HardLink::To(first) => first,
            });
            slots.push(Slot { entry, is_live: true, group });
        }
        self.count += slots.len() as u64;
        clean(&mut slots);
        // The index of a directory's list is one before its first entry.
        let end = start.checked_add(slots.len() as u32).and_then(|end| end.checked_add(1));
        let end = end.filter(|end| *end < i32::MAX as u32);
        self.next = end.ok_or_else(|| Failure::new(Status::StreamIo, "the file lists are too long"))?;
        if self.shape.is_incremental {
            self.await_lists(&slots);
        } else if !self.shape.has_gaps {
            check_parents(&slots)?;
        }
        Ok(FileList { start, slots, directory })
    }

    fn check(&self, entry: &mut Entry, directory: Option<&Entry>) -> Result<(), Failure> {
        let unasked = |what: &str, name: &Name| {
            let text = [what.as_bytes(), b": ", name.bytes()].concat();
            Failure::new(Status::Unsupported, text).bare().at("flist.c(3230)")
        };
        if let Some(directory) = directory {
            let name = entry.name.bytes();
            let lies_in = if directory.name.is_root() {
                entry.name.parent().is_none() && !entry.name.is_root()
            } else if self.shape.is_relative {
                name.strip_prefix(directory.name.bytes()).is_some_and(|rest| rest.starts_with(b"/"))
            } else {
                entry.name.parent() == Some(directory.name.bytes())
            };
            if !lies_in {
                return Err(unasked("ABORTING due to invalid path from sender", &entry.name));
            }
        }
        if !self.accept.accepts(entry) {
            let text = [b"ERROR: rejecting unrequested file-list name: ", entry.name.bytes()].concat();
            return Err(Failure::new(Status::Unsupported, text).bare().at("flist.c(1370)"));
        }
        if self.accept.is_on_the_way(entry)
            && let Kind::Directory { has_content, .. } = &mut entry.kind
        {
            *has_content = false;
        }
        Ok(())
    }

    fn await_lists(&mut self, slots: &[Slot]) {
        for slot in slots.iter().filter(|slot| slot.entry.is_directory()) {
            self.awaited.push(Awaited { directory: slot.is_live.then(|| Entry::clone(&slot.entry)) });
        }
    }
}

/// Puts a list in order and drops what has the name of another: of two alike
/// the second, of a directory and something else the other.
fn clean(slots: &mut [Slot]) {
    sort(slots, |slot| (&slot.entry.name, slot.entry.is_directory()));
    for (kept, dropped) in duplicates(slots) {
        slots[dropped].is_live = false;
        merge(slots, kept, dropped);
    }
}

/// Of a list in order the positions of what has the name of something else,
/// behind those of what is kept for it, as they are found.
fn duplicates(slots: &[Slot]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut first = 0;
    for at in 0..slots.len() {
        if at > 0 && order(&slots[first].entry, &slots[at].entry).is_eq() {
            found.push((first, at));
            continue;
        }
        first = at;
        found.extend(same_name(slots, at).map(|other| (at, other)));
    }
    found
}

/// Has a directory mean what another does that is dropped for it: either's
/// contents are meant, and one that is only on the way to others is the lesser.
fn merge(slots: &mut [Slot], kept: usize, dropped: usize) {
    let other = slots[dropped].entry.kind.clone();
    let kept = &mut slots[kept].entry.kind;
    if let Kind::Directory { is_top: top, has_content: content } = other
        && let Kind::Directory { is_top, has_content } = kept
        && !is_on_the_way(&other)
    {
        // What is not only on the way has its content or is not at the top.
        let is_lesser = *is_top && !*has_content;
        *is_top = top || *is_top && !is_lesser;
        *has_content |= content;
    }
}

/// Whether it is a directory that is listed for others in it.
fn is_on_the_way(kind: &Kind) -> bool {
    matches!(kind, Kind::Directory { is_top: true, has_content: false })
}

/// What has the name of the directory at `at` and is none.
fn same_name(slots: &[Slot], at: usize) -> Option<usize> {
    let entry = &slots[at].entry;
    if !entry.is_directory() {
        return None;
    }
    let wanted = (&entry.name, false);
    let key = |slot: &Slot| compare((&slot.entry.name, slot.entry.is_directory()), wanted);
    let found = slots.partition_point(|slot| key(slot).is_lt());
    let is_same = slots.get(found).is_some_and(|slot| key(slot).is_eq());
    is_same.then_some(found)
}

fn order(left: &Entry, right: &Entry) -> std::cmp::Ordering {
    compare((&left.name, left.is_directory()), (&right.name, right.is_directory()))
}

/// Drops directories in which there is nothing but directories (`-m`), but
/// none that `is_protected`.
pub fn prune(slots: &mut [Slot], is_protected: &dyn Fn(&Name) -> bool) {
    // The directories that the entry lies in, outermost first, by their place.
    let mut way: Vec<usize> = Vec::new();
    let mut needed = vec![false; slots.len()];
    for (at, slot) in slots.iter().enumerate().filter(|(_, slot)| slot.is_live) {
        let parent = slot.entry.name.parent().unwrap_or_default();
        while way.last().is_some_and(|&last| slots[last].entry.name.bytes() != parent) {
            way.pop();
        }
        if !slot.entry.is_directory() {
            way.iter().for_each(|&directory| needed[directory] = true);
        } else if !slot.entry.name.is_root() {
            way.push(at);
            if is_protected(&slot.entry.name) {
                way.iter().for_each(|&directory| needed[directory] = true);
            }
        }
    }
    for (slot, is_needed) in slots.iter_mut().zip(needed) {
        if slot.entry.is_directory() && !slot.entry.name.is_root() {
            slot.is_live &= is_needed;
        }
    }
}

/// Every entry's directory must be in the list before it.
fn check_parents(slots: &[Slot]) -> Result<(), Failure> {
    // The directories that the entry before lies in, outermost first.
    let mut way: Vec<&[u8]> = Vec::new();
    for slot in slots {
        let name = &slot.entry.name;
        if let Some(parent) = name.parent() {
            while way.last().is_some_and(|last| *last != parent) {
                way.pop();
            }
            if way.is_empty() {
                let text = [b"ABORTING due to invalid path from sender: ", name.bytes()].concat();
                return Err(Failure::new(Status::Protocol, text));
            }
        } else {
            way.clear();
        }
        if slot.entry.is_directory() && !name.is_root() {
            way.push(name.bytes());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiver::samples::entry;

    fn slots(names: &[&str]) -> Vec<Slot> {
        names.iter().map(|name| Slot { entry: Box::new(entry(name)), is_live: true, group: None }).collect()
    }

    fn live(slots: &[Slot]) -> Vec<&str> {
        let live = slots.iter().filter(|slot| slot.is_live);
        live.map(|slot| std::str::from_utf8(slot.entry.name.bytes()).expect("text")).collect()
    }

    #[test]
    fn duplicates_are_dropped_and_keep_their_index() {
        let mut list = slots(&["b", "a/", "b", "a", "a/x", "a/"]);
        clean(&mut list);
        assert_eq!(duplicates(&list).into_iter().map(|(_, dropped)| dropped).collect::<Vec<_>>(), [2, 0, 4]);
        assert_eq!(list.len(), 6);
        assert_eq!(live(&list), ["b", "a", "a/x"]);
        assert!(list.iter().any(|slot| !slot.is_live && !slot.entry.is_directory()));
        let mut list = slots(&["a", "a/", "a"]);
        clean(&mut list);
        assert_eq!(live(&list), ["a"]);
    }

    #[test]
    fn a_directory_named_twice_has_the_content_of_either() {
        let mut list = slots(&["a/", "a/"]);
        list[0].entry.kind = Kind::Directory { is_top: false, has_content: false };
        list[1].entry.kind = Kind::Directory { is_top: true, has_content: true };
        clean(&mut list);
        assert_eq!(list[0].entry.kind, Kind::Directory { is_top: true, has_content: true });
        assert!(!list[1].is_live);
        // One that is on the way to others is no more than that only by itself.
        let [own, way] = [false, true].map(|is_top| Kind::Directory { is_top, has_content: false });
        for kinds in [[own.clone(), way.clone()], [way, own.clone()]] {
            let mut list = slots(&["a/", "a/"]);
            kinds.into_iter().zip(&mut list).for_each(|(kind, slot)| slot.entry.kind = kind);
            clean(&mut list);
            assert_eq!(list[0].entry.kind, own);
        }
    }

    #[test]
    fn what_lies_in_no_directory_of_the_list_is_refused() {
        for refused in [&["a/x"][..], &["a", "a/x"], &["a/", "b/x"], &["a/", "a/b/x"], &["a/", "ab/x"]] {
            let mut list = slots(refused);
            clean(&mut list);
            assert!(check_parents(&list).is_err(), "{refused:?}");
        }
        let mut list = slots(&["./", "a/", "a/b/", "a/b/x", "a/y", "c/", "c/z", "w"]);
        clean(&mut list);
        assert!(check_parents(&list).is_ok());
    }

    #[test]
    fn directories_of_nothing_are_pruned() {
        let mut list = slots(&["./", "a/", "a/b/", "a/b/x", "a/e/", "d/", "d/e/", "w"]);
        clean(&mut list);
        prune(&mut list, &|_| false);
        assert_eq!(live(&list), [".", "w", "a", "a/b", "a/b/x"]);
        let mut list = slots(&["a/", "a/", "a/x", "b/", "b/"]);
        clean(&mut list);
        prune(&mut list, &|_| false);
        assert_eq!(live(&list), ["a", "a/x"]);
        let mut list = slots(&["./", "a/", "d/", "d/e/", "w"]);
        clean(&mut list);
        prune(&mut list, &|name| name.bytes() == b"d/e");
        assert_eq!(live(&list), [".", "w", "d", "d/e"]);
    }

    #[test]
    fn entries_are_found_by_name_whatever_they_are() {
        let mut list = slots(&["./", "a-b/", "a/", "z", "a/x"]);
        clean(&mut list);
        let list = FileList { start: 1, slots: list, directory: None };
        for name in ["a", "a-b", "z", "a/x"] {
            assert!(list.find(&Name::new(name.as_bytes()).expect("a name")).is_some(), "{name}");
        }
        assert!(list.find(&Name::new(b"b").expect("a name")).is_none());
        let mut twice = slots(&["./", "a", "b", "b", "b", "c"]);
        clean(&mut twice);
        let twice = FileList { start: 1, slots: twice, directory: None };
        assert!(twice.find(&Name::new(b"b").expect("a name")).is_some_and(|slot| slot.is_live));
        assert!(list.entry(0).is_none() && list.entry(6).is_none());
        assert_eq!(list.end(), 6);
    }
}
