//! A FRU device's image, and each area alone.
#![no_main]

use ipmi::fru::{BoardInfo, ChassisInfo, Field, Inventory, Language, ProductInfo, multirecord};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(inventory) = Inventory::decode(bytes) {
        // Areas that overlap in the image need more room apart than offsets reach.
        if let Ok(image) = inventory.encode() {
            let read = Inventory::decode(&image).expect("what was encoded decodes");
            assert_eq!(read, inventory);
            assert_eq!(read.encode(), Ok(image));
        }
    }
    if let Ok(area) = ChassisInfo::decode(bytes) {
        texts(Language::ENGLISH, &area.custom);
    }
    if let Ok(area) = BoardInfo::decode(bytes) {
        texts(area.language, &area.custom);
    }
    if let Ok(area) = ProductInfo::decode(bytes) {
        texts(area.language, &area.custom);
    }
    if let Ok(records) = multirecord::decode(bytes) {
        let encoded = multirecord::encode(&records).expect("what was decoded fits");
        assert_eq!(multirecord::decode(&encoded), Ok(records));
    }
});

fn texts(language: Language, fields: &[Field]) {
    for field in fields {
        field.text(language);
    }
}
