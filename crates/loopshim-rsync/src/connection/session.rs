//! What two peers have agreed on.

use std::sync::Arc;

use rsync_proto::Version;
use rsync_proto::compat::{Abilities, Ability};
use rsync_proto::digest::{Checksum, Seed};
use rsync_proto::file_list::{Fields, Format};
use rsync_proto::negotiation::Compression;

pub use rsync_proto::negotiation::Side;

use super::Handover;
use crate::options::Options;

/// What two peers have agreed on; it does not change any more.
#[derive(Debug, Clone)]
pub struct Session {
    /// What we were asked for.
    pub options: Arc<Options>,
    /// Whether we called or were called.
    pub side: Side,
    /// The protocol.
    pub version: Version,
    /// What both can do.
    pub abilities: Abilities,
    /// Checks what is transferred.
    pub checksum: Checksum,
    /// Compares files before the transfer, with `-c`.
    pub list_checksum: Checksum,
    /// How data are compressed.
    pub compression: Option<Compression>,
    /// Goes into blocks' checksums.
    pub seed: Seed,
    /// Where both sides are in this process: files that need no sending.
    pub handover: Option<Arc<Handover>>,
}

impl Session {
    /// How entries of file lists lie on the wire.
    pub fn format(&self) -> Format {
        let (options, attributes) = (&self.options, &self.options.attributes);
        let fields = Fields {
            owner: attributes.owner,
            group: attributes.group,
            devices: attributes.devices,
            specials: attributes.specials,
            links: options.links.preserves,
            hard_links: options.links.preserves_hard,
            access_times: attributes.atimes.is_given(),
            creation_times: false,
            checksum: options.comparison.by_checksum.then(|| self.list_checksum.length()),
            acls: attributes.acls,
            xattrs: attributes.xattrs.is_given(),
            numeric_ids: attributes.numeric_ids,
            whole_paths: options.selection.is_relative,
        };
        Format { version: self.version, abilities: self.abilities, fields }
    }

    /// Whether lists come directory by directory while the transfer runs.
    pub const fn is_incremental(&self) -> bool {
        self.abilities.has(Ability::INCREMENTAL_RECURSION)
    }

    /// Whether we are the server.
    pub fn is_server(&self) -> bool {
        self.side == Side::Server
    }
}
