//! The ledger of what is not identical yet, and the count of what is.

use std::collections::BTreeMap;

use crate::readme;
use crate::support::recordings::Recording;
use crate::support::say::say;

/// Invocations that are not identical yet, and why. A row here that covers only
/// identical ones fails the test: the ledger cannot go stale.
const LEDGER: &str = include_str!("ledger.json");

/// How many invocations of a file are identical, per version.
pub struct Tally {
    file: String,
    identical: BTreeMap<String, (usize, usize)>,
    unexplained: Vec<String>,
    stale: Vec<String>,
    known: Vec<Known>,
}

/// A row of the ledger: the leading words of a command, and why it differs.
struct Known {
    words: Vec<String>,
    tool: Option<String>,
    file: Option<String>,
    used: bool,
    identical: Vec<String>,
}

impl Tally {
    /// A count for one file of recordings.
    pub fn new(file: &str) -> Self {
        let rows: Vec<serde_json::Value> = serde_json::from_str(LEDGER).expect("the ledger is JSON");
        let known = rows.iter().map(Known::of).collect();
        Self {
            file: file.to_owned(),
            identical: BTreeMap::new(),
            unexplained: Vec::new(),
            stale: Vec::new(),
            known,
        }
    }

    /// Counts one invocation.
    pub fn add(&mut self, recording: &Recording, differences: Vec<String>) {
        let count = self.identical.entry(recording.tool.clone()).or_default();
        count.1 += 1;
        let known = self.known.iter_mut().find(|known| known.covers(&self.file, recording));
        if differences.is_empty() {
            count.0 += 1;
            if let Some(known) = known {
                known.identical.push(recording.command());
            }
            return;
        }
        match known {
            Some(known) => known.used = true,
            None => self.unexplained.push(format!(
                "{} `ipmitool {}`\n    {}",
                recording.tool,
                recording.command(),
                differences.join("\n    ")
            )),
        }
    }

    /// Prints the counts, which README repeats; fails on any difference the ledger does not explain.
    pub fn settle(mut self) {
        for (tool, (identical, all)) in &self.identical {
            let count = format!("{} {tool}: {identical} of {all} identical", self.file);
            say(&count);
            let stated = !self.file.ends_with(".jsonl") || readme::states(&count);
            assert!(stated, "README does not say: {count}");
        }
        let file = &self.file;
        let stale = self.known.iter().filter(|known| known.is_stale_for(file));
        self.stale.extend(
            stale.map(|known| format!("{:?}: all identical ({})", known.words, known.identical.len())),
        );
        assert!(
            self.unexplained.is_empty(),
            "{}: {} differ without a reason in the ledger:\n{}",
            self.file,
            self.unexplained.len(),
            self.unexplained.join("\n")
        );
        assert!(self.stale.is_empty(), "{}: stale ledger rows: {:#?}", self.file, self.stale);
    }
}

impl Known {
    fn of(row: &serde_json::Value) -> Self {
        let text = |key: &str| row[key].as_str().map(str::to_owned);
        assert!(row["reason"].is_string(), "a ledger row without its reason: {row}");
        Self {
            words: text("command").expect("a command").split_whitespace().map(str::to_owned).collect(),
            tool: text("tool"),
            file: text("file"),
            used: false,
            identical: Vec::new(),
        }
    }

    /// Whether the row should go: it covers only identical invocations in the
    /// file it names, or, naming none, in the first and richest.
    fn is_stale_for(&self, file: &str) -> bool {
        let judged = self.file.as_deref().unwrap_or("corpus.jsonl") == file;
        judged && !self.used && !self.identical.is_empty()
    }

    fn covers(&self, file: &str, recording: &Recording) -> bool {
        let words = recording.words();
        words.len() >= self.words.len()
            && words.iter().zip(&self.words).all(|(word, known)| word == known)
            && self.tool.as_ref().is_none_or(|tool| *tool == recording.tool)
            && self.file.as_deref().is_none_or(|known| known == file)
    }
}
