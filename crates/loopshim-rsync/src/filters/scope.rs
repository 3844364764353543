//! The rules that hold in one directory.

use std::sync::Arc;

use rsync_proto::filter::{Effect, Merge, Rule, Sides};

use super::above::{levels_above, way};
use super::files::Files;
use super::place::Place;
use crate::Failure;
use crate::fs::Tree;

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
    pub(super) files: Files,
}

/// A rule or what stands in its place.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Rule(Anchored),
    /// CVS's excludes: their rule, and what they come to.
    Cvs(Rule, Arc<Vec<Anchored>>),
    /// A file in each directory, and the rules of it that hold here.
    Merge(Arc<DirMerge>, Arc<Vec<Item>>),
}

/// A file of rules in each directory.
#[derive(Debug)]
pub(super) struct DirMerge {
    pub(super) merge: Merge,
    /// Another file names it.
    pub(super) is_named_in_file: bool,
    /// What it is called where its rules are told of: its name, or the place where
    /// it is named.
    pub(super) shown: Vec<u8>,
}

/// A rule with the directory whose file it is of.
#[derive(Debug, Clone)]
pub(super) struct Anchored {
    pub(super) rule: Arc<Rule>,
    pub(super) anchor: Anchor,
    /// A file has it.
    pub(super) is_from_file: bool,
}

/// The directory that anchored patterns begin at.
#[derive(Debug, Clone)]
pub(super) enum Anchor {
    /// This one in the transfer, which is its root where it is empty.
    At(Arc<[u8]>),
    /// One from which this path leads to the root of the transfer.
    Above(Arc<[u8]>),
}

impl Scope {
    /// The rule that decides on an entry: `path` is relative to the transfer's
    /// root, which lies at the absolute path `root`. `None` where none applies.
    pub fn decision(&self, path: &[u8], is_directory: bool, root: &[u8]) -> Option<Decision<'_>> {
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
        rule.is_some_and(Decision::excludes)
    }

    fn decision_among<'i>(
        &self,
        items: &'i [Item],
        path: &[u8],
        is_directory: bool,
        root: &[u8],
    ) -> Option<Decision<'i>> {
        first(items, List::Own, &mut |anchored: &Anchored| {
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
        self.decision(path, is_directory, root).is_some_and(Decision::excludes)
    }

    /// As [`Scope::decision`], in a directory that is deleted too.
    pub fn decision_for_good(&self, path: &[u8], is_directory: bool, root: &[u8]) -> Option<Decision<'_>> {
        first(&self.items, List::Own, &mut |anchored: &Anchored| {
            let rule = &anchored.rule;
            let is_meant = rule.sides.has_receiver() && !rule.is_perishable && !rule.is_about_xattrs;
            is_meant && anchored.applies(path, is_directory, root)
        })
    }

    /// Whether an extended attribute is left out.
    pub fn excludes_xattr(&self, name: &[u8]) -> bool {
        let rule = first(&self.items, List::Own, &mut |anchored: &Anchored| {
            anchored.rule.is_about_xattrs && anchored.rule.applies(name, false, b"")
        });
        rule.is_some_and(Decision::excludes)
    }

    /// Whether there are rules about extended attributes.
    pub fn has_xattr_rules(&self) -> bool {
        first(&self.items, List::Own, &mut |anchored: &Anchored| anchored.rule.is_about_xattrs).is_some()
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The scope of a directory below this one's: `path` is relative to the root
    /// of `tree`, empty or `.` for the root itself.
    ///
    /// # Errors
    /// A rule that is none, or a file named by one that cannot be read.
    pub fn enter(&self, tree: &Tree, path: &[u8]) -> Result<Self, Failure> {
        if !self.has_files() {
            return Ok(self.clone());
        }
        let path = if path == b"." { b"" } else { path };
        let place = Place::within(self, tree.shown(b""), tree.shown(path), Anchor::At(path.into()));
        let items = place.enter(&self.items)?;
        Ok(Self { items: Arc::new(items), ..self.clone() })
    }

    /// The scope in which the first directory, `path`, is entered: files that are
    /// named with a path are looked for from there on, down to the last directory
    /// above this one (rsync(1), "MERGE-FILE FILTER RULES").
    ///
    /// # Errors
    /// As [`Scope::enter`].
    pub fn with_above(&self, tree: &Tree, path: &[u8]) -> Result<Self, Failure> {
        let mut items = Vec::with_capacity(self.items.len());
        for item in &*self.items {
            items.push(match item {
                Item::Merge(merge, inherited) => {
                    let above = self.read_above(tree, path, merge, Arc::clone(inherited))?;
                    Item::Merge(Arc::clone(merge), above)
                }
                other => other.clone(),
            });
        }
        Ok(Self { items: Arc::new(items), ..self.clone() })
    }

    fn read_above(
        &self,
        tree: &Tree,
        path: &[u8],
        merge: &DirMerge,
        mut inherited: Arc<Vec<Item>>,
    ) -> Result<Arc<Vec<Item>>, Failure> {
        let root = tree.shown(b"");
        for level in levels_above(&tree.shown(path), &merge.merge.file) {
            let anchor = match (way(&level, &root), way(&root, &level)) {
                (_, Some(within)) => Anchor::At(within.into()),
                (Some(way), None) => Anchor::Above(way.into()),
                (None, None) => continue,
            };
            let place = Place::above(self, level, anchor);
            inherited = Arc::new(place.read(merge, &inherited)?);
        }
        Ok(inherited)
    }

    /// Whether files of rules are looked for in directories.
    pub fn has_files(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Merge(..)))
    }
}

/// The rule that decides on an entry, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'i> {
    anchored: &'i Anchored,
    list: List<'i>,
}

/// The list that a rule stands in.
#[derive(Debug, Clone, Copy)]
enum List<'i> {
    /// The one that was given.
    Own,
    /// CVS's.
    Cvs,
    /// That of a file in each directory.
    Directory(&'i DirMerge),
}

impl Decision<'_> {
    /// Whether the entry is left out, or protected.
    pub fn excludes(self) -> bool {
        self.anchored.rule.effect == Effect::Exclude
    }

    /// What is told of the rule, as the original words it (observed: 3.5.0).
    pub fn reason(self) -> Vec<u8> {
        let pattern = match self.anchored.is_from_file {
            true => b"<rule from a file read earlier>".to_vec(),
            false => self.anchored.rule.pattern.text(),
        };
        let list = match self.list {
            List::Own => Vec::new(),
            List::Cvs => b" [global CVS]".to_vec(),
            List::Directory(named) => [b" [per-dir ", &named.shown[..], b"]"].concat(),
        };
        [b" because of pattern ", &pattern[..], &list].concat()
    }
}

/// The first rule that `applies`, of those in `list`.
fn first<'i>(
    items: &'i [Item],
    list: List<'i>,
    applies: &mut dyn FnMut(&Anchored) -> bool,
) -> Option<Decision<'i>> {
    items.iter().find_map(|item| match item {
        Item::Rule(anchored) => applies(anchored).then_some(Decision { anchored, list }),
        Item::Cvs(_, rules) => {
            let anchored = rules.iter().find(|anchored| applies(anchored))?;
            Some(Decision { anchored, list: List::Cvs })
        }
        Item::Merge(merge, items) => first(items, List::Directory(merge), applies),
    })
}

impl Anchored {
    pub(super) fn at_root(rule: Rule, is_from_file: bool) -> Self {
        Self { rule: Arc::new(rule), anchor: Anchor::root(), is_from_file }
    }

    fn applies(&self, path: &[u8], is_directory: bool, root: &[u8]) -> bool {
        if !self.rule.pattern.is_anchored() || self.rule.is_absolute {
            return self.rule.applies(path, is_directory, root);
        }
        match &self.anchor {
            Anchor::Above(way) => self.rule.applies(&[way, path].join(&b'/'), is_directory, root),
            Anchor::At(directory) => match below(path, directory) {
                Some(path) => self.rule.applies(path, is_directory, root),
                None => self.rule.is_negated,
            },
        }
    }
}

impl Anchor {
    /// The root of the transfer.
    pub(super) fn root() -> Self {
        Self::At(Arc::default())
    }
}

/// `path` relative to `directory`, if it lies below.
fn below<'p>(path: &'p [u8], directory: &[u8]) -> Option<&'p [u8]> {
    if directory.is_empty() {
        return Some(path);
    }
    path.strip_prefix(directory)?.strip_prefix(b"/")
}
