//! `/var/lib/loopshim/unmodelled.jsonl`: which invocations the shims could not
//! answer from the model, and how often, so that the next one to model is
//! known. One JSON object a line, most asked first:
//!
//! ```json
//! {"tool":"ipmitool","argv":["sol","info"],"count":3,"first":1795223605,"last":1795224000}
//! ```
//!
//! Best effort: it never delays an answer (a busy lock means this one is not
//! counted) and never says anything.

use std::io::{self, Read, Write};
use std::time::UNIX_EPOCH;

use crate::json::{self, Line};
use crate::octets::Octets;
use crate::trusted::TrustedDir;
use crate::{Tool, World};

/// The directory the ledger is in.
pub const DIRECTORY: &str = "/var/lib/loopshim";
/// The ledger.
pub const FILE: &str = "unmodelled.jsonl";
/// Held while the ledger is rewritten.
const LOCK: &str = "unmodelled.lock";
/// The ledger to be, until it is renamed.
const TEMPORARY: &str = "unmodelled.jsonl.new";

/// Most invocations kept; the least asked go first, the oldest among them.
pub const ENTRIES_MAX: usize = 500;
/// Longest entry kept, in bytes; an invocation beyond it is not counted.
pub const ENTRY_MAX: usize = 2048;
/// Most bytes read of a ledger; its own bounds keep it below.
const SIZE_MAX: u64 = (ENTRIES_MAX * (ENTRY_MAX + 1)) as u64;

/// One invocation and how often it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The tool's name.
    pub tool: String,
    /// The arguments after the program's name, secrets taken out.
    pub argv: Vec<Octets>,
    /// How often it was asked for.
    pub count: u64,
    /// When it was first asked for, in seconds since 1970.
    pub first: u64,
    /// When it was last asked for, in seconds since 1970.
    pub last: u64,
}

json::object!(Entry { tool, argv, count, first, last; });

/// Counts one unmodelled invocation; `args` without secrets. Silent, whatever
/// happens.
pub fn note(world: &World, tool: Tool, args: &[Vec<u8>]) {
    // There is nobody to tell: the caller must see the original's output only.
    let _ = try_note(world, tool, args);
}

fn try_note(world: &World, tool: Tool, args: &[Vec<u8>]) -> io::Result<()> {
    let directory = TrustedDir::open_or_make(world, DIRECTORY, 0o755)?;
    let Some(_lock) = directory.try_lock(LOCK)? else { return Ok(()) };
    let now = (world.clock)().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let argv = args.iter().map(|arg| Octets::from(arg.as_slice())).collect();
    let mut entries = directory.read(FILE).map_or_else(|_| Vec::new(), entries);
    count(&mut entries, Entry { tool: tool.name().to_owned(), argv, count: 1, first: now, last: now });
    let mut file = directory.make_anew(TEMPORARY)?;
    file.write_all(&lines(&entries))?;
    directory.rename(TEMPORARY, FILE)
}

/// Reads a ledger; lines that are none of ours are dropped.
fn entries(file: impl Read) -> Vec<Entry> {
    let mut text = Vec::new();
    // What could be read of a damaged file is worth more than nothing.
    let _ = file.take(SIZE_MAX).read_to_end(&mut text);
    text.split(|&byte| byte == b'\n').filter_map(|line| json::parse(line).ok()).collect()
}

/// Adds `new` to the entries, or its count to its equal's, within the bounds.
/// The entries are in order, and stay so by moving the one that changes.
fn count(entries: &mut Vec<Entry>, new: Entry) {
    let known = entries.iter().position(|entry| entry.tool == new.tool && entry.argv == new.argv);
    let changed = match known {
        Some(at) => {
            let old = entries.remove(at);
            Entry { count: old.count.saturating_add(new.count), last: new.last, ..old }
        }
        None if line(&new).len() <= ENTRY_MAX => {
            make_room(entries);
            new
        }
        None => return,
    };
    let place = entries.iter().position(|entry| entry.count < changed.count);
    entries.insert(place.unwrap_or(entries.len()), changed);
}

fn make_room(entries: &mut Vec<Entry>) {
    while entries.len() >= ENTRIES_MAX {
        let least = (0..entries.len()).min_by_key(|&at| (entries[at].count, entries[at].last));
        entries.remove(least.unwrap_or_default());
    }
}

fn lines(entries: &[Entry]) -> Vec<u8> {
    entries.iter().flat_map(|entry| [line(entry), b"\n".to_vec()].concat()).collect()
}

fn line(entry: &Entry) -> Vec<u8> {
    let mut line = Line::new();
    line.member("tool").text(&entry.tool);
    line.member("argv").array(&entry.argv, |line, arg| arg.write(line));
    for (name, number) in [("count", entry.count), ("first", entry.first), ("last", entry.last)] {
        line.member(name).plain(format_args!("{number}"));
    }
    line.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(word: &str, time: u64) -> Entry {
        let argv = vec![Octets::from(word.as_bytes())];
        Entry { tool: "ipmitool".to_owned(), argv, count: 1, first: time, last: time }
    }

    #[test]
    fn the_same_invocation_is_counted_and_others_are_kept_apart() {
        let mut ledger = Vec::new();
        for (word, time) in [("sol", 1), ("user", 2), ("user", 3)] {
            count(&mut ledger, asked(word, time));
        }
        count(&mut ledger, Entry { tool: "pip3".to_owned(), ..asked("user", 4) });
        let seen: Vec<_> = ledger.iter().map(|entry| (entry.count, entry.first, entry.last)).collect();
        assert_eq!(seen, [(2, 2, 3), (1, 1, 1), (1, 4, 4)]);
    }

    #[test]
    fn a_full_ledger_drops_the_least_asked_and_oldest() {
        let mut ledger = Vec::new();
        for time in 0..ENTRIES_MAX as u64 {
            count(&mut ledger, asked(&format!("word{time}"), time));
        }
        count(&mut ledger, asked("word0", 1000));
        count(&mut ledger, asked("new", 1001));
        assert_eq!(ledger.len(), ENTRIES_MAX);
        let holds = |word: &str| ledger.iter().any(|entry| entry.argv == asked(word, 0).argv);
        assert!(holds("new") && holds("word0") && holds("word2"));
        assert!(!holds("word1"));
    }

    #[test]
    fn an_endless_argument_is_not_kept() {
        let mut ledger = Vec::new();
        count(&mut ledger, asked(&"x".repeat(ENTRY_MAX), 1));
        assert!(ledger.is_empty());
        count(&mut ledger, asked(&"x".repeat(ENTRY_MAX / 2), 1));
        assert_eq!(ledger.len(), 1);
    }

    #[test]
    fn what_is_written_is_read_again_and_rubbish_is_dropped() {
        let ledger = vec![asked("sol", 1), Entry { argv: vec![Octets::from(&b"\xff"[..])], ..asked("", 2) }];
        assert_eq!(entries(&lines(&ledger)[..]), ledger);
        let damaged = [b"rubbish\n{}\n".to_vec(), lines(&ledger), b"{\"tool\":".to_vec()].concat();
        assert_eq!(entries(&damaged[..]), ledger);
    }
}
