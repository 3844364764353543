//! What is deleted.

/// What is deleted at the destination, or at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deletion {
    /// When what the source lacks is deleted; never, where there is none.
    pub timing: Option<Timing>,
    /// `--delete-excluded`
    pub excluded: bool,
    /// `--force`: directories in the way go with their contents.
    pub force: bool,
    /// `--ignore-errors`: also after I/O errors.
    pub ignores_errors: bool,
    /// `--max-delete`
    pub max: Option<u32>,
    /// What becomes of operands that are missing.
    pub missing: MissingArguments,
    /// `--remove-source-files`
    pub removes_source_files: bool,
    /// It was called `--remove-sent-files`: files that needed no sending stay.
    pub only_sent: bool,
}

/// When the receiver deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// `--delete`: as [`Timing::During`] since protocol 30; a peer is told no more than `--delete`.
    Default,
    /// `--delete-before`
    Before,
    /// `--delete-during`
    During,
    /// `--delete-delay`
    Delay,
    /// `--delete-after`
    After,
}

impl Timing {
    /// Whether directories are swept while files are transferred, be it
    /// only to write down what goes later.
    pub const fn is_during(self) -> bool {
        matches!(self, Self::Default | Self::During | Self::Delay)
    }
}

/// What becomes of operands that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingArguments {
    /// It is an error.
    #[default]
    Report,
    /// `--ignore-missing-args`
    Ignore,
    /// `--delete-missing-args`: the receiver deletes them.
    Delete,
}
