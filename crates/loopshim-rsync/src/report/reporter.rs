//! Says what happens while it happens.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rsync_proto::digest::Checksum;
use rsync_proto::file_list::{Entry, Time};
use rsync_proto::item::{Flags, Item};

use super::escape::Escaping;
use super::format::{Subject, What, expand};
use super::listing::{self, Clock, ZoneOf};
use super::progress::{Lists, Progress};
use crate::crossing::Crossing;
use crate::fs::FileType;
use crate::log::{Kind, Log};
use crate::options::{Bytes, Info, Options, Recursion, StderrMode, Twice};
use crate::{receiver, sender};

/// Which way the data go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From here to here.
    Local,
    /// From here to there.
    Push,
    /// From there to here.
    Pull,
}

/// Where lines go.
pub struct Streams {
    /// What is told.
    pub output: Box<dyn Write + Send>,
    /// Errors.
    pub errors: Box<dyn Write + Send>,
    /// The file that the run is written down in, if there is one.
    pub log_file: Option<Box<dyn Write + Send>>,
}

/// What the line of the list in the making ends with.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum OpenList {
    /// It has ended, or something else was told meanwhile.
    #[default]
    Not,
    /// With what is being done.
    Begun,
    /// With how many entries there were at last.
    Counted,
}

/// Says what happens while it happens, to the user of a client.
pub struct Reporter {
    options: Arc<Options>,
    way: Way,
    escaping: Escaping,
    state: Mutex<State>,
}

struct State {
    streams: Streams,
    clock: Clock,
    progress: Progress,
    /// A file whose data are under way; it is told of when they are done.
    pending: Option<(Entry, Item)>,
    /// The line for all files has been begun.
    has_open_line: bool,
    /// A line waits for the list to be complete.
    awaits_list: bool,
    /// And nothing was told since then.
    open_list: OpenList,
    lists: Lists,
    /// Of checksums in lists.
    checksum: Checksum,
    /// Where what is sent lies, without what says nothing.
    directory: Bytes,
    /// What crossed the connection for the file that has just come to its end.
    crossing: Option<Crossing>,
}

impl Reporter {
    /// For a run with `options`.
    pub fn new(options: Arc<Options>, way: Way, escaping: Escaping, streams: Streams, zone: ZoneOf) -> Self {
        let is_overall = options.output.info.has(Info::Progress, 2);
        let progress = Progress::new(options.output.human, is_overall);
        let clock = Clock::new(zone);
        let (pending, lists) = (None, Lists::default());
        let state = Mutex::new(State {
            streams,
            clock,
            progress,
            pending,
            has_open_line: false,
            awaits_list: false,
            open_list: OpenList::Not,
            lists,
            checksum: Checksum::Md5,
            directory: Bytes::new(),
            crossing: None,
        });
        Self { options, way, escaping, state }
    }

    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        // A thread that panicked ends the run; its last line may still be had.
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A line for standard output, and for the log file where `is_logged`.
    pub fn tell(&self, text: &[u8], is_logged: bool) {
        self.with(|state| {
            if !self.options.output.is_quiet {
                self.print(state, text, false);
            }
            if is_logged {
                self.write_down(state, text);
            }
        });
    }

    /// Writes a line into the log file only.
    pub fn write_down_line(&self, text: &[u8]) {
        self.with(|state| self.write_down(state, text));
    }

    /// A list or a phase is finished, and with it so many entries: the line for all
    /// files tells of that.
    fn pass(&self, entries: u64) {
        self.with(|state| {
            state.lists.left = state.lists.known.saturating_sub(entries);
            if self.options.output.shows_progress
                && state.progress.is_overall()
                && !self.options.output.is_quiet
            {
                let text = state.progress.passed(state.lists, Instant::now());
                state.has_open_line = true;
                self.write(state, text.as_bytes());
            }
        });
    }

    /// Ends the line of progress, if one is open.
    pub fn finish_progress(&self) {
        self.with(|state| {
            if std::mem::take(&mut state.has_open_line) {
                self.write(state, b"\n");
            }
        });
    }

    /// Ends what is still open, and hands everything on.
    pub fn finish(&self) {
        self.finish_progress();
        self.with(|state| {
            if std::mem::take(&mut state.open_list) != OpenList::Not {
                self.write(state, b"\n");
            }
            // What nobody reads is lost, as with the original.
            let _ = state.streams.output.flush();
            let _ = state.streams.errors.flush();
            if let Some(file) = &mut state.streams.log_file {
                let _ = file.flush();
            }
        });
    }

    fn learn(&self, checksum: Checksum) {
        self.with(|state| state.checksum = checksum);
    }

    /// Tells that there will be lists.
    fn begin(&self, is_incremental: bool) {
        let output = &self.options.output;
        let verb = match (self.way, is_incremental) {
            (Way::Pull, _) => "receiving",
            (_, true) => "sending",
            (_, false) => "building",
        };
        self.write_down_line(if self.way == Way::Pull {
            b"receiving file list"
        } else {
            b"building file list"
        });
        let is_told = output.info.has(Info::Flist, 1)
            && !output.is_quiet
            && self.options.selection.recursion != Recursion::Skip;
        if !is_told {
            return;
        }
        self.with(|state| {
            if is_incremental {
                self.print(state, format!("{verb} incremental file list\n").as_bytes(), false);
                return;
            }
            state.awaits_list = true;
            self.write(state, format!("{verb} file list ... ").as_bytes());
            state.open_list = OpenList::Begun;
        });
    }

    /// Tells how many entries a list in the making has.
    fn count(&self, entries: u64) {
        self.with(|state| {
            if !state.awaits_list || !self.options.output.info.has(Info::Flist, 2) {
                return;
            }
            let before = if state.open_list == OpenList::Begun { "\n" } else { "" };
            self.write(state, format!("{before} {entries} files...\r").as_bytes());
            state.open_list = OpenList::Counted;
        });
    }

    fn know(&self, entries: u64, size: u64, has_more: bool) {
        self.with(|state| {
            state.lists.known = entries;
            state.lists.size = size;
            state.lists.has_more = has_more;
            if !std::mem::take(&mut state.awaits_list) {
                return;
            }
            let counts = self.options.output.info.has(Info::Flist, 2);
            state.open_list = OpenList::Not;
            let text = match (counts, entries) {
                (false, _) => "done\n".to_owned(),
                (true, 1) => "1 file to consider\n".to_owned(),
                (true, _) => {
                    format!("{entries} files to consider\n")
                }
            };
            self.write(state, text.as_bytes());
        });
    }

    /// Writes text of ours, which may end in the middle of a line.
    fn write(&self, state: &mut State, text: &[u8]) {
        let streams = &mut state.streams;
        let stream = if self.options.output.stderr == StderrMode::All {
            &mut streams.errors
        } else {
            &mut streams.output
        };
        // A closed stream loses the text; the run goes on.
        let _ = stream.write_all(text).and_then(|()| stream.flush());
    }

    fn print(&self, state: &mut State, text: &[u8], is_error: bool) {
        let mut shown = Vec::with_capacity(text.len() + 1);
        // Whoever breaks into a line ends it, in the stream that is spoken to.
        let is_open = std::mem::take(&mut state.open_list) != OpenList::Not;
        let is_open = std::mem::take(&mut state.has_open_line) || is_open;
        shown.extend(is_open.then_some(b'\n'));
        self.escaping.show(text, &mut shown);
        if !shown.ends_with(b"\n") {
            shown.push(b'\n');
        }
        let all_to_errors = self.options.output.stderr == StderrMode::All;
        let State { streams, .. } = state;
        // A closed stream loses the text; the run goes on.
        if is_error || all_to_errors {
            let _ = streams.output.flush();
            let _ = streams.errors.write_all(&shown);
            let _ = streams.errors.flush();
        } else {
            let _ = streams.output.write_all(&shown);
        }
    }

    fn write_down(&self, state: &mut State, text: &[u8]) {
        if state.streams.log_file.is_none() || text == b"\n" || text.is_empty() {
            return;
        }
        let mut line = format!("{} [{}] ", state.clock.spaced(now()), std::process::id()).into_bytes();
        self.escaping.show(text, &mut line);
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        if let Some(file) = &mut state.streams.log_file {
            let _ = file.write_all(&line);
        }
    }

    /// Whether anything is said of such an item.
    /// Whether an item is told of: without a format that shows what is changed,
    /// attributes alone are news of directories only (observed: 3.5.0).
    fn is_told(&self, entry: &Entry, item: &Item) -> bool {
        let output = &self.options.output;
        if item.name.as_ref().is_some_and(|name| !name.is_empty()) {
            return true;
        }
        let is_changed = !item.flags.without(Flags::LOCAL_CHANGE).is_empty();
        if !output.itemizes.is_given() {
            let is_more = item.flags.has(Flags::TRANSFER) || item.flags.has(Flags::LOCAL_CHANGE);
            return is_changed && (is_more || entry.is_directory());
        }
        is_changed || output.itemizes == Twice::More || output.info.has(Info::Name, 2)
    }

    fn item(&self, position: u32, entry: &Entry, item: &Item) {
        self.with(|state| {
            state.lists.left = state.lists.known.saturating_sub(u64::from(position) + 1);
            if let Some((entry, item)) = state.pending.take() {
                self.tell_item(state, &entry, &item, None);
            }
            if item.flags.has(Flags::TRANSFER) && self.options.is_dry_run {
                state.progress.skip(entry.length);
            }
            if !self.is_told(entry, item) {
                return;
            }
            let is_under_way = item.flags.has(Flags::TRANSFER) && !self.options.is_dry_run;
            if !self.tells_of_items() {
                // Nobody would see what is kept until then.
            } else if is_under_way && !self.shows_progress() {
                state.pending = Some((entry.clone(), item.clone()));
            } else {
                self.tell_item(state, entry, item, None);
            }
            let output = &self.options.output;
            let has_content = is_under_way && entry.length > 0;
            if has_content && output.shows_progress && !output.is_quiet && self.way == Way::Pull {
                // A receiver shows that it has nothing yet.
                let text = state.progress.step(0, entry.length, state.lists, Instant::now());
                self.write(state, text.unwrap_or_default().as_bytes());
            }
        });
    }

    /// Whether lines about items go anywhere.
    fn tells_of_items(&self) -> bool {
        let output = &self.options.output;
        output.format.is_some() && !output.is_quiet
            || output.log.as_ref().is_some_and(|log| !log.format.is_empty())
    }

    fn shows_progress(&self) -> bool {
        self.options.output.info.has(Info::Progress, 1)
    }

    /// Tells of an item, and writes it down.
    fn tell_item(&self, state: &mut State, entry: &Entry, item: &Item, crossing: Option<&Crossing>) {
        let attributes = &self.options.attributes;
        let checksum = state.checksum;
        let what = || What::Item {
            checksum,
            entry,
            item,
            operation: if self.way == Way::Pull { "recv" } else { "send" },
            arrow: if self.way == Way::Push { '<' } else { '>' },
            keeps_times: attributes.times,
            keeps_group: attributes.group,
            crossing,
        };
        self.tell_of(state, what);
    }

    fn tell_of<'s>(&self, state: &mut State, what: impl Fn() -> What<'s>) {
        let output = &self.options.output;
        let line = |state: &State, format: &[u8]| {
            let subject =
                Subject { what: what(), prefix: &state.directory, process: std::process::id(), now: now() };
            let mut line = Vec::new();
            expand(format, &subject, &state.clock, &mut line);
            line
        };
        if let Some(format) = output.format.as_ref().filter(|_| !output.is_quiet) {
            let text = line(state, format);
            self.print(state, &text, false);
        }
        if let Some(log) = output.log.as_ref().filter(|log| !log.format.is_empty()) {
            let text = line(state, &log.format);
            self.write_down(state, &text);
        }
    }

    fn delete(&self, name: &[u8], is_directory: bool) {
        let name = if is_directory && !name.ends_with(b"/") { [name, b"/"].concat() } else { name.to_vec() };
        let output = &self.options.output;
        let says_what = output.format.as_ref().is_some_and(|format| {
            crate::options::has_escape(format, b'i') || crate::options::has_escape(format, b'o')
        });
        self.with(|state| {
            if says_what || output.log.is_some() {
                let hidden = !says_what;
                self.tell_of_deleted(state, &name, hidden);
            }
            if !says_what && (output.info.has(Info::Del, 1) || output.format.is_some()) && !output.is_quiet {
                self.print(state, &[b"deleting ", &name[..]].concat(), false);
            }
        });
    }

    fn tell_of_deleted(&self, state: &mut State, name: &[u8], only_written: bool) {
        let output = &self.options.output;
        let line = |state: &State, format: &[u8]| {
            let what = What::Deleted { name };
            let subject = Subject { what, prefix: b"", process: std::process::id(), now: now() };
            let mut line = Vec::new();
            expand(format, &subject, &state.clock, &mut line);
            line
        };
        if let Some(format) = output.format.as_ref().filter(|_| !only_written && !output.is_quiet) {
            let text = line(state, format);
            self.print(state, &text, false);
        }
        if let Some(log) = output.log.as_ref().filter(|log| !log.format.is_empty()) {
            let text = line(state, &log.format);
            self.write_down(state, &text);
        }
    }

    fn advance(&self, entry: &Entry, bytes: u64, is_last: bool) {
        self.with(|state| {
            if self.options.output.shows_progress && !self.options.output.is_quiet {
                let lists = state.lists;
                let now = Instant::now();
                let text = if is_last {
                    // Of an empty file there is an end alone.
                    let first = match state.progress.is_begun() || entry.length == 0 {
                        true => String::new(),
                        false => state.progress.step(bytes, entry.length, lists, now).unwrap_or_default(),
                    };
                    Some(first + &state.progress.end(entry.length, lists, now))
                } else {
                    state.progress.step(bytes, entry.length, lists, now)
                };
                if let Some(text) = text {
                    state.has_open_line = !text.ends_with('\n');
                    self.write(state, text.as_bytes());
                }
            }
            if is_last && let Some((entry, item)) = state.pending.take() {
                let crossing = state.crossing.take();
                self.tell_item(state, &entry, &item, crossing.as_ref());
            }
        });
    }
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time { seconds: since.as_secs() as i64, nanoseconds: since.subsec_nanos() }
}

impl Log for Reporter {
    fn line(&self, kind: Kind, text: &[u8]) {
        let is_error = kind != Kind::Info;
        self.with(|state| {
            if is_error || !self.options.output.is_quiet {
                self.print(state, text, is_error);
            }
            self.write_down(state, text);
        });
    }
}

impl sender::Observer for Reporter {
    fn begun(&self, is_incremental: bool, checksum: Checksum) {
        self.learn(checksum);
        self.begin(is_incremental);
    }

    fn counted(&self, entries: u64) {
        self.count(entries);
    }

    fn known(&self, entries: u64, size: u64, has_more: bool) {
        self.know(entries, size, has_more);
    }

    fn finished(&self, entries: u64) {
        self.pass(entries);
    }

    fn item(&self, position: u32, entry: &Entry, item: &Item) {
        self.item(position, entry, item);
    }

    fn deleted(&self, name: &[u8], is_directory: bool) {
        self.delete(name, is_directory);
    }

    fn lies_in(&self, directory: &[u8]) {
        self.with(|state| {
            let is_said = |part: &&[u8]| !matches!(*part, b"" | b".");
            let parts: Vec<&[u8]> = directory.split(|&byte| byte == b'/').filter(is_said).collect();
            state.directory = parts.join(&b'/');
        });
    }

    fn crossed(&self, crossing: Crossing) {
        self.with(|state| state.crossing = Some(crossing));
    }

    fn progress(&self, entry: &Entry, bytes: u64, is_last: bool) {
        self.advance(entry, bytes, is_last);
    }
}

/// In a local copy the sender tells of items, and the receiver of what it deletes.
impl receiver::Observer for Reporter {
    fn begun(&self, is_incremental: bool, checksum: Checksum) {
        if self.way == Way::Pull {
            self.learn(checksum);
            self.begin(is_incremental);
        }
    }

    fn counted(&self, entries: u64) {
        if self.way == Way::Pull {
            self.count(entries);
        }
    }

    fn known(&self, entries: u64, size: u64, has_more: bool) {
        if self.way == Way::Pull {
            self.know(entries, size, has_more);
        }
    }

    fn finished(&self, entries: u64) {
        if self.way == Way::Pull {
            self.pass(entries);
        }
    }

    fn item(&self, position: u32, entry: &Entry, item: &Item) {
        if self.way == Way::Pull {
            self.item(position, entry, item);
        }
    }

    fn listed(&self, entry: &Entry) {
        let output = &self.options.output;
        self.with(|state| {
            let shows_access = self.options.attributes.atimes.is_given();
            let line = listing::line(entry, output.human, shows_access, &state.clock);
            if !output.is_quiet {
                self.print(state, &line, false);
            }
        });
    }

    fn deleted(&self, name: &[u8], kind: FileType) {
        self.delete(name, kind == FileType::Directory);
    }

    fn crossed(&self, crossing: Crossing) {
        if self.way == Way::Pull {
            self.with(|state| state.crossing = Some(crossing));
        }
    }

    fn progress(&self, entry: &Entry, bytes: u64, is_last: bool) {
        if self.way == Way::Pull {
            self.advance(entry, bytes, is_last);
        }
    }
}
