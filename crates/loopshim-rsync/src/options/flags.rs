//! What `--info` and `--debug` switch on, each with a level.

macro_rules! categories {
    ($(#[$of:meta])* $category:ident, $(#[$levels_of:meta])* $levels:ident: $count:literal,
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
        pub struct $levels([u8; $count]);

        impl $levels {
            /// Silence.
            pub const NONE: Self = Self([0; $count]);

            /// The level of one: 0 is silence.
            pub const fn level(&self, of: $category) -> u8 {
                self.0[of as usize]
            }

            /// Whether one has this level or a higher one.
            pub const fn has(&self, of: $category, level: u8) -> bool {
                self.level(of) >= level
            }

            /// Sets the level of one.
            pub const fn set(&mut self, of: $category, level: u8) {
                self.0[of as usize] = level;
            }
        }
    };
}

categories! {
    /// What is told of a run.
    Info,
    /// The level of each [`Info`].
    InfoLevels: 13,
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
    /// The level of each [`Debug`].
    DebugLevels: 24,
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
