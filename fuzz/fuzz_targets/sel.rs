//! SEL records: each returns exactly its bytes.
#![no_main]

use ipmi::sel::SelRecord;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    while let Ok(record) = SelRecord::decode(rest) {
        assert_eq!(record.encode(), rest[..SelRecord::LEN]);
        rest = &rest[SelRecord::LEN..];
    }
    assert!(rest.len() < SelRecord::LEN);
});
