//! File lists: what a sender has, entry by entry, each told by how it differs
//! from the one before it.

mod decode;
mod encode;
mod entry;
mod ids;
mod metadata;
mod name;
mod order;
mod xflags;

pub use decode::{Decoder, Received};
pub use encode::Encoder;
pub use entry::{Device, Entry, HardLink, Kind, Time};
pub use ids::{Named, read_ids, write_ids};
pub use metadata::{Acl, Attributes, NamedAccess, Value, WHOLE_MAX};
pub use name::{Name, compare};
pub use order::sort;

use crate::Version;
use crate::compat::{Abilities, Ability};

/// What of its entries a session sends: both peers know it from the options.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fields {
    /// `-o`: owners.
    pub owner: bool,
    /// `-g`: groups.
    pub group: bool,
    /// `--devices`: device numbers.
    pub devices: bool,
    /// `--specials`: sockets and FIFOs (which have device numbers in protocol 30).
    pub specials: bool,
    /// `-l`: symbolic links.
    pub links: bool,
    /// `-H`: which entries are one file.
    pub hard_links: bool,
    /// `-U`: access times.
    pub access_times: bool,
    /// `-N`: creation times.
    pub creation_times: bool,
    /// `-c`: checksums of regular files, of so many bytes.
    pub checksum: Option<usize>,
    /// `-A`: access control lists.
    pub acls: bool,
    /// `-X`: extended attributes.
    pub xattrs: bool,
    /// Whether numbers of users and groups are all there is (`--numeric-ids`).
    pub numeric_ids: bool,
    /// `-R`: names are whole paths, which may begin with a slash.
    pub whole_paths: bool,
}

/// How entries of a session lie on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// The protocol agreed on.
    pub version: Version,
    /// What the peers can do together.
    pub abilities: Abilities,
    /// What is sent.
    pub fields: Fields,
}

impl Format {
    /// Whether names of users and groups stand in the entries.
    fn names_inline(&self) -> bool {
        self.abilities.has(Ability::INCREMENTAL_RECURSION) && !self.fields.numeric_ids
    }

    /// Whether an entry of this kind brings device numbers.
    fn has_device(&self, kind: u32) -> bool {
        use entry::file_type::{BLOCK, CHARACTER, FIFO, SOCKET};
        match kind {
            BLOCK | CHARACTER => self.fields.devices,
            FIFO | SOCKET => self.fields.specials && self.version < Version::V31,
            _ => false,
        }
    }
}
