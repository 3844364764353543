//! Random machines and random invocations: an original and ours, each on a
//! fresh copy of the same machine, must print the same bytes, end with the same
//! status, send the same requests and leave the same files. How to run it, and
//! what is left out and why: `tests/differential/README.md`.

mod disturbance;
mod exclusions;
mod machine;
mod pair;
mod side;
mod subject;
mod wavering;

use std::path::Path;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::support::grammar::Grammar;
use crate::support::originals;
use crate::support::say::say;
use crate::support::skip::skip;
use pair::{Pair, Verdict};
use side::Bench;
use subject::Subject;

const GRAMMAR: &str = include_str!("differential/grammar.txt");

/// What the daily run tries.
const FEW: u64 = 250;
/// What the long run tries.
const MANY: u64 = 20_000;
/// Where the daily run starts.
const SEED: u64 = 1;
/// Differences shown before a run ends.
const SHOWN: usize = 20;

#[test]
fn few_random_pairs() {
    run("a few random pairs", variable("LOOPSHIM_SEED", SEED), variable("LOOPSHIM_PAIRS", FEW).min(FEW));
}

#[test]
#[ignore = "minutes: see tests/differential/README.md"]
fn many_random_pairs() {
    run("many random pairs", variable("LOOPSHIM_SEED", SEED), variable("LOOPSHIM_PAIRS", MANY));
}

fn variable<T: FromStr>(name: &str, default: T) -> T {
    let Some(value) = std::env::var_os(name) else { return default };
    let parsed = value.to_str().and_then(|text| text.parse().ok());
    parsed.unwrap_or_else(|| panic!("{name} is not what it should be: {}", value.display()))
}

/// Compares on the machines and invocations of the seeds from `first` on.
fn run(what: &str, first: u64, pairs: u64) {
    let mut differences = Vec::new();
    for personality in originals::PERSONALITIES {
        let Some(original) = originals::find(personality) else {
            skip(what, &format!("the original {personality}"));
            continue;
        };
        let counts = compare(&original, personality, first, pairs);
        let last = first + pairs - 1;
        say(format_args!("differential, {personality}, seeds {first} to {last}: {counts}"));
        differences.extend(counts.differences);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

/// What became of the pairs.
#[derive(Debug, Default)]
struct Counts {
    same: u64,
    excluded: Vec<(&'static str, u64)>,
    differences: Vec<String>,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} the same, {} different", self.same, self.differences.len())?;
        self.excluded.iter().try_for_each(|(why, count)| write!(formatter, ", {count} not compared ({why})"))
    }
}

fn compare(original: &Path, personality: &str, first: u64, pairs: u64) -> Counts {
    let next = AtomicU64::new(first);
    let counts = Mutex::new(Counts::default());
    let only: String = variable("LOOPSHIM_COMMANDS", String::new());
    let grammar = Grammar::new(GRAMMAR, personality).only(&only);
    let given = Subject::given();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let bench = Bench::new(original, personality);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let enough = || counts.lock().expect("the counts").differences.len() >= SHOWN;
                    if seed >= first + pairs || enough() {
                        return;
                    }
                    let verdict = Pair::new(seed, &grammar, &given).compare(&bench);
                    note(&mut counts.lock().expect("the counts"), verdict);
                }
            });
        }
    });
    counts.into_inner().expect("the counts")
}

fn note(counts: &mut Counts, verdict: Verdict) {
    match verdict {
        Verdict::Same => counts.same += 1,
        Verdict::Different(difference) => counts.differences.push(difference),
        Verdict::Excluded(why) => match counts.excluded.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => counts.excluded.push((why, 1)),
        },
    }
}
