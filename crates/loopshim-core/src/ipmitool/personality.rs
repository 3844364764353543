//! Which ipmitool is being stood in for. Versions print differently; each
//! difference is a question with a name, asked where it matters.

use super::text::events::EventState;

/// A released ipmitool whose bytes are reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Personality {
    /// 1.8.18 with Rocky Linux 8's patches: our first user's host.
    #[default]
    V1_8_18El8,
    /// 1.8.19 with Debian 12's patches.
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
}
