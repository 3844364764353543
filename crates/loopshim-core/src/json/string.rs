//! Strings in JSON text.

use super::reader::{Fault, Reader};

impl Reader<'_> {
    /// Reads a string; `what` is said to be expected where there is none.
    pub(crate) fn string(&mut self, what: &str) -> Result<String, Fault> {
        if self.peek() == Some(b'"') { self.quoted() } else { Err(self.mismatch(what)) }
    }

    /// Reads a string, of which the quote has been seen.
    pub(super) fn quoted(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut bytes = Vec::new();
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => {
                    return String::from_utf8(bytes).map_err(|_| self.fault("a string that is not UTF-8"));
                }
                b'\\' => {
                    let letter = self.escape()?;
                    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..0x20 => return Err(self.fault("control character in a string")),
                _ => bytes.push(byte),
            }
        }
        Err(self.fault("EOF while parsing a string"))
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let letter = self.text.get(self.at).copied();
        self.at += usize::from(letter.is_some());
        Ok(match letter {
            Some(sign @ (b'"' | b'\\' | b'/')) => char::from(sign),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(),
            Some(_) => return Err(self.fault("invalid escape")),
            None => return Err(self.fault("EOF while parsing a string")),
        })
    }

    /// A character by its one or two UTF-16 code units.
    fn code_point(&mut self) -> Result<char, Fault> {
        let mut units = vec![self.code_unit()?];
        if (0xD800..0xDC00).contains(&units[0]) && self.text[self.at..].starts_with(b"\\u") {
            self.at += 2;
            units.push(self.code_unit()?);
        }
        let mut letters = char::decode_utf16(units);
        match (letters.next(), letters.next()) {
            (Some(Ok(letter)), None) => Ok(letter),
            _ => Err(self.fault("half of a surrogate pair")),
        }
    }

    fn code_unit(&mut self) -> Result<u16, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.text.get(self.at).and_then(|digit| char::from(*digit).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.expected("four hexadecimal digits", "a string"));
            };
            self.at += 1;
            unit = unit << 4 | digit as u16;
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use crate::json::parse;

    #[test]
    fn strings_have_every_escape() {
        let text = br#" "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00" "#;
        assert_eq!(parse::<String>(text), Ok("a\"\\/\x08\x0C\n\r\t\u{e9}\u{1F600}".to_owned()));
        for bad in [r#""\ud83d""#, r#""\ud83dx""#, r#""\ud83d\u0041""#, r#""\udc00""#, r#""\x""#, r#""\u12"#]
        {
            assert!(parse::<String>(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse::<String>(b"\"\xff\"").is_err_and(|fault| fault.problem.contains("UTF-8")));
        assert!(parse::<String>(b"\"\n\"").is_err());
    }
}
