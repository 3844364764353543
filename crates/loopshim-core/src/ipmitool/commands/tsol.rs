//! `tsol`: Tyan's serial over LAN for IPMI 1.5, which needs a remote session.

use crate::ipmitool::{Arg, Failed, Outcome, Session, help};
use crate::log;

/// Runs `ipmitool tsol …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    if !session.personality.has_tyan_serial(session.interface) {
        log!(session, ERR, "Error: Tyan SOL is only available over lan interface");
        return Err(Failed);
    }
    for word in args {
        if word == b"help" {
            session.help(help::tsol::TSOL);
            return Ok(());
        }
        if !is_setting(word) {
            session.complain("Invalid tsol command: '", word, "'\n");
            session.help(help::tsol::TSOL);
            return Err(Failed);
        }
    }
    session.unmodelled()
}

/// Whether a word is an address or a setting; what follows it is ignored.
fn is_setting(word: &[u8]) -> bool {
    let numbered = [&b"port="[..], b"rows=", b"cols="];
    matches!(word, b"ro" | b"rw" | b"altterm")
        || numbered.iter().any(|name| word.strip_prefix(*name).and_then(after_number).is_some())
        || is_address(word)
}

/// Whether `word` begins with four numbers with dots between.
fn is_address(word: &[u8]) -> bool {
    let mut rest = after_number(word);
    for _ in 1..4 {
        rest = rest.and_then(|rest| rest.strip_prefix(b".")).and_then(after_number);
    }
    rest.is_some()
}

/// What follows a number at the start, as `%d` reads it.
fn after_number(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii_start();
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (length > 0).then(|| &digits[length..])
}

// Where there is no terminal the original takes its size from uninitialised
// memory.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_from_other_words() {
        for word in ["10.0.0.1", "1.2.3.4x", "port=6230", "rows= -1", "cols=80", "ro", "rw", "altterm"] {
            assert!(is_setting(word.as_bytes()), "{word}");
        }
        for word in ["10.0.0", "port=", "rows=x", "rox", "bogus", ""] {
            assert!(!is_setting(word.as_bytes()), "{word}");
        }
    }
}
