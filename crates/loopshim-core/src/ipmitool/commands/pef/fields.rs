//! How `pef` prints: fields between bars, or one a line at `-v`.

use crate::ipmitool::Session;
use crate::ipmitool::text::Names;
use crate::out;

/// Starts a line: the next field has no bar before it.
pub(super) fn start(session: &mut Session<'_>) {
    session.pef_line_begun = false;
}

/// Prints a field.
pub(super) fn put(session: &mut Session<'_>, label: &str, value: &[u8]) {
    if session.verbose != 0 {
        out!(session, "{label:<24} : ");
        session.console.put(value);
        out!(session, "\n");
    } else {
        session.console.put(if session.pef_line_begun { b" | " } else { b" " });
        session.console.put(value);
    }
    session.pef_line_begun = true;
}

/// Prints a field that is a text.
pub(super) fn text(session: &mut Session<'_>, label: &str, value: &str) {
    put(session, label, value.as_bytes());
}

/// Prints a field that is a number.
pub(super) fn number(session: &mut Session<'_>, label: &str, value: u8) {
    text(session, label, &value.to_string());
}

/// The name of `value`.
pub(super) fn listed(value: u8, names: Names) -> &'static str {
    names.iter().find(|(code, _)| *code == u16::from(value)).map_or("None", |(_, name)| name)
}

/// The name of the first bit of the table that is set.
pub(super) fn first_set(value: u8, names: Names) -> &'static str {
    set(value, names).next().unwrap_or("None")
}

/// The names of all bits that are set.
pub(super) fn all_set(value: u8, names: Names) -> String {
    let all: Vec<_> = set(value, names).collect();
    if all.is_empty() { "None".to_owned() } else { all.join(",") }
}

fn set(value: u8, names: Names) -> impl Iterator<Item = &'static str> {
    names.iter().filter(move |(bit, _)| u16::from(value) & bit == *bit).map(|(_, name)| name)
}

/// Prints flags: the names of those that are set, or each on a line with the
/// words for clear and set.
pub(super) fn flags(session: &mut Session<'_>, value: u8, names: Names, words: [&str; 2]) {
    let mut before = " | ";
    for (bit, name) in names {
        let is_set = u16::from(value) & bit != 0;
        if session.verbose != 0 {
            out!(session, "{name:<24} : {}\n", words[usize::from(is_set)]);
        } else if is_set {
            out!(session, "{before}{name}");
            before = ",";
        }
    }
}
