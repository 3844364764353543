//! What becomes of links.

use crate::fs::Trust;

/// What becomes of symbolic and hard links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Links {
    /// `-l`: symbolic links are sent as such.
    pub preserves: bool,
    /// `-L`: what they point to is sent.
    pub copies: bool,
    /// `--copy-unsafe-links`: that is so for those that point outside.
    pub copies_unsafe: bool,
    /// `--safe-links`: those that point outside are left out.
    pub is_safe: bool,
    /// `--munge-links`
    pub munges: bool,
    /// `-k`: one to a directory is sent as the directory.
    pub copies_dirlinks: bool,
    /// `-K`: one to a directory is taken for the directory by the receiver.
    pub keeps_dirlinks: bool,
    /// `-H`
    pub preserves_hard: bool,
    /// `--insecure-links`: links of others are followed in paths the user named.
    pub is_insecure: bool,
}

impl Links {
    /// Whose links are followed in paths that the user named, but for sources.
    pub const fn trust(&self) -> Trust {
        if self.is_insecure { Trust::All } else { Trust::Owned }
    }
}
