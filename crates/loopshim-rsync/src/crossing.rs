//! What crosses a connection for one file.

use rsync_proto::digest::{Checksum, Sum};

/// What crossed a connection for a file's data, without the headers of frames.
#[derive(Debug, Clone)]
pub struct Crossing {
    /// Bytes that the side with the data sent: of a sender with the item before them,
    /// which a receiver has read by then (observed: 3.5.0).
    pub data: u64,
    /// Bytes of sums that a sender got.
    pub sums: u64,
    /// The checksum of the whole file; none where nobody needs one.
    pub sum: Option<Sum>,
    /// Which one that is.
    pub checksum: Checksum,
}
