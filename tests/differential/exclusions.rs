//! What is not compared, each with the reason. Crashes of the original, and
//! output that changes with the contents of memory it never set, are found by
//! running it; these are known, and shown by what was asked and answered.

use std::collections::BTreeMap;

use ipmi::Request;

use super::side::Shown;

/// What an exclusion is judged by.
struct Evidence<'e> {
    /// The commands: that of the command line, or those of a file for `exec`.
    commands: Vec<Vec<String>>,
    in_file: bool,
    personality: &'e str,
    /// What the original did.
    theirs: &'e Shown,
}

/// What the original does, the condition under which it uses memory that is not
/// its own or that it never set, and what does not depend on that.
type Exclusion = (&'static str, fn(&Evidence<'_>) -> bool, Rest);

/// What is still compared.
#[derive(Debug, Clone, Copy)]
enum Rest {
    /// It may do anything.
    Nothing,
    /// Everything but the exit status.
    AllButStatus,
    /// Everything but the bytes of Write FRU Data that are zero in ours.
    AllButZerosWritten,
}

const EXCLUSIONS: &[Exclusion] = &[
    (
        "fru edit and get write and read behind a buffer of one byte",
        |evidence| {
            // It forgets the device's size and takes a buffer of size + 1 for the
            // contents. Where the area is said to lie beyond the size, it stops
            // there; where the header says that there is no area, it goes on at
            // offset 0 of the buffer.
            evidence.any(is_about_records) && evidence.theirs.exchanges().any(is_header_without_records)
        },
        Rest::Nothing,
    ),
    (
        "fru print of no device returns what it never set",
        |evidence| evidence.theirs.stdout.ends_with(b"Builtin FRU Device (ID 0)\n"),
        Rest::AllButStatus,
    ),
    (
        "fru edit moves what lies behind its image",
        |evidence| {
            // An area that becomes shorter has what follows moved down: as many
            // bytes as there is room for, more than there are. The last come from
            // the heap, among them the size of its next block.
            let stdout = String::from_utf8_lossy(&evidence.theirs.stdout);
            let moved = stdout
                .lines()
                .find_map(|line| line.strip_prefix("Moving Remaining Bytes (Multi-Rec , etc..), from "));
            let ends = moved.and_then(|ends| ends.split_once(" to "));
            ends.is_some_and(|(from, to)| from.parse::<i64>().unwrap_or(0) > to.parse().unwrap_or(0))
        },
        Rest::AllButZerosWritten,
    ),
    (
        "ekanalyzer print reads behind its list of files",
        |evidence| {
            evidence.any(|words| {
                matches!(words, [tool, print, what, files @ ..]
            if tool == "ekanalyzer" && print == "print" && matches!(what.as_str(), "power" | "all")
                && ends_with_configuration(files))
            })
        },
        Rest::Nothing,
    ),
    (
        "1.8.18 names a unit behind its table",
        |evidence| evidence.personality == "1.8.18-el8" && evidence.theirs.exchanges().any(has_unknown_unit),
        Rest::Nothing,
    ),
    (
        "sol set sends what it never read",
        |evidence| {
            // Two values share a parameter. The other one is asked for, but where
            // the BMC does not have it, or tells it in another length, the value
            // stays as the stack had it.
            let exchanges: Vec<_> = evidence.theirs.exchanges().collect();
            exchanges.iter().enumerate().any(|(at, (request, _))| {
                let [channel, selector @ 2..=4, ..] = request.data[..] else { return false };
                (request.netfn, request.cmd) == (0x0C, 0x21)
                    && exchanges[..at].iter().any(|(asked, answer)| {
                        let length = if selector == 2 { 2 } else { 3 };
                        (asked.netfn, asked.cmd) == (0x0C, 0x22)
                            && asked.data.starts_with(&[channel, selector])
                            && (answer.completion.0 != 0 || answer.data.len() != length)
                    })
            })
        },
        Rest::Nothing,
    ),
    (
        "dcmi sensors reads behind a buffer for eight records",
        |evidence| {
            // As many as the answer says, which is how many are left over from the
            // one before where it ends too soon.
            evidence.theirs.exchanges().any(|(request, answer)| {
                (request.netfn, request.cmd) == (0x2C, 0x07)
                    && request.data.starts_with(&[0xDC])
                    && answer.completion.0 == 0
                    && answer.data.get(2).is_none_or(|count| *count > 8)
            })
        },
        Rest::Nothing,
    ),
    (
        "setenables in a file reads past the end of its words",
        |evidence| {
            // After the name of an option it looks one byte past the word's end: on
            // a command line the next word is there, in a file whatever the heap has.
            evidence.in_file
                && evidence.any(|words| {
                    words.iter().skip(1).any(|word| ENABLES.contains(&word.as_str()))
                        && words.get(1).is_some_and(|verb| verb.starts_with("setenables"))
                })
        },
        Rest::Nothing,
    ),
    (
        "dcmi in a file reads past its last word",
        |evidence| {
            // These take a word more until it is a null pointer: a command line has
            // one, in a file what earlier commands left on the stack goes on.
            evidence.in_file
                && evidence.any(|words| match words {
                    [dcmi, rest @ ..] if dcmi == "dcmi" => {
                        matches!(rest.join(" ").as_str(), "power" | "power reading" | "thermalpolicy")
                    }
                    _ => false,
                })
        },
        Rest::Nothing,
    ),
];

/// What `mc setenables` can set.
const ENABLES: &[&str] =
    &["recv_msg_intr", "event_msg_intr", "event_msg", "system_event_log", "oem0", "oem1", "oem2"];

impl Evidence<'_> {
    fn any(&self, is: impl Fn(&[String]) -> bool) -> bool {
        self.commands.iter().any(|words| is(words))
    }
}

/// Why this difference does not count, if so.
pub(super) fn known(
    args: &[String],
    files: &BTreeMap<String, Vec<u8>>,
    [ours, theirs]: [&Shown; 2],
    personality: &str,
) -> Option<&'static str> {
    let (commands, in_file) = match files.get("script") {
        Some(script) => (String::from_utf8_lossy(script).lines().map(words).collect(), true),
        // Options and their values go before the command.
        None => ((0..args.len()).map(|at| args[at..].to_vec()).collect(), false),
    };
    let evidence = Evidence { commands, in_file, personality, theirs };
    let counts = |(_, is_so, rest): &&Exclusion| is_so(&evidence) && rest.is_same(ours, theirs);
    EXCLUSIONS.iter().find(counts).map(|(why, ..)| *why)
}

impl Rest {
    fn is_same(self, ours: &Shown, theirs: &Shown) -> bool {
        match self {
            Self::Nothing => true,
            Self::AllButStatus => Shown { status: theirs.status, ..ours.clone() } == *theirs,
            Self::AllButZerosWritten => {
                let requests = ours.requests.iter().zip(&theirs.requests);
                let requests = requests.map(|(ours, theirs)| with_zeros_of(theirs.clone(), ours)).collect();
                *ours == Shown { requests, ..theirs.clone() }
            }
        }
    }
}

/// Write FRU Data with those bytes set to zero that are zero in the other one.
fn with_zeros_of(mut request: Request, other: &Request) -> Request {
    const HEAD: usize = 3;
    if (request.netfn, request.cmd) == (0x0A, 0x12) {
        let bytes = request.data.iter_mut().zip(&other.data).skip(HEAD);
        bytes.filter(|(_, other)| **other == 0).for_each(|(byte, _)| *byte = 0);
    }
    request
}

/// The words of a line of a file for `exec`.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for letter in line.split('#').next().unwrap_or_default().chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().expect("a word").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_about_records(words: &[String]) -> bool {
    let [fru, verb, _, rest @ ..] = words else { return false };
    let is_edit = verb.starts_with("edit") && rest.first().is_none_or(|word| word.starts_with("oem"));
    fru == "fru" && (is_edit || verb.starts_with("get"))
}

/// An answer with the common header of a device, which names no area of
/// records, or was cut before it says where.
fn is_header_without_records((request, answer): (&Request, &ipmi::Response)) -> bool {
    (request.netfn, request.cmd) == (0x0A, 0x11)
        && request.data.get(1..) == Some(&[0, 0, 8])
        && answer.completion.0 == 0
        && answer.data.get(6).is_none_or(|offset| *offset == 0)
}

/// A piece of a sensor's record whose base or modifier unit is none that IPMI 2.0
/// knows. Undisturbed machines have none such.
fn has_unknown_unit((request, answer): (&Request, &ipmi::Response)) -> bool {
    const UNITS: std::ops::Range<usize> = 21..23;
    const LAST: u8 = 90;
    let at = usize::from(request.data.get(4).copied().unwrap_or(0));
    matches!((request.netfn, request.cmd), (0x0A, 0x23) | (0x04, 0x21))
        && answer.data.iter().skip(2).enumerate().any(|(i, byte)| UNITS.contains(&(at + i)) && *byte > LAST)
}

/// `print` takes the file after a configuration file whether there is one or not.
fn ends_with_configuration(files: &[String]) -> bool {
    let mut files = files.iter();
    while let Some(file) = files.next() {
        if file.starts_with("rc=") && files.next().is_none() {
            return true;
        }
    }
    false
}

/// A request without what the original never sets in it: `sunoem nacname` sends
/// 64 bytes of its stack with a name at the start, `setval` asks for a state
/// with two bytes that are set and 58 that are not.
pub(super) fn without_unset(mut request: Request) -> Request {
    let unset = match (request.netfn, request.cmd, request.data.as_slice()) {
        (0x2E, 0x29, [_, name @ ..]) => 1 + name.iter().take_while(|byte| **byte != 0).count(),
        (0x2E, 0x2C, [4, _, ..]) => {
            request.data[1] = 0;
            3
        }
        _ => return request,
    };
    request.data.iter_mut().skip(unset).for_each(|byte| *byte = 0);
    request
}

/// Lines in which the original that runs here differs from the one we stand in
/// for: 1.8.18 is Debian 11's build, the personality Rocky Linux 8's, whose own
/// texts the recordings judge. It was built with other interfaces and OEM types,
/// and Rocky's patches added `channel setkg` and `noguard`.
pub(super) fn without_build(personality: &str, text: &[u8]) -> Vec<u8> {
    const OTHERS: &[&[u8]] = &[b"\tfree ", b"\tdummy ", b"\tusb ", b"\tquanta "];
    const SET_KEY: &[u8] = b"                  setkg hex|plain <key> [channel]\n\n";
    const NO_GUARD: &[u8] = b" [noguard]\n";
    // Debian corrects the spelling.
    const SPELT: [[&[u8]; 2]; 2] = [
        [b"Bad Password Threshold", b"Bad Pasword Threshold"],
        [b"SDR repository not accessible", b"SDR repository not accesible"],
    ];
    if personality != "1.8.18-el8" {
        return text.to_vec();
    }
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let kept = lines.filter(|line| !OTHERS.iter().any(|other| line.starts_with(other)));
    let text = kept.collect::<Vec<_>>().concat();
    let text = replaced(&replaced(&text, SET_KEY, b""), NO_GUARD, b"\n");
    SPELT.iter().fold(text, |text, [theirs, ours]| replaced(&text, theirs, ours))
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut kept = Vec::with_capacity(text.len());
    while let Some(at) = rest.windows(old.len()).position(|window| window == old) {
        kept.extend(&rest[..at]);
        kept.extend(new);
        rest = &rest[at + old.len()..];
    }
    kept.extend(rest);
    kept
}
