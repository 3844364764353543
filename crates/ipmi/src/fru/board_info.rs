use alloc::vec::Vec;

use crate::Error;

use super::area::{self, AreaReader};
use super::{Checksum, Field, Language, ManufacturingDate};

/// Board info area (FRU 1.0 r1.3 section 11).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct BoardInfo {
    /// Language of the text.
    pub language: Language,
    /// When the board was made.
    pub manufacturing_date: ManufacturingDate,
    /// Manufacturer.
    pub manufacturer: Field,
    /// Product name.
    pub product_name: Field,
    /// Serial number, in English whatever the language.
    pub serial_number: Field,
    /// Part number, in English whatever the language.
    pub part_number: Field,
    /// FRU file id: the file that made this area, in English whatever the language.
    pub fru_file_id: Field,
    /// Custom fields.
    pub custom: Vec<Field>,
    /// Of the area.
    pub checksum: Checksum,
}

const WHAT: &str = "FRU board info area";

impl BoardInfo {
    /// Reads the area at the start of `bytes`, which may go on after it.
    /// Fields missing before the end are read as empty.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when area or field end early, [`Error::Version`] for
    /// another format than 1, [`Error::OutOfRange`] for a length of zero.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut area = AreaReader::open(WHAT, bytes)?;
        let [language, date @ ..] = area.array::<4>()?;
        let mut fields = area.fields();
        Ok(Self {
            language: Language(language),
            manufacturing_date: ManufacturingDate::from_bytes(date),
            manufacturer: fields.predefined()?,
            product_name: fields.predefined()?,
            serial_number: fields.predefined()?,
            part_number: fields.predefined()?,
            fru_file_id: fields.predefined()?,
            custom: fields.custom()?,
            checksum: area.checksum,
        })
    }

    /// The area's bytes, a multiple of eight.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] above 2040 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let [low, middle, high] = self.manufacturing_date.to_bytes();
        let predefined = [
            &self.manufacturer,
            &self.product_name,
            &self.serial_number,
            &self.part_number,
            &self.fru_file_id,
        ];
        let fields = predefined.into_iter().chain(&self.custom);
        area::encode(WHAT, &[self.language.0, low, middle, high], fields, self.checksum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fru::Encoding;

    fn area(fields: &[u8]) -> Vec<u8> {
        let mut bytes = [&[1, 0, 25, 0xE0, 0xB6, 0xE0], fields].concat();
        let len = (bytes.len() + 1).next_multiple_of(8);
        bytes.resize(len - 1, 0);
        bytes[1] = (len / 8) as u8;
        bytes.push(Checksum::RIGHT.byte(&bytes));
        bytes
    }

    #[test]
    fn fields_are_read_in_order() {
        let bytes = area(b"\xC2AB\xC2CD\x42\x12\x34\x83\x29\xDC\xA6\x01\xFE\xC2xy\xC1");
        let board = BoardInfo::decode(&bytes).unwrap();
        assert_eq!(board.manufacturing_date.unix(), 1_704_067_200);
        assert_eq!((board.manufacturer.bytes(), board.product_name.bytes()), (&b"AB"[..], &b"CD"[..]));
        assert_eq!(board.serial_number.text(Language::ENGLISH), "1234");
        assert_eq!(board.part_number.text(Language::ENGLISH), "IPMI");
        assert_eq!(board.fru_file_id, Field::new(Encoding::Binary, [0xFE]).unwrap());
        assert_eq!(board.custom, [Field::latin1(b"xy").unwrap()]);
        assert!(board.checksum.is_right());
        assert_eq!(board.encode(), Ok(bytes));
    }

    #[test]
    fn an_early_end_mark_leaves_fields_empty() {
        let board = BoardInfo::decode(&area(b"\xC2AB\xC1\x42\xC0\xC0")).unwrap();
        assert_eq!(board.manufacturer.bytes(), b"AB");
        assert!(board.product_name.is_empty() && board.custom.is_empty());
    }

    #[test]
    fn a_field_running_into_the_checksum_is_an_error() {
        let bytes = [1, 1, 25, 0, 0, 0, 0xC2, b'A'];
        assert_eq!(BoardInfo::decode(&bytes), Err(Error::Truncated { what: "FRU field", offset: 1 }));
        assert_eq!(BoardInfo::decode(&[1, 0, 25]), Err(Error::OutOfRange { what: WHAT }));
        assert_eq!(BoardInfo::decode(&[1, 2, 25]), Err(Error::Truncated { what: WHAT, offset: 3 }));
    }

    #[test]
    fn more_than_255_units_cannot_be_written() {
        let custom = alloc::vec![Field::latin1([b'x'; 63]).unwrap(); 32];
        assert_eq!(BoardInfo { custom, ..BoardInfo::default() }.encode(), Err(Error::TooLong { what: WHAT }));
    }
}
