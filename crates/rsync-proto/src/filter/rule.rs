//! Rules and lists of them.

use super::pattern::Pattern;

/// What a matching rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Shows at the sender, puts at risk at the receiver.
    Include,
    /// Hides at the sender, protects at the receiver.
    Exclude,
}

/// Which sides a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Both.
    Both,
    /// What is sent.
    Sender,
    /// What is deleted.
    Receiver,
}

impl Sides {
    /// Whether the sender is among them.
    pub const fn has_sender(self) -> bool {
        matches!(self, Self::Both | Self::Sender)
    }

    /// Whether the receiver is among them.
    pub const fn has_receiver(self) -> bool {
        matches!(self, Self::Both | Self::Receiver)
    }
}

/// An include or exclude rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it does.
    pub effect: Effect,
    /// What it is about.
    pub pattern: Pattern,
    /// For whom.
    pub sides: Sides,
    /// It takes effect on what does *not* match.
    pub is_negated: bool,
    /// The pattern is about the absolute path.
    pub is_absolute: bool,
    /// It does not count in a directory that is deleted.
    pub is_perishable: bool,
    /// It is about names of extended attributes, not of files.
    pub is_about_xattrs: bool,
}

/// A file of rules in each directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Its name, or a path from which on parents are looked at too.
    pub file: Box<[u8]>,
    /// How it is read.
    pub reading: super::Reading,
    /// Its rules hold in the directories below too.
    pub is_inherited: bool,
    /// The file itself is excluded.
    pub excludes_itself: bool,
}

impl Rule {
    /// A rule with no modifiers.
    pub fn plain(effect: Effect, pattern: &[u8]) -> Self {
        Self {
            effect,
            pattern: Pattern::new(pattern),
            sides: Sides::Both,
            is_negated: false,
            is_absolute: false,
            is_perishable: false,
            is_about_xattrs: false,
        }
    }

    /// Whether the rule takes effect on an entry; `root` is the absolute path
    /// that `path` is relative to.
    pub fn applies(&self, path: &[u8], is_directory: bool, root: &[u8]) -> bool {
        let is_match = if self.is_absolute {
            let absolute = [root.strip_prefix(b"/").unwrap_or(root), path].join(&b'/');
            self.pattern.matches(absolute.strip_prefix(b"/").unwrap_or(&absolute), is_directory)
        } else {
            self.pattern.matches(path, is_directory)
        };
        is_match != self.is_negated
    }
}
