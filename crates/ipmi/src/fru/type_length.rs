//! Type/length bytes and the fields they introduce (FRU 1.0 r1.3 section 13).

use alloc::string::String;
use alloc::vec::Vec;

use crate::Error;
use crate::text::{bcd_plus, six_bit};

use super::Language;

/// How a field's bytes represent text (bits 7:6 of a type/length byte).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// Binary or unspecified (00b).
    Binary,
    /// BCD plus (01b), see [`bcd_plus`].
    BcdPlus,
    /// 6-bit packed ASCII (10b), see [`six_bit`].
    SixBit,
    /// By language (11b): 8-bit ASCII + Latin-1 for English, else UTF-16, least
    /// significant byte first.
    #[default]
    Language,
}

/// A type/length byte; the byte is kept as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeLength(pub u8);

impl TypeLength {
    /// C1h: no more fields. It would read as one byte of 8-bit text, which is
    /// why such a field cannot exist.
    pub const END: Self = Self(0xC1);

    /// The encoding of the bytes that follow.
    pub const fn encoding(self) -> Encoding {
        match self.0 >> 6 {
            0 => Encoding::Binary,
            1 => Encoding::BcdPlus,
            2 => Encoding::SixBit,
            _ => Encoding::Language,
        }
    }

    /// How many bytes follow, 0 to 63. [`TypeLength::END`] says 1, though none does.
    pub const fn len(self) -> usize {
        (self.0 & 0x3F) as usize
    }

    /// Whether no bytes follow: the field is empty.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether this is the end mark.
    pub const fn is_end(self) -> bool {
        self.0 == Self::END.0
    }
}

/// One field of an area: at most 63 bytes and their encoding. One byte of 8-bit
/// text is impossible, see [`TypeLength::END`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Field {
    encoding: Encoding,
    bytes: Vec<u8>,
}

impl Field {
    /// The empty field, C0h.
    pub const EMPTY: Self = Self { encoding: Encoding::Language, bytes: Vec::new() };

    /// A field of these encoded bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] above 63 bytes; [`Error::OutOfRange`] for a single
    /// byte by language, whose type/length byte means "no more fields".
    pub fn new(encoding: Encoding, bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        match (encoding, bytes.len()) {
            (_, 64..) => Err(Error::TooLong { what: "FRU field" }),
            (Encoding::Language, 1) => Err(Error::OutOfRange { what: "FRU field of one character" }),
            _ => Ok(Self { encoding, bytes }),
        }
    }

    /// A field of text in 8-bit ASCII + Latin-1, for areas in English.
    ///
    /// # Errors
    ///
    /// As [`Field::new`]: above 63 characters, and for a single one.
    pub fn latin1(text: impl Into<Vec<u8>>) -> Result<Self, Error> {
        Self::new(Encoding::Language, text)
    }

    /// A field of BCD plus text.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] for other characters, [`Error::TooLong`] above 126.
    pub fn bcd_plus(text: &[u8]) -> Result<Self, Error> {
        let bytes = bcd_plus::encode(text).ok_or(Error::OutOfRange { what: "BCD plus character" })?;
        Self::new(Encoding::BcdPlus, bytes)
    }

    /// A field of 6-bit packed ASCII.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] for characters outside 20h–5Fh, [`Error::TooLong`] above 84.
    pub fn six_bit(text: &[u8]) -> Result<Self, Error> {
        let bytes = six_bit::encode(text).ok_or(Error::OutOfRange { what: "6-bit character" })?;
        Self::new(Encoding::SixBit, bytes)
    }

    /// A field of text in UTF-16, for areas in a language other than English.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] above 31 code units.
    pub fn utf16(text: &str) -> Result<Self, Error> {
        Self::new(Encoding::Language, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
    }

    /// How the bytes represent text.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The encoded bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the field holds nothing.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The field's type/length byte.
    pub fn type_length(&self) -> TypeLength {
        TypeLength((self.encoding as u8) << 6 | self.bytes.len() as u8)
    }

    /// The text for people: binary as hexadecimal digits, unpaired surrogates
    /// and a last odd byte of UTF-16 as U+FFFD.
    pub fn text(&self, language: Language) -> String {
        match self.encoding {
            Encoding::Binary => self.bytes.iter().flat_map(|byte| hex(*byte)).collect(),
            Encoding::BcdPlus => latin1_text(&bcd_plus::decode(&self.bytes)),
            Encoding::SixBit => latin1_text(&six_bit::decode(&self.bytes)),
            Encoding::Language if language.is_english() => latin1_text(&self.bytes),
            Encoding::Language => utf16_text(&self.bytes),
        }
    }

    /// Reads the field at the start of `bytes`; `None` at the end mark. The
    /// number of bytes taken is 1 + the field's length, or 1 for the mark.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when the bytes end first.
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>, Error> {
        const WHAT: &str = "FRU field";
        let head = TypeLength(*bytes.first().ok_or(Error::Truncated { what: WHAT, offset: 0 })?);
        if head.is_end() {
            return Ok(None);
        }
        let bytes = bytes.get(1..=head.len()).ok_or(Error::Truncated { what: WHAT, offset: bytes.len() })?;
        Ok(Some(Self { encoding: head.encoding(), bytes: bytes.to_vec() }))
    }

    /// Appends the type/length byte and the bytes.
    pub fn encode(&self, to: &mut Vec<u8>) {
        to.push(self.type_length().0);
        to.extend_from_slice(&self.bytes);
    }
}

fn latin1_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn utf16_text(bytes: &[u8]) -> String {
    let (units, rest) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    let characters = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    characters.chain(rest.iter().map(|_| char::REPLACEMENT_CHARACTER)).collect()
}

fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 0x0F].map(|nibble| char::from_digit(nibble.into(), 16).unwrap_or('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const GREEK: Language = Language(0x20);

    #[test]
    fn a_single_eight_bit_character_is_the_end_mark() {
        assert!(Field::latin1(b"B").is_err());
        assert_eq!(Field::decode(b"\xC1B"), Ok(None));
        assert!(Field::six_bit(b"B").is_ok());
    }

    #[test]
    fn sixty_three_bytes_are_the_most() {
        assert!(Field::latin1([b'x'; 63]).is_ok());
        assert_eq!(Field::latin1([b'x'; 64]), Err(Error::TooLong { what: "FRU field" }));
    }

    #[test]
    fn text_depends_on_the_language() {
        let field = Field::utf16("Ωμ").unwrap();
        assert_eq!(field.bytes(), [0xA9, 0x03, 0xBC, 0x03]);
        assert_eq!(field.text(GREEK), "Ωμ");
        assert_eq!(field.text(Language::ENGLISH), "\u{A9}\u{3}\u{BC}\u{3}");
    }

    #[test]
    fn odd_and_unpaired_utf16_is_replaced() {
        let field = Field::new(Encoding::Language, [0x00, 0xD8, 0x41]).unwrap();
        assert_eq!(field.text(GREEK), "\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn each_encoding_reads_back() {
        assert_eq!(Field::bcd_plus(b"12.34-56").unwrap().text(Language::ENGLISH), "12.34-56");
        assert_eq!(Field::six_bit(b"PART 7").unwrap().text(Language::ENGLISH), "PART 7");
        assert_eq!(Field::new(Encoding::Binary, [0xDE, 0x0D]).unwrap().text(Language::ENGLISH), "de0d");
        assert_eq!(Field::latin1(b"caf\xE9").unwrap().text(Language::ENGLISH), "café");
    }

    #[test]
    fn a_cut_field_is_an_error() {
        assert_eq!(Field::decode(b"\xC4abc"), Err(Error::Truncated { what: "FRU field", offset: 4 }));
        assert_eq!(Field::decode(b""), Err(Error::Truncated { what: "FRU field", offset: 0 }));
        let mut written = vec![];
        Field::decode(b"\xC4abcd rest").unwrap().unwrap().encode(&mut written);
        assert_eq!(written, b"\xC4abcd");
    }
}
