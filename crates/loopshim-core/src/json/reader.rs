//! A reader of JSON text (RFC 8259) that is asked for what is expected next.
//! It takes nothing else, so its depth is that of the types read, whatever the
//! text; and it never builds a tree.

use super::read::Member;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The offset behind the byte at which it showed.
    pub(crate) at: usize,
    /// What is wrong and what is allowed.
    pub(crate) problem: String,
}

/// A text and how far it has been read.
pub(crate) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

/// Does something with the next element of an array.
type Element<'f> = dyn FnMut(&mut Reader<'_>) -> Result<(), Fault> + 'f;
/// Does something with the next member of an object, of which the name has been
/// read and the colon has not.
type Entry<'f> = dyn FnMut(&mut Reader<'_>, &str) -> Result<(), Fault> + 'f;

impl<'a> Reader<'a> {
    /// At the start of `text`.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// A refusal of what has just been read.
    pub(crate) fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault { at: self.at, problem: problem.into() }
    }

    /// The byte that the next value or sign starts with, blanks skipped.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// Checks that nothing follows.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault_here("trailing characters")),
        }
    }

    /// A refusal of the byte that is next.
    fn fault_here(&mut self, problem: &str) -> Fault {
        self.at = self.text.len().min(self.at + 1);
        self.fault(problem)
    }

    /// Reads `sign` if it is next.
    fn takes(&mut self, sign: u8) -> bool {
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    /// Reads the colon behind a member's name.
    pub(crate) fn colon(&mut self) -> Result<(), Fault> {
        if self.takes(b':') {
            return Ok(());
        }
        Err(self.expected("`:`", "an object"))
    }

    fn expected(&mut self, sign: &str, within: &str) -> Fault {
        match self.peek() {
            None => self.fault(format!("EOF while parsing {within}")),
            Some(_) => self.fault_here(&format!("expected {sign}")),
        }
    }

    /// Reads the elements of an array.
    pub(crate) fn array(&mut self, what: &str, element: &mut Element<'_>) -> Result<(), Fault> {
        if !self.takes(b'[') {
            return Err(self.mismatch(what));
        }
        if self.takes(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if self.takes(b']') {
                return Ok(());
            }
            if !self.takes(b',') {
                return Err(self.expected("`,` or `]`", "an array"));
            }
        }
    }

    /// Reads the members of an object.
    pub(crate) fn members(&mut self, what: &str, entry: &mut Entry<'_>) -> Result<(), Fault> {
        if !self.takes(b'{') {
            return Err(self.mismatch(what));
        }
        if self.takes(b'}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.expected("a name in quotes", "an object"));
            }
            let key = self.quoted()?;
            entry(self, &key)?;
            if self.takes(b'}') {
                return Ok(());
            }
            if !self.takes(b',') {
                return Err(self.expected("`,` or `}`", "an object"));
            }
        }
    }

    /// Reads an object that may have these members, each at most once.
    pub(crate) fn object(&mut self, members: &mut [Member<'_>]) -> Result<(), Fault> {
        let mut seen = vec![false; members.len()];
        self.members("an object", &mut |reader, key| {
            let Some(at) = members.iter().position(|member| member.name == key) else {
                let names = list(members.iter().map(|member| member.name));
                return Err(reader.fault(format!("unknown field `{key}`, expected {names}")));
            };
            if std::mem::replace(&mut seen[at], true) {
                return Err(reader.fault(format!("duplicate field `{key}`")));
            }
            reader.colon()?;
            members[at].slot.fill(reader)
        })
    }

    /// Reads one of these names and tells which.
    pub(crate) fn one_of(&mut self, names: &[&str]) -> Result<usize, Fault> {
        let found = self.string("a string")?;
        names.iter().position(|name| *name == found).ok_or_else(|| {
            self.fault(format!("unknown variant `{found}`, expected {}", list(names.iter().copied())))
        })
    }

    /// Reads `null` if it is next.
    pub(crate) fn null(&mut self) -> Result<bool, Fault> {
        if self.peek() != Some(b'n') {
            return Ok(false);
        }
        self.word("null").map(|()| true)
    }

    /// Reads a truth value.
    pub(crate) fn boolean(&mut self) -> Result<bool, Fault> {
        match self.peek() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => Err(self.mismatch("a boolean")),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        for letter in word.bytes() {
            if self.text.get(self.at) != Some(&letter) {
                return Err(self.expected(&format!("`{word}`"), "a value"));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Reads a whole number from `min` to `max`.
    pub(crate) fn integer(&mut self, min: i64, max: i64) -> Result<i64, Fault> {
        let expected = || format!("a whole number from {min} to {max}");
        if !self.is_number() {
            return Err(self.mismatch(&expected()));
        }
        let (digits, is_whole) = self.number()?;
        match digits.parse() {
            Ok(number) if min <= number && number <= max => Ok(number),
            _ if is_whole => {
                Err(self.fault(format!("invalid value: integer `{digits}`, expected {}", expected())))
            }
            _ => Err(self.fault(format!("invalid type: floating point `{digits}`, expected {}", expected()))),
        }
    }

    /// Reads a number.
    pub(crate) fn float(&mut self) -> Result<f64, Fault> {
        if !self.is_number() {
            return Err(self.mismatch("a number"));
        }
        let (digits, _) = self.number()?;
        let number = digits.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.fault("number out of range"))
    }

    fn is_number(&mut self) -> bool {
        matches!(self.peek(), Some(b'-' | b'0'..=b'9'))
    }

    /// The text of a number, and whether it has neither fraction nor exponent.
    fn number(&mut self) -> Result<(&'a str, bool), Fault> {
        let start = self.at;
        self.at += usize::from(self.text.get(self.at) == Some(&b'-'));
        let whole = self.digits()?;
        if whole > 1 && self.text.get(self.at - whole) == Some(&b'0') {
            return Err(self.fault("invalid number: a zero in front"));
        }
        let end_of_whole = self.at;
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        let digits = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
        Ok((digits, self.at == end_of_whole))
    }

    /// Passes over digits and tells how many.
    fn digits(&mut self) -> Result<usize, Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.text.get(self.at) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.expected("a digit", "a number"));
        }
        Ok(self.at - start)
    }

    /// Reads a string; `what` is said to be expected where there is none.
    pub(crate) fn string(&mut self, what: &str) -> Result<String, Fault> {
        if self.peek() == Some(b'"') { self.quoted() } else { Err(self.mismatch(what)) }
    }

    fn quoted(&mut self) -> Result<String, Fault> {
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

    /// A refusal of the value that is next, because it is not what it should be.
    pub(crate) fn mismatch(&mut self, expected: &str) -> Fault {
        match self.found() {
            Ok(found) => self.fault(format!("invalid type: {found}, expected {expected}")),
            Err(fault) => fault,
        }
    }

    /// The value that is next, for messages.
    fn found(&mut self) -> Result<String, Fault> {
        Ok(match self.peek() {
            // The place is the one in front, that of the whole array or object.
            Some(b'[') => "sequence".to_owned(),
            Some(b'{') => "map".to_owned(),
            Some(b'"') => format!("string {:?}", self.quoted()?),
            Some(b'n') => self.word("null").map(|()| "null".to_owned())?,
            Some(b't' | b'f') => format!("boolean `{}`", self.boolean()?),
            Some(b'-' | b'0'..=b'9') => match self.number()? {
                (digits, true) => format!("integer `{digits}`"),
                (digits, false) => format!("floating point `{digits}`"),
            },
            _ => return Err(self.expected("a value", "a value")),
        })
    }
}

/// Names in a sentence.
fn list<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let (start, separator) = match names.len() {
        2 => ("", " or "),
        0 | 1 => ("", ""),
        _ => ("one of ", ", "),
    };
    let mut text = start.to_owned();
    for (index, name) in names.enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        text.extend(["`", name, "`"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::json::parse;
    use proptest::prelude::*;

    fn refusal<T: crate::json::Read>(text: &str) -> String {
        parse::<T>(text.as_bytes()).err().map_or_else(String::new, |fault| fault.problem)
    }

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

    #[test]
    fn numbers_are_those_of_the_grammar() {
        assert_eq!(parse::<i64>(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(parse::<f64>(b"-1.5e-2"), Ok(-0.015));
        assert_eq!(
            refusal::<u8>("256"),
            "invalid value: integer `256`, expected a whole number from 0 to 255"
        );
        assert_eq!(
            refusal::<u8>("1.0"),
            "invalid type: floating point `1.0`, expected a whole number from 0 to 255"
        );
        for bad in ["01", "-", "1.", ".5", "1e", "+1", "1e999", "NaN", "0x1"] {
            assert!(parse::<f64>(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn arrays_and_objects_end_as_they_should() {
        assert_eq!(parse::<Vec<u8>>(b"[1 , 2]"), Ok(vec![1, 2]));
        for bad in ["[1,]", "[,]", "[1 2]", "[1", "[1]]", "[", ""] {
            assert!(parse::<Vec<u8>>(bad.as_bytes()).is_err(), "{bad}");
        }
        type Map = std::collections::BTreeMap<u8, bool>;
        assert_eq!(parse::<Map>(br#"{"1": true}"#), Ok(Map::from([(1, true)])));
        for bad in
            [r#"{"1": true,}"#, r#"{"1" true}"#, "{1: true}", r#"{"256": true}"#, r#"{"1":true,"1":true}"#]
        {
            assert!(parse::<Map>(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_found_in_place_of_a_value_is_told() {
        assert_eq!(refusal::<bool>("{}"), "invalid type: map, expected a boolean");
        assert_eq!(refusal::<bool>("null"), "invalid type: null, expected a boolean");
        assert_eq!(refusal::<String>("true"), "invalid type: boolean `true`, expected a string");
        assert_eq!(refusal::<bool>("?"), "expected a value");
    }

    proptest! {
        #[test]
        fn strings_and_numbers_are_what_serde_json_takes_them_for(
            text in r#"\PC{0,8}|[-+.eE0-9]{1,8}|"[\\"a-z0-9ud]{0,12}""#,
        ) {
            let (bytes, theirs) = (text.as_bytes(), serde_json::from_str::<serde_json::Value>(&text).ok());
            let string = theirs.as_ref().and_then(|value| value.as_str()).map(str::to_owned);
            prop_assert_eq!(parse::<String>(bytes).ok(), string);
            let number = theirs.as_ref().and_then(|value| value.as_f64());
            let close = |a: f64, b: f64| (a - b).abs() <= b.abs() * 1e-15;
            match (parse::<f64>(bytes).ok(), number) {
                (Some(ours), Some(theirs)) => prop_assert!(close(ours, theirs)),
                (ours, theirs) => prop_assert_eq!(ours, theirs),
            }
        }
    }
}
