//! Numbers among the words of `picmg`, each with its complaint.

use crate::ipmitool::{Failed, Session, number};
use crate::log;

/// A byte for `what`, accepted by `fits`.
pub(super) fn byte(
    session: &mut Session<'_>,
    word: &[u8],
    what: &str,
    fits: fn(u8) -> bool,
) -> Result<u8, Failed> {
    byte_with_end(session, word, what, fits, "' is invalid.")
}

/// The same where the complaint lacks its full stop.
pub(super) fn byte_unstopped(
    session: &mut Session<'_>,
    word: &[u8],
    what: &str,
    fits: fn(u8) -> bool,
) -> Result<u8, Failed> {
    byte_with_end(session, word, what, fits, "' is invalid")
}

fn byte_with_end(
    session: &mut Session<'_>,
    word: &[u8],
    what: &str,
    fits: fn(u8) -> bool,
    end: &str,
) -> Result<u8, Failed> {
    match number::to_u8(word) {
        Ok(value) if fits(value) => Ok(value),
        _ => Err(session.complain(&format!("Given {what} '"), word, end)),
    }
}

pub(super) fn any(_: u8) -> bool {
    true
}

/// A number from 0 for `what`, of which no more than a byte is sent.
pub(super) fn natural(session: &mut Session<'_>, word: &[u8], what: &str) -> Result<i32, Failed> {
    match number::to_i32(word) {
        Ok(value @ 0..) => Ok(value),
        _ => Err(session.complain(&format!("Given PICMG {what} '"), word, "' is invalid.")),
    }
}

/// An LED's colour, do not change (0Eh), or the default (0Fh).
pub(super) fn led_color(session: &mut Session<'_>, word: &[u8]) -> Result<u8, Failed> {
    let end = match number::to_u8(word) {
        Ok(color @ (1..=6 | 0x0E | 0x0F)) => return Ok(color),
        Ok(_) => "' is out of range.",
        Err(_) => "' is invalid.",
    };
    session.complain("Given LED Color '", word, end);
    log!(session, ERR, "LED Color must be from ranges: <1..6>, <0xE..0xF>");
    Err(Failed)
}

/// A clock's resource, 0 to 127. The complaint shows, by a slip, not the word
/// but what has become of `default`, and where that is not zero also what
/// happens to follow in the original's memory.
pub(super) fn clock_resource(session: &mut Session<'_>, word: &[u8], default: i8) -> Result<i8, Failed> {
    let kept = match number::to_i64(word).map(i8::try_from) {
        Ok(Ok(resource @ 0..)) => return Ok(resource),
        Ok(Ok(negative)) => negative,
        Ok(Err(_)) => default,
        Err(_) => 0,
    };
    let shown = kept.to_ne_bytes();
    Err(session.complain("Given Resource ID '", if kept == 0 { &[] } else { &shown }, "' is invalid."))
}
