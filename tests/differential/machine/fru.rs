//! FRU devices of all areas and encodings.

use serde_json::{Map, Value, json};

use super::{hex, some_hex};
use crate::support::grammar::{Draw, Names};
use crate::support::random::Random;

pub(super) fn devices(random: &mut Random, names: &mut Names) -> Value {
    let mut devices = Vec::new();
    for id in [0, 1, 2, 7] {
        if random.percent(if id == 0 { 90 } else { 25 }) {
            names.frus.push(id);
            devices.push(device(random, id));
        }
    }
    devices.into()
}

fn device(random: &mut Random, id: u8) -> Value {
    let mut device = Map::from_iter([("id".to_owned(), id.into()), ("size".to_owned(), 2048.into())]);
    let mut area = |name: &str, value: Value| drop(device.insert(name.to_owned(), value));
    if random.percent(20) {
        let len = 1 + random.below(60);
        area("internal_use", some_hex(random, len));
    }
    if random.percent(70) {
        let chassis = json!({
            "type": random.below(0x24), "part_number": field(random), "serial": field(random), "extra": extra(random),
        });
        area("chassis", chassis);
    }
    if random.percent(70) {
        let board = json!({
            "language": language(random), "date": random.one(&["1996-01-01", "2024-01-01", "2024-02-29 13:45", "2027-11-24 20:14"]),
            "manufacturer": field(random), "product": field(random), "serial": field(random),
            "part_number": field(random), "fru_file_id": field(random), "extra": extra(random),
        });
        area("board", board);
    }
    if random.percent(70) {
        let product = json!({
            "language": language(random), "manufacturer": field(random), "name": field(random),
            "part_number": field(random), "version": field(random), "serial": field(random),
            "asset_tag": field(random), "fru_file_id": field(random), "extra": extra(random),
        });
        area("product", product);
    }
    if random.percent(40) {
        let records = (0..1 + random.below(4)).map(|_| multirecord(random));
        area("multirecords", records.collect());
    }
    if device.len() == 2 {
        device.insert("chassis".to_owned(), json!({"type": 23}));
    }
    device.into()
}

fn language(random: &mut Random) -> u8 {
    random.one(&[0, 0, 0, 25])
}

fn extra(random: &mut Random) -> Value {
    let count = if random.percent(50) { 0 } else { random.below(4) };
    (0..count).map(|_| field(random)).collect()
}

/// A field in any encoding. (A binary one of a single byte is what ends an area
/// if it is of type 3, so text has no single letters.)
fn field(random: &mut Random) -> Value {
    const TEXTS: &[&str] = &[
        "",
        "AB",
        "Part-0001",
        "  blanks ",
        "a longer text with several words",
        "\u{e9}t\u{e9}",
        "tab\tin",
        "%s 100%",
    ];
    match random.below(10) {
        0 => {
            json!({"encoding": "6-bit", "text": random.one(&["", "A", "TAG-1", "ABCDEFGH", "  X  ", "LONG TEXT OF 25 LETTERS."])})
        }
        1 => json!({"encoding": "bcd-plus", "text": random.one(&["", "1", "0123456789", "12-34 56.7"])}),
        2 => {
            let len = 1 + random.below(20);
            json!({"encoding": "binary", "hex": some_hex(random, len)})
        }
        _ => random.one(TEXTS).into(),
    }
}

/// Records of the lengths their types have.
fn multirecord(random: &mut Random) -> Value {
    let (kind, len) = random.one(&[
        (0x00, 24),
        (0x01, 13),
        (0x02, 13),
        (0x03, 17),
        (0x04, 12),
        (0x05, 17),
        (0xC0, 0),
        (0xD0, 9),
    ]);
    let data = match kind {
        0xC0 => oem(random),
        // A management access record begins with one of seven kinds.
        0x03 => {
            let mut data = vec![1 + random.below(7) as u8];
            data.extend(random.bytes(len - 1).iter().map(|byte| b'a' + byte % 26));
            data
        }
        // Of combined voltages four are defined; 1.8.18 reads others beyond its table.
        0x00 => {
            let mut data = random.bytes(len);
            data[20] &= 0x33;
            data
        }
        _ => random.bytes(len),
    };
    json!({"type": kind, "data": hex(&data)})
}

/// A record of PICMG, of a length that its kind has, or of somebody else.
fn oem(random: &mut Random) -> Vec<u8> {
    let (id, len) = random.one(&[(0x16, 1), (0x2D, 6), (0x30, 12)]);
    let head = random.one(&[[0x5A, 0x31, 0x00], [0x5A, 0x31, 0x00], [0x98, 0x3A, 0x00]]);
    let mut data = [&head[..], &[id, 0]].concat();
    data.extend(random.bytes(len));
    data
}
