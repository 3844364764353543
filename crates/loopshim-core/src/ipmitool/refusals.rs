//! What the original says to the commands we do not have, when the BMC answers
//! each request with C1h, "Invalid command" (1.8.18 and 1.8.19, observed
//! against a BMC that answers nothing else; the two agree in every row, and fail).

/// A command line and what the original answers to it.
pub(super) struct Refusal {
    /// Its first words, verbs in full. Further words may follow.
    pub words: &'static [&'static str],
    /// Standard output.
    pub stdout: &'static str,
    /// Standard error.
    pub stderr: &'static str,
}

const fn fails(words: &'static [&'static str], stderr: &'static str) -> Refusal {
    Refusal { words, stdout: "", stderr }
}

const fn prints(words: &'static [&'static str], stdout: &'static str, stderr: &'static str) -> Refusal {
    Refusal { words, stdout, stderr }
}

/// The refusal for every command line that has no row below; the words are the
/// original's most frequent.
pub(super) const OTHERWISE: Refusal = fails(&[], "IPMI command failed: Invalid command\n");

/// The refusals; of several that fit, the longest counts.
pub(super) const TABLE: &[Refusal] = &[
    prints(
        &["fwum", "rollback"],
        "FWUM extension Version 1.3\n",
        "Error in FWUM Manual Rollback Command returned c1\n",
    ),
    prints(&["fwum", "status"], "FWUM extension Version 1.3\n\n", "FWUM Firmware Get Info returned c1\n"),
    prints(
        &["fwum", "tracelog"],
        "FWUM extension Version 1.3\n\n",
        "FWUM Firmware Get Trace Log returned c1\n",
    ),
    fails(
        &["hpm", "activate"],
        "\nPICMG HPM.1 Upgrade Agent 1.0.9: \n\nError activating firmware\ncompcode=0xc1: Invalid command\n",
    ),
    fails(
        &["hpm", "check"],
        "\nPICMG HPM.1 Upgrade Agent 1.0.9: \n\nError getting target upgrade capabilities, ccode: 0xc1: \
         Invalid command\nBoard might not be supporting the HPM.1 Standards\n\n",
    ),
    fails(
        &["hpm", "rollback"],
        "\nPICMG HPM.1 Upgrade Agent 1.0.9: \n\nError getting target upgrade capabilities, ccode: 0xc1: \
         Invalid command\n",
    ),
    fails(&["sunoem", "version"], "Sun OEM Get SP Version Failed: 193\n"),
];
