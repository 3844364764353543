//! A repository dump: raw records return their bytes, typed ones their values,
//! and sensors convert any reading.
#![no_main]

use ipmi::sdr::{Body, RawRecord, Record, records};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut read = 0;
    for raw in records(bytes).map_while(Result::ok) {
        let len = RawRecord::HEADER_LEN + raw.body().len();
        assert_eq!(raw.encode(), bytes[read..read + len]);
        read += len;
        if let Ok(record) = Record::from_raw(&raw) {
            survives(&record);
        }
    }
});

fn survives(record: &Record) {
    let bytes = record.encode().expect("what was decoded fits");
    let read = Record::decode(&bytes).expect("what was encoded decodes");
    assert_eq!(read, *record);
    assert_eq!(read.encode(), Ok(bytes));
    if let Body::FullSensor(sensor) = &record.body {
        let conversion = sensor.conversion();
        for raw in [0, 1, 0x7F, 0x80, 0xFF] {
            conversion.raw(conversion.reading(raw));
        }
        sensor.id_string.text();
    }
}
