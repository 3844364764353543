//! Logs of all kinds of records.

use serde_json::{Value, json};

use super::hex;
use crate::support::grammar::{Draw, Names};
use crate::support::random::Random;

const TIMES: &[u32] = &[
    0,
    1,
    3600,
    86_399,
    86_400,
    0x1FFF_FFFF,
    0x2000_0000,
    0x2000_0001,
    0x65E7_2545,
    0x65E7_2546,
    0x7FFF_FFFF,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
];

pub(super) fn log(random: &mut Random, names: &Names) -> Value {
    let count = random.one(&[0, 1, 2, 5, 5]);
    let entries: Value = (0..count).map(|index| hex(&entry(random, index + 1, names))).collect();
    let mut log = json!({
        "entries": entries, "capacity": random.one(&[count as u16, 16, 512, 4095]), "stopped_at": random.one(TIMES),
        "added": random.one(TIMES), "erased": random.one(TIMES), "operations": random.below(16) | 2,
    });
    if random.percent(30) {
        log["operations"] = random.byte().into();
    }
    if random.percent(30) {
        log["utc_offset"] = random.one(&[0, 60, -300, 2047]).into();
    }
    log
}

fn entry(random: &mut Random, id: u8, names: &Names) -> [u8; 16] {
    let [a, b, c, d] = random.one(TIMES).to_le_bytes();
    let kind = random.one(&[0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0xC0, 0xC1, 0xDF, 0xDE, 0xE0, 0xF0, 0xFF]);
    let mut entry = [id, 0, kind, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    if kind != 0x02 {
        let rest = random.bytes(9);
        entry[7..].copy_from_slice(&rest);
        return entry;
    }
    let generator =
        random.one(&[[0x20, 0], [0x20, 0], [0x01, 0], [0x41, 0], [0x33, 0], [0x20, 0x10], [0x21, 0]]);
    let known = (random.percent(70) && !names.numbers.is_empty()).then(|| random.below(names.numbers.len()));
    let sensor = known.map_or_else(|| random.byte(), |index| names.numbers[index]);
    let direction = random.one(&[0, 0, 0x80]);
    let event = random.one(&[
        0x01, 0x01, 0x6F, 0x6F, 0x6F, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x70, 0x7F,
        0x00,
    ]);
    entry[7..9].copy_from_slice(&generator);
    entry[9] = random.one(&[4, 4, 4, 3]);
    entry[10] = if random.percent(70) { random.below(0x2D) as u8 } else { random.byte() };
    if let Some(kind) = known.and_then(|index| names.types.get(index)).filter(|_| random.percent(60)) {
        entry[10] = *kind;
    }
    entry[11] = sensor;
    entry[12] = direction | event;
    entry[13] = if random.percent(70) { random.below(16) as u8 } else { random.byte() };
    if random.percent(20) {
        let (kind, event, first) = vendors_event(random);
        (entry[10], entry[12], entry[13]) = (kind, event, first);
    }
    for byte in &mut entry[14..] {
        *byte = if random.percent(70) { random.one(&[0xFF, 0, 1]) } else { random.byte() };
    }
    entry
}

/// Sensor type, event type and first byte of an event in whose other two bytes
/// Dell, Supermicro or Kontron say more.
fn vendors_event(random: &mut Random) -> (u8, u8, u8) {
    let kind = random.one(&[
        0x07, 0x0C, 0x0C, 0x0F, 0x10, 0x12, 0x13, 0x20, 0x23, 0x28, 0xC0, 0xC1, 0xC2, 0xC3, 0xCF, 0xD0, 0x21,
    ]);
    let event = random.one(&[0x6F, 0x6F, 0x6F, 0x0B, 0x70, 0x71, 0x72, 0x03, 0x07]);
    (kind, event, random.one(&[0xA0, 0x80, 0x20, 0xC0, 0x00]) | random.below(16) as u8)
}
