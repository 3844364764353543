//! How it is found what has to be sent.

use super::{Bytes, Twice};

/// How it is found that a file is up to date, and with what else it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// `-c`: by content.
    pub by_checksum: bool,
    /// `-I`: never by time and size.
    pub ignores_times: bool,
    /// `--size-only`
    pub size_only: bool,
    /// `-@`: seconds by which times may differ; negative: nanoseconds count.
    pub modify_window: i32,
    /// `-@` was given.
    pub is_modify_window_given: bool,
    /// `-u`, `--existing`, `--ignore-existing`
    pub update: Update,
    /// `-W` or its opposite, where it was said or another option implies it.
    pub whole_file: Option<bool>,
    /// `-y`; given twice, in the alternatives too.
    pub fuzzy: Twice,
    /// `--compare-dest`, `--copy-dest` or `--link-dest`
    pub alternatives: Option<Alternatives>,
}

/// Which existing or missing files are left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Update {
    /// `-u`: those newer at the receiver.
    pub keeps_newer: bool,
    /// `--existing`: those the receiver lacks.
    pub existing_only: bool,
    /// `--ignore-existing`: those it has.
    pub ignores_existing: bool,
}

/// Directories that may have a file already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternatives {
    /// What is done with one that is found.
    pub kind: AlternativeKind,
    /// In the order they are looked into: 1 to 20, relative to the destination.
    pub directories: Vec<Bytes>,
}

/// What is done with a file of an alternative directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlternativeKind {
    /// It need not be at the destination.
    Compare,
    /// It is copied.
    Copy,
    /// It is linked.
    Link,
}
