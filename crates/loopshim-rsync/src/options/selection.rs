//! Which entries take part in a transfer.

use super::Bytes;

/// Which entries take part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// What is done about directories.
    pub recursion: Recursion,
    /// `-d` was given, or `--list-only`: a peer is told of it.
    pub names_dirs: bool,
    /// `--old-dirs`: it is recursed with a rule that excludes all but one level, for
    /// peers that know no `-d`.
    pub is_old_dirs: bool,
    /// `--inc-recursive` or its opposite, where it was said.
    pub incremental: Option<bool>,
    /// `-R`: names are sent as they were given.
    pub is_relative: bool,
    /// `--no-implied-dirs`: directories on the way to what `-R` names are not sent.
    pub omits_implied_directories: bool,
    /// `-x`: other file systems are not entered.
    pub is_one_file_system: bool,
    /// `-xx`: nor are the directories they are mounted on sent.
    pub omits_mount_points: bool,
    /// `-m`
    pub prunes_empty_directories: bool,
    /// `--mkpath`
    pub makes_path: bool,
    /// Files larger than this many bytes are left out.
    pub max_size: Option<u64>,
    /// Files smaller than this many bytes are left out.
    pub min_size: Option<u64>,
    /// `--files-from`
    pub files_from: Option<FilesFrom>,
    /// The host that was named before its file, if one was.
    pub files_from_host: Option<Bytes>,
    /// `--confine-root`: paths the user named may not lead out of here.
    pub confine_root: Option<Bytes>,
    /// `-0`: names and rules in files are ended by NULs.
    pub is_from0: bool,
    /// What the filter rules are made of, in the order given. `-C` has its place
    /// at the end, and is told by [`Selection::is_cvs_exclude`].
    pub filters: Vec<FilterSource>,
    /// `-C`
    pub is_cvs_exclude: bool,
}

/// What is done about directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recursion {
    /// They are skipped.
    #[default]
    Skip,
    /// `-d`: they are sent, and what a name that ends in a slash contains.
    Dirs,
    /// `-r`
    Recurse,
}

/// Where `--files-from` has its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesFrom {
    /// `-`; to a server that sends, what its client sends it over the wire.
    Stdin,
    /// A file on this machine.
    Local(Bytes),
    /// `:file` or `host:file`: a file on the other machine.
    Remote(Bytes),
}

/// What a filter rule, or several, are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterSource {
    /// `--filter`, `-f`
    Rule(Bytes),
    /// `--exclude`
    Exclude(Bytes),
    /// `--include`
    Include(Bytes),
    /// `--exclude-from`; `-` is standard input.
    ExcludeFrom(Bytes),
    /// `--include-from`; `-` is standard input.
    IncludeFrom(Bytes),
}
