use alloc::vec::Vec;

use crate::Error;
use crate::reader::Reader;
use crate::text::{bcd_plus, six_bit};

/// How an id string's bytes represent text (IPMI 2.0 section 43.15, bits 7:6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IdEncoding {
    /// Unicode (00b).
    Unicode,
    /// BCD plus (01b).
    BcdPlus,
    /// 6-bit packed ASCII (10b).
    SixBit,
    /// 8-bit ASCII + Latin-1 (11b).
    #[default]
    Latin1,
}

/// An id string with its type/length byte (IPMI 2.0 section 43.15).
///
/// The length field has five bits; sensor records allow 16 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct IdString {
    encoding: IdEncoding,
    bytes: Vec<u8>,
}

impl IdString {
    /// Longest string the specification allows, in bytes.
    pub const MAX_LEN: usize = 16;

    /// A name in 8-bit ASCII + Latin-1.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] above 16 bytes.
    pub fn latin1(text: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = text.into();
        if bytes.len() > Self::MAX_LEN {
            return Err(Error::TooLong { what: "id string" });
        }
        Ok(Self { encoding: IdEncoding::Latin1, bytes })
    }

    /// Encoded bytes as a record may hold them.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] above 31 bytes, the length field's limit.
    pub fn new(encoding: IdEncoding, bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if bytes.len() > 31 {
            return Err(Error::TooLong { what: "id string" });
        }
        Ok(Self { encoding, bytes })
    }

    /// How the bytes represent text.
    pub const fn encoding(&self) -> IdEncoding {
        self.encoding
    }

    /// The encoded bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The type/length byte.
    pub fn type_length(&self) -> u8 {
        (self.encoding as u8) << 6 | self.bytes.len() as u8
    }

    /// The characters: unpacked from BCD plus and 6-bit, else the bytes as they
    /// are. (For Unicode the specification does not say which form.)
    pub fn text(&self) -> Vec<u8> {
        match self.encoding {
            IdEncoding::BcdPlus => bcd_plus::decode(&self.bytes),
            IdEncoding::SixBit => six_bit::decode(&self.bytes),
            IdEncoding::Latin1 | IdEncoding::Unicode => self.bytes.clone(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let type_length = reader.byte()?;
        let encoding = match type_length >> 6 {
            0 => IdEncoding::Unicode,
            1 => IdEncoding::BcdPlus,
            2 => IdEncoding::SixBit,
            _ => IdEncoding::Latin1,
        };
        let bytes = reader.take((type_length & 0x1F).into())?.to_vec();
        Ok(Self { encoding, bytes })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        to.push(self.type_length());
        to.extend_from_slice(&self.bytes);
    }
}
