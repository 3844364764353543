//! The rules that hold in one directory.

use std::sync::Arc;

use rsync_proto::filter::{Effect, Merge, Parsed, Pattern, Reading, Rule, Sides, parse, split};

use super::cvs;
use crate::fs::Directory;

/// Longest file of rules that is read, in bytes.
pub(super) const FILE_MAX: u64 = 16 << 20;
/// How deep files of rules may name others.
const DEPTH_MAX: usize = 32;

/// The rules that hold in one directory and, where it has no files of rules,
/// below it.
#[derive(Debug, Clone)]
pub struct Scope {
    pub(super) items: Arc<Vec<Item>>,
    /// For whom rules are looked at.
    pub(super) side: Sides,
    /// Files of rules are separated by zero bytes.
    pub(super) is_from0: bool,
    /// Rules of files that name no side only hide.
    pub(super) only_hides: bool,
}

/// A rule or what stands in its place.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Rule(Anchored),
    /// CVS's excludes: their rule, and what they come to.
    Cvs(Rule, Arc<Vec<Anchored>>),
    /// A file in each directory, and the rules of it that hold here.
    Merge(Arc<Merge>, Arc<Vec<Item>>),
}

/// A rule with the directory whose file it is of; none where it is anchored at
/// the root of the transfer.
#[derive(Debug, Clone)]
pub(super) struct Anchored {
    pub(super) rule: Arc<Rule>,
    pub(super) directory: Option<Arc<[u8]>>,
}

impl Scope {
    /// What the rules say of an entry: `path` is relative to the transfer's
    /// root, which lies at the absolute path `root`. `None` where none applies.
    pub fn verdict(&self, path: &[u8], is_directory: bool, root: &[u8]) -> Option<Effect> {
        self.decision(path, is_directory, root).map(|rule| rule.effect)
    }

    /// The rule that decides on an entry, as [`Scope::verdict`].
    pub fn decision(&self, path: &[u8], is_directory: bool, root: &[u8]) -> Option<&Rule> {
        self.decision_among(&self.items, path, is_directory, root)
    }

    /// Whether an entry is left out whatever the files of rules say that only
    /// the other side has: by a rule before the first of them. A rule about
    /// absolute paths is unknown too where the root is not ours.
    pub fn excludes_surely(&self, path: &[u8], is_directory: bool) -> bool {
        let is_known = |item: &&Item| match item {
            Item::Rule(anchored) => !anchored.rule.is_absolute,
            Item::Cvs(..) => true,
            Item::Merge(..) => false,
        };
        let known = self.items.iter().take_while(is_known).count();
        let rule = self.decision_among(&self.items[..known], path, is_directory, b"");
        rule.is_some_and(|rule| rule.effect == Effect::Exclude)
    }

    fn decision_among<'i>(
        &self,
        items: &'i [Item],
        path: &[u8],
        is_directory: bool,
        root: &[u8],
    ) -> Option<&'i Rule> {
        first(items, &mut |anchored: &Anchored| {
            let rule = &anchored.rule;
            let is_meant = match self.side {
                Sides::Receiver => rule.sides.has_receiver(),
                _ => rule.sides.has_sender(),
            };
            is_meant && !rule.is_about_xattrs && anchored.applies(path, is_directory, root)
        })
    }

    /// Whether an entry is left out, or protected.
    pub fn excludes(&self, path: &[u8], is_directory: bool, root: &[u8]) -> bool {
        self.verdict(path, is_directory, root) == Some(Effect::Exclude)
    }

    /// Whether an entry is left out by a rule that counts in a directory that
    /// is deleted too.
    pub fn excludes_for_good(&self, path: &[u8], is_directory: bool, root: &[u8]) -> bool {
        let rule = first(&self.items, &mut |anchored: &Anchored| {
            let rule = &anchored.rule;
            let is_meant = rule.sides.has_receiver() && !rule.is_perishable && !rule.is_about_xattrs;
            is_meant && anchored.applies(path, is_directory, root)
        });
        rule.is_some_and(|rule| rule.effect == Effect::Exclude)
    }

    /// Whether an extended attribute is left out.
    pub fn excludes_xattr(&self, name: &[u8]) -> bool {
        let rule = first(&self.items, &mut |anchored: &Anchored| {
            anchored.rule.is_about_xattrs && anchored.rule.applies(name, false, b"")
        });
        rule.is_some_and(|rule| rule.effect == Effect::Exclude)
    }

    /// Whether there are rules about extended attributes.
    pub fn has_xattr_rules(&self) -> bool {
        first(&self.items, &mut |anchored: &Anchored| anchored.rule.is_about_xattrs).is_some()
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The scope of a directory below this one's: `path` is relative to the
    /// transfer's root, empty or `.` for the root itself. `complain` is told of
    /// rules that are none.
    #[must_use]
    pub fn enter(&self, directory: &Directory, path: &[u8], complain: &mut dyn FnMut(Vec<u8>)) -> Self {
        if !self.items.iter().any(|item| matches!(item, Item::Merge(..))) {
            return self.clone();
        }
        let path = if path == b"." { b"" } else { path };
        let mut place = Place {
            directory,
            path: path.into(),
            is_from0: self.is_from0,
            only_hides: self.only_hides,
            complain,
        };
        Self { items: Arc::new(place.enter(&self.items, 0)), ..self.clone() }
    }
}

/// The first rule that `applies`.
fn first<'i>(items: &'i [Item], applies: &mut dyn FnMut(&Anchored) -> bool) -> Option<&'i Rule> {
    items.iter().find_map(|item| match item {
        Item::Rule(anchored) => applies(anchored).then_some(&*anchored.rule),
        Item::Cvs(_, rules) => {
            rules.iter().find(|anchored| applies(anchored)).map(|anchored| &*anchored.rule)
        }
        Item::Merge(_, items) => first(items, applies),
    })
}

impl Anchored {
    pub(super) fn at_root(rule: Rule) -> Self {
        Self { rule: Arc::new(rule), directory: None }
    }

    fn applies(&self, path: &[u8], is_directory: bool, root: &[u8]) -> bool {
        let Some(directory) = self.directory.as_ref().filter(|_| self.rule.pattern.is_anchored()) else {
            return self.rule.applies(path, is_directory, root);
        };
        if self.rule.is_absolute {
            return self.rule.applies(path, is_directory, root);
        }
        match below(path, directory) {
            Some(path) => self.rule.applies(path, is_directory, root),
            None => self.rule.is_negated,
        }
    }
}

/// `path` relative to `directory`, if it lies below.
fn below<'p>(path: &'p [u8], directory: &[u8]) -> Option<&'p [u8]> {
    if directory.is_empty() {
        return Some(path);
    }
    path.strip_prefix(directory)?.strip_prefix(b"/")
}

/// A directory whose files of rules are read.
struct Place<'p> {
    directory: &'p Directory,
    path: Arc<[u8]>,
    is_from0: bool,
    only_hides: bool,
    complain: &'p mut dyn FnMut(Vec<u8>),
}

impl Place<'_> {
    fn enter(&mut self, items: &[Item], depth: usize) -> Vec<Item> {
        let enter = |item: &Item| match item {
            Item::Merge(merge, inherited) => {
                let items = self.read(merge, inherited, depth);
                Item::Merge(Arc::clone(merge), Arc::new(items))
            }
            other => other.clone(),
        };
        items.iter().map(enter).collect()
    }

    /// The rules of this directory's file and, after them, those inherited.
    fn read(&mut self, merge: &Merge, inherited: &[Item], depth: usize) -> Vec<Item> {
        let mut inherited = if merge.is_inherited { self.enter(inherited, depth) } else { Vec::new() };
        let leaf = merge.file.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let Some(text) = read_file(self.directory, leaf) else { return inherited };
        let mut own = Vec::new();
        for rule in texts(&text, &merge.reading, self.is_from0) {
            match parse(rule, &merge.reading) {
                Ok(Parsed::Clear) => {
                    own.clear();
                    inherited.clear();
                }
                Ok(parsed) => self.add(parsed, &mut own, depth + 1),
                Err(error) => (self.complain)(error.message(rule)),
            }
        }
        own.append(&mut inherited);
        own
    }

    fn add(&mut self, parsed: Parsed, items: &mut Vec<Item>, depth: usize) {
        if depth > DEPTH_MAX {
            return (self.complain)(b"too many nested merge files".to_vec());
        }
        match parsed {
            Parsed::Rule(rule) if self.only_hides && rule.sides == Sides::Both => {
                items.push(self.anchored(Rule { sides: Sides::Sender, ..rule }));
            }
            Parsed::Rule(rule) => items.push(self.anchored(rule)),
            Parsed::CvsExcludes(rule) => {
                let rules = cvs::rules(&rule).into_iter().map(Anchored::at_root).collect();
                items.push(Item::Cvs(rule, Arc::new(rules)));
            }
            Parsed::DirMerge(merge) => {
                items.extend(exclusion_of(&merge).map(|rule| self.anchored(rule)));
                let own = self.read(&merge, &[], depth);
                items.push(Item::Merge(Arc::new(merge), Arc::new(own)));
            }
            Parsed::Merge(merge) => {
                items.extend(exclusion_of(&merge).map(|rule| self.anchored(rule)));
                items.append(&mut self.read(&merge, &[], depth));
            }
            Parsed::Clear => {}
        }
    }

    fn anchored(&self, rule: Rule) -> Item {
        Item::Rule(Anchored { rule: Arc::new(rule), directory: Some(Arc::clone(&self.path)) })
    }
}

/// The rule by which a file of rules leaves itself out, where it does.
pub(super) fn exclusion_of(merge: &Merge) -> Option<Rule> {
    let leaf = merge.file.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    merge.excludes_itself.then(|| Rule { pattern: Pattern::new(leaf), ..Rule::plain(Effect::Exclude, leaf) })
}

/// The rules in a file's text.
pub(super) fn texts<'t>(text: &'t [u8], reading: &Reading, is_from0: bool) -> Vec<&'t [u8]> {
    if is_from0 && !reading.splits_words {
        return text.split(|&byte| byte == 0).filter(|rule| !rule.is_empty()).collect();
    }
    split(text, reading).into_iter().map(|(_, rule)| rule).collect()
}

/// A file of rules in a directory; `None` where there is none that can be read.
fn read_file(directory: &Directory, leaf: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let (file, _) = directory.open_file(leaf).ok()?;
    let mut text = Vec::new();
    std::fs::File::from(file).take(FILE_MAX).read_to_end(&mut text).ok()?;
    Some(text)
}
