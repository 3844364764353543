//! Filter rules, as they are typed, as they stand in files and as peers send
//! them; and what they make of names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rsync_proto::filter::{Effect, Parsed, Prefix, Reading, Sides, parse, split};

fuzz_target!(|bytes: &[u8]| {
    let [how, length, rest @ ..] = bytes else { return };
    let (path, text) = rest.split_at(usize::from(*length).min(rest.len()));
    let reading = reading(*how);
    for (_, rule) in split(text, &reading) {
        consider(rule, &reading, path);
    }
    consider(text, &reading, path);
});

fn consider(text: &[u8], reading: &Reading, path: &[u8]) {
    match parse(text, reading) {
        Ok(Parsed::Rule(rule)) => {
            let (as_file, as_folder) =
                (rule.applies(path, false, b"/a/root"), rule.applies(path, true, b"/a/root"));
            // As it is told to a peer it means the same.
            if let Ok(Parsed::Rule(told)) = parse(&rule.text(), &Reading::default()) {
                assert_eq!(told.applies(path, false, b"/a/root"), as_file);
                assert_eq!(told.applies(path, true, b"/a/root"), as_folder);
            }
        }
        Ok(Parsed::DirMerge(merge) | Parsed::Merge(merge)) => drop(merge.text()),
        Ok(Parsed::CvsExcludes(_) | Parsed::Clear) => {}
        Err(error) => drop(error.message(text)),
    }
}

fn reading(how: u8) -> Reading {
    let bit = |at: u8| how >> at & 1 != 0;
    let effect = if bit(2) { Effect::Include } else { Effect::Exclude };
    Reading {
        prefix: [Prefix::Required, Prefix::Required, Prefix::Optional(effect), Prefix::None(effect)]
            [usize::from(how & 3)],
        may_clear: bit(3),
        splits_words: bit(4),
        sides: bit(5).then_some(Sides::Sender),
        is_absolute: bit(6),
        is_perishable: bit(7),
        is_about_xattrs: false,
    }
}
