//! Every combination of what the two ends can agree on: ours and the original
//! as client and as server, pushing and pulling, of each protocol version.

use super::case::Case;

const VERSIONS: [&str; 3] = ["--protocol=30", "--protocol=31", "--protocol=32"];

macro_rules! features {
    ($($feature:ident)*) => { $(
        #[test]
        fn $feature() {
            Case::read("matrix", stringify!($feature)).judge_all_pairs(&VERSIONS);
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
