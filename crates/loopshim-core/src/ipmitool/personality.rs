//! Which ipmitool is being stood in for. Versions print differently; each
//! difference is a question with a name, asked where it matters.

use super::text::events::EventState;

/// A released ipmitool whose bytes are reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
pub enum Personality {
    /// 1.8.18 with Rocky Linux 8's patches: our first user's host.
    #[default]
    #[serde(rename = "1.8.18-el8")]
    V1_8_18El8,
    /// 1.8.19 with Debian 12's patches.
    #[serde(rename = "1.8.19-deb12")]
    V1_8_19Deb12,
}

impl Personality {
    /// All personalities, oldest first.
    pub const ALL: [Self; 2] = [Self::V1_8_18El8, Self::V1_8_19Deb12];

    /// The name used in `bmc.json` and `LOOPSHIM_IPMITOOL_VERSION`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1_8_18El8 => "1.8.18-el8",
            Self::V1_8_19Deb12 => "1.8.19-deb12",
        }
    }

    /// The personality of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|personality| personality.name() == name)
    }

    /// What `-V` prints after `version`.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V1_8_18El8 => "1.8.18",
            Self::V1_8_19Deb12 => "1.8.19",
        }
    }

    /// Whether `arg` selects the sub-command `verb`: 1.8.18 compares only as
    /// many bytes as `verb` has (`mc infox` works), 1.8.19 the whole word.
    pub fn is_verb(self, arg: &[u8], verb: &str) -> bool {
        match self {
            Self::V1_8_18El8 => arg.starts_with(verb.as_bytes()),
            Self::V1_8_19Deb12 => arg == verb.as_bytes(),
        }
    }

    /// Bytes printed of the name of a locator or event-only record whose code
    /// gives `length`: 1.8.19 prints the byte after the name too.
    pub fn locator_name_length(self, length: u8) -> usize {
        match self {
            Self::V1_8_18El8 => length.into(),
            Self::V1_8_19Deb12 => usize::from(length) + 1,
        }
    }

    /// An event state as this version has it: 1.8.18 numbers "Power Supply
    /// Inactive" one too low and misspells the IPMB-B of a healthy link.
    pub fn event_state(self, state: EventState) -> EventState {
        match (self, state.text) {
            (Self::V1_8_18El8, "Power Supply Inactive") => EventState { offset: 6, ..state },
            (Self::V1_8_18El8, "IPMB-A enabled, IPMB-B enabled") => {
                EventState { text: "IPMB-A enabled, IPMP-B enabled", ..state }
            }
            _ => state,
        }
    }

    /// Whether times are printed in the local zone and the user's locale, and
    /// decimal points are the locale's: 1.8.19 calls `setlocale(LC_ALL, "")`.
    pub fn localises_times(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// Whether both digits of a BCD plus byte are printed; 1.8.18 prints the
    /// low one only.
    pub fn bcd_plus_keeps_both_nibbles(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// Whether a manufacturing date of zero is "Unspecified"; to 1.8.18 it is
    /// the start of 1996.
    pub fn board_date_may_be_unspecified(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// The option string given to `getopt`.
    pub const fn option_grammar(self) -> &'static str {
        match self {
            Self::V1_8_18El8 => "I:46hVvcgsEKYao:H:d:P:f:U:p:C:L:A:t:T:m:z:S:l:b:B:e:k:y:O:R:N:D:",
            Self::V1_8_19Deb12 => "I:46hVvcgsEKYao:H:d:P:f:U:p:C:L:A:t:T:m:z:S:l:b:B:e:k:y:O:R:N:D:Z",
        }
    }

    /// Whether `-Z` (times in UTC) exists.
    pub fn has_utc_option(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// Whether each `-v` takes effect on the log at once; 1.8.18 opens its log
    /// after all options, unless a complaint about one opened it before.
    pub fn logs_while_reading_options(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// Whether `-C` is read as a byte; 1.8.18 takes any number from 0.
    pub fn cipher_suite_is_a_byte(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// Whether `-I op` selects `open`.
    pub fn takes_interface_prefixes(self) -> bool {
        self == Self::V1_8_18El8
    }

    /// Whether `free` and `dummy` are built in; el8's package leaves them out.
    pub fn has_free_and_dummy_interfaces(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// Whether manufacturer names come from the IANA registry on the machine,
    /// read at every start; 1.8.18 carries a short table.
    pub fn reads_manufacturer_registry(self) -> bool {
        self == Self::V1_8_19Deb12
    }

    /// The texts that lie behind the names of a power supply's combined
    /// voltages in the program: Debian 12's binary prints them for undefined
    /// codes (and dies for those that are empty here).
    pub fn texts_after_combined_voltages(self) -> &'static [&'static str] {
        match self {
            Self::V1_8_18El8 => &[],
            Self::V1_8_19Deb12 => &[
                "Internal Use Section",
                "Chassis Section",
                "Board Section",
                "Product Section",
                "valid",
                "(null)",
                "",
                "Boot flags valid",
                "persistent",
                "(null)",
                "",
                "Changes are persistent for all future boots",
            ],
        }
    }
}
