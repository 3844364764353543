//! `-O`: a file that says what the bytes of OEM records mean, one record a
//! line of fifteen quoted fields: bytes 3 to 16 of the record, then a text.

use super::record::Record;
use crate::ipmitool::{Level, Session, files};
use crate::out;

/// Fields before the text: bytes 3 to 16 of a record, counted from 1.
const BYTES: usize = 14;
/// The bytes that decide whether a message applies, as numbers of fields.
const COMPARED: [usize; 7] = [0, 1, 2, 3, 4, 8, 9];

/// The messages in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OemMessages(Vec<Message>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Message {
    bytes: Vec<Field>,
    text: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    /// The byte has this value; a negative one is none.
    Value(i32),
    /// Any value (`XX`, or `R`: reserved).
    Any,
    /// Any value, shown under this name.
    Named(Vec<u8>),
}

/// Reads the file at `path` into the session. The original goes on when that
/// fails, and so do we, after logging it.
pub fn load(session: &mut Session<'_>, path: &[u8]) {
    let Some(text) = files::read(session, path) else {
        super::log_about(session, b"Could not open ", path, b" file");
        return;
    };
    let count = count_lines(&text);
    out!(session, "nrecs={count}\n");
    match parse(&text, count) {
        Ok(messages) => session.sel_oem = OemMessages(messages),
        Err(line) => {
            let text = format!("Encountered problems reading line {line} of ");
            session.console.log_bytes(Level::ERR, &[text.as_bytes(), path].concat());
        }
    }
}

/// Prints the messages that apply to a record.
pub(super) fn print(session: &mut Session<'_>, record: &Record) {
    let messages = std::mem::take(&mut session.sel_oem);
    for message in messages.0.iter().filter(|message| message.applies_to(record)) {
        let (before, after) = if session.csv { (",\"", "\"") } else { (" | ", "") };
        out!(session, "{before}");
        session.console.put(&message.text);
        out!(session, "{after}");
        for (index, field) in message.bytes.iter().enumerate().skip(1) {
            let Field::Named(name) = field else { continue };
            let (before, between) = if session.csv { (",", "=") } else { (" ", " = ") };
            out!(session, "{before}");
            session.console.put(name);
            // The byte two before the one named: the original's slip.
            out!(session, "{between}{:#x}", record.0[index]);
        }
    }
    session.sel_oem = messages;
}

impl Message {
    fn applies_to(&self, record: &Record) -> bool {
        COMPARED.iter().all(|&index| match &self.bytes[index] {
            Field::Value(value) if *value >= 0 || index == 0 => i32::from(record.0[index + 2]) == *value,
            // The record type alone cannot be left open.
            _ => index > 0,
        })
    }
}

impl Field {
    fn read(text: &[u8]) -> Self {
        match text {
            b"XX" | b"R" => Self::Any,
            [b'0', b'x', digits @ ..] => {
                scan_hex(digits).map_or_else(|| Self::Named(text.to_vec()), Self::Value)
            }
            _ => Self::Named(text.to_vec()),
        }
    }
}

/// `scanf("%x")`: blanks, a sign, `0x`, then as many digits as there are.
fn scan_hex(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii_start();
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let text = text.strip_prefix(b"0x").or(text.strip_prefix(b"0X")).unwrap_or(text);
    let digits = text.iter().map_while(|&byte| char::from(byte).to_digit(16));
    let value = digits.fold(None, |value: Option<u64>, digit| {
        Some(value.unwrap_or(0).saturating_mul(16).saturating_add(u64::from(digit)))
    })?;
    Some(if negative { (value as i32).wrapping_neg() } else { value as i32 })
}

/// Lines with something in them. A file that begins with an empty line keeps
/// the original counting for ever; here it has none.
fn count_lines(text: &[u8]) -> usize {
    let mut rest = text;
    let mut count = 0;
    while !rest.is_empty() && rest[0] != b'\n' {
        count += 1;
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        rest = skip_blanks(&rest[end..]);
    }
    count
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    &text[text.iter().position(|byte| !matches!(byte, b' ' | b'\t'..=b'\r')).unwrap_or(text.len())..]
}

/// Reads `count` messages; the number of the line that is none.
fn parse(text: &[u8], count: usize) -> Result<Vec<Message>, usize> {
    let mut rest = text;
    (1..=count).map(|line| message(&mut rest).ok_or(line)).collect()
}

/// Reads one message and the blanks after it.
fn message(rest: &mut &[u8]) -> Option<Message> {
    let mut fields = Vec::with_capacity(BYTES + 1);
    for index in 0..=BYTES {
        *rest = rest.strip_prefix(if index == 0 { b"\"".as_slice() } else { b"\",\"" })?;
        let end = rest.iter().position(|&byte| byte == b'"').unwrap_or(rest.len());
        let (field, after) = rest.split_at(end);
        if field.is_empty() {
            return None;
        }
        fields.push(field.to_vec());
        *rest = after;
    }
    if let Some(after) = rest.strip_prefix(b"\"") {
        *rest = skip_blanks(after);
    }
    let text = fields.pop()?;
    Some(Message { bytes: fields.iter().map(|field| Field::read(field)).collect(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "\"0xC1\",\"XX\",\"R\",\"Who\",\"0x07\",\"a\",\"a\",\"a\",\"0x11\",\"XX\",\"XX\",\"XX\",\"XX\",\"XX\",\"Text\"\n";

    #[test]
    fn reads_and_applies_a_message() {
        let messages = parse(LINE.as_bytes(), 1).expect("a good line");
        let mut record = Record::default();
        record.0[2] = 0xC1;
        (record.0[6], record.0[10]) = (0x07, 0x11);
        assert!(messages[0].applies_to(&record));
        record.0[10] = 0x12;
        assert!(!messages[0].applies_to(&record));
        assert_eq!(messages[0].bytes[3], Field::Named(b"Who".to_vec()));
    }

    #[test]
    fn names_the_bad_line() {
        let text = format!("{LINE}\n\n{LINE}\"0xC1\",\"\"\n");
        assert_eq!(count_lines(text.as_bytes()), 3);
        assert_eq!(parse(text.as_bytes(), 3), Err(3));
        assert_eq!(count_lines(b"\nx\n"), 0);
    }

    #[test]
    fn a_missing_last_quote_ends_there() {
        let text = LINE.trim_end().trim_end_matches('"');
        assert_eq!(parse(text.as_bytes(), 1).map(|messages| messages.len()), Ok(1));
    }

    proptest::proptest! {
        #[test]
        fn any_file_has_messages_or_a_bad_line(text in "[\"XR0-9a-fx,\\n ]{0,200}") {
            let count = count_lines(text.as_bytes());
            if let Err(line) = parse(text.as_bytes(), count) {
                proptest::prop_assert!(line <= count);
            }
        }
    }
}
