//! Tables of words without references: the rows stand one after another in one
//! text, packed when the program is compiled. A reference for each word would
//! take sixteen bytes, more than most of the words.

/// A row before it is packed: codes, then words.
pub(crate) type Row<const CODES: usize, const WORDS: usize> = ([u16; CODES], [&'static str; WORDS]);

/// Packs rows of the given numbers of codes and words.
macro_rules! packed {
    ($codes:literal, $words:literal, [$($row:expr),* $(,)?]) => {{
        const ROWS: &[$crate::ipmitool::text::words::Row<$codes, $words>] = &[$($row),*];
        const SIZE: usize = $crate::ipmitool::text::words::packed_size(ROWS);
        const PACKED: &[u8; SIZE] = &$crate::ipmitool::text::words::pack(ROWS);
        $crate::ipmitool::text::words::Rows::new(PACKED)
    }};
}

/// [`Words`](crate::ipmitool::text::words::Words) from a word a row.
macro_rules! words {
    ($($word:expr),* $(,)?) => {
        $crate::ipmitool::text::words::Words($crate::ipmitool::text::words::packed!(0, 1, [
            $(([], [$word])),*
        ]))
    };
}

/// [`Names`](crate::ipmitool::text::words::Names) from `(code, word)` rows.
macro_rules! names {
    ($(($code:expr, $word:expr $(,)?)),* $(,)?) => {
        $crate::ipmitool::text::words::Names($crate::ipmitool::text::words::packed!(1, 1, [
            $(([$code], [$word])),*
        ]))
    };
}

/// [`Described`](crate::ipmitool::text::words::Described) from
/// `(code, word, description)` rows.
macro_rules! described {
    ($(($code:expr, $word:expr, $description:expr $(,)?)),* $(,)?) => {
        $crate::ipmitool::text::words::Described($crate::ipmitool::text::words::packed!(1, 2, [
            $(([$code], [$word, $description])),*
        ]))
    };
}

pub(crate) use {described, names, packed, words};

/// A packed table, or what is left of it to be read. A code is a character, a
/// word ends with a NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows(&'static str);

impl Rows {
    /// A table from what [`pack`] made.
    pub(crate) const fn new(bytes: &'static [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self(text),
            Err(_) => panic!("codes and words are text"),
        }
    }

    /// Takes the code that comes next.
    #[inline(never)]
    pub fn code(&mut self) -> Option<u16> {
        let mut chars = self.0.chars();
        let code = chars.next()?;
        self.0 = chars.as_str();
        Some(u32::from(code) as u16)
    }

    /// Takes the word that comes next.
    #[inline(never)]
    pub fn word(&mut self) -> Option<&'static str> {
        // Byte by byte: a search for a character is an engine.
        let end = self.0.bytes().position(|byte| byte == 0)?;
        let word = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(word)
    }
}

/// Words by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub Rows);

impl Words {
    /// The words in order.
    pub fn iter(self) -> WordIter {
        WordIter(self.0)
    }

    /// The word of that number.
    #[inline(never)]
    pub fn get(self, index: usize) -> Option<&'static str> {
        self.iter().nth(index)
    }

    /// The word of a number that has one.
    pub fn at(self, index: impl Into<usize>) -> &'static str {
        self.get(index.into()).unwrap_or_default()
    }
}

impl IntoIterator for Words {
    type Item = &'static str;
    type IntoIter = WordIter;

    fn into_iter(self) -> WordIter {
        self.iter()
    }
}

/// Goes through [`Words`].
#[derive(Debug, Clone)]
pub struct WordIter(Rows);

impl Iterator for WordIter {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        self.0.word()
    }
}

/// Words by codes that need not follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names(pub Rows);

/// A row of [`Names`].
pub type Name = (u16, &'static str);

impl Names {
    /// The rows in order.
    pub fn iter(self) -> NameIter {
        NameIter(self.0)
    }

    /// The first word of that code.
    #[inline(never)]
    pub fn get(self, code: u16) -> Option<&'static str> {
        self.iter().find(|row| row.0 == code).map(|row| row.1)
    }

    /// The first code of that word in any case.
    #[inline(never)]
    pub fn code_of(self, word: &[u8]) -> Option<u16> {
        self.iter().find(|row| row.1.as_bytes().eq_ignore_ascii_case(word)).map(|row| row.0)
    }
}

impl IntoIterator for Names {
    type Item = Name;
    type IntoIter = NameIter;

    fn into_iter(self) -> NameIter {
        self.iter()
    }
}

/// Goes through [`Names`].
#[derive(Debug, Clone)]
pub struct NameIter(Rows);

impl Iterator for NameIter {
    type Item = Name;

    #[inline(never)]
    fn next(&mut self) -> Option<Name> {
        Some((self.0.code()?, self.0.word()?))
    }
}

/// Words by codes, and what is to be said of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described(pub Rows);

impl Described {
    /// The rows in order.
    pub fn iter(self) -> DescribedIter {
        DescribedIter(self.0)
    }
}

impl IntoIterator for Described {
    type Item = (u16, &'static str, &'static str);
    type IntoIter = DescribedIter;

    fn into_iter(self) -> DescribedIter {
        self.iter()
    }
}

/// Goes through [`Described`].
#[derive(Debug, Clone)]
pub struct DescribedIter(Rows);

impl Iterator for DescribedIter {
    type Item = (u16, &'static str, &'static str);

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.code()?, self.0.word()?, self.0.word()?))
    }
}

/// How many bytes rows take when packed.
pub(crate) const fn packed_size<const C: usize, const W: usize>(rows: &[Row<C, W>]) -> usize {
    let (mut size, mut row) = (0, 0);
    while row < rows.len() {
        let (mut code, mut word) = (0, 0);
        while code < C {
            size += character(rows[row].0[code]).len_utf8();
            code += 1;
        }
        while word < W {
            size += rows[row].1[word].len() + 1;
            word += 1;
        }
        row += 1;
    }
    size
}

/// Packs rows into the bytes of a text.
pub(crate) const fn pack<const C: usize, const W: usize, const SIZE: usize>(
    rows: &[Row<C, W>],
) -> [u8; SIZE] {
    let (mut bytes, mut end, mut row) = ([0; SIZE], 0, 0);
    while row < rows.len() {
        let (mut code, mut word) = (0, 0);
        while code < C {
            let mut buffer = [0; 4];
            end = append(&mut bytes, end, character(rows[row].0[code]).encode_utf8(&mut buffer));
            code += 1;
        }
        while word < W {
            end = append(&mut bytes, end, rows[row].1[word]);
            end = append(&mut bytes, end, "\0");
            word += 1;
        }
        row += 1;
    }
    bytes
}

const fn append(bytes: &mut [u8], mut end: usize, text: &str) -> usize {
    let mut at = 0;
    while at < text.len() {
        bytes[end] = text.as_bytes()[at];
        end += 1;
        at += 1;
    }
    end
}

const fn character(code: u16) -> char {
    char::from_u32(code as u32).expect("codes from D800h to DFFFh are no characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERED: Words = words!["zero", "", "°two"];
    const CODED: Names = names![(0, "None"), (0x80, "Some"), (33196, "VITA"), (0x80, "Other")];

    #[test]
    fn words_go_by_their_numbers() {
        assert_eq!(NUMBERED.iter().collect::<Vec<_>>(), ["zero", "", "°two"]);
        assert_eq!((NUMBERED.get(1), NUMBERED.get(2), NUMBERED.get(3)), (Some(""), Some("°two"), None));
        assert_eq!((NUMBERED.at(0_u8), NUMBERED.at(3_u8)), ("zero", ""));
    }

    #[test]
    fn names_go_by_their_codes() {
        let rows: Vec<_> = CODED.iter().collect();
        assert_eq!(rows, [(0, "None"), (0x80, "Some"), (33196, "VITA"), (0x80, "Other")]);
        assert_eq!(
            (CODED.get(0), CODED.get(0x80), CODED.get(33196)),
            (Some("None"), Some("Some"), Some("VITA"))
        );
        assert_eq!(CODED.get(1), None);
        assert_eq!(CODED.code_of(b"oTHER"), Some(0x80));
        assert_eq!(CODED.code_of(b"oth"), None);
    }

    #[test]
    fn rows_may_have_several_codes_and_words() {
        let mut table = packed!(2, 2, [([1, 2], ["a", "b"]), ([0, 0x7FF], ["", "c"])]);
        assert_eq!(
            (table.code(), table.code(), table.word(), table.word()),
            (Some(1), Some(2), Some("a"), Some("b"))
        );
        assert_eq!((table.code(), table.code(), table.word()), (Some(0), Some(0x7FF), Some("")));
        assert_eq!((table.word(), table.word(), table.code()), (Some("c"), None, None));
    }
}
