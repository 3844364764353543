//! What `--info` and `--debug` switch on, each with a level.

use super::Bytes;

/// Highest level there is.
const LEVEL_MAX: u8 = 4;
const HEAD: &str = "Use OPT or OPT1 for level 1 output, OPT2 for level 2, etc.; OPT0 silences.\n\n";

/// A name and the level behind it, which is 1 if there is none.
fn named_level(word: &[u8]) -> (&[u8], u8) {
    let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (name, level) = word.split_at(word.len() - digits);
    let value = level.iter().fold(0_u8, |value, digit| value.saturating_mul(10).saturating_add(digit - b'0'));
    (name, if level.is_empty() { 1 } else { value.min(LEVEL_MAX) })
}

/// A name with its level behind it, which is left out where it is 1.
pub(super) fn with_level(name: &str, level: u8) -> String {
    if level == 1 { name.to_owned() } else { format!("{name}{level}") }
}

/// Why words are not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WordError {
    /// Help is asked for.
    Help,
    /// A name that is none, without its level.
    Unknown(Bytes),
}

macro_rules! categories {
    ($(#[$of:meta])* $category:ident, $(#[$levels_of:meta])* $levels:ident: $count:literal, $option:literal,
     $($(#[$doc:meta])* $variant:ident = $name:literal, $help:literal;)*) => {
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $category { $(#[doc = $help] $variant,)* }

        impl $category {
            /// All, by name.
            pub const ALL: [Self; $count] = [$(Self::$variant,)*];

            /// As it is given on the command line, in capitals.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What `help` says of it.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }
        }

        $(#[$levels_of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $levels {
            levels: [u8; $count],
            /// A bit for each that was given on the command line.
            given: u32,
        }

        impl $levels {
            /// Silence.
            pub const NONE: Self = Self { levels: [0; $count], given: 0 };

            /// The level of one: 0 is silence.
            pub const fn level(&self, of: $category) -> u8 {
                self.levels[of as usize]
            }

            /// Whether one has this level or a higher one.
            pub const fn has(&self, of: $category, level: u8) -> bool {
                self.level(of) >= level
            }

            /// Sets the level of one.
            pub const fn set(&mut self, of: $category, level: u8) {
                self.levels[of as usize] = level;
            }

            /// The level of one, if it was given on the command line.
            pub fn given(&self, of: $category) -> Option<u8> {
                (self.given & (1 << of as u32) != 0).then(|| self.level(of))
            }

            /// Takes what is given on the command line: names, each with a level
            /// behind it, between commas. What is given goes before what other
            /// options imply.
            ///
            /// # Errors
            /// At the first name that is none, or `help`.
            pub(super) fn give(&mut self, words: &[u8]) -> Result<(), WordError> {
                for word in words.split(|&byte| byte == b',').filter(|word| !word.is_empty()) {
                    let (name, level) = named_level(word);
                    let (of, level): (&[$category], u8) = match &name.to_ascii_uppercase()[..] {
                        b"ALL" => (&$category::ALL, level),
                        b"NONE" => (&$category::ALL, 0),
                        b"HELP" => return Err(WordError::Help),
                        name => match $category::ALL.iter().position(|known| known.name().as_bytes() == name) {
                            Some(at) => (&$category::ALL[at..=at], level),
                            None => return Err(WordError::Unknown(word[..name.len()].to_vec())),
                        },
                    };
                    for &of in of {
                        self.set(of, level);
                        self.given |= 1 << of as u32;
                    }
                }
                Ok(())
            }

            /// Raises the level of one to this at least, unless it was given.
            pub(super) fn imply(&mut self, of: $category, level: u8) {
                if self.given(of).is_none() {
                    self.set(of, level.max(self.level(of)));
                }
            }

            /// Raises levels to what so many `-v` are for.
            pub(super) fn imply_verbosity(&mut self, verbosity: u8) {
                let steps = $category::VERBOSITY.iter().take_while(|(from, _)| *from <= verbosity);
                for &(of, level) in steps.flat_map(|(_, added)| *added) {
                    self.imply(of, level);
                }
            }

            /// What `help` prints.
            pub fn help() -> String {
                let mut text = HEAD.to_owned();
                for of in $category::ALL {
                    text += &format!("{:<10} {}\n", of.name(), of.help());
                }
                text += &format!("\n{:<10} Set all --{} options (e.g. all4)\n", "ALL", $option);
                text += &format!("{:<10} Silence all --{} options (same as all0)\n", "NONE", $option);
                text += "HELP       Output this help message\n\nOptions added at each level of verbosity:\n";
                for (from, added) in $category::VERBOSITY {
                    let names: Vec<String> = added.iter().map(|(of, level)| with_level(of.name(), *level)).collect();
                    text += &format!("{from}) {}\n", names.join(","));
                }
                text
            }
        }
    };
}

categories! {
    /// What is told of a run.
    Info,
    /// The level of each [`Info`].
    InfoLevels: 13, "info",
    Backup = "BACKUP", "Mention files backed up";
    Copy = "COPY", "Mention files copied locally on the receiving side";
    Del = "DEL", "Mention deletions on the receiving side";
    Flist = "FLIST", "Mention file-list receiving/sending (levels 1-2)";
    Misc = "MISC", "Mention miscellaneous information (levels 1-2)";
    Mount = "MOUNT", "Mention mounts that were found or skipped";
    Name = "NAME", "Mention 1) updated file/dir names, 2) unchanged names";
    Nonreg = "NONREG", "Mention skipped non-regular files (default 1, 0 disables)";
    Progress = "PROGRESS", "Mention 1) per-file progress or 2) total transfer progress";
    Remove = "REMOVE", "Mention files removed on the sending side";
    Skip = "SKIP", "Mention files skipped due to transfer overrides (levels 1-2)";
    Stats = "STATS", "Mention statistics at end of run (levels 1-3)";
    Symsafe = "SYMSAFE", "Mention symlinks that are unsafe";
}

categories! {
    /// What is told to those who look for a fault.
    Debug,
    /// The level of each [`enum@Debug`].
    DebugLevels: 24, "debug",
    Acl = "ACL", "Debug extra ACL info";
    Backup = "BACKUP", "Debug backup actions (levels 1-2)";
    Bind = "BIND", "Debug socket bind actions";
    Chdir = "CHDIR", "Debug when the current directory changes";
    Connect = "CONNECT", "Debug connection events (levels 1-2)";
    Cmd = "CMD", "Debug commands+options that are issued (levels 1-2)";
    Del = "DEL", "Debug delete actions (levels 1-3)";
    Deltasum = "DELTASUM", "Debug delta-transfer checksumming (levels 1-4)";
    Dup = "DUP", "Debug weeding of duplicate names";
    Exit = "EXIT", "Debug exit events (levels 1-3)";
    Filter = "FILTER", "Debug filter actions (levels 1-3)";
    Flist = "FLIST", "Debug file-list operations (levels 1-4)";
    Fuzzy = "FUZZY", "Debug fuzzy scoring (levels 1-2)";
    Genr = "GENR", "Debug generator functions";
    Hash = "HASH", "Debug hashtable code";
    Hlink = "HLINK", "Debug hard-link actions (levels 1-3)";
    Iconv = "ICONV", "Debug iconv character conversions (levels 1-2)";
    Io = "IO", "Debug I/O routines (levels 1-4)";
    Nstr = "NSTR", "Debug negotiation strings";
    Own = "OWN", "Debug ownership changes in users & groups (levels 1-2)";
    Proto = "PROTO", "Debug protocol information";
    Recv = "RECV", "Debug receiver functions";
    Send = "SEND", "Debug sender functions";
    Time = "TIME", "Debug setting of modified times (levels 1-2)";
}

impl Default for InfoLevels {
    /// What is told without `-v` and `--info`.
    fn default() -> Self {
        let mut levels = Self::NONE;
        levels.set(Info::Nonreg, 1);
        levels
    }
}

impl Default for DebugLevels {
    fn default() -> Self {
        Self::NONE
    }
}

type Steps<C> = &'static [(u8, &'static [(C, u8)])];

impl Info {
    /// What each more `-v` adds.
    const VERBOSITY: Steps<Self> = &[
        (0, &[(Self::Nonreg, 1)]),
        (
            1,
            &[
                (Self::Copy, 1),
                (Self::Del, 1),
                (Self::Flist, 1),
                (Self::Misc, 1),
                (Self::Name, 1),
                (Self::Stats, 1),
                (Self::Symsafe, 1),
            ],
        ),
        (
            2,
            &[
                (Self::Backup, 1),
                (Self::Misc, 2),
                (Self::Mount, 1),
                (Self::Name, 2),
                (Self::Remove, 1),
                (Self::Skip, 1),
            ],
        ),
    ];
}

impl Debug {
    /// What each more `-v` adds.
    const VERBOSITY: Steps<Self> = &[
        (
            2,
            &[
                (Self::Bind, 1),
                (Self::Connect, 1),
                (Self::Cmd, 1),
                (Self::Del, 1),
                (Self::Deltasum, 1),
                (Self::Dup, 1),
                (Self::Filter, 1),
                (Self::Flist, 1),
                (Self::Iconv, 1),
            ],
        ),
        (
            3,
            &[
                (Self::Acl, 1),
                (Self::Backup, 1),
                (Self::Connect, 2),
                (Self::Del, 2),
                (Self::Deltasum, 2),
                (Self::Exit, 1),
                (Self::Filter, 2),
                (Self::Flist, 2),
                (Self::Fuzzy, 1),
                (Self::Genr, 1),
                (Self::Own, 1),
                (Self::Recv, 1),
                (Self::Send, 1),
                (Self::Time, 1),
            ],
        ),
        (
            4,
            &[
                (Self::Cmd, 2),
                (Self::Del, 3),
                (Self::Deltasum, 3),
                (Self::Exit, 2),
                (Self::Flist, 3),
                (Self::Iconv, 2),
                (Self::Own, 2),
                (Self::Proto, 1),
                (Self::Time, 2),
            ],
        ),
        (
            5,
            &[
                (Self::Chdir, 1),
                (Self::Deltasum, 4),
                (Self::Flist, 4),
                (Self::Fuzzy, 2),
                (Self::Hash, 1),
                (Self::Hlink, 1),
            ],
        ),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_names_and_levels() {
        let mut levels = InfoLevels::default();
        assert_eq!(levels.give(b"name2,,DEL,stats12"), Ok(()));
        let of = |of| levels.level(of);
        assert_eq!([of(Info::Name), of(Info::Del), of(Info::Stats), of(Info::Nonreg)], [2, 1, 4, 1]);
        assert_eq!((levels.given(Info::Del), levels.given(Info::Nonreg)), (Some(1), None));
        for (words, name) in [("xx", "xx"), ("name2x", "name2x"), ("name-1", "name-"), ("del,nam3", "nam")] {
            assert_eq!(levels.give(words.as_bytes()), Err(WordError::Unknown(name.into())));
        }
    }

    #[test]
    fn what_is_given_goes_before_what_is_implied() {
        let mut levels = InfoLevels::default();
        assert_eq!(levels.give(b"name0"), Ok(()));
        levels.imply_verbosity(2);
        assert_eq!((levels.level(Info::Name), levels.level(Info::Misc)), (0, 2));
    }

    #[test]
    fn help_is_asked_for_among_other_words() {
        let mut levels = InfoLevels::default();
        assert_eq!(levels.give(b"none,help,xx"), Err(WordError::Help));
        assert_eq!(levels.give(b"HELP2"), Err(WordError::Help));
        assert!(InfoLevels::help().ends_with("2) BACKUP,MISC2,MOUNT,NAME2,REMOVE,SKIP\n"));
    }
}
