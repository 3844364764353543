//! Lists of words the commands understand, and how the original shows them.

use crate::ipmitool::Session;
use crate::ipmitool::text::Described;
use crate::{log, out};

/// Words with their codes and descriptions.
pub(in crate::ipmitool::commands) struct List {
    /// Columns 1.8.18 gives the words; 1.8.19 does not align.
    pub column: usize,
    /// Code, word, description.
    pub words: Described,
}

/// The code of a word in any case.
pub(in crate::ipmitool::commands) fn code_of(word: &[u8], list: &List) -> Option<u8> {
    list.words.iter().find(|row| row.1.as_bytes().eq_ignore_ascii_case(word)).map(|row| row.0 as u8)
}

/// The word for a code, or `Unknown (0x..)`.
pub(in crate::ipmitool::commands) fn word_of(code: u32, list: &List) -> String {
    match list.words.iter().find(|row| u32::from(row.0) == code) {
        Some(row) => row.1.to_owned(),
        None => format!("Unknown (0x{code:x})"),
    }
}

/// Logs the words under a title.
pub(in crate::ipmitool::commands) fn list(session: &mut Session<'_>, title: &str, list: &List) {
    log_rows(session, title, list, "");
    log!(session, ERR, "");
}

/// The same as on one line: the separators come out on standard output while
/// the words are logged a line each.
pub(in crate::ipmitool::commands) fn list_across(session: &mut Session<'_>, title: &str, list: &List) {
    log_rows(session, title, list, " | ");
}

fn log_rows(session: &mut Session<'_>, title: &str, list: &List, separator: &str) {
    let column = if session.personality.aligns_dcmi_words() { list.column } else { 0 };
    log!(session, ERR, "\n{title}");
    let count = list.words.iter().count();
    for (number, (_, word, description)) in list.words.iter().enumerate() {
        let gap = column.saturating_sub(word.len());
        log!(session, ERR, "    {word}    {:gap$}{description}", "");
        if number + 1 < count {
            out!(session, "{separator}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipmitool::text::described;

    const LIST: List = List { column: 0, words: described![(0, "get", ""), (0x11, "set", "")] };

    #[test]
    fn words_are_whole_and_of_any_case() {
        assert_eq!(code_of(b"SeT", &LIST), Some(0x11));
        assert_eq!(code_of(b"se", &LIST), None);
        assert_eq!(code_of(b"sets", &LIST), None);
        assert_eq!(word_of(0, &LIST), "get");
        assert_eq!(word_of(0x111, &LIST), "Unknown (0x111)");
    }
}
