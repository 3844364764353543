//! Small records in files of ours: named values of any bytes. A file that was
//! cut short or overwritten is no record, rather than half of one.

/// A record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Vec<u8>)>);

/// The first and last line: a record without both is not whole.
const FRAME: &[u8] = b"loopshim 1\n";

impl Fields {
    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.0.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// The first value of that name.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_slice())
    }

    /// All values of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_slice())
    }

    /// The first value of that name, as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(name)?).ok()
    }

    /// The first value of that name, as a number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// The record as bytes: per value a line with name and length, the bytes,
    /// and an end of line.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = FRAME.to_vec();
        for (name, value) in &self.0 {
            text.extend_from_slice(format!("{name} {}\n", value.len()).as_bytes());
            text.extend_from_slice(value);
            text.push(b'\n');
        }
        text.extend_from_slice(FRAME);
        text
    }

    /// Reads a record.
    pub fn decode(text: &[u8]) -> Option<Self> {
        let mut rest = text.strip_prefix(FRAME)?;
        let mut fields = Self::default();
        while rest != FRAME {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            let (name, length) = std::str::from_utf8(&rest[..end]).ok()?.rsplit_once(' ')?;
            let length: usize = length.parse().ok()?;
            let value = rest.get(end + 1..(end + 1).checked_add(length)?)?;
            rest = rest[end + 1 + length..].strip_prefix(b"\n")?;
            fields.0.push((name.to_owned(), value.to_vec()));
        }
        Some(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_anything_cut_is_not() {
        let fields = Fields::default().with("a", b"x\ny\0").with("b", "7").with("a", "");
        let text = fields.encode();
        assert_eq!(Fields::decode(&text), Some(fields.clone()));
        assert_eq!((fields.number("b"), fields.all("a").count(), fields.number("a")), (Some(7), 2, None));
        for end in 0..text.len() {
            assert_eq!(Fields::decode(&text[..end]), None, "cut at {end}");
        }
        assert_eq!(Fields::decode(b"loopshim 1\na 99999999999999999999\nx\n"), None);
        assert_eq!(Fields::decode(b"loopshim 1\na 18446744073709551615\nx\nloopshim 1\n"), None);
    }
}
