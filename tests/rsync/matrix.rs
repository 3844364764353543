//! Every combination of what the two ends can agree on: ours and the original
//! as client and as server, pushing and pulling, of each protocol version: the
//! newest alone unless `LOOPSHIM_RSYNC_VERSIONS=all` asks for all (30, 31 and
//! 32), as CI does, which takes three times as long.

use super::case::Case;

/// The newest first.
const VERSIONS: [&str; 3] = ["--protocol=32", "--protocol=31", "--protocol=30"];

pub(super) fn versions() -> &'static [&'static str] {
    let all = std::env::var_os("LOOPSHIM_RSYNC_VERSIONS").is_some_and(|which| which == "all");
    if all { &VERSIONS } else { &VERSIONS[..1] }
}

macro_rules! features {
    ($($feature:ident)*) => { $(
        #[test]
        fn $feature() {
            Case::read("matrix", stringify!($feature)).judge_all_pairs(versions());
        }
    )* };
}

features! {
    plain
    z_zlib
    z_zlibx
    z_zstd
    z_lz4
    no_i_r
    haxs
    delete_before
    delete_during
    delete_delay
    delete_after
    inplace
    deltas
    files_from
    filters
    odd_names
    hard_links
    checksum_numeric
}
