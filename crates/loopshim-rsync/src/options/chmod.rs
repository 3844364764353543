//! `--chmod`: changes to the permissions in the file list.
//!
//! Beyond chmod(1): `D` and `F` restrict an item to directories or to what is
//! none, and an `X` anywhere in an item makes its `x` conditional too. Whether
//! something is executable is asked of the mode it came with.

/// Checked changes, in the order they are made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chmod(Vec<Change>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    only: Only,
    action: Action,
}

/// What a change is restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    All,
    Directories,
    Others,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// The mode is this.
    Octal(u32),
    /// These permissions of those classes.
    Letters { who: Who, operator: Operator, letters: Letters },
    /// The permissions of one class for those classes.
    Copy { who: Who, operator: Operator, shift: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Remove,
    Set,
}

/// Classes, as the bits that have a 1 for each of theirs: 0100, 0010, 0001.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Who(u32);

const USER: u32 = 0o100;
const GROUP: u32 = 0o010;
const OTHERS: u32 = 0o001;
const ALL: u32 = USER | GROUP | OTHERS;
const SETUID: u32 = 0o4000;
const SETGID: u32 = 0o2000;
const STICKY: u32 = 0o1000;
/// All that a change may change.
const MODE: u32 = 0o7777;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Letters {
    /// `r`, `w` and `x` as three bits.
    bits: u32,
    is_conditional: bool,
    set_id: bool,
    sticky: bool,
}

impl Chmod {
    /// Reads the value of one option; `None` where it is no list of changes.
    pub fn parse(text: &[u8]) -> Option<Self> {
        text.split(|&byte| byte == b',').map(Change::parse).collect::<Option<_>>().map(Self)
    }

    /// Adds the changes of another option.
    pub fn append(&mut self, mut later: Self) {
        self.0.append(&mut later.0);
    }

    /// The mode that becomes of `mode`; its type stays. `umask` limits changes
    /// that name no class.
    pub fn apply(&self, mode: u32, is_directory: bool, umask: u32) -> u32 {
        let is_executable = is_directory || mode & 0o111 != 0;
        let changes = self.0.iter().filter(|change| match change.only {
            Only::All => true,
            Only::Directories => is_directory,
            Only::Others => !is_directory,
        });
        let permissions =
            changes.fold(mode & MODE, |mode, change| change.action.apply(mode, is_executable, umask));
        (mode & !MODE) | permissions
    }
}

impl Change {
    fn parse(text: &[u8]) -> Option<Self> {
        if text.iter().any(u8::is_ascii_digit) {
            return Self::parse_octal(text);
        }
        let at = text.iter().position(|byte| b"+-=".contains(byte))?;
        let operator = match text[at] {
            b'+' => Operator::Add,
            b'-' => Operator::Remove,
            _ => Operator::Set,
        };
        let (only, who) = parse_classes(&text[..at])?;
        let action = match &text[at + 1..] {
            [b'u'] => Action::Copy { who, operator, shift: 6 },
            [b'g'] => Action::Copy { who, operator, shift: 3 },
            [b'o'] => Action::Copy { who, operator, shift: 0 },
            letters => Action::Letters { who, operator, letters: Letters::parse(letters)? },
        };
        Some(Self { only, action })
    }

    fn parse_octal(text: &[u8]) -> Option<Self> {
        let (only, digits) = match text {
            [b'D', digits @ ..] => (Only::Directories, digits),
            [b'F', digits @ ..] => (Only::Others, digits),
            digits => (Only::All, digits),
        };
        let mode = digits.iter().try_fold(0, |mode, digit| match digit {
            b'0'..=b'7' => Some((mode << 3) | u32::from(digit - b'0')).filter(|&mode| mode <= MODE),
            _ => None,
        })?;
        Some(Self { only, action: Action::Octal(mode) })
    }
}

/// What stands before an operator.
fn parse_classes(text: &[u8]) -> Option<(Only, Who)> {
    let (mut only, mut who) = (Only::All, Who::default());
    for letter in text {
        match letter {
            b'D' if only != Only::Others => only = Only::Directories,
            b'F' if only != Only::Directories => only = Only::Others,
            b'u' => who.0 |= USER,
            b'g' => who.0 |= GROUP,
            b'o' => who.0 |= OTHERS,
            b'a' => who.0 |= ALL,
            _ => return None,
        }
    }
    Some((only, who))
}

impl Letters {
    fn parse(text: &[u8]) -> Option<Self> {
        let mut letters = Self::default();
        for letter in text {
            match letter {
                b'r' => letters.bits |= 4,
                b'w' => letters.bits |= 2,
                b'x' => letters.bits |= 1,
                b'X' => {
                    letters.bits |= 1;
                    letters.is_conditional = true;
                }
                b's' => letters.set_id = true,
                b't' => letters.sticky = true,
                _ => return None,
            }
        }
        Some(letters)
    }
}

impl Who {
    const fn has(self, class: u32) -> bool {
        self.0 & class != 0
    }

    /// The three bits for each class; `umask` holds where none is named.
    const fn spread(self, bits: u32, umask: u32) -> u32 {
        if self.0 == 0 { (bits * ALL) & !umask } else { bits * self.0 }
    }

    /// What `=` takes away before it gives.
    const fn cleared(self) -> u32 {
        if self.0 == 0 { 7 * ALL } else { 7 * self.0 }
    }

    /// The bits that set an identity of the classes named.
    fn set_ids(self) -> u32 {
        (u32::from(self.has(USER)) * SETUID) | (u32::from(self.has(GROUP)) * SETGID)
    }
}

impl Action {
    fn apply(self, mode: u32, is_executable: bool, umask: u32) -> u32 {
        match self {
            Self::Octal(mode) => mode,
            Self::Letters { who, operator, letters } => {
                let bits =
                    if letters.is_conditional && !is_executable { letters.bits & !1 } else { letters.bits };
                let special = letters.special(who);
                // Other letters than these leave the special bits alone.
                let cleared = if special == 0 { 0 } else { who.set_ids() };
                operator.apply(mode, who.spread(bits, umask) | special, who.cleared() | cleared)
            }
            Self::Copy { who, operator, shift } => {
                let named = if who.0 == 0 { Who(ALL) } else { who };
                let cleared = named.set_ids() | (u32::from(named.has(OTHERS)) * STICKY);
                operator.apply(mode, who.spread(mode >> shift & 7, umask), who.cleared() | cleared)
            }
        }
    }
}

impl Letters {
    /// The special bits asked for. Without a class that has one, `s` is the user's.
    fn special(self, who: Who) -> u32 {
        let set_id = match who.set_ids() {
            0 => SETUID,
            bits => bits,
        };
        (u32::from(self.set_id) * set_id) | (u32::from(self.sticky) * STICKY)
    }
}

impl Operator {
    const fn apply(self, mode: u32, bits: u32, cleared: u32) -> u32 {
        match self {
            Self::Add => mode | bits,
            Self::Remove => mode & !bits,
            Self::Set => (mode & !cleared) | bits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn changed(text: &str, mode: u32) -> u32 {
        Chmod::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}")).apply(mode, false, 0o022)
    }

    /// What the original made of files of these modes, with a umask of 022.
    #[test]
    fn modes_become_what_the_original_makes_of_them() {
        for (text, from, to) in [
            ("+x", 0o644, 0o755),
            ("+w", 0o000, 0o200),
            ("-w", 0o1777, 0o1577),
            ("=r", 0o4755, 0o4444),
            ("+s", 0o644, 0o4644),
            ("o+s", 0o644, 0o4644),
            ("a+s", 0o644, 0o6644),
            ("u+t", 0o644, 0o1644),
            ("ug=s", 0o4755, 0o6005),
            ("=t", 0o4755, 0o5000),
            ("u=t", 0o4755, 0o1055),
            ("g=t", 0o6755, 0o5705),
            ("a=s", 0o1777, 0o7000),
            ("o=s", 0o7777, 0o7770),
            ("u=g", 0o4755, 0o555),
            ("o=g,g=", 0o1777, 0o707),
            ("=g", 0o7777, 0o755),
            ("-o", 0o7777, 0o7022),
            ("a-u", 0o7777, 0o7000),
            ("a-x,a+X", 0o755, 0o755),
            ("0,+X", 0o755, 0o111),
            ("+xX", 0o644, 0o644),
            ("+rwxXst", 0o0, 0o5644),
            ("00755", 0o644, 0o755),
            ("D700", 0o644, 0o644),
            ("DD+x,FF+t", 0o644, 0o1644),
            ("=", 0o7777, 0o7000),
        ] {
            assert_eq!(changed(text, from), to, "{text} {from:o}");
        }
        let chmod = Chmod::parse(b"D2775,F664,g+X").unwrap();
        assert_eq!(chmod.apply(0o040_700, true, 0o022), 0o042_775);
        assert_eq!(chmod.apply(0o100_700, false, 0o022), 0o100_674);
    }

    #[test]
    fn what_the_original_refuses_is_refused() {
        for text in [
            "",
            ",",
            "q",
            "99",
            "77777",
            "D",
            "u=rw,,g=r",
            "u=gr",
            "X+x",
            "u+r-x",
            "DF+x",
            "FD755",
            "u755",
            "7D5",
            "D,+x",
            "+xu",
            "g=s,",
            "7+x",
            "10000",
            "u=rw ",
        ] {
            assert_eq!(Chmod::parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_type_of_a_file_stays(text in "[DF]?[ugoa]{0,2}[-+=][rwxXst]{0,3}", mode in 0_u32..0o10000, umask in 0_u32..0o1000) {
            let chmod = Chmod::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(chmod.apply(0o100_000 | mode, false, umask) & !MODE, 0o100_000);
        }

        #[test]
        fn any_text_is_a_list_or_none(text in "[DFugoa+=rwxXst0-8,-]{0,8}") {
            let _ = Chmod::parse(text.as_bytes());
        }
    }
}
