//! File lists in every format. What is decoded must be told to a peer so that
//! it decodes the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rsync_proto::compat::{Abilities, Ability};
use rsync_proto::file_list::{Decoder, Encoder, Entry, Fields, Format, Kind, Received, sort};
use rsync_proto::multiplex::IoErrors;
use rsync_proto::{SliceError, Version};

fuzz_target!(|bytes: &[u8]| {
    let [version, fields, more, start, rest @ ..] = bytes else { return };
    let format = format(*version, *fields, *more);
    let mut decoder = Decoder::new(format);
    let mut rest = rest;
    let mut start = u32::from(*start);
    let mut lists = Vec::new();
    // List after list: what one has in common with the next goes on.
    while let Ok((entries, errors)) = list(&mut decoder, start, &mut rest) {
        lists.push((start, entries.clone(), errors));
        start += entries.len() as u32 + 1;
        let mut sorted = entries;
        sort(&mut sorted, |entry| (&entry.name, entry.is_directory()));
        // An honest peer's list ends; one of nothing but ends would not.
        if rest.is_empty() {
            break;
        }
    }
    again(format, &lists);
});

type List = (Vec<Entry>, IoErrors);

fn list(decoder: &mut Decoder, start: u32, rest: &mut &[u8]) -> Result<List, SliceError> {
    decoder.begin(start);
    let mut entries = Vec::new();
    loop {
        match decoder.read(rest)? {
            Received::Entry(entry) => entries.push(*entry),
            Received::End(errors) => return Ok((entries, errors)),
        }
    }
}

/// Encodes lists and decodes them again.
fn again(format: Format, lists: &[(u32, Vec<Entry>, IoErrors)]) {
    let (mut encoder, mut decoder) = (Encoder::new(format), Decoder::new(format));
    for (start, entries, errors) in lists {
        let mut bytes = Vec::new();
        encoder.begin(*start);
        entries.iter().for_each(|entry| encoder.write(&mut bytes, entry));
        encoder.end(&mut bytes, *errors);
        let mut rest = &bytes[..];
        let (decoded, _) = list(&mut decoder, *start, &mut rest).expect("our own");
        assert!(rest.is_empty());
        let decoded: Vec<Entry> = decoded.into_iter().map(|entry| essence(entry, format)).collect();
        let entries: Vec<Entry> = entries.iter().map(|entry| essence(entry.clone(), format)).collect();
        assert_eq!(decoded, entries);
    }
}

/// An entry without what is not told each time (names of owners), what shares
/// its flag with another's, and what its protocol has but for a lie.
fn essence(mut entry: Entry, format: Format) -> Entry {
    (entry.user_name, entry.group_name) = (None, None);
    if format.version == Version::V30 {
        entry.modified.nanoseconds = 0;
    }
    if let Kind::Directory { has_content, .. } = &mut entry.kind {
        *has_content = true;
    }
    entry
}

fn format(version: u8, fields: u8, more: u8) -> Format {
    let bit = |byte: u8, at: u8| byte >> at & 1 != 0;
    let abilities = [
        Ability::INCREMENTAL_RECURSION,
        Ability::VARINT_FLAGS,
        Ability::SAFE_FILE_LIST,
        Ability::NAMES_OF_ZERO,
    ];
    let granted = abilities.into_iter().zip(2..).filter(|(_, at)| bit(version, *at));
    Format {
        version: [Version::V30, Version::V31, Version::V32][usize::from(version & 3) % 3],
        abilities: granted.fold(Abilities::default(), |all, (ability, _)| all.with(ability)),
        fields: Fields {
            owner: bit(fields, 0),
            group: bit(fields, 1),
            devices: bit(fields, 2),
            specials: bit(fields, 3),
            links: bit(fields, 4),
            hard_links: bit(fields, 5),
            access_times: bit(fields, 6),
            // Their flag has no place in flags of two bytes.
            creation_times: bit(fields, 7) && bit(version, 3),
            checksum: bit(more, 0).then_some(16),
            whole_paths: bit(more, 7),
            acls: bit(more, 1),
            xattrs: bit(more, 2),
            numeric_ids: bit(more, 3),
        },
    }
}
