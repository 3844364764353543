//! FRU inventory images: given as bytes, or field by field.

use std::path::PathBuf;
use std::str::FromStr;

use ipmi::Error;
use ipmi::bmc::Bmc;
use ipmi::fru::multirecord::{MultiRecord, RecordBody};
use ipmi::fru::{
    BoardInfo, ChassisInfo, ChassisType, Encoding, Field, InternalUse, Inventory, Language,
    ManufacturingDate, ProductInfo,
};

use super::values::{Bytes, Text};
use super::{Place, Problem};
use crate::json::{self, Fault, Read, Reader, Slot};

/// A FRU, in place of the profile's of the same id.
#[derive(Debug)]
pub(super) struct Fru {
    id: u8,
    hex: Option<Bytes>,
    pub(super) file: Option<PathBuf>,
    size: Option<u16>,
    internal_use: Option<Bytes>,
    chassis: Option<Chassis>,
    board: Option<Board>,
    product: Option<Product>,
    multirecords: Vec<Multirecord>,
    _comment: Option<String>,
}

json::object!(Fru {
    id; hex, file, size, internal_use, chassis, board, product, multirecords, _comment as "comment"
});

/// Bytes of a described device when no size is given and the areas fit.
const USUAL_SIZE: u16 = 256;

impl Fru {
    pub(super) fn apply(self, bmc: &mut Bmc, place: &Place) -> Result<(), Problem> {
        let (id, size) = (self.id, self.size);
        let described = self.is_described();
        let image = match place.bytes(self.hex.clone(), self.file.clone())? {
            Some(_) if described => {
                return Err(Problem::new("", "bytes and described areas exclude each other"));
            }
            Some(image) => sized(image, size, 0x00)?,
            None if described => {
                let image = self.inventory().encode().map_err(|error| Problem::new("", error.to_string()))?;
                let usual = (image.len() <= USUAL_SIZE.into()).then_some(USUAL_SIZE);
                sized(image, size.or(usual), 0xFF)?
            }
            None => return Err(Problem::new("", "neither bytes (`hex`, `file`) nor areas are given")),
        };
        bmc.frus.insert(id, image);
        Ok(())
    }

    fn is_described(&self) -> bool {
        let areas = self.chassis.is_some() || self.board.is_some() || self.product.is_some();
        areas || self.internal_use.is_some() || !self.multirecords.is_empty()
    }

    fn inventory(self) -> Inventory {
        Inventory {
            internal_use: self.internal_use.map(|Bytes(bytes)| InternalUse::new(bytes)),
            chassis: self.chassis.map(ChassisInfo::from),
            board: self.board.map(BoardInfo::from),
            product: self.product.map(ProductInfo::from),
            multirecord: self.multirecords.into_iter().map(MultiRecord::from).collect(),
            ..Inventory::default()
        }
    }
}

fn sized(mut image: Vec<u8>, size: Option<u16>, filling: u8) -> Result<Vec<u8>, Problem> {
    if let Some(size) = size.map(usize::from) {
        if image.len() > size {
            return Err(Problem::new("size", format!("the image has {} bytes", image.len())));
        }
        image.resize(size, filling);
    }
    Ok(image)
}

#[derive(Debug)]
struct Chassis {
    /// SMBIOS chassis type; 23 is a rack mount chassis.
    chassis_type: Option<u8>,
    part_number: Value,
    serial: Value,
    extra: Vec<Value>,
}

json::object!(Chassis { ; chassis_type as "type", part_number, serial, extra });

impl From<Chassis> for ChassisInfo {
    fn from(chassis: Chassis) -> Self {
        Self {
            chassis_type: chassis.chassis_type.map_or(ChassisType::UNKNOWN, ChassisType),
            part_number: chassis.part_number.0,
            serial_number: chassis.serial.0,
            custom: fields(chassis.extra),
            ..Self::default()
        }
    }
}

#[derive(Debug)]
struct Board {
    language: u8,
    date: Text<Date>,
    manufacturer: Value,
    product: Value,
    serial: Value,
    part_number: Value,
    fru_file_id: Value,
    extra: Vec<Value>,
}

json::object!(Board { ; language, date, manufacturer, product, serial, part_number, fru_file_id, extra });

impl From<Board> for BoardInfo {
    fn from(board: Board) -> Self {
        Self {
            language: Language(board.language),
            manufacturing_date: board.date.0.0,
            manufacturer: board.manufacturer.0,
            product_name: board.product.0,
            serial_number: board.serial.0,
            part_number: board.part_number.0,
            fru_file_id: board.fru_file_id.0,
            custom: fields(board.extra),
            ..Self::default()
        }
    }
}

#[derive(Debug)]
struct Product {
    language: u8,
    manufacturer: Value,
    name: Value,
    part_number: Value,
    version: Value,
    serial: Value,
    asset_tag: Value,
    fru_file_id: Value,
    extra: Vec<Value>,
}

json::object!(Product {
    ; language, manufacturer, name, part_number, version, serial, asset_tag, fru_file_id, extra
});

impl From<Product> for ProductInfo {
    fn from(product: Product) -> Self {
        Self {
            language: Language(product.language),
            manufacturer: product.manufacturer.0,
            product_name: product.name.0,
            part_number: product.part_number.0,
            version: product.version.0,
            serial_number: product.serial.0,
            asset_tag: product.asset_tag.0,
            fru_file_id: product.fru_file_id.0,
            custom: fields(product.extra),
            ..Self::default()
        }
    }
}

fn fields(values: Vec<Value>) -> Vec<Field> {
    values.into_iter().map(|value| value.0).collect()
}

/// A record of the multirecord area, as bytes.
#[derive(Debug)]
struct Multirecord {
    record_type: u8,
    data: Bytes,
}

json::object!(Multirecord { record_type as "type", data; });

impl From<Multirecord> for MultiRecord {
    fn from(record: Multirecord) -> Self {
        Self::new(RecordBody::decode(record.record_type, &record.data.0))
    }
}

/// A field: text, which goes into 8-bit Latin-1, or text or bytes in a named
/// encoding.
#[derive(Debug, Default)]
struct Value(Field);

#[derive(Debug)]
struct Encoded {
    text: Option<String>,
    hex: Option<Bytes>,
    encoding: EncodingName,
}

json::object!(Encoded { encoding; text, hex });

#[derive(Debug, Clone, Copy, Default)]
enum EncodingName {
    #[default]
    Binary,
    BcdPlus,
    SixBit,
    Latin1,
    Utf16,
}

json::choice!(EncodingName {
    "binary" => Binary,
    "bcd-plus" => BcdPlus,
    "6-bit" => SixBit,
    "latin-1" => Latin1,
    "utf-16" => Utf16,
});

impl Slot for Value {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let field = match reader.peek() {
            Some(b'{') => Encoded::read(reader)?.field(),
            _ => plain(&reader.string("text, or an object with `encoding` and `text` or `hex`")?),
        };
        self.0 = field.map_err(|problem| reader.fault(problem))?;
        Ok(())
    }
}

/// A field of plain text. A single character cannot be 8-bit text (its
/// type/length byte means the end of the fields), but 6-bit.
fn plain(text: &str) -> Result<Field, String> {
    let bytes = latin1(text)?;
    let field = if bytes.len() == 1 { Field::six_bit(&bytes) } else { Field::latin1(bytes) };
    field.map_err(|error| error.to_string())
}

fn latin1(text: &str) -> Result<Vec<u8>, String> {
    let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    bytes.ok_or_else(|| {
        format!(
            "`{text}` is not Latin-1; `\"encoding\": \"utf-16\"` takes it, in an area of another language"
        )
    })
}

impl Encoded {
    fn field(self) -> Result<Field, String> {
        let field = match (self.text, self.hex) {
            (Some(text), None) => encode(&text, self.encoding)?,
            (None, Some(Bytes(bytes))) => Field::new(self.encoding.encoding(), bytes),
            _ => return Err("either `text` or `hex` is needed".into()),
        };
        field.map_err(|error| error.to_string())
    }
}

fn encode(text: &str, encoding: EncodingName) -> Result<Result<Field, Error>, String> {
    Ok(match encoding {
        EncodingName::Binary => return Err("binary fields are given as `hex`".into()),
        EncodingName::BcdPlus => Field::bcd_plus(text.as_bytes()),
        EncodingName::SixBit => Field::six_bit(text.as_bytes()),
        EncodingName::Latin1 => Field::latin1(latin1(text)?),
        EncodingName::Utf16 => Field::utf16(text),
    })
}

impl EncodingName {
    fn encoding(self) -> Encoding {
        match self {
            Self::Binary => Encoding::Binary,
            Self::BcdPlus => Encoding::BcdPlus,
            Self::SixBit => Encoding::SixBit,
            Self::Latin1 | Self::Utf16 => Encoding::Language,
        }
    }
}

/// A manufacturing date: `2024-01-01` or `2024-01-01 13:45`, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Date(ManufacturingDate);

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let minutes = minutes_since_1996(text).and_then(|minutes| u32::try_from(minutes).ok());
        minutes.and_then(ManufacturingDate::from_minutes).map(Self).ok_or_else(|| {
            format!("`{text}` is not a time such as `2024-01-01` or `2024-01-01 13:45` from 1996 to 2027")
        })
    }
}

fn minutes_since_1996(text: &str) -> Option<i64> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (hour, minute) = time.trim_end_matches('Z').split_once(':')?;
    let (hour, minute) = (hour.parse::<i64>().ok()?, minute.parse::<i64>().ok()?);
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    let days = days_since_1970(year, month, day) - days_since_1970(1996, 1, 1);
    (valid && hour >= 0 && minute >= 0).then_some(days * 1440 + hour * 60 + minute)
}

/// Days of the Gregorian calendar, counted from March so that the leap day is a
/// year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    /// Days from 0000-03-01 to 1970-01-01.
    const TO_1970: i64 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(json: &str) -> Result<Field, String> {
        json::parse::<Value>(json.as_bytes()).map(|value| value.0).map_err(|fault| fault.problem)
    }

    #[test]
    fn dates_are_minutes() {
        let unix = |text: &str| text.parse::<Date>().map(|date| date.0.unix());
        assert_eq!(unix("2024-01-01"), Ok(1_704_067_200));
        assert_eq!(unix("2024-02-29 23:59"), Ok(1_709_251_140));
        assert_eq!(unix("2023-03-01T00:00Z"), Ok(1_677_628_800));
        assert!(
            ["1995-12-31", "2024-13-01", "2024-1", "2030-01-01", "2024-01-01 24:00"]
                .iter()
                .all(|text| unix(text).is_err())
        );
    }

    #[test]
    fn fields_take_the_encodings_of_the_specification() {
        assert_eq!(field(r#""Grün""#).map(|field| field.bytes().to_vec()), Ok(b"Gr\xFCn".to_vec()));
        assert_eq!(field(r#""A""#).map(|field| field.encoding()), Ok(Encoding::SixBit));
        assert_eq!(
            field(r#"{"encoding": "bcd-plus", "text": "12-3"}"#).map(|field| field.bytes().len()),
            Ok(2)
        );
        assert_eq!(
            field(r#"{"encoding": "binary", "hex": "00ff"}"#).map(|field| field.bytes().to_vec()),
            Ok(vec![0, 255])
        );
        assert!(field("\"\u{4E2D}\"").is_err_and(|text| text.contains("utf-16")));
        assert!(field(r#"{"encoding": "6-bit", "text": "abc"}"#).is_err());
        assert!(
            field(&format!("\"{}\"", "x".repeat(64)))
                .is_err_and(|text| text.contains("FRU field is too long"))
        );
    }
}
