//! The words that say which functions are meant.

use super::support::{COMMANDS, LUNS, SUBFUNCTIONS};
use crate::ipmitool::{Arg, Failed, Session, number};
use crate::log;

/// The functions a sub-command is about, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// Channel; this one is 0Eh.
    pub channel: u8,
    pub lun: Option<u8>,
    pub netfn: Option<u8>,
    pub command: Option<u8>,
    pub subfunction: Option<u8>,
    /// Whether the command that enables commands may be disabled.
    pub force: bool,
}

/// Numbers as typed, by index of the word before them in [`WORDS`]; what is
/// negative counts as absent.
type Typed = [i32; 4];

const WORDS: [&str; 4] = ["lun", "netfn", "command", "subfn"];

/// How many there are of each.
const LIMITS: [i32; 4] = [LUNS as i32, 64, COMMANDS as i32, SUBFUNCTIONS as i32];

impl Scope {
    /// Reads words in any order; unknown ones are passed over. `Err` after
    /// logging what is wrong with a number, or (silently) where the last word
    /// wants one: there the original crashes.
    pub(super) fn read(session: &mut Session<'_>, words: &[Arg]) -> Result<Self, Failed> {
        let mut typed: Typed = [-1; 4];
        let (mut channel, mut force) = (0x0E, false);
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let is = |verb: &&str| session.personality.is_verb(word, verb);
            if is(&"channel") {
                let number = rest.next().ok_or(Failed)?;
                channel = session.channel_argument(number)?;
            } else if is(&"force") {
                force = true;
            } else if let Some(index) = WORDS.iter().position(is) {
                let number = match rest.next() {
                    Some(number) => number,
                    // After the last word it compares with, it does not crash.
                    None if index + 1 == WORDS.len() => break,
                    None => return Err(Failed),
                };
                typed[index] = number::to_i32(number).map_err(|_| {
                    session.complain(&format!("Given {} '", WORDS[index]), number, "' is invalid.")
                })?;
            }
        }
        check(session, &typed)?;
        let [lun, netfn, command, subfunction] = typed.map(|number| u8::try_from(number).ok());
        Ok(Self { channel, lun, netfn, command, subfunction, force })
    }
}

fn check(session: &mut Session<'_>, typed: &Typed) -> Result<(), Failed> {
    for ((word, number), limit) in WORDS.iter().zip(typed).zip(LIMITS).rev() {
        if *number >= limit {
            log!(session, ERR, "{word} is out of range (0-{})", limit - 1);
            return Err(Failed);
        }
    }
    for (words, numbers) in WORDS.windows(2).zip(typed.windows(2)) {
        if numbers[1] >= 0 && numbers[0] < 0 {
            log!(session, ERR, "if {} is set, so must be {}", words[1], words[0]);
            return Err(Failed);
        }
    }
    Ok(())
}
