//! What a command line asks for, with every implication resolved.
//!
//! Names, values and defaults are those of rsync(1). Whoever works by these
//! types never sees the command line again, but for the operands.

mod attributes;
mod chmod;
mod comparison;
mod deletion;
mod draft;
mod ending;
mod flags;
mod grammar;
mod links;
mod numbers;
mod output;
mod parse;
mod remote;
mod resolve;
mod selection;
mod server_arguments;
mod stop_at;
mod table;
mod wire;
mod writing;

pub use attributes::{Attributes, Identity, Super, Twice};
pub use chmod::Chmod;
pub use comparison::{AlternativeKind, Alternatives, Comparison, Update};
pub use deletion::{Deletion, MissingArguments, Timing};
pub use ending::{Ending, Refusal};
pub use flags::{Debug, DebugLevels, Info, InfoLevels};
pub use links::Links;
pub use output::{Buffering, HumanReadable, LogFile, Output, StderrMode};
pub use parse::{Invocation, Surroundings, parse};
pub use remote::{AddressFamily, Quoting, Remote};
pub use selection::{FilesFrom, FilterSource, Recursion, Selection};
pub use server_arguments::ServerArguments;
pub(crate) use server_arguments::has_escape;
pub use wire::{ChecksumChoice, CompressionChoice, Wire};
pub use writing::{Append, Backup, Writing};

use rsync_proto::compat::Abilities;

/// Bytes of a name or a text as they were given; never with a NUL in it.
pub type Bytes = Vec<u8>;

/// Everything a run is asked for, but for its operands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Who we are in the run.
    pub role: Role,
    /// `-n`: nothing is changed.
    pub is_dry_run: bool,
    /// Which entries take part.
    pub selection: Selection,
    /// What becomes of symbolic and hard links.
    pub links: Links,
    /// What is kept of an entry besides its content.
    pub attributes: Attributes,
    /// How it is found that a file is up to date, and with what else it is compared.
    pub comparison: Comparison,
    /// How files are written.
    pub writing: Writing,
    /// What is deleted at the destination, or at the source.
    pub deletion: Deletion,
    /// What the two sides of a transfer say to each other, and how fast.
    pub wire: Wire,
    /// How the other side is reached.
    pub remote: Remote,
    /// What is said, and where.
    pub output: Output,
}

impl Options {
    /// Whether checksums of files that are transferred are shown.
    pub fn shows_sums(&self) -> bool {
        let mut formats = self.output.format.iter().chain(self.output.log.iter().map(|log| &log.format));
        formats.any(|format| has_escape(format, b'C'))
    }

    /// Whether the destination, or what is told, shows which parts of a file
    /// were there before.
    pub fn shows_what_matched(&self) -> bool {
        let (writing, output) = (&self.writing, &self.output);
        let is_amount = |format: &Bytes| has_escape(format, b'b') || has_escape(format, b'c');
        // A log ends with what was sent altogether.
        let tells_amounts = output.log.is_some() || output.format.as_ref().is_some_and(is_amount);
        let stays = writing.inplace || writing.append != Append::No;
        stays || tells_amounts || output.info.has(Info::Stats, 1) || output.debug.has(Debug::Deltasum, 1)
    }
}

/// Who we are in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Whom the user called.
    #[default]
    Client,
    /// `--server --sender`: we are called to send.
    ServerSender {
        /// What the client offers in the value of its `-e`.
        offered: Abilities,
    },
    /// `--server`: we are called to receive.
    ServerReceiver {
        /// What the client offers in the value of its `-e`.
        offered: Abilities,
    },
}

impl Role {
    /// Whether we were called by another rsync.
    pub const fn is_server(self) -> bool {
        !matches!(self, Self::Client)
    }

    /// What the client offered, if we were called by one.
    pub const fn offered(self) -> Option<Abilities> {
        match self {
            Self::Client => None,
            Self::ServerSender { offered } | Self::ServerReceiver { offered } => Some(offered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matched_is_seen_in_place_and_in_amounts() {
        let plain = Options::default();
        assert!(!plain.shows_what_matched());
        let format = |format: &[u8]| {
            let mut options = Options::default();
            options.output.format = Some(format.to_vec());
            options.shows_what_matched()
        };
        assert!(format(b"%n %10b") && format(b"%c") && !format(b"%i %n%L"));
        let mut in_place = Options::default();
        in_place.writing.inplace = true;
        assert!(in_place.shows_what_matched());
        let mut counted = Options::default();
        counted.output.info.imply(Info::Stats, 1);
        assert!(counted.shows_what_matched());
        let mut told = Options::default();
        told.output.debug.imply(Debug::Deltasum, 1);
        assert!(told.shows_what_matched());
    }
}
