use ipmi::sdr::{RawRecord, Record, RecordType, records};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Types with a layout of their own, and one without.
const TYPES: [u8; 11] = [0x01, 0x02, 0x03, 0x08, 0x09, 0x10, 0x11, 0x12, 0x14, 0xC0, 0x77];

/// Every value of a type is some body's: drawing bodies draws values.
fn raw_record() -> impl Strategy<Value = RawRecord> {
    (any::<u16>(), any::<u8>(), select(TYPES.as_slice()), vec(any::<u8>(), 0..96)).prop_filter_map(
        "a body of at most 255 bytes",
        |(id, version, record_type, body)| {
            let mut raw = RawRecord::new(id, RecordType(record_type), body).ok()?;
            raw.version = version;
            Some(raw)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn raw_records_return_their_bytes(raw in raw_record(), rest in vec(any::<u8>(), 0..8)) {
        let bytes = [raw.encode(), rest].concat();
        prop_assert_eq!(RawRecord::decode(&bytes), Ok(raw));
    }

    #[test]
    fn records_survive_and_then_keep_their_bytes(raw in raw_record()) {
        if let Ok(record) = Record::from_raw(&raw) {
            let bytes = record.encode().unwrap();
            let read = Record::decode(&bytes).unwrap();
            prop_assert_eq!(read.encode().unwrap(), bytes);
            prop_assert_eq!(read, record);
        }
    }

    #[test]
    fn a_dump_is_its_records(raws in vec(raw_record(), 0..6)) {
        let dump: Vec<u8> = raws.iter().flat_map(RawRecord::encode).collect();
        prop_assert_eq!(records(&dump).collect::<Result<Vec<_>, _>>(), Ok(raws));
    }

    #[test]
    fn any_bytes_decode_or_err(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(records(&bytes).count() <= bytes.len());
        let _ = Record::decode(&bytes);
    }
}
