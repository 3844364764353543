//! Bytes that a terminal would not show, made visible.

use super::ZoneOf;

/// How a machine shows things to a person.
pub struct Locale {
    /// Names.
    pub escaping: Escaping,
    /// Times.
    pub zone: ZoneOf,
}

/// Which bytes are shown as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escaping {
    /// All above 127 are (`-8`).
    pub keeps_high: bool,
    /// UTF-8 is; the locale has it.
    pub is_utf8: bool,
}

impl Escaping {
    /// Text as it is shown: control bytes but the tab, and what is no character,
    /// become `\#` and three octal digits; a line end at the very end stays.
    pub fn show(self, text: &[u8], output: &mut Vec<u8>) {
        let end = usize::from(matches!(text.last(), Some(b'\n' | b'\r')));
        let (mut rest, end) = text.split_at(text.len() - end);
        while let Some((&byte, after)) = rest.split_first() {
            let length = self.shown(rest);
            if length == 0 {
                output.extend_from_slice(format!("\\#{byte:03o}").as_bytes());
                rest = after;
            } else {
                output.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
            }
        }
        output.extend_from_slice(end);
    }

    /// How many of the first bytes are shown as they are.
    fn shown(self, text: &[u8]) -> usize {
        match text {
            // What looks like one of ours is made unlike it.
            [b'\\', b'#', digits @ ..]
                if digits.iter().take(3).filter(|digit| digit.is_ascii_digit()).count() == 3 =>
            {
                0
            }
            [b'\t' | b' '..=0x7f, ..] => 1,
            [0x80..=0xff, ..] if self.keeps_high => 1,
            [0x80..=0xff, ..] if self.is_utf8 => character(text),
            _ => 0,
        }
    }
}

/// The length of the UTF-8 character that begins `text`; 0 if none does.
fn character(text: &[u8]) -> usize {
    let is_one = |length: &usize| text.get(..*length).is_some_and(|start| std::str::from_utf8(start).is_ok());
    (2..=4).find(is_one).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &[u8], keeps_high: bool, is_utf8: bool) -> Vec<u8> {
        let mut output = Vec::new();
        Escaping { keeps_high, is_utf8 }.show(text, &mut output);
        output
    }

    #[test]
    fn names_are_shown_as_the_original_shows_them() {
        for (name, expected) in [
            (&b"a\nb\n"[..], &b"a\\#012b\n"[..]),
            (b"c\\#012", b"c\\#134#012"),
            (b"d\\x", b"d\\x"),
            (b"t\tb\x7f", b"t\tb\x7f"),
            (b"e\xff", b"e\\#377"),
            ("ä".as_bytes(), b"\\#303\\#244"),
        ] {
            assert_eq!(shown(name, false, false), expected);
        }
        assert_eq!(shown("ä\u{20ac}".as_bytes(), false, true), "ä\u{20ac}".as_bytes());
        assert_eq!(shown(b"e\xff\x80", false, true), b"e\\#377\\#200");
        assert_eq!(shown(b"e\xff\x01", true, false), b"e\xff\\#001");
    }
}
