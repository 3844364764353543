//! What the original says to the commands we do not have, when the BMC answers
//! each request with C1h, "Invalid command" (1.8.18 and 1.8.19, observed
//! against a BMC that answers nothing else; the two agree in every row, and fail).

/// A command line and what the original answers to it.
pub(super) struct Refusal {
    /// Its first words, verbs in full. Further words may follow.
    pub words: &'static [&'static str],
    /// Standard error.
    pub stderr: &'static str,
}

const fn fails(words: &'static [&'static str], stderr: &'static str) -> Refusal {
    Refusal { words, stderr }
}

/// The refusal for every command line that has no row below; the words are the
/// original's most frequent.
pub(super) const OTHERWISE: Refusal = fails(&[], "IPMI command failed: Invalid command\n");

/// The refusals; of several that fit, the longest counts.
pub(super) const TABLE: &[Refusal] = &[fails(&["sunoem", "version"], "Sun OEM Get SP Version Failed: 193\n")];
