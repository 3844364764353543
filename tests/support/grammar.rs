//! Invocations drawn from `tests/differential/grammar.txt`. The differential
//! run draws from random numbers, the fuzz target `client` from its bytes.

/// What decides where there is a choice.
pub trait Draw {
    /// A number below `count`, which is at least 1.
    fn below(&mut self, count: usize) -> usize;

    /// Whether something of so many percent happens.
    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, of which there is at least one.
    fn one<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// A byte.
    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    /// `len` bytes.
    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.byte()).collect()
    }
}

/// What is there to be named.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Names of sensors and other records.
    pub sensors: Vec<String>,
    /// Numbers of sensors.
    pub numbers: Vec<u8>,
    /// Their types.
    pub types: Vec<u8>,
    /// FRU devices.
    pub frus: Vec<u8>,
}

/// The file that `{out}` names.
pub const OUT: &str = "out";
/// The kinds of input files: `{file:KIND}` is a file of that name.
pub const FILES: &[&str] = &["any", "text", "sdr", "sel", "fru", "events", "script"];

/// The shapes of invocations.
pub struct Grammar {
    commands: Vec<&'static str>,
    options: Vec<&'static str>,
}

impl Grammar {
    /// The lines of `text` that are for `personality`.
    pub fn new(text: &'static str, personality: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines =
            lines.filter_map(|line| match line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
                Some((version, line)) => (version == personality).then_some(line),
                None => Some(line),
            });
        let (options, commands): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("options:"));
        let options = options.into_iter().filter_map(|line| line.strip_prefix("options:")).collect();
        Self { commands, options }
    }

    /// Only the commands with `text` in their line.
    pub fn only(mut self, text: &str) -> Self {
        self.commands.retain(|line| line.contains(text));
        assert!(!self.commands.is_empty(), "no command has {text:?}");
        self
    }

    /// An invocation: options, a command and its words; some with a slip.
    pub fn invocation(&self, draw: &mut impl Draw, names: &Names) -> Vec<String> {
        let mut words = expand(draw.one(&self.commands), draw, names);
        if draw.percent(12) {
            slip(&mut words, draw, names);
        }
        let mut args = Vec::new();
        for _ in 0..draw.one(&[0, 0, 0, 0, 1, 1, 2]) {
            args.extend(expand(draw.one(&self.options), draw, names));
        }
        args.extend(words);
        args
    }

    /// A file of several commands for `exec`.
    pub fn script(&self, draw: &mut impl Draw, names: &Names) -> String {
        let count = draw.below(4);
        let mut text = String::new();
        for _ in 0..count {
            let words = expand(draw.one(&self.commands), draw, names);
            // A file that runs itself is another matter, and so is a prompt.
            if !matches!(words.first().map(String::as_str), Some("exec" | "shell")) {
                text += &words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
                text += draw.one(&["\n", "\n", "\n\n", " # note\n"]);
            }
        }
        text
    }
}

fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
}

fn expand(line: &str, draw: &mut impl Draw, names: &Names) -> Vec<String> {
    let words = line.split_whitespace().map(|word| pick(word, draw));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.into_iter().filter_map(|word| fill(word, draw, names)).collect()
}

/// One of the alternatives of a word. Bars within braces are values' own.
fn pick<'w>(word: &'w str, draw: &mut impl Draw) -> &'w str {
    let mut depth = 0;
    let alternatives: Vec<&str> = word
        .split(|letter| {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            letter == '|' && depth == 0
        })
        .collect();
    draw.one(&alternatives)
}

/// A word with its values put in; `None` for an optional one left out.
fn fill(word: &str, draw: &mut impl Draw, names: &Names) -> Option<String> {
    let Some((before, rest)) = word.split_once('{') else { return Some(word.to_owned()) };
    let (kind, after) = rest.split_once('}').unwrap_or((rest, ""));
    let kind = match kind.strip_suffix('|') {
        Some(_) if draw.percent(50) => return None,
        Some(kind) => kind,
        None => kind,
    };
    Some(format!("{before}{}{after}", value(kind, draw, names)))
}

/// Words that nobody asked for.
const TEXTS: &[&str] = &[
    "",
    "x",
    "bogus",
    "list",
    "help",
    "0",
    "1",
    "-1",
    "0x",
    "0x1g",
    "on",
    "off",
    "16chars-exactly!",
    "seventeen letters",
    "a text of more than twenty bytes",
    "a b",
    "all",
    "CPU",
    "%s%n",
    "ab,cd",
    "=",
    "65536",
    "4294967296",
    "99999999999999999999",
    "0x10",
    "010",
    "1.5",
    "none",
    "ABCDEF0123456789",
];

fn value(kind: &str, draw: &mut impl Draw, names: &Names) -> String {
    let wrong = draw.percent(8);
    match kind {
        _ if wrong && !matches!(kind, "out" | "letter") && !kind.starts_with("file:") => {
            draw.one(TEXTS).to_owned()
        }
        "text" => draw.one(TEXTS).to_owned(),
        "byte" => {
            let byte = if draw.percent(60) { draw.below(10) as u8 } else { draw.byte() };
            if draw.percent(50) { byte.to_string() } else { format!("{byte:#x}") }
        }
        "number" => {
            draw.one(&[0, 1, 60, 255, 256, 1000, 4094, 4095, 6553, 6554, 65535, 65536, -1]).to_string()
        }
        "digit" => draw.below(10).to_string(),
        "lun" => draw.below(5).to_string(),
        "letter" => {
            char::from(draw.one(b"abcdefgijklmnopqrstuwxyzABCDFGHIJKMNOPQRSTUWXZ0123579+")).to_string()
        }
        "channel" => draw.one(&[1, 1, 1, 1, 1, 1, 2, 0, 3, 6, 7, 8, 14, 15, 16]).to_string(),
        "user" => draw.one(&[1, 2, 2, 2, 3, 4, 5, 10, 63, 64, 0]).to_string(),
        "netfn" => format!("{:#04x}", draw.below(0x42)),
        "command" => format!("{:#04x}", draw.byte()),
        "ip" => draw
            .one(&["192.0.2.9", "0.0.0.0", "255.255.255.0", "10.1.2.3", "10.1.2", "1.2.3.256", "1.2.3.4.5"])
            .to_owned(),
        "ip6" => draw
            .one(&["fe80::1", "::", "2001:db8::192.0.2.1", "fc00:1:2:3:4:5:6:7", "fc00::g", "1:2"])
            .to_owned(),
        "mac" => {
            let macs = [
                "02:00:00:00:00:01",
                "ff:ff:ff:ff:ff:ff",
                "2:0:0:0:0:1",
                "02:00:00:00:00",
                "02-00-00-00-00-01",
            ];
            draw.one(&macs).to_owned()
        }
        "hex" => {
            draw.one(&["00", "0011", "abc", "0102030405060708090a0b0c0d0e0f1011121314", "zz", ""]).to_owned()
        }
        "entity" => format!("{}.{}", draw.one(&[3, 7, 10, 29, 0]), draw.one(&["0", "1", "2", "x", "", "96"])),
        "value" => {
            draw.one(&["0", "1", "12.5", "-5", "80", "1e3", "255", "256", "1000000", "0x10"]).to_owned()
        }
        "time" => {
            let times = [
                "03/05/2024 14:09:09",
                "03/05/24 14:09:09",
                "3/5/2024 1:2:3",
                "13/05/2024 14:09:09",
                "12/31/1969 23:59:59",
            ];
            draw.one(&times).to_owned()
        }
        "record" => draw.one(&["0", "1", "2", "0x1", "0x2", "3", "4", "0xffff", "65536", "9"]).to_owned(),
        "sensor" if !names.sensors.is_empty() => draw.one(&names.sensors),
        "number:sensor" if !names.numbers.is_empty() => draw.one(&names.numbers).to_string(),
        "fru" if !names.frus.is_empty() => draw.one(&names.frus).to_string(),
        "out" => OUT.to_owned(),
        _ => kind.strip_prefix("file:").unwrap_or("0").to_owned(),
    }
}

/// What people do to words: leave one out, add one, cut one, lengthen one.
fn slip(words: &mut Vec<String>, draw: &mut impl Draw, names: &Names) {
    let at = draw.below(words.len().max(1));
    let Some(word) = words.get_mut(at) else { return };
    match draw.below(5) {
        0 => drop(words.remove(at)),
        1 => words.insert(at + 1, value("text", draw, names)),
        2 => drop(word.pop()),
        3 => word.push('x'),
        _ => *word = value("text", draw, names),
    }
}
