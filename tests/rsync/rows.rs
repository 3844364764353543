//! One test for each thing that an rsync is expected to do, named as what
//! rsync's own tests of it are named; the cases are in `rows/`.

macro_rules! rows {
    ($($row:ident)*) => { $(
        #[test]
        fn $row() {
            let name = stringify!($row);
            super::case::Case::read("rows", name).judge();
        }
    )* };
}

/// A case that no test reads would never be run.
#[test]
fn every_case_is_run() {
    for (folder, tests) in [("rows", include_str!("rows.rs")), ("matrix", include_str!("matrix.rs"))] {
        let cases = std::fs::read_dir(format!("{}/tests/rsync/{folder}", env!("CARGO_MANIFEST_DIR")));
        for case in cases.expect("the cases") {
            let name = case.expect("a case").file_name().into_string().expect("in UTF-8");
            let name = name.strip_suffix(".txt").expect("a case").to_owned();
            assert!(tests.lines().any(|line| line.trim() == name), "{folder}/{name}.txt");
        }
    }
}

rows! {
    hello
    alt_dest
    alt_dest_deep
    append
    append_shortsum
    atimes
    backup
    backup_crossdev_copy
    backup_deep
    backup_dir_relative
    backup_dir_repeated_separator_delete
    backup_incremental
    change_shrink
    change_vanish
    chgrp
    checksum_of_links
    chmod
    chmod_option
    chmod_setid
    chmod_temp_dir
    chown
    compare
    copy_devices
    compress_options
    compress_zlib_insert
    crossing_told
    crtimes
    deep_path
    delay_updates
    delay_updates_deep
    delete
    delete_after_errors
    delete_deep
    delete_missing_args_files_from
    dest_symlinked_dir
    dir_sgid
    dirs
    duplicates
    executability
    file_to_file_mkpath_dry_run
    files_from
    files_from_depth
    files_from_path_clamp
    fuzzy
    fuzzy_basis
    growing_file
    hands
    hardlinks
    hardlinks_deep
    hashsearch_chain
    highfd_hang
    inplace
    itemize
    keep_dirlinks_rule
    keep_dirlinks_symlinked_dest
    link_dest_relative_basis
    link_dest_symlink_enotsup
    links
    links_of_others
    links_of_others_named
    list_broken_into
    list_only_deep
    long_names_told
    longdir
    merge
    metadata_depth
    misc_coverage
    missing
    mkpath
    nested_socket_specials
    new_directories
    no_implied_dirs_symlink
    nonroot_restrictive_perms
    omit_times
    open_noatime
    output_options
    ownership_depth
    partial
    partial_dir_abs_delta
    partial_nowrite
    preallocate
    progress
    prune_empty_dirs
    relative
    relative_content
    relative_implied
    relative_implied_symlink
    relative_symlinked_parent
    relative_symlinked_parent_dotdot
    remote_shell_newline_escaping
    safe_arg_leak
    said_nothing
    safe_links
    safe_links_absolute_intree
    safe_links_unsafe_def
    size_filter
    source_change_size_continues
    sparse
    ssh_basic
    stop_time
    symlink_ignore
    temp_dir
    unsafe_links
    update
    variety
    cvs_exclude
    exclude
    exclude_lsh
    filter_depth
    random_findings
    rule_files
    telling
    ki73_cvs_clear_list
    acls
    acls_default
    acls_depth
    acls_unpinnable
    backup_acl_xattr_cache
    chown_fake
    devices
    devices_fake
    fake_super_acl_xattr
    fake_super_backup_fifo_regression
    xattrs
    xattrs_depth
    xattrs_hlink
    write_devices
    daemon_options
    protocol_29
    secluded_wildcards
    source_kept
    alternatives_told
    backup_in_place
    backup_kinds
    fuzzy_names
    relative_lists
    skip_told
    chmod_acls
    told_before_lists
    way_made
    way_made_writable
    fake_super_nodes
}
