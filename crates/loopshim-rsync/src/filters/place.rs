//! The files of rules in one directory.

use std::sync::Arc;

use rsync_proto::filter::{Effect, Merge, Parsed, Pattern, Reading, Rule, Sides, parse, split};
use rustix::io::Errno;

use super::above::resolved;
use super::cvs;
use super::scope::{Anchor, Anchored, DirMerge, Item, Scope};
use super::source::{DEPTH_MAX, Source};
use crate::Failure;

/// A directory whose files of rules are read.
pub(super) struct Place<'p> {
    scope: &'p Scope,
    /// Its absolute path.
    path: Vec<u8>,
    /// Where files lie that rules name without a path.
    named_in: Vec<u8>,
    /// Where the anchored patterns of its files begin.
    anchor: Anchor,
}

/// A file that is being read.
struct Reader<'r> {
    source: Source,
    reading: &'r Reading,
    anchor: &'r Anchor,
    /// It is one of so many, each named by the next.
    depth: usize,
    /// The files of each directory that name it, one the other.
    within: &'r [&'r [u8]],
}

/// The rules that hold in a directory, while they are read.
#[derive(Default)]
struct Rules {
    /// Of the directory's own file.
    own: Vec<Item>,
    /// Of those above it.
    inherited: Vec<Item>,
}

impl<'p> Place<'p> {
    /// The directory at the absolute `path`, which lies in what is transferred
    /// from `root` on; `scope` holds above it.
    pub(super) fn within(scope: &'p Scope, root: Vec<u8>, path: Vec<u8>, anchor: Anchor) -> Self {
        Self { scope, named_in: root, path, anchor }
    }

    /// The directory at the absolute `path`, above the first one that is entered.
    pub(super) fn above(scope: &'p Scope, path: Vec<u8>, anchor: Anchor) -> Self {
        Self { scope, named_in: path.clone(), path, anchor }
    }

    /// What these items are in this directory.
    pub(super) fn enter(&self, items: &[Item]) -> Result<Vec<Item>, Failure> {
        let enter = |item: &Item| {
            Ok(match item {
                Item::Merge(merge, inherited) => {
                    Item::Merge(Arc::clone(merge), Arc::new(self.read(merge, inherited)?))
                }
                other => other.clone(),
            })
        };
        items.iter().map(enter).collect()
    }

    /// The rules of this directory's file and, after them, those inherited.
    pub(super) fn read(&self, merge: &DirMerge, inherited: &[Item]) -> Result<Vec<Item>, Failure> {
        let inherited = if merge.merge.is_inherited { self.enter(inherited)? } else { Vec::new() };
        self.read_own(merge, inherited, &[])
    }

    /// As [`Place::read`], where `inherited` holds here; `within` are the files
    /// that name this one.
    fn read_own(
        &self,
        merge: &DirMerge,
        inherited: Vec<Item>,
        within: &[&[u8]],
    ) -> Result<Vec<Item>, Failure> {
        let leaf = leaf(&merge.merge.file);
        let path = below(&self.path, leaf);
        // What is not there, or is not for us, has no rules.
        let Ok(text) = self.scope.files.read(&path) else { return Ok(inherited) };
        let source = if merge.is_named_in_file { Source::earlier() } else { Source::file(&path) };
        let within = [within, &[leaf]].concat();
        let reading = &merge.merge.reading;
        let reader = Reader { source, reading, anchor: &self.anchor, depth: 1, within: &within };
        let mut rules = Rules { own: Vec::new(), inherited };
        self.add_all(&text, &reader, &mut rules)?;
        rules.own.append(&mut rules.inherited);
        Ok(rules.own)
    }

    fn add_all(&self, text: &[u8], reader: &Reader<'_>, rules: &mut Rules) -> Result<(), Failure> {
        for (line, rule) in texts(text, reader.reading, self.scope.is_from0) {
            let parsed = parse(rule, reader.reading);
            let parsed = parsed.map_err(|error| reader.source.refused(&error, line))?;
            self.add(parsed, line, reader, rules)?;
        }
        Ok(())
    }

    fn add(
        &self,
        parsed: Parsed,
        line: Option<usize>,
        reader: &Reader<'_>,
        rules: &mut Rules,
    ) -> Result<(), Failure> {
        let anchored = |rule| {
            let anchor = reader.anchor.clone();
            Item::Rule(Anchored { rule: Arc::new(rule), anchor, is_from_file: true })
        };
        // What is named to be read at once protects all the same (observed: 3.5.0).
        let only_hides = self.scope.only_hides && reader.depth == 1;
        match parsed {
            Parsed::Rule(rule) if only_hides && rule.sides == Sides::Both => {
                rules.own.push(anchored(Rule { sides: Sides::Sender, ..rule }));
            }
            Parsed::Rule(rule) => rules.own.push(anchored(rule)),
            Parsed::CvsExcludes(rule) => {
                let named = Arc::new(cvs::rules(&rule));
                rules.own.push(Item::Cvs(rule, named));
            }
            Parsed::DirMerge(merge) => {
                rules.own.extend(exclusion_of(&merge).map(anchored));
                let shown = reader.source.rule_at(line);
                let merge = DirMerge { merge, is_named_in_file: true, shown };
                let leaf = leaf(&merge.merge.file);
                // Whoever names one that holds already adds nothing (observed: 3.5.0).
                let holds = reader.within.contains(&leaf)
                    || is_known(&self.scope.items, leaf)
                    || is_known(&rules.own, leaf);
                if !holds {
                    let own = self.read_own(&merge, Vec::new(), reader.within)?;
                    rules.own.push(Item::Merge(Arc::new(merge), Arc::new(own)));
                }
            }
            Parsed::Merge(merge) => {
                rules.own.extend(exclusion_of(&merge).map(anchored));
                self.read_named(&merge, line, reader, rules)?;
            }
            Parsed::Clear => *rules = Rules::default(),
        }
        Ok(())
    }

    /// Adds the rules of a file that a rule names to be read at once. They count
    /// from the root of the transfer (observed: 3.5.0).
    fn read_named(
        &self,
        merge: &Merge,
        line: Option<usize>,
        reader: &Reader<'_>,
        rules: &mut Rules,
    ) -> Result<(), Failure> {
        if reader.depth == DEPTH_MAX {
            return Err(reader.source.too_deep(line));
        }
        let text = self.named_file(&merge.file).map_err(|_| reader.source.unreadable(line))?;
        let reader = Reader {
            source: reader.source.named_at(line),
            reading: &merge.reading,
            anchor: &Anchor::root(),
            depth: reader.depth + 1,
            within: reader.within,
        };
        self.add_all(&text, &reader, rules)
    }

    /// A file that a rule names: without a path it lies in the root of the
    /// transfer, or in this directory above it, else its path begins here
    /// (observed: 3.5.0).
    fn named_file(&self, file: &[u8]) -> Result<Vec<u8>, Errno> {
        let path =
            if file.contains(&b'/') { resolved(&self.path, file) } else { below(&self.named_in, file) };
        self.scope.files.read(&path)
    }
}

/// Whether a file of each directory is among those of `items`, by its name.
pub(super) fn is_known(items: &[Item], name: &[u8]) -> bool {
    items.iter().any(|item| match item {
        Item::Merge(known, items) => leaf(&known.merge.file) == name || is_known(items, name),
        _ => false,
    })
}

/// The name of a file without the path to it.
pub(super) fn leaf(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

fn below(directory: &[u8], leaf: &[u8]) -> Vec<u8> {
    let directory = directory.strip_suffix(b"/").unwrap_or(directory);
    [directory, leaf].join(&b'/')
}

/// The rule by which a file of rules leaves itself out, where it does.
pub(super) fn exclusion_of(merge: &Merge) -> Option<Rule> {
    let leaf = leaf(&merge.file);
    merge.excludes_itself.then(|| Rule { pattern: Pattern::new(leaf), ..Rule::plain(Effect::Exclude, leaf) })
}

/// The rules in a file's text, each with its line, where that can be told.
pub(super) fn texts<'t>(text: &'t [u8], reading: &Reading, is_from0: bool) -> Vec<(Option<usize>, &'t [u8])> {
    if is_from0 && !reading.splits_words {
        let rules = text.split(|&byte| byte == 0).enumerate().map(|(at, rule)| (Some(at + 1), rule));
        return rules.filter(|(_, rule)| !rule.is_empty()).collect();
    }
    let line = |line| (!reading.splits_words).then_some(line);
    split(text, reading).into_iter().map(|(at, rule)| (line(at), rule)).collect()
}
