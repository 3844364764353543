use ipmi::fru::multirecord::{MultiRecord, RecordBody};
use ipmi::fru::{
    BoardInfo, ChassisInfo, ChassisType, Checksum, Encoding, Field, InternalUse, Inventory, Language,
    ManufacturingDate, ProductInfo, TypeLength,
};
use ipmi::{Bits, text};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn field() -> impl Strategy<Value = Field> {
    let encodings = [Encoding::Binary, Encoding::BcdPlus, Encoding::SixBit, Encoding::Language];
    (select(encodings.to_vec()), vec(any::<u8>(), 0..=63))
        .prop_filter_map("the end mark", |(encoding, bytes)| Field::new(encoding, bytes).ok())
}

fn custom() -> impl Strategy<Value = Vec<Field>> {
    vec(field(), 0..4)
}

fn checksum() -> impl Strategy<Value = Checksum> {
    prop_oneof![Just(Checksum::RIGHT), any::<u8>().prop_map(Checksum::wrong_by)]
}

fn chassis() -> impl Strategy<Value = ChassisInfo> {
    (any::<u8>(), [field(), field()], custom(), checksum()).prop_map(
        |(chassis_type, [part_number, serial_number], custom, checksum)| ChassisInfo {
            chassis_type: ChassisType(chassis_type),
            part_number,
            serial_number,
            custom,
            checksum,
        },
    )
}

fn board() -> impl Strategy<Value = BoardInfo> {
    let fields = [field(), field(), field(), field(), field()];
    (any::<u8>(), any::<[u8; 3]>(), fields, custom(), checksum()).prop_map(
        |(
            language,
            date,
            [manufacturer, product_name, serial_number, part_number, fru_file_id],
            custom,
            checksum,
        )| {
            BoardInfo {
                language: Language(language),
                manufacturing_date: ManufacturingDate::from_bytes(date),
                manufacturer,
                product_name,
                serial_number,
                part_number,
                fru_file_id,
                custom,
                checksum,
            }
        },
    )
}

fn product() -> impl Strategy<Value = ProductInfo> {
    let fields = [field(), field(), field(), field(), field(), field(), field()];
    (any::<u8>(), fields, custom(), checksum()).prop_map(|(language, fields, custom, checksum)| {
        let [manufacturer, product_name, part_number, version, serial_number, asset_tag, fru_file_id] =
            fields;
        ProductInfo {
            language: Language(language),
            manufacturer,
            product_name,
            part_number,
            version,
            serial_number,
            asset_tag,
            fru_file_id,
            custom,
            checksum,
        }
    })
}

/// Types with a layout, at the length it wants and others.
fn multirecord() -> impl Strategy<Value = MultiRecord> {
    let length = prop_oneof![Just(24), Just(13), 0..=255_usize];
    let data = length.prop_flat_map(|length| vec(any::<u8>(), length));
    let record_type = prop_oneof![0..=6_u8, any::<u8>()];
    (record_type, data, 0..=15_u8, checksum(), checksum()).prop_map(
        |(record_type, data, format, record_checksum, header_checksum)| MultiRecord {
            format: Bits::low(format),
            body: RecordBody::decode(record_type, &data),
            record_checksum,
            header_checksum,
        },
    )
}

fn inventory() -> impl Strategy<Value = Inventory> {
    (
        option::of(vec(any::<u8>(), 0..80).prop_map(InternalUse::new)),
        option::of(chassis()),
        option::of(board()),
        option::of(product()),
        vec(multirecord(), 0..4),
        checksum(),
    )
        .prop_map(|(internal_use, chassis, board, product, multirecord, header_checksum)| Inventory {
            internal_use,
            chassis,
            board,
            product,
            multirecord,
            header_checksum,
        })
}

proptest! {
    #[test]
    fn inventories_survive(inventory in inventory()) {
        let image = inventory.encode().unwrap();
        prop_assert_eq!(image.len() % 8, 0);
        let read = Inventory::decode(&image).unwrap();
        prop_assert_eq!(read.encode().unwrap(), image);
        prop_assert_eq!(read, inventory);
    }

    #[test]
    fn a_flipped_bit_never_panics(inventory in inventory(), at: prop::sample::Index, bit in 0..8) {
        let mut image = inventory.encode().unwrap();
        let at = at.index(image.len());
        image[at] ^= 1_u8 << bit;
        if let Ok(read) = Inventory::decode(&image) {
            let _ = read.encode();
        }
    }

    #[test]
    fn any_bytes_decode_or_err(mut bytes in vec(any::<u8>(), 0..300)) {
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        let _ = Inventory::decode(&bytes);
        let _ = ChassisInfo::decode(&bytes);
        let _ = BoardInfo::decode(&bytes);
        let _ = ProductInfo::decode(&bytes);
        let _ = ipmi::fru::multirecord::decode(&bytes);
    }

    #[test]
    fn fields_survive(field in field(), language: u8, rest in vec(any::<u8>(), 0..4)) {
        let mut bytes = Vec::new();
        field.encode(&mut bytes);
        prop_assert_eq!(TypeLength(bytes[0]).len() + 1, bytes.len());
        bytes.extend(rest);
        prop_assert_eq!(Field::decode(&bytes), Ok(Some(field.clone())));
        field.text(Language(language));
    }

    #[test]
    fn record_data_returns(record_type: u8, data in vec(any::<u8>(), 0..64)) {
        let body = RecordBody::decode(record_type, &data);
        prop_assert_eq!((body.record_type(), body.encode()), (record_type, data));
    }

    #[test]
    fn packed_text_survives(bcd in "[0-9 .:,_-]{0,20}", six in "[ -_]{0,20}") {
        let mut packed = text::bcd_plus::decode(&text::bcd_plus::encode(bcd.as_bytes()).unwrap());
        packed.truncate(bcd.len());
        prop_assert_eq!(packed, bcd.as_bytes());
        let mut packed = text::six_bit::decode(&text::six_bit::encode(six.as_bytes()).unwrap());
        packed.truncate(six.len());
        prop_assert_eq!(packed, six.as_bytes());
    }

    #[test]
    fn packed_bytes_return(bytes in vec(any::<u8>(), 0..21)) {
        prop_assert_eq!(text::bcd_plus::encode(&text::bcd_plus::decode(&bytes)), Some(bytes.clone()));
        let whole = &bytes[..bytes.len() / 3 * 3];
        prop_assert_eq!(text::six_bit::encode(&text::six_bit::decode(whole)), Some(whole.to_vec()));
        prop_assert!(text::six_bit::decode_groups(&bytes).starts_with(&text::six_bit::decode(&bytes)));
    }
}
