//! A reader of JSON text (RFC 8259) that is asked for what is expected next.
//! It takes nothing else, so its depth is that of the types read, whatever the
//! text; and it never builds a tree.

use super::read::Member;

/// Why a text was refused. In a box, so that what is returned in its place by
/// every function here stays small.
pub(crate) type Fault = Box<Refusal>;

/// Where and why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The offset behind the byte at which it showed.
    pub(crate) at: usize,
    /// What is wrong and what is allowed.
    pub(crate) problem: String,
}

/// A text and how far it has been read.
pub(crate) struct Reader<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
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

    /// The offset of what is next.
    pub(crate) fn place(&self) -> usize {
        self.at
    }

    /// A refusal of what has just been read.
    pub(crate) fn fault(&self, problem: impl Into<String>) -> Fault {
        Box::new(Refusal { at: self.at, problem: problem.into() })
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

    /// A refusal of what is next, where `sign` should be.
    pub(super) fn expected(&mut self, sign: &str, within: &str) -> Fault {
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

    /// Reads an object that may have these members, each at most once, and has to
    /// have the first `needed` of them.
    pub(crate) fn object(&mut self, needed: usize, members: &mut [Member<'_>]) -> Result<(), Fault> {
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
        })?;
        match seen[..needed].iter().position(|seen| !seen) {
            Some(at) => Err(self.fault(format!("missing field `{}`", members[at].name))),
            None => Ok(()),
        }
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
            Some(b'"') => {
                let start = self.at;
                self.quoted()?;
                format!("string {}", String::from_utf8_lossy(&self.text[start..self.at]))
            }
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
    fn arrays_and_objects_end_as_they_should() {
        assert_eq!(parse::<Vec<u8>>(b"[1 , 2]"), Ok(vec![1, 2]));
        for bad in ["[1,]", "[,]", "[1 2]", "[1", "[1]]", "[", ""] {
            assert!(parse::<Vec<u8>>(bad.as_bytes()).is_err(), "{bad}");
        }
        type Map = ipmi::Map<u8, bool>;
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
