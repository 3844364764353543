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
    /// `--checksum-choice`, where it is no `auto`.
    pub checksum: Option<ChecksumChoice>,
    /// `--checksum-seed`; 0: of the time.
    pub seed: i32,
    /// `-z` and the like.
    pub compression: Option<CompressionChoice>,
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
    /// `--stop-at`, `--stop-after`
    pub stop_at: Option<SystemTime>,
    /// `--max-alloc`, bytes; 0: any.
    pub max_alloc: u64,
    /// `--trust-sender`: names are not compared with what was asked for.
    pub trusts_sender: bool,
}

/// Which checksums are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChecksumChoice {
    /// Of what is transferred; without one, files are sent whole.
    pub transfer: Checksum,
    /// Of whole files before the transfer, with `-c`.
    pub file: Checksum,
}

/// How data are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompressionChoice {
    /// `--compress-choice`, or `--new-compress` and `--old-compress`; else negotiated.
    pub algorithm: Option<Compression>,
    /// `--compress-level`, where it is not the algorithm's default.
    pub level: Option<i32>,
    /// `--compress-threads`: how many compress besides the sender's own.
    pub threads: u32,
}

/// 1 GiB.
const MAX_ALLOC: u64 = 1 << 30;

impl Default for Wire {
    fn default() -> Self {
        Self {
            version: Version::NEWEST,
            checksum: None,
            seed: 0,
            compression: None,
            skip_compress: None,
            block_size: None,
            timeout: None,
            connect_timeout: None,
            bandwidth: None,
            stop_at: None,
            max_alloc: MAX_ALLOC,
            trusts_sender: false,
        }
    }
}
