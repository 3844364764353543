//! Byte strings in JSON: text where the bytes are UTF-8, `{"b64": "…"}` where
//! they are not, so that nothing is lost and the usual case stays readable.

use crate::json::{self, Fault, Line, Read, Reader, Slot};

/// A byte string as it stands in a JSON file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Octets {
    /// The bytes are UTF-8 and stand for themselves.
    Utf8(String),
    /// Any other bytes.
    Base64 {
        /// The bytes in the standard alphabet with padding (RFC 4648 §4).
        b64: String,
    },
}

impl From<&[u8]> for Octets {
    fn from(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Utf8(text.to_owned()),
            Err(_) => Self::Base64 { b64: base64(bytes) },
        }
    }
}

/// The object that stands for bytes that are no text.
struct Encoded {
    b64: String,
}

json::object!(Encoded { b64; });

impl Default for Octets {
    fn default() -> Self {
        Self::Utf8(String::new())
    }
}

impl Slot for Octets {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        *self = match reader.peek() {
            Some(b'{') => Self::Base64 { b64: Encoded::read(reader)?.b64 },
            _ => Self::Utf8(String::read(reader)?),
        };
        Ok(())
    }
}

impl Octets {
    /// Writes the value.
    pub(crate) fn write(&self, line: &mut Line) {
        match self {
            Self::Utf8(text) => line.text(text),
            // Its alphabet needs no escapes.
            Self::Base64 { b64 } => line.plain(format_args!("{{\"b64\":\"{b64}\"}}")),
        }
    }
}

/// The standard base64 encoding of `bytes`.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let sextet = (bits >> (18 - 6 * position)) & 0x3F;
            text.push(if position > group.len() { '=' } else { char::from(ALPHABET[sextet as usize]) });
        }
    }
    text
}

/// The bytes that a text in the standard base64 encoding stands for.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in digits.chunks(4) {
        let mut bits = 0;
        for digit in group {
            bits = bits << 6 | sextet(*digit)?;
        }
        bits <<= 6 * (4 - group.len() as u32);
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_follows_the_vectors_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ];
        for (plain, encoded) in vectors {
            assert_eq!(base64(plain.as_bytes()), encoded);
            assert_eq!(decode(encoded).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(base64(&[0xFB, 0xFF, 0xFE]), "+//+");
        for bad in ["Z", "Zg=", "Z===", "Zg==Zg", "Z?=="] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    fn json(octets: &Octets) -> String {
        let mut line = Line::new();
        octets.write(&mut line);
        line.as_str().to_owned()
    }

    #[test]
    fn text_stays_text_and_other_bytes_are_kept() {
        assert_eq!(json(&Octets::from(&b"fru print 0"[..])), r#""fru print 0""#);
        assert_eq!(json(&Octets::from(&b"\xff"[..])), r#"{"b64":"/w=="}"#);
        for bytes in [&b"mc"[..], b"\x80\x00"] {
            let octets = Octets::from(bytes);
            assert_eq!(json::parse(json(&octets).as_bytes()), Ok(octets));
        }
    }
}
