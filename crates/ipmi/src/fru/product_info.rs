use alloc::vec::Vec;

use crate::Error;

use super::area::{self, AreaReader};
use super::{Checksum, Field, Language};

/// Product info area (FRU 1.0 r1.3 section 12).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ProductInfo {
    /// Language of the text.
    pub language: Language,
    /// Manufacturer.
    pub manufacturer: Field,
    /// Product name.
    pub product_name: Field,
    /// Part or model number.
    pub part_number: Field,
    /// Product version.
    pub version: Field,
    /// Serial number, in English whatever the language.
    pub serial_number: Field,
    /// Asset tag.
    pub asset_tag: Field,
    /// FRU file id: the file that made this area, in English whatever the language.
    pub fru_file_id: Field,
    /// Custom fields.
    pub custom: Vec<Field>,
    /// Of the area.
    pub checksum: Checksum,
}

const WHAT: &str = "FRU product info area";

impl ProductInfo {
    /// Reads the area at the start of `bytes`, which may go on after it.
    /// Fields missing before the end are read as empty.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when area or field end early, [`Error::Version`] for
    /// another format than 1, [`Error::OutOfRange`] for a length of zero.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut area = AreaReader::open(WHAT, bytes)?;
        let [language] = area.array()?;
        let mut fields = area.fields();
        Ok(Self {
            language: Language(language),
            manufacturer: fields.predefined()?,
            product_name: fields.predefined()?,
            part_number: fields.predefined()?,
            version: fields.predefined()?,
            serial_number: fields.predefined()?,
            asset_tag: fields.predefined()?,
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
        let predefined = [
            &self.manufacturer,
            &self.product_name,
            &self.part_number,
            &self.version,
            &self.serial_number,
            &self.asset_tag,
            &self.fru_file_id,
        ];
        let fields = predefined.into_iter().chain(&self.custom);
        area::encode(WHAT, &[self.language.0], fields, self.checksum)
    }
}
