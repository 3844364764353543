//! Every row of the documents' inventory that is about the host, with the test
//! that shows how it was judged, or why a person has to look.

use std::collections::BTreeSet;
use std::path::Path;

use loopshim_host::checks;
use loopshim_host::fixes;

/// Row, judgement in a few words, and each `FILE::TEST`, or `manual: WHY`.
const ROWS: &[(&str, &str, &str)] = &[
    (
        "C1",
        "pinned on Python 3.6 only",
        "crates/loopshim-host/src/fixes/tests.rs::pip_is_pinned_on_python_3_6_alone",
    ),
    ("C2", "exact versions", "crates/loopshim-host/src/fixes/tests.rs::pip_is_pinned_on_python_3_6_alone"),
    ("C3", "never upgraded", "crates/loopshim-host/src/fixes/tests.rs::pip_is_pinned_on_python_3_6_alone"),
    (
        "C4",
        "told apart by files, installed only when asked",
        "crates/loopshim-host/src/fixes/tests.rs::packages_have_each_distributions_names tests/host/packages/dnf.rs::dnf_installs_what_is_missing_and_it_is_taken_back",
    ),
    (
        "C5",
        "both distributions' names",
        "crates/loopshim-host/src/fixes/tests.rs::packages_have_each_distributions_names",
    ),
    (
        "C6",
        "the longer list",
        "crates/loopshim-host/src/fixes/tests.rs::packages_have_each_distributions_names",
    ),
    (
        "C7",
        "packages before stand-ins",
        "crates/loopshim-host/src/fixes/tests.rs::packages_come_before_what_they_would_overwrite",
    ),
    (
        "C8",
        "written, never above fs.nr_open",
        "tests/host/apply.rs::limits_stay_below_what_the_kernel_allows",
    ),
    ("C9", "written", "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace"),
    (
        "C10",
        "at least",
        "tests/host/apply.rs::nothing_is_lowered tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace",
    ),
    (
        "C11",
        "the older script's file goes",
        "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace",
    ),
    (
        "C12",
        "a new session of the user, and running processes",
        "tests/host/verify.rs::limits_are_those_of_the_users_session crates/loopshim-host/src/checks/tests.rs::limits_of_services_and_containers_are_those_of_their_processes",
    ),
    (
        "C13",
        "the stand-in, as install.sh puts it",
        "tests/host/tools.rs::stand_ins_are_installed_by_install_sh_and_by_loopshim_alike",
    ),
    (
        "C14",
        "only what is certainly an orphan",
        "crates/loopshim-host/src/clean/adversary.rs::nothing_but_orphans_goes",
    ),
    (
        "C15",
        "never a healthy installation",
        "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace tests/host/verify.rs::a_broken_monitor_is_found_and_the_cure_named",
    ),
    (
        "C16",
        "as C15",
        "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace tests/host/verify.rs::a_broken_monitor_is_found_and_the_cure_named",
    ),
    ("C17", "tildes only", "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace"),
    ("C18", "no folder is made in site-packages", "tests/host/apply.rs::no_empty_package_is_made"),
    (
        "C19",
        "absent parameters are left out",
        "crates/loopshim-host/src/fixes/tests.rs::a_parameter_that_the_kernel_lacks_is_left_out",
    ),
    (
        "C20",
        "the longer list",
        "crates/loopshim-host/src/fixes/tests.rs::a_parameter_that_the_kernel_lacks_is_left_out",
    ),
    (
        "C21",
        "the longer list",
        "crates/loopshim-host/src/fixes/tests.rs::a_parameter_that_the_kernel_lacks_is_left_out",
    ),
    ("C22", "now and at the next start", "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace"),
    (
        "C23",
        "kept, which the script forgot",
        "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace",
    ),
    (
        "C24",
        "by tuned where that is in use",
        "crates/loopshim-host/src/fixes/tests.rs::huge_pages_are_kept_off_by_one_way_only",
    ),
    (
        "C25",
        "whole disks of every kind, no controllers",
        "crates/loopshim-host/src/fixes/tests.rs::the_rules_match_whole_disks",
    ),
    ("C26", "mq-deadline", "crates/loopshim-host/src/fixes/tests.rs::the_rules_match_whole_disks"),
    (
        "C27",
        "steps, root asked for",
        "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace tests/host/apply.rs::only_root_changes_a_running_machine",
    ),
    ("C28", "superseded", "manual: the older script; C27 has all of it that is right"),
    ("C29", "told only", "crates/loopshim-host/src/checks/tests.rs::swap_is_told_and_never_a_failure"),
    (
        "C30",
        "looked for, not installed",
        "crates/loopshim-host/src/fixes/tests.rs::docker_is_looked_for_and_never_installed",
    ),
    (
        "C31",
        "where the hypervisor offers the channel",
        "crates/loopshim-host/src/fixes/tests.rs::the_guest_agent_is_for_machines_with_its_channel",
    ),
    (
        "C32",
        "dangerous: by name and --yes",
        "tests/host/apply.rs::programs_that_fixes_run_are_run_and_taken_back_in_order",
    ),
    (
        "C33",
        "what a guest can see",
        "crates/loopshim-host/src/checks/tests.rs::hardware_is_judged_by_what_a_guest_can_see",
    ),
    (
        "C34",
        "the checklist's rows",
        "tests/host/verify.rs::every_check_of_a_phase_is_reported_in_every_format",
    ),
    (
        "C35",
        "what a host can see after the installation",
        "tests/host/verify.rs::every_check_of_a_phase_is_reported_in_every_format",
    ),
    (
        "C36",
        "ratio, 117 and 128 GB, 500 GB and 1 TB",
        "crates/loopshim-host/src/checks/tests.rs::hardware_is_judged_by_what_a_guest_can_see",
    ),
    ("E1", "the documents' layout", "tests/host/verify.rs::the_documents_own_layout_can_be_printed"),
    ("E2", "21.3.1 is expected, not 23.3.2", "tests/host/verify.rs::the_documents_own_layout_can_be_printed"),
    ("E10", "scripts that are only named", "manual: the documents name them and do not show them"),
    (
        "X-1",
        "21.3.1 on 3.6, nothing elsewhere",
        "crates/loopshim-host/src/fixes/tests.rs::pip_is_pinned_on_python_3_6_alone",
    ),
    (
        "X-2",
        "dangerous as written; replaced",
        "crates/loopshim-host/src/clean/adversary.rs::nothing_but_orphans_goes",
    ),
    (
        "X-3",
        "--ignore-installed is advised",
        "tests/host/verify.rs::a_broken_monitor_is_found_and_the_cure_named",
    ),
    (
        "X-4",
        "the ratio",
        "crates/loopshim-host/src/checks/tests.rs::hardware_is_judged_by_what_a_guest_can_see",
    ),
    ("X-5", "117 GB", "crates/loopshim-host/src/checks/tests.rs::hardware_is_judged_by_what_a_guest_can_see"),
    (
        "X-6",
        "500 GB, 1 TB",
        "crates/loopshim-host/src/checks/tests.rs::hardware_is_judged_by_what_a_guest_can_see",
    ),
    (
        "X-7",
        "neither made nor removed blindly",
        "tests/host/apply.rs::no_empty_package_is_made tests/host/verify.rs::a_broken_monitor_is_found_and_the_cure_named",
    ),
    (
        "X-8",
        "containers and image only after the installation",
        "tests/host/verify.rs::every_check_of_a_phase_is_reported_in_every_format",
    ),
    ("X-9", "never lowered", "tests/host/apply.rs::nothing_is_lowered"),
    ("X-10", "the older file goes", "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace"),
    (
        "X-11",
        "holders are measured",
        "crates/loopshim-host/src/facts/processes.rs::both_ways_of_counting_agree_and_see_what_is_opened",
    ),
    (
        "X-12",
        "one way of keeping them off",
        "crates/loopshim-host/src/fixes/tests.rs::huge_pages_are_kept_off_by_one_way_only",
    ),
    ("X-13", "told only", "crates/loopshim-host/src/checks/tests.rs::swap_is_told_and_never_a_failure"),
    ("X-14", "both causes are met", "manual: the pip3 stand-in meets one, the rsync stand-in the other"),
    (
        "X-15",
        "the fixes, not the script",
        "crates/loopshim-host/src/fixes/tests.rs::packages_have_each_distributions_names",
    ),
    ("X-16", "no matter", "manual: the hypervisor's version is not looked at"),
    (
        "X-17",
        "nodes are asked, success is not assumed",
        "crates/loopshim-host/src/checks/vms.rs::nodes_that_are_not_up_are_named",
    ),
    ("X-18", "the fullest answer by default", "tests/vast.rs::ipmitool_as_typed"),
    ("X-19", "real errors", "tests/refusals.rs::unmodelled_commands_are_refused_in_the_originals_words"),
    ("X-20", "told by marker and inode", "tests/install.rs::a_shim_under_the_originals_name_is_recognised"),
    ("X-21", "no redirection is involved", "manual: nothing is written by a shell's redirection"),
    ("X-22", "tildes only", "tests/host/apply.rs::applied_twice_and_taken_back_leaves_no_trace"),
    (
        "X-23",
        "services and containers by /proc/PID/limits",
        "crates/loopshim-host/src/checks/tests.rs::limits_of_services_and_containers_are_those_of_their_processes",
    ),
    ("X-24", "not a default: compared, not assumed", "tests/host/apply.rs::nothing_is_lowered"),
    (
        "X-25",
        "all processes, by number",
        "crates/loopshim-host/src/facts/processes.rs::both_ways_of_counting_agree_and_see_what_is_opened",
    ),
    (
        "X-26",
        "handles by process, files by the kernel's table",
        "crates/loopshim-host/src/facts/processes.rs::both_ways_of_counting_agree_and_see_what_is_opened crates/loopshim-host/src/checks/tests.rs::the_file_table_is_the_kernels_own_count",
    ),
    ("X-27", "a clock's steps", "manual: gaps are watched by a later command, by the monotonic clock"),
];

#[test]
fn every_row_names_the_test_that_shows_its_judgement() {
    let named: BTreeSet<&str> = ROWS.iter().map(|(row, ..)| *row).collect();
    let numbered = |letter: &str, numbers: std::ops::RangeInclusive<u32>| {
        numbers.map(|number| format!("{letter}{number}")).collect::<Vec<_>>()
    };
    let rows = [numbered("C", 1..=36), numbered("E", 1..=2), numbered("E", 10..=10), numbered("X-", 1..=27)]
        .concat();
    for row in &rows {
        assert!(named.contains(row.as_str()), "nothing shows how {row} was judged");
    }
    assert_eq!(named.len(), ROWS.len(), "a row is named twice");
    for (row, _, shown) in ROWS {
        if let Some(why) = shown.strip_prefix("manual: ") {
            assert!(!why.is_empty(), "{row}");
            continue;
        }
        for shown in shown.split(' ') {
            let (file, test) = shown.split_once("::").unwrap_or_else(|| panic!("{row}: {shown}"));
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
            let text = text.unwrap_or_else(|error| panic!("{row}: {file}: {error}"));
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let is_test =
                |pair: &[&str]| pair[0] == "#[test]" && pair[1].starts_with(&format!("fn {test}()"));
            assert!(lines.windows(2).any(is_test), "{row}: no test {test} in {file}");
        }
    }
}

/// What fixes and checks say they follow is in the table.
#[test]
fn fixes_and_checks_name_rows_that_there_are() {
    let known: BTreeSet<&str> = ROWS.iter().map(|(row, ..)| *row).chain(["X-8b"]).collect();
    let of_fixes = fixes::ALL.iter().map(|fix| (fix.id, fix.rows));
    let of_checks = checks::ALL.iter().map(|check| (check.id, check.rows));
    for (id, rows) in of_fixes.chain(of_checks) {
        assert!(!rows.is_empty(), "{id} follows no row");
        assert!(rows.iter().all(|row| known.contains(row)), "{id}: {rows:?}");
    }
}
