//! How the receiver writes files.

use super::Bytes;

/// How files are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Writing {
    /// `--inplace`, also where `--append` or `--write-devices` implies it.
    pub inplace: bool,
    /// `--append`, `--append-verify`
    pub append: Append,
    /// `--partial`, also where `--partial-dir` implies it.
    pub keeps_partial: bool,
    /// `--partial-dir`, also where `--delay-updates` implies it.
    pub partial_dir: Option<Bytes>,
    /// `--delay-updates`
    pub delays_updates: bool,
    /// `-T`
    pub temp_dir: Option<Bytes>,
    /// `-b`
    pub backup: Option<Backup>,
    /// `--suffix`, be it with `-b` or not, where it is another than without.
    pub other_suffix: Option<Bytes>,
    /// `-S`
    pub sparse: bool,
    /// `--preallocate`
    pub preallocates: bool,
    /// `--fsync`
    pub fsyncs: bool,
}

/// Whether data are added to shorter files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Append {
    /// No.
    #[default]
    No,
    /// `--append`: what is there is not looked at.
    Blind,
    /// `--append-verify`: it counts in the file's checksum.
    Verify,
}

/// How what is replaced or deleted is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// `--backup-dir`
    pub directory: Option<Bytes>,
    /// `--suffix`; without one, `~`, or nothing where there is a directory.
    pub suffix: Bytes,
}
