//! One machine and one invocation.

use std::collections::BTreeMap;
use std::path::Path;

use super::exclusions;
use super::side::{Bench, Setting, Shown};
use super::subject::Subject;
use super::wavering;
use crate::support::grammar::{Draw, FILES, Grammar, Names};
use crate::support::random::Random;

/// What a seed gives.
pub(super) struct Pair {
    seed: u64,
    machine: Subject,
    disturbance: Option<u64>,
    args: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
    variables: Vec<(&'static str, &'static str)>,
}

/// What a comparison came to.
pub(super) enum Verdict {
    Same,
    Different(String),
    /// Not compared, and why.
    Excluded(&'static str),
}

/// Variables that change what lies in memory that was never set, and what lies
/// behind a block; most are of the C library.
const OTHER_MEMORY: &[&[(&str, &str)]] = &[
    &[("MALLOC_PERTURB_", "85")],
    &[("MALLOC_PERTURB_", "170")],
    &[("MALLOC_MMAP_THRESHOLD_", "0"), ("MALLOC_TOP_PAD_", "0")],
    // The stack lies elsewhere in every run; a variable moves it further.
    &[],
    &[("ELSEWHERE", "by some odd number of bytes that nobody looks at")],
];

const ZONES: &[&str] = &["UTC", "EST5EDT,M3.2.0,M11.1.0", "<+0545>-5:45"];

impl Pair {
    /// The machine and the invocation of `seed`; the machine is one of `given`
    /// if there are any.
    pub(super) fn new(seed: u64, grammar: &Grammar, given: &[Subject]) -> Self {
        let mut random = Random::new(seed);
        let machine = match given {
            [] => Subject::random(seed, &mut random),
            given => random.one(given),
        };
        let args = grammar.invocation(&mut random, &machine.names);
        let files = files(&args, &mut random, &machine.names, grammar);
        let disturbance = random.percent(40).then_some(seed);
        let variables = vec![("TZ", random.one(ZONES)), ("LC_ALL", "C")];
        Self { seed, machine, disturbance, args, files, variables }
    }

    pub(super) fn compare(&self, bench: &Bench) -> Verdict {
        let setting = Setting {
            args: &self.args,
            machine: &self.machine.bmc,
            disturbance: self.disturbance,
            files: &self.files,
            variables: &self.variables,
        };
        let theirs = bench.original(&setting, &[]);
        let ours = bench.ours(&setting);
        if ours == theirs {
            return Verdict::Same;
        }
        if theirs.status.is_none() {
            return Verdict::Excluded("the original crashes or does not end");
        }
        if let Some(why) = exclusions::known(&self.args, &self.files, [&ours, &theirs], &bench.personality) {
            return Verdict::Excluded(why);
        }
        let again: Vec<_> =
            OTHER_MEMORY.iter().map(|variables| bench.original(&setting, variables)).collect();
        if again.iter().any(|other| other.status.is_none()) {
            return Verdict::Excluded("the original crashes where memory is other");
        }
        if again.iter().any(|other| *other != theirs) && wavering::agrees(&ours, &theirs, &again) {
            return Verdict::Excluded(
                "the rest the same: the original shows memory it never set, or not its own",
            );
        }
        Verdict::Different(self.report(bench, &ours, &theirs))
    }

    fn report(&self, bench: &Bench, ours: &Shown, theirs: &Shown) -> String {
        let Self { seed, args, .. } = self;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("differential");
        let model = folder.join(format!("{seed}.json"));
        // Without the files the report still has the seed.
        let _ = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&model, &self.machine.json));
        for (name, contents) in &self.files {
            let _ = std::fs::write(folder.join(format!("{seed}.{name}")), contents);
        }
        format!(
            "seed {seed}, {}{}: ipmitool {args:?}\n{}  machine: {}\n  again: LOOPSHIM_SEED={seed} LOOPSHIM_PAIRS=1 \
             cargo test --release --test main -- --ignored many_random_pairs",
            bench.personality,
            if self.disturbance.is_some() { ", disturbed" } else { "" },
            differences(ours, theirs),
            model.display()
        )
    }
}

/// The input files that an invocation names, or its script.
fn files(
    args: &[String],
    random: &mut Random,
    names: &Names,
    grammar: &Grammar,
) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut text = args.join(" ");
    // The script comes first: it names others.
    for name in FILES.iter().rev() {
        if text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == *name) {
            let contents = file(name, random, names, grammar);
            if *name == "script" {
                text += &String::from_utf8_lossy(&contents);
            }
            files.insert((*name).to_owned(), contents);
        }
    }
    files
}

/// The contents of an input file.
fn file(name: &str, random: &mut Random, names: &Names, grammar: &Grammar) -> Vec<u8> {
    match name {
        "script" => grammar.script(random, names).into_bytes(),
        "text" => {
            random.one(&["", "secret", "secret\n", "a text of more than twenty bytes\nand more\n"]).into()
        }
        "events" => {
            let lines = (0..random.below(4)).map(|_| {
                let words = (0..random.one(&[7, 7, 7, 6, 8])).map(|_| format!("{:#04x}", random.byte()));
                words.collect::<Vec<_>>().join(" ") + random.one(&["", "", " # note"]) + "\n"
            });
            lines.collect::<String>().into_bytes()
        }
        "sel" => {
            let count = random.below(4) * 16;
            random.bytes(count)
        }
        "sdr" => (0..random.below(4)).flat_map(|_| random.bytes(6)).collect(),
        "fru" => {
            let mut image = vec![1, 0, 0, 0, 1, 0, 0, 0xFE, 1, 2, 0, 0xC2, b'a', b'b', 0xC1];
            image.extend(random.bytes(9));
            image
        }
        _ => {
            let len = random.one(&[0, 1, 8, 100, 300, 1500, 3000]);
            random.bytes(len)
        }
    }
}

fn differences(ours: &Shown, theirs: &Shown) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut report = String::new();
    let mut part = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            report += &format!("  {what}: {}", first_difference(&ours, &theirs));
        }
    };
    part("stdout", text(&ours.stdout), text(&theirs.stdout));
    part("stderr", text(&ours.stderr), text(&theirs.stderr));
    part("status", format!("{:?}", ours.status), format!("{:?}", theirs.status));
    part("requests", lines(&ours.requests), lines(&theirs.requests));
    part("files", lines(&ours.files), lines(&theirs.files));
    report
}

fn lines<T>(values: impl IntoIterator<Item = T>) -> String
where
    T: std::fmt::Debug,
{
    values.into_iter().map(|value| format!("{value:02x?}\n")).collect()
}

/// The first lines that differ, and the line before.
fn first_difference(ours: &str, theirs: &str) -> String {
    let same = ours.lines().zip(theirs.lines()).take_while(|(ours, theirs)| ours == theirs).count();
    let shown = |text: &str| {
        let lines = text.lines().skip(same.saturating_sub(1)).take(4);
        lines.map(|line| format!("    {line:?}\n")).collect::<String>()
    };
    format!("line {}\n   theirs\n{}   ours\n{}", same + 1, shown(theirs), shown(ours))
}
