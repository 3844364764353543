//! The programs that are compared.

use std::path::PathBuf;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The distribution's.
    Theirs,
    /// This workspace's.
    Ours,
}

impl Subject {
    /// A folder's name, as long as the other's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Theirs => "them",
            Self::Ours => "ours",
        }
    }

    /// The program. `LOOPSHIM_RSYNC_OURS` names another in place of ours: with
    /// the original there, the tests test themselves.
    pub fn program(self) -> PathBuf {
        match self {
            Self::Theirs => PathBuf::from("/usr/bin/rsync"),
            Self::Ours => std::env::var_os("LOOPSHIM_RSYNC_OURS")
                .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_rsync")), PathBuf::from),
        }
    }
}

/// Who asks and who serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Whom the user calls.
    pub client: Subject,
    /// Whom the remote shell starts.
    pub server: Subject,
}

impl Pair {
    /// The judge: the original with itself.
    pub const JUDGE: Self = Self { client: Subject::Theirs, server: Subject::Theirs };
    /// Ours alone.
    pub const OURS: Self = Self { client: Subject::Ours, server: Subject::Ours };
    /// Ours with the original, either way round.
    pub const MIXED: [Self; 2] = [
        Self { client: Subject::Ours, server: Subject::Theirs },
        Self { client: Subject::Theirs, server: Subject::Ours },
    ];
}

impl std::fmt::Display for Pair {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.client.name(), self.server.name())
    }
}
