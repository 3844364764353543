//! What is not compared, each with the reason. Crashes of the original, and
//! output that changes with the contents of memory it never set, are found by
//! running it; these are known.

use std::collections::BTreeMap;

use ipmi::Request;

/// Why this difference does not count, if so.
pub(super) fn known(args: &[String], files: &BTreeMap<String, Vec<u8>>) -> Option<&'static str> {
    let script = files.get("script").map(Vec::as_slice).unwrap_or_default();
    let says = |words: &[u8]| script.split(|byte| *byte == b'\n').any(|line| contains(line, words));
    // `fru edit ID` without a field takes a buffer of one byte for the device's
    // contents.
    let edits = args.windows(2).any(|words| words[0] == "fru" && words[1].starts_with("edit"));
    if edits && !args.iter().any(|word| word.starts_with("field")) || says(b" edit ") {
        return Some("fru edit oem reads behind a buffer of one byte");
    }
    // `ekanalyzer print power` takes the file after a configuration file, where
    // that is the last, from behind its list.
    if args.iter().any(|word| word.starts_with("ekanalyzer"))
        && args.iter().any(|word| word.starts_with("rc="))
    {
        return Some("ekanalyzer print reads behind its list of files");
    }
    // `sol set` sends the rest of a parameter with what it changes, also where
    // the BMC did not tell it: from a structure on its stack.
    if args.windows(2).any(|words| words[0] == "sol" && words[1].starts_with("set")) || says(b"sol set ") {
        return Some("sol set sends what it never read");
    }
    // `mc setenables oem1` looks one byte past the end of the word: on a command
    // line the next word is there, in a file whatever the heap has.
    if says(b" setenables ") {
        return Some("setenables in a file reads past the end of its words");
    }
    // `dcmi` takes words until there is none: on a command line a null pointer
    // ends them, in a file what earlier commands left on the stack goes on.
    says(b"dcmi ").then_some("dcmi in a file reads past its last word")
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

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
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
