use alloc::vec::Vec;

use crate::fru::Checksum;
use crate::reader::Reader;
use crate::{Bits, Error};

use super::{Compatibility, DcLoad, DcOutput, ManagementAccess, OemRecord, OemType, PowerSupply};

const WHAT: &str = "FRU multirecord area";

/// One record with what its header adds (FRU 1.0 r1.3 section 16.1). Record type
/// and length follow from the body, the end mark from the place in the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MultiRecord {
    /// Record format version, [`MultiRecord::FORMAT`].
    pub format: Bits<4>,
    /// What the record says.
    pub body: RecordBody,
    /// Of the record's data.
    pub record_checksum: Checksum,
    /// Of the record's header.
    pub header_checksum: Checksum,
}

impl MultiRecord {
    /// The format version that the specification defines.
    pub const FORMAT: Bits<4> = Bits::low(2);

    const HEADER_LEN: usize = 5;

    /// A record of the current format with right checksums.
    pub const fn new(body: RecordBody) -> Self {
        Self {
            format: Self::FORMAT,
            body,
            record_checksum: Checksum::RIGHT,
            header_checksum: Checksum::RIGHT,
        }
    }

    /// Reads one record, and whether it is the last.
    fn read(reader: &mut Reader<'_>) -> Result<(Self, bool), Error> {
        let header: [u8; Self::HEADER_LEN] = reader.array()?;
        let [record_type, format, length, record_checksum, _] = header;
        let data = reader.take(length.into())?;
        let record = Self {
            format: Bits::low(format),
            body: RecordBody::decode(record_type, data),
            record_checksum: Checksum::wrong_by(record_checksum.wrapping_sub(Checksum::RIGHT.byte(data))),
            header_checksum: Checksum::of(&header),
        };
        Ok((record, format & 0x80 != 0))
    }

    fn write(&self, last: bool, to: &mut Vec<u8>) -> Result<(), Error> {
        let data = self.body.encode();
        let length = u8::try_from(data.len()).map_err(|_| Error::TooLong { what: "FRU multirecord" })?;
        let header = [
            self.body.record_type(),
            u8::from(last) << 7 | self.format.get(),
            length,
            self.record_checksum.byte(&data),
        ];
        to.extend_from_slice(&header);
        to.push(self.header_checksum.byte(&header));
        to.extend_from_slice(&data);
        Ok(())
    }
}

/// Reads the records at the start of `bytes`, up to the one marked last or the
/// end of the bytes.
///
/// # Errors
///
/// [`Error::Truncated`] when a record ends early.
pub fn decode(bytes: &[u8]) -> Result<Vec<MultiRecord>, Error> {
    let mut reader = Reader::new(WHAT, bytes);
    let mut records = Vec::new();
    loop {
        let (record, last) = MultiRecord::read(&mut reader)?;
        records.push(record);
        if last || reader.is_at_end() {
            return Ok(records);
        }
    }
}

/// The area's bytes; the last record is marked.
///
/// # Errors
///
/// [`Error::TooLong`] when a record's data exceeds 255 bytes.
pub fn encode(records: &[MultiRecord]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for (index, record) in records.iter().enumerate() {
        record.write(index + 1 == records.len(), &mut bytes)?;
    }
    Ok(bytes)
}

/// A record's data by its type (FRU 1.0 r1.3 table 16-2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RecordBody {
    /// Type 00h.
    PowerSupply(PowerSupply),
    /// Type 01h.
    DcOutput(DcOutput),
    /// Type 02h.
    DcLoad(DcLoad),
    /// Type 03h.
    ManagementAccess(ManagementAccess),
    /// Type 04h.
    BaseCompatibility(Compatibility),
    /// Type 05h.
    ExtendedCompatibility(Compatibility),
    /// Types C0h–FFh.
    Oem(OemRecord),
    /// Any other type, or data that is not as its type wants it.
    Other(OtherRecord),
}

/// Data that [`RecordBody::decode`] leaves as bytes, and only such.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OtherRecord {
    record_type: u8,
    data: Vec<u8>,
}

impl OtherRecord {
    /// The record's type.
    pub const fn record_type(&self) -> u8 {
        self.record_type
    }

    /// The record's data.
    pub fn data(&self) -> &[u8] {
        &self.data
    }
}

impl RecordBody {
    /// Reads data of the given type. Data too short or too long for the type,
    /// or with reserved bits set, is kept as bytes.
    pub fn decode(record_type: u8, data: &[u8]) -> Self {
        let other = Self::Other(OtherRecord { record_type, data: data.to_vec() });
        match Self::typed(record_type, data) {
            Some(typed) if typed.encode() == data => typed,
            _ => other,
        }
    }

    fn typed(record_type: u8, data: &[u8]) -> Option<Self> {
        Some(match record_type {
            0x00 => Self::PowerSupply(PowerSupply::decode(data.try_into().ok()?)),
            0x01 => Self::DcOutput(DcOutput::decode(data.try_into().ok()?)),
            0x02 => Self::DcLoad(DcLoad::decode(data.try_into().ok()?)),
            0x03 => Self::ManagementAccess(ManagementAccess::decode(data)?),
            0x04 => Self::BaseCompatibility(Compatibility::decode(data)?),
            0x05 => Self::ExtendedCompatibility(Compatibility::decode(data)?),
            _ => Self::Oem(OemRecord::decode(OemType::new(record_type)?, data)?),
        })
    }

    /// The record's type.
    pub const fn record_type(&self) -> u8 {
        match self {
            Self::PowerSupply(_) => 0x00,
            Self::DcOutput(_) => 0x01,
            Self::DcLoad(_) => 0x02,
            Self::ManagementAccess(_) => 0x03,
            Self::BaseCompatibility(_) => 0x04,
            Self::ExtendedCompatibility(_) => 0x05,
            Self::Oem(body) => body.record_type.get(),
            Self::Other(body) => body.record_type,
        }
    }

    /// The record's data.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::PowerSupply(body) => body.encode().to_vec(),
            Self::DcOutput(body) => body.encode().to_vec(),
            Self::DcLoad(body) => body.encode().to_vec(),
            Self::ManagementAccess(body) => body.encode(),
            Self::BaseCompatibility(body) | Self::ExtendedCompatibility(body) => body.encode(),
            Self::Oem(body) => body.encode(),
            Self::Other(body) => body.data.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POWER_SUPPLY: [u8; 24] = [
        0x20, 0x03, 0x84, 0x03, 0x1E, 0x05, 0x28, 0x23, 0x90, 0x33, 0x50, 0x46, 0x90, 0x65, 0x2F, 0x3F, 0x14,
        0x1D, 0x84, 0x13, 0x00, 0x00, 0x0A, 0x00,
    ];

    #[test]
    fn a_power_supply_record_with_its_header() {
        let mut bytes = [&[0x00, 0x82, 0x18, 0, 0], POWER_SUPPLY.as_slice()].concat();
        bytes[3] = Checksum::RIGHT.byte(&POWER_SUPPLY);
        bytes[4] = Checksum::RIGHT.byte(&bytes[..4]);
        let records = decode(&bytes).unwrap();
        let [MultiRecord { body: RecordBody::PowerSupply(supply), .. }] = records.as_slice() else {
            panic!("{records:?}")
        };
        assert_eq!((supply.overall_capacity.get(), supply.peak_va), (800, 900));
        assert_eq!((supply.low_input_1, supply.high_input_2), (9000, 26000));
        assert_eq!((supply.hold_up_seconds.get(), supply.peak_capacity.get()), (1, 900));
        assert!(supply.hot_swap && supply.predictive_failure && supply.autoswitch);
        assert!(records[0].record_checksum.is_right() && records[0].header_checksum.is_right());
        assert_eq!(encode(&records), Ok(bytes));
    }

    #[test]
    fn data_its_type_cannot_express_stays_bytes() {
        let mut reserved = POWER_SUPPLY;
        reserved[17] |= 0x80;
        for data in [&POWER_SUPPLY[..23], &reserved] {
            let body = RecordBody::decode(0, data);
            assert!(matches!(&body, RecordBody::Other(other) if other.data() == data));
            assert_eq!((body.record_type(), body.encode().as_slice()), (0, data));
        }
    }

    #[test]
    fn only_the_last_record_is_marked() {
        let record = MultiRecord::new(RecordBody::decode(0x80, &[7]));
        let bytes = encode(&[record.clone(), record.clone()]).unwrap();
        assert_eq!((bytes[1], bytes[7]), (0x02, 0x82));
        assert_eq!(decode(&[&bytes[..], &[0xFF; 9]].concat()), Ok(alloc::vec![record.clone(), record]));
    }

    #[test]
    fn a_cut_record_is_an_error() {
        assert_eq!(decode(&[0, 2]), Err(Error::Truncated { what: WHAT, offset: 2 }));
        assert_eq!(decode(&[0, 2, 9, 0, 0, 1]), Err(Error::Truncated { what: WHAT, offset: 6 }));
    }
}
