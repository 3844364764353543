//! Answering what the receiving side asks for.

use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;

use rsync_proto::compat::Ability;
use rsync_proto::digest::{Checksum, Sum};
use rsync_proto::file_list::Kind;
use rsync_proto::index::{Index, Running};
use rsync_proto::integers::{read_varint, write_varint, write_varlong};
use rsync_proto::item::{Basis, Flags, Item};
use rsync_proto::matching::Signature;
use rsync_proto::multiplex::{IoErrors, Message};
use rsync_proto::sums::{BlockSums, Head};
use rsync_proto::tally::{Counts, Tally};
use rsync_proto::tokens::{LITERAL_MAX, Writer, plain_length};
use rsync_proto::{Version, xattr_values};
use rustix::io::Errno;

use super::content::Sending;
use super::listed::Listed;
use super::lists::Lists;
use super::requests::Told;
use super::scan::{Scanner, quoted};
use super::{Observer, Summary};
use crate::connection::{Data, Incoming, Session};
use crate::crossing::Crossing;
use crate::fs::{Facts, Target, get_attribute};
use crate::options::{Append, Debug, Info};
use crate::{Failure, Status};

/// What the sums of a block take beside the strong one, as the original counts
/// against `--max-alloc` (observed: 3.5.0).
const BLOCK_SIZE: u64 = 24;

/// Deletions of a type, at most, as a peer counts them.
const DELETIONS_MAX: i32 = 1 << 28;

/// Answers requests until there are no more.
pub(super) struct Answering<'a, 's> {
    pub(super) session: &'s Session,
    pub(super) incoming: &'a mut Incoming,
    pub(super) data: &'a mut Data,
    pub(super) scanner: Scanner<'s>,
    pub(super) lists: Lists<'s>,
    pub(super) told: Arc<Told>,
    pub(super) observer: &'a dyn Observer,
    /// Of the indexes that go out.
    pub(super) outward: Running,
    /// Of those that come.
    pub(super) inward: Running,
    pub(super) writer: Writer,
    pub(super) summary: Summary,
    /// What was asked for while files are appended to.
    pub(super) appended: HashSet<u32>,
    /// The base of the last item that was told of.
    pub(super) told_base: Option<u32>,
    /// How the searches for what the receiver has went.
    pub(super) tally: Counts,
    /// What files are read into.
    pub(super) buffer: Vec<u8>,
}

impl Answering<'_, '_> {
    /// Answers until the receiver has no more requests.
    ///
    /// # Errors
    /// Where the peer breaks a rule or is gone.
    pub(super) fn run(&mut self) -> Result<(), Failure> {
        let mut phase = 0;
        loop {
            if self.lists.send_ahead(&mut self.scanner, &mut self.outward, self.data)? {
                self.lists.tell(self.observer);
            }
            let index = self.next_index()?;
            self.remove_arrived();
            match index {
                Index::Done if !self.lists.is_at_last() => {
                    self.observer.finished(self.lists.reached());
                    self.lists.finish_oldest();
                    self.send_done();
                }
                Index::Done => {
                    // Where lists come one by one the end of the last one tells all.
                    if phase == 0 || !self.session.is_incremental() {
                        self.observer.finished(self.lists.reached());
                    }
                    phase += 1;
                    if phase == 3 {
                        // Who deletes after the transfer must know.
                        self.tell_errors()?;
                    }
                    self.send_done();
                    if phase == 3 {
                        self.tell_tally();
                        return Ok(());
                    }
                }
                Index::DeletionCounts => self.deletion_counts()?,
                Index::Entry(index) => self.item(index, phase)?,
                Index::LastList | Index::ListOf(_) => return Err(unexpected(index)),
            }
        }
    }

    fn tell_tally(&self) {
        if self.session.options.output.debug.has(Debug::Deltasum, 1) {
            let Counts { matches, hits, false_alarms } = self.tally;
            let data = self.summary.literal;
            let text = format!(
                "total: matches={matches}  hash_hits={hits}  false_alarms={false_alarms} data={data}"
            );
            self.scanner.speaker.say(&[text.as_bytes()]);
        }
    }

    /// Tells of errors that the receiver does not know of yet.
    fn tell_errors(&mut self) -> Result<(), Failure> {
        if self.scanner.errors != self.lists.told_errors {
            self.data.flush()?;
            self.data.outgoing().message(&Message::IoError(self.scanner.errors))?;
        }
        Ok(())
    }

    /// What follows the last phase.
    ///
    /// # Errors
    /// Where the peer breaks a rule or is gone.
    pub(super) fn say_goodbye(&mut self) -> Result<(), Failure> {
        self.data.flush()?;
        let traffic = self.incoming.traffic();
        (self.summary.read, self.summary.written) = (traffic.bytes_read(), traffic.bytes_written());
        if self.session.is_server() {
            self.write_stats();
            self.data.flush()?;
        }
        self.read_done()?;
        if self.session.version >= Version::V31 {
            self.send_done();
            self.data.flush()?;
            self.read_done()?;
        }
        self.remove_arrived();
        Ok(())
    }

    fn read_done(&mut self) -> Result<(), Failure> {
        loop {
            match self.next_index()? {
                Index::Done => return Ok(()),
                Index::DeletionCounts => self.deletion_counts()?,
                other => return Err(unexpected(other)),
            }
        }
    }

    /// Whoever waits for requests lets go of the answers first.
    fn next_index(&mut self) -> Result<Index, Failure> {
        if !self.incoming.has_data()? {
            self.data.flush()?;
        }
        self.inward.read(self.incoming)
    }

    fn send_done(&mut self) {
        self.outward.write(self.data.buffer(), Index::Done);
    }

    fn write_stats(&mut self) {
        let Summary { read, written, list_milliseconds, .. } = self.summary;
        let numbers = [read, written, self.lists.totals.size, list_milliseconds, 0];
        for number in numbers {
            write_varlong(self.data.buffer(), i64::try_from(number).unwrap_or(i64::MAX), 3);
        }
    }

    /// The receiver's deletions; a client wants to know them.
    fn deletion_counts(&mut self) -> Result<(), Failure> {
        let mut deleted = [0; 5];
        for slot in &mut deleted {
            let count = read_varint(self.incoming)?;
            if !(0..=DELETIONS_MAX).contains(&count) {
                return Err(Failure::new(Status::StreamIo, "a count of deletions is out of range"));
            }
            *slot = count as u64;
        }
        self.summary.deleted = Some(deleted);
        if self.session.is_server() {
            self.outward.write(self.data.buffer(), Index::DeletionCounts);
            for count in deleted {
                write_varint(self.data.buffer(), count as i32);
            }
        }
        Ok(())
    }

    fn item(&mut self, index: u32, phase: u8) -> Result<(), Failure> {
        let item = Item::read(self.incoming)?;
        let Some(listed) = self.lists.reach(index) else {
            return Err(Failure::new(
                Status::Protocol,
                format!("File-list index {index} is not in the lists"),
            ));
        };
        let positions = self.requested_values(&listed, &item)?;
        if !item.flags.has(Flags::TRANSFER) {
            self.echo(index, &item, &listed, &positions)?;
            self.tell(index, &listed, &item);
            self.summary.note_new(&listed.entry, &item);
            return Ok(());
        }
        if listed.entry.kind != Kind::File || phase > 1 {
            let text = format!("received request to transfer non-regular file: {index} [sender]");
            return Err(Failure::new(Status::Protocol, text));
        }
        if self.session.options.is_dry_run {
            self.tell(index, &listed, &item);
            self.summary.count(&listed.entry, &item);
            return self.echo(index, &item, &listed, &positions);
        }
        self.transfer(index, &item, &listed, &positions)
    }

    /// Tells of an item, and before where it lies, unless the last one lay there too.
    fn tell(&mut self, index: u32, listed: &Listed, item: &Item) {
        if self.told_base.replace(listed.base) != Some(listed.base) {
            self.observer.lies_in(&self.scanner.bases[listed.base as usize].given);
        }
        self.observer.item(self.lists.position(index), &listed.entry, item);
    }

    fn requested_values(&mut self, listed: &Listed, item: &Item) -> Result<Vec<usize>, Failure> {
        let session = self.session;
        let Some(attributes) = listed.entry.xattrs.as_ref().filter(|_| item.flags.has(Flags::XATTR)) else {
            return Ok(Vec::new());
        };
        // A link made there brings no values, unless the peers agreed otherwise.
        let is_link = item.flags.has(Flags::LOCAL_CHANGE) && item.name.is_some();
        let saves_values =
            session.version >= Version::V31 && !session.abilities.has(Ability::NO_XATTR_OPTIMIZATION);
        if session.options.is_dry_run || is_link && saves_values {
            return Ok(Vec::new());
        }
        xattr_values::read_requests(self.incoming, attributes)
    }

    /// Repeats an item, with the values that were asked for.
    fn echo(&mut self, index: u32, item: &Item, listed: &Listed, positions: &[usize]) -> Result<(), Failure> {
        self.outward.write(self.data.buffer(), Index::Entry(index));
        item.write(self.data.buffer());
        self.write_values(item, listed, positions);
        self.data.settle()
    }

    fn write_values(&mut self, item: &Item, listed: &Listed, positions: &[usize]) {
        let session = self.session;
        let Some(attributes) = listed.entry.xattrs.as_ref().filter(|_| item.flags.has(Flags::XATTR)) else {
            return;
        };
        let is_link = item.flags.has(Flags::LOCAL_CHANGE) && item.name.is_some();
        let saves_values =
            session.version >= Version::V31 && !session.abilities.has(Ability::NO_XATTR_OPTIMIZATION);
        if session.options.is_dry_run || is_link && saves_values {
            return;
        }
        let tree = &mut self.scanner.bases[listed.base as usize].tree;
        let values: Vec<(usize, Vec<u8>)> = match tree.parent(listed.entry.name.bytes()) {
            // What cannot be read any more is sent empty: the numbers must follow.
            Err(_) => positions.iter().map(|&position| (position, Vec::new())).collect(),
            Ok((directory, leaf)) => {
                let target = Target { directory: &directory, leaf, file: None };
                let read = |&position: &usize| {
                    let name = &attributes[position].0;
                    let value = get_attribute(target, name).ok().flatten();
                    (position, value.unwrap_or_default())
                };
                positions.iter().map(read).collect()
            }
        };
        let values: Vec<(usize, &[u8])> =
            values.iter().map(|(position, value)| (*position, value.as_slice())).collect();
        xattr_values::write_values(self.data.buffer(), &values);
    }

    fn transfer(
        &mut self,
        index: u32,
        item: &Item,
        listed: &Listed,
        positions: &[usize],
    ) -> Result<(), Failure> {
        let head = Head::read(self.incoming, self.session.checksum.length())?;
        check_count(head, self.session.options.wire.max_alloc)?;
        // What is asked for again is not appended to.
        let is_append = self.session.options.writing.append != Append::No && self.appended.insert(index);
        let mut sums = Vec::new();
        if !is_append {
            for _ in 0..head.count() {
                sums.push(BlockSums::read(self.incoming, head)?);
            }
        }
        let sums_length = sums.len() as u64 * head.sums_length();
        // It counts although it cannot be sent (observed: 3.5.0).
        self.summary.count(&listed.entry, item);
        let (file, facts) = match self.open(listed) {
            Ok(opened) => opened,
            Err(errno) => return self.cannot_send(index, listed, errno),
        };
        self.tell(index, listed, item);
        if let Some(handover) = self.session.handover.as_ref().filter(|_| head.count() == 0 && !is_append) {
            if !handover.has_room() {
                self.data.flush()?;
            }
            let length = facts.length;
            self.summary.literal += length;
            // A frame for each whole token (observed: 3.5.0).
            let frames = 4 * (length / LITERAL_MAX as u64);
            self.incoming.traffic().note_written(on_the_wire(length, self.session.checksum) + frames);
            let is_watched = length >= WATCHED && self.session.options.output.shows_progress;
            let watch = handover.give(file, facts, is_watched);
            let before = self.data.appended();
            self.echo(index, item, listed, positions)?;
            let checksum = self.session.checksum;
            self.observer.crossed(Crossing {
                data: self.data.appended() - before + on_the_wire(length, checksum),
                sums: Head::LENGTH as u64,
                sum: None,
                checksum,
            });
            // Where the data went through here it would be told of the first of them.
            if length > LITERAL_MAX as u64 {
                self.observer.progress(&listed.entry, LITERAL_MAX as u64, false);
            }
            if let Some(watch) = watch {
                self.data.flush()?;
                watch.follow(|bytes| self.observer.progress(&listed.entry, bytes, false));
            }
            self.observer.progress(&listed.entry, length, true);
            return Ok(());
        }
        let before = self.data.appended();
        self.echo(index, item, listed, positions)?;
        head.write(self.data.buffer());
        let (outcome, sum) = self.send(listed, item, (head, sums), (file, &facts), is_append)?;
        let (sums, checksum) = (Head::LENGTH as u64 + sums_length, self.session.checksum);
        let data = self.data.appended() - before;
        self.observer.crossed(Crossing { data, sums, sum: Some(sum), checksum });
        self.observer.progress(&listed.entry, facts.length, true);
        self.data.settle()?;
        if let Err(error) = outcome {
            self.scanner.errors = self.scanner.errors.and(IoErrors::GENERAL);
            let path = self.scanner.shown(listed.base, listed.entry.name.bytes());
            let why = crate::failure::system_text(&error);
            self.scanner.speaker.error(&[b"read errors mapping ", &quoted(&path), b": ", why.as_bytes()]);
        }
        Ok(())
    }

    fn open(&mut self, listed: &Listed) -> Result<(File, Facts), Errno> {
        let opening = self.scanner.opening();
        let tree = &mut self.scanner.bases[listed.base as usize].tree;
        let (directory, leaf) = tree.parent(listed.entry.name.bytes())?;
        let (file, facts) = directory.open_source(leaf, opening)?;
        Ok((file.into(), facts))
    }

    fn cannot_send(&mut self, index: u32, listed: &Listed, errno: Errno) -> Result<(), Failure> {
        let path = self.scanner.shown(listed.base, listed.entry.name.bytes());
        if errno == Errno::NOENT {
            self.scanner.errors = self.scanner.errors.and(IoErrors::VANISHED);
            self.scanner.speaker.warning(&[b"file has vanished: ", &quoted(&path)]);
        } else {
            self.scanner.errors = self.scanner.errors.and(IoErrors::GENERAL);
            let why = crate::failure::system_text(&errno.into());
            let text = [b"send_files failed to open ", &quoted(&path)[..], b": ", why.as_bytes()];
            self.scanner.speaker.error(&text);
        }
        self.data.flush()?;
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        self.data.outgoing().message(&Message::NoSend(index))
    }

    fn send(
        &mut self,
        listed: &Listed,
        item: &Item,
        (head, sums): (Head, Vec<BlockSums>),
        (file, facts): (File, &Facts),
        is_append: bool,
    ) -> Result<(std::io::Result<()>, Sum), Failure> {
        let (session, observer) = (self.session, self.observer);
        let entry = &listed.entry;
        let signature = Signature::new(head, sums);
        let is_compared = !is_append && head.count() > 0;
        let is_tallied = is_compared && session.options.output.debug.has(Debug::Deltasum, 1);
        let mut progress = |bytes| observer.progress(entry, bytes, false);
        let mut sending = Sending {
            data: self.data,
            writer: &mut self.writer,
            buffer: &mut self.buffer,
            digest: session.checksum.of_file(),
            sent: Default::default(),
            tally: is_tallied.then(|| Tally::new(&signature)),
            progress: &mut progress,
        };
        let append = session.options.writing.append;
        let outcome = if is_append {
            sending.whole(&file, head.basis_length(), facts.length, append == Append::Verify)?
        } else if !is_compared {
            sending.whole(&file, 0, facts.length, false)?
        } else {
            let is_partial = item.basis == Some(Basis::Partial);
            // Only what is written over is no basis any more.
            let is_itself = item.basis.is_none_or(|basis| basis == Basis::Destination);
            let in_place = session.options.writing.inplace && is_itself
                || is_partial && session.abilities.has(Ability::INPLACE_PARTIAL_DIR);
            sending.difference(file, facts.length, &signature, (session.checksum, session.seed), in_place)?
        };
        let (sent, digest, tally) = (sending.sent, sending.digest, sending.tally);
        if let Some(tally) = tally {
            self.tally = self.tally.and(tally.finish());
        }
        self.writer.end(self.data.buffer())?;
        let sum = digest.finish();
        self.data.buffer().extend_from_slice(sum.bytes());
        self.summary.literal += sent.literal;
        self.summary.matched += sent.matched;
        Ok((outcome, sum))
    }

    /// Removes the sources of what has arrived.
    fn remove_arrived(&mut self) {
        while let Some(index) = self.told.take_arrived() {
            let Some(listed) = self.lists.get(index) else { continue };
            if self.session.options.deletion.removes_source_files && !listed.entry.is_directory() {
                self.remove(&listed);
            }
        }
    }

    fn remove(&mut self, listed: &Listed) {
        let name = listed.entry.name.bytes();
        let tree = &mut self.scanner.bases[listed.base as usize].tree;
        let outcome = tree.parent(name).and_then(|(directory, leaf)| {
            let facts = match self.session.options.links.copies {
                true => directory.facts_followed(leaf)?,
                false => directory.facts(leaf)?,
            };
            let entry = &listed.entry;
            // What has changed since was not sent.
            let is_same = facts.length == entry.length || entry.kind != Kind::File;
            if !is_same || facts.modified != entry.modified {
                Err(Errno::BUSY)
            } else {
                directory.remove(leaf)
            }
        });
        let speaker = self.scanner.speaker;
        self.scanner.has_transfer_error |= !matches!(outcome, Ok(()) | Err(Errno::NOENT));
        match outcome {
            Ok(()) => speaker.info(Info::Remove, 1, &[b"sender removed ", name]),
            Err(Errno::NOENT) => speaker.say(&[b"sender file already removed: ", name]),
            Err(Errno::BUSY) => {
                speaker.transfer_error(&[b"ERROR: Skipping sender remove for changed file: ", name]);
            }
            Err(errno) => {
                let why = crate::failure::system_text(&errno.into());
                speaker.error(&[b"sender failed to remove ", name, b": ", why.as_bytes()]);
            }
        }
    }
}

/// From this length on a file that is handed over takes long enough to be watched, in
/// bytes.
const WATCHED: u64 = 1 << 20;

/// More sums than may be kept are refused before the first has come.
fn check_count(head: Head, max_alloc: u64) -> Result<(), Failure> {
    if max_alloc == 0 || u64::from(head.count()) * BLOCK_SIZE <= max_alloc {
        return Ok(());
    }
    let text = format!("[sender] exceeded --max-alloc={max_alloc} setting (file=sender.c, line=364)");
    Err(Failure::new(Status::Malloc, text).bare())
}

/// Bytes that a file's data take where they are sent as they are, between the head
/// of no sums and the file's checksum.
fn on_the_wire(length: u64, checksum: Checksum) -> u64 {
    Head::LENGTH as u64 + plain_length(length) + checksum.length() as u64
}

fn unexpected(index: Index) -> Failure {
    Failure::new(Status::Protocol, format!("{index:?} came where a request was expected"))
}
