//! `--fuzzy`: a file of another name that may be an older version.

use rsync_proto::file_list::Entry;
use rsync_proto::item::Basis;

use super::Generator;
use super::basis::Chosen;
use crate::fs::{Directory as Held, Facts};
use crate::options::Twice;

/// Names that differ by more are not similar; a suffix counts ten times.
const DISTANCE_MAX: u32 = 25;
/// How much more a difference of suffixes says.
const SUFFIX_WEIGHT: u32 = 10;

/// The files of one directory.
#[derive(Default)]
pub(super) struct Directory {
    path: Option<Box<[u8]>>,
    files: Vec<(Basis, Box<[u8]>, Facts)>,
}

impl Generator<'_> {
    pub(super) fn similar_basis(&mut self, entry: &Entry, path: &[u8]) -> Option<Chosen> {
        let fuzzy = self.run.options().comparison.fuzzy;
        if fuzzy == Twice::No || self.is_whole {
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
    let mut children = directory.children().unwrap_or_default();
    children.sort_by(|left, right| left.name.cmp(&right.name));
    for child in children {
        let facts = directory.facts(&child.name).ok();
        if let Some(facts) = facts.filter(|facts| facts.is_file() && facts.length > 0) {
            files.push((basis, child.name, facts));
        }
    }
}

/// One with the same size and time, else the one with the most similar name.
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
    let distance = |name: &[u8]| {
        let whole = edits(leaf, name, DISTANCE_MAX)?;
        let suffixes = edits(suffix(leaf), suffix(name), DISTANCE_MAX)?;
        Some(whole + SUFFIX_WEIGHT * suffixes).filter(|distance| *distance <= DISTANCE_MAX)
    };
    let scored = files.iter().filter_map(|(basis, name, _)| Some((distance(name)?, *basis, &**name)));
    scored.min_by_key(|(distance, ..)| *distance).map(|(_, basis, name)| (basis, name))
}

fn suffix(name: &[u8]) -> &[u8] {
    let name = name.strip_suffix(b"~").unwrap_or(name);
    name.iter().rposition(|&byte| byte == b'.').filter(|at| *at > 0).map_or(b"", |at| &name[at + 1..])
}

/// How many bytes have to be inserted, removed or replaced; `None` beyond `most`.
fn edits(left: &[u8], right: &[u8], most: u32) -> Option<u32> {
    if left.len().abs_diff(right.len()) > most as usize {
        return None;
    }
    let mut row: Vec<u32> = (0..=right.len() as u32).collect();
    for (line, &a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = line as u32 + 1;
        for (at, &b) in right.iter().enumerate() {
            let replaced = diagonal + u32::from(a != b);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_far_apart_as_their_edits() {
        assert_eq!(edits(b"kitten", b"sitting", 25), Some(3));
        assert_eq!(edits(b"", b"abc", 25), Some(3));
        assert_eq!(edits(b"same", b"same", 25), Some(0));
        assert_eq!(edits(&[b'a'; 40], &[b'b'; 40], 25), None);
        assert_eq!((suffix(b"a.tar.gz"), suffix(b".rc"), suffix(b"a.c~")), (&b"gz"[..], &b""[..], &b"c"[..]));
    }
}
