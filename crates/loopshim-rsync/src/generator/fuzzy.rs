//! `--fuzzy`: a file of another name that may be an older version.

use rsync_proto::file_list::Entry;
use rsync_proto::item::Basis;

use super::Generator;
use super::basis::Chosen;
use crate::fs::{Directory as Held, Facts};
use crate::options::Twice;

/// What inserting, removing or replacing a byte counts, besides the bytes.
const EDIT: u32 = 1 << 16;
/// Names that differ by more are not similar.
const DISTANCE_MAX: u32 = 25 * EDIT;
/// How much more a difference of suffixes says.
const SUFFIX_WEIGHT: u32 = 10;
/// Suffixes of what was kept of a file, which say nothing of what is in it.
const KEPT: [&[u8]; 3] = [b".bak", b".old", b".orig"];

/// The files of one directory.
#[derive(Default)]
pub(super) struct Directory {
    path: Option<Box<[u8]>>,
    files: Vec<(Basis, Box<[u8]>, Facts)>,
}

impl Generator<'_> {
    pub(super) fn similar_basis(&mut self, entry: &Entry, path: &[u8]) -> Option<Chosen> {
        let fuzzy = self.run.options().comparison.fuzzy;
        if fuzzy == Twice::No {
            return None;
        }
        let cut = path.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
        let (parent, leaf) = (&path[..cut.saturating_sub(1)], &path[cut..]);
        if self.similar.path.as_deref() != Some(parent) {
            self.similar = self.list_similar(parent, fuzzy == Twice::More);
        }
        let found = choose(&self.similar.files, entry, leaf, |facts| {
            self.run.keep.is_same_time(facts.modified, entry.modified)
        })?;
        Some(Chosen { basis: found.0, fuzzy: Some(found.1.to_vec()), facts: None })
    }

    fn list_similar(&mut self, parent: &[u8], with_alternatives: bool) -> Directory {
        let mut files = Vec::new();
        if let Ok(directory) = self.tree.directory(parent) {
            list(&directory, Basis::Fuzzy, &mut files);
        }
        let alternatives = self.run.options().comparison.alternatives.as_ref();
        let count = alternatives.filter(|_| with_alternatives).map_or(0, |given| given.directories.len());
        for number in 0..count as u8 {
            let tree = self.places.alternative(self.run, &self.tree, number);
            if let Some(directory) = tree.and_then(|tree| tree.directory(parent).ok()) {
                list(&directory, Basis::FuzzyAlternative(number), &mut files);
            }
        }
        Directory { path: Some(parent.into()), files }
    }
}

fn list(directory: &Held, basis: Basis, files: &mut Vec<(Basis, Box<[u8]>, Facts)>) {
    let children = directory.children().unwrap_or_default();
    let mut names: Vec<&[u8]> = children.iter().map(|child| child.name).collect();
    names.sort_unstable();
    for name in names {
        let facts = directory.facts(name).ok();
        if let Some(facts) = facts.filter(|facts| facts.is_file() && facts.length > 0) {
            files.push((basis, name.into(), facts));
        }
    }
}

/// One with the same size and time, else the one with the most similar name, of
/// several the last.
fn choose<'f>(
    files: &'f [(Basis, Box<[u8]>, Facts)],
    entry: &Entry,
    leaf: &[u8],
    is_same_time: impl Fn(&Facts) -> bool,
) -> Option<(Basis, &'f [u8])> {
    let exact = files.iter().find(|(_, _, facts)| facts.length == entry.length && is_same_time(facts));
    if let Some((basis, name, _)) = exact {
        return Some((*basis, name));
    }
    let scored = files.iter().rev().map(|(basis, name, _)| (unlikeness(leaf, name), *basis, &**name));
    let nearest = scored.filter(|(unlikeness, ..)| *unlikeness <= DISTANCE_MAX).min_by_key(|scored| scored.0);
    nearest.map(|(_, basis, name)| (basis, name))
}

/// How little one name is like another.
fn unlikeness(name: &[u8], other: &[u8]) -> u32 {
    let suffixes = distance(suffix(name), suffix(other)).saturating_mul(SUFFIX_WEIGHT);
    if suffixes > DISTANCE_MAX { suffixes } else { suffixes.saturating_add(distance(name, other)) }
}

/// What tells the kind of a file: the dot and what follows it, but for the dots
/// it begins with and what backups are called (observed: 3.5.0).
fn suffix(name: &[u8]) -> &[u8] {
    let begin = name.iter().position(|&byte| byte != b'.').unwrap_or(name.len());
    let mut rest = &name[begin..];
    rest = rest.strip_suffix(b"~").unwrap_or(rest);
    while let Some(at) = rest.iter().rposition(|&byte| byte == b'.').filter(|at| *at > 0) {
        let last = &rest[at..];
        if !KEPT.contains(&last) && !last.starts_with(b".~") {
            return last;
        }
        rest = &rest[..at];
    }
    b""
}

/// The least that bytes have to be inserted, removed or replaced for: an edit
/// counts more the further the bytes are apart, those before all others nothing
/// more (observed: 3.5.0).
fn distance(left: &[u8], right: &[u8]) -> u32 {
    if left.is_empty() || right.is_empty() {
        return left.iter().chain(right).map(|&byte| EDIT + u32::from(byte)).sum();
    }
    let mut row: Vec<u32> = (0..=right.len() as u32).map(|edits| edits * EDIT).collect();
    for &a in left {
        let mut diagonal = row[0];
        row[0] += EDIT;
        for (at, &b) in right.iter().enumerate() {
            let replaced = if a == b { 0 } else { EDIT + u32::from(a.abs_diff(b)) };
            let inserted = row[at] + EDIT + u32::from(b);
            let removed = row[at + 1] + EDIT + u32::from(a);
            let least = (diagonal + replaced).min(inserted).min(removed);
            diagonal = std::mem::replace(&mut row[at + 1], least);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_far_apart_as_their_edits() {
        assert_eq!(distance(b"kitten", b"sitting") / EDIT, 3);
        assert_eq!(distance(b"same", b"same"), 0);
        assert_eq!(distance(b"", b".c"), 2 * EDIT + 46 + 99);
        assert_eq!(distance(b"a", b"m"), EDIT + 12);
        assert_eq!(distance(b"a", b"a_"), EDIT + 95);
        assert_eq!(distance(b"z", b"0z"), EDIT);
    }

    #[test]
    fn a_suffix_is_none_of_a_backup() {
        for (name, expected) in [
            (&b"a.tar.gz"[..], &b".gz"[..]),
            (b".rc", b""),
            (b"a.c~", b".c"),
            (b"a.c.bak", b".c"),
            (b"a.c.old.~1~", b".c"),
            (b"..a.o", b".o"),
            (b"a.", b"."),
            (b"~", b""),
        ] {
            assert_eq!(suffix(name), expected, "{}", name.escape_ascii());
        }
    }
}
