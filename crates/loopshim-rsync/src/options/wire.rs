//! What two sides say to each other.

use super::Bytes;
use rsync_proto::Version;
use rsync_proto::digest::Checksum;
use rsync_proto::negotiation::Compression;
use std::time::{Duration, SystemTime};

/// What the two sides of a transfer say to each other, and how fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// `--protocol`: the newest that is spoken.
    pub version: Version,
    /// `--checksum-choice`, where it is not `auto` alone.
    pub checksum: Option<ChecksumChoice>,
    /// `--checksum-seed`; 0: of the time.
    pub seed: i32,
    /// `-z` and the like.
    pub compression: Option<CompressionChoice>,
    /// `-z` was given once: a peer is told of it so.
    pub is_z_given: bool,
    /// `--compress-choice` as it was given, `none` also.
    pub compression_text: Option<Bytes>,
    /// `--compress-level`
    pub compress_level: Option<i32>,
    /// `--skip-compress`: suffixes, `/` between them; empty: none.
    pub skip_compress: Option<Bytes>,
    /// `-B`, bytes: 1 to 131072.
    pub block_size: Option<u32>,
    /// `--timeout`
    pub timeout: Option<Duration>,
    /// `--contimeout`
    pub connect_timeout: Option<Duration>,
    /// `--bwlimit`, bytes a second; a multiple of 1024.
    pub bandwidth: Option<u64>,
    /// `--use-qsort`: peers from before incremental recursion sorted so.
    pub uses_qsort: bool,
    /// `--stop-at`, `--stop-after`
    pub stop_at: Option<SystemTime>,
    /// `--max-alloc`, bytes; 0: any.
    pub max_alloc: u64,
    /// `--max-alloc` as it was given.
    pub max_alloc_text: Option<Bytes>,
    /// `--trust-sender`: names are not compared with what was asked for.
    pub trusts_sender: bool,
}

/// Which checksums are taken; `None` is `auto`, what is negotiated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecksumChoice {
    /// Of what is transferred; with [`Checksum::None`] files are sent whole.
    pub transfer: Option<Checksum>,
    /// Of whole files before the transfer, with `-c`.
    pub file: Option<Checksum>,
    /// As it was given, for the peer.
    pub text: Bytes,
}

/// How data are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompressionChoice {
    /// `--compress-choice`, or `--new-compress` and `--old-compress`; else negotiated.
    pub algorithm: Option<Compression>,
    /// `--compress-threads`: how many compress besides the sender's own.
    pub threads: u32,
}

impl Wire {
    /// The level at which to compress, limited to what the algorithm has;
    /// `None` where `--compress-level` switches it off.
    pub fn level(&self, algorithm: Compression) -> Option<i32> {
        let given = self.compress_level;
        match algorithm {
            Compression::Lz4 => Some(0),
            Compression::Zstd => Some(given.filter(|&level| level != 0).unwrap_or(3).clamp(-131_072, 22)),
            Compression::Zlib | Compression::Zlibx => match given.unwrap_or(-1) {
                0 => None,
                level if level < 0 => Some(6),
                level => Some(level.min(9)),
            },
        }
    }
}

/// What `--max-alloc` is without being given.
pub(super) const MAX_ALLOC: u64 = 1 << 30;

impl Default for Wire {
    fn default() -> Self {
        Self {
            version: Version::NEWEST,
            checksum: None,
            seed: 0,
            compression: None,
            is_z_given: false,
            compression_text: None,
            compress_level: None,
            skip_compress: None,
            block_size: None,
            timeout: None,
            connect_timeout: None,
            bandwidth: None,
            uses_qsort: false,
            stop_at: None,
            max_alloc: MAX_ALLOC,
            max_alloc_text: None,
            trusts_sender: false,
        }
    }
}
