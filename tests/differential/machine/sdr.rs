//! Repositories of all types of records, and the states of their sensors.

use serde_json::{Map, Value, json};

use super::{hex, some_hex};
use crate::support::grammar::{Draw, Names};
use crate::support::random::Random;

/// Adds `sdr` and `sensors` to a model.
pub(super) fn add(random: &mut Random, json: &mut Map<String, Value>, names: &mut Names) {
    // Many, so that a wrong word about the next record can lead far back.
    let count = random.one(&[0, 1, 1, 2, 2, 4, 4, 8, 8, 60]);
    let mut records = Vec::new();
    let mut sensors = Vec::new();
    for index in 0..count {
        let name = random.one(NAMES).to_owned() + &index.to_string();
        let (kind, body) = record(random, index, &name, names, &mut sensors);
        let id = (index as u16 + 1).to_le_bytes();
        records.push(hex(&[&id[..], &[0x51, kind, body.len() as u8], &body].concat()));
        names.sensors.push(name);
    }
    names.sensors.push("No Such".into());
    let mut sdr = json!({"records": records});
    if random.percent(30) {
        sdr["largest_read"] = random.one(&[8, 16, 22, 64]).into();
    }
    if random.percent(50) {
        sdr["free"] = random.one(&[0, 100, 0xFFFE, 0xFFFF]).into();
        sdr["added"] = random.one(&[0_u32, 1, 0x65E7_2545, 0xFFFF_FFFF]).into();
        sdr["erased"] = random.one(&[0_u32, 0x1000_0000, 0x65E7_2545]).into();
        sdr["operations"] = random.byte().into();
        sdr["allocation"] = some_hex(random, 9);
    }
    json.insert("sdr".into(), sdr);
    json.insert("sensors".into(), sensors.into());
}

const NAMES: &[&str] = &["CPU Temp", "FAN", "P12V", "PSU Status", "a", "Inlet ", "DIMM-A", "x%s"];

fn record(
    random: &mut Random,
    index: usize,
    name: &str,
    names: &mut Names,
    sensors: &mut Vec<Value>,
) -> (u8, Vec<u8>) {
    let number = 1 + 3 * index as u8;
    let kind = random.one(&[
        0x01, 0x01, 0x01, 0x01, 0x02, 0x02, 0x03, 0x08, 0x09, 0x10, 0x11, 0x12, 0x13, 0x14, 0xC0, 0xC0,
    ]);
    let mut body = match kind {
        0x01 | 0x02 => {
            names.numbers.push(number);
            let (head, event_type) = sensor_head(random, number);
            names.types.push(head[7]);
            sensors.push(sensor(random, number, head[7], event_type));
            let rest = if kind == 0x01 { full(random, event_type) } else { compact(random) };
            [head, rest].concat()
        }
        0x03 => {
            let entity = entity(random);
            let head = [0x20, 0, number, entity[0], entity[1], sensor_type(random), random.one(EVENT_TYPES)];
            [&head[..], &[1, 0, 0, 0]].concat()
        }
        0x08 => return (kind, association(random)),
        0x10 => [
            vec![random.byte() & 0xFE, random.byte() & 0xFE, random.byte() & 0xE0, 0, 0],
            locator_tail(random),
        ]
        .concat(),
        0x11 => fru_locator(random, names),
        0x12 => {
            let mut body =
                vec![random.byte() & 0xFE, random.below(16) as u8, random.byte(), random.byte(), 0, 0, 0];
            body.extend(entity(random));
            body.push(0);
            body
        }
        // Association by device, confirmation of a controller, channels.
        0x09 => return (kind, random.bytes(27)),
        0x13 => return (kind, random.bytes(27)),
        0x14 => return (kind, random.bytes(11)),
        _ => return (kind, oem(random)),
    };
    id_string(random, name, &mut body);
    (kind, body)
}

/// A record of Intel, Dell, Quanta, Kontron or Supermicro, of any length.
fn oem(random: &mut Random) -> Vec<u8> {
    let maker = random.one(&[
        [0x57, 0x01, 0x00],
        [0xA2, 0x02, 0x00],
        [0x4C, 0x1C, 0x00],
        [0x98, 0x3A, 0x00],
        [0x7C, 0x2A, 0x00],
    ]);
    let len = random.one(&[0, 1, 8, 8, 8, 40, 59]);
    [&maker[..], &random.bytes(len)].concat()
}

/// The name, seldom in another coding, where it is not asked for by name.
fn id_string(random: &mut Random, name: &str, body: &mut Vec<u8>) {
    if random.percent(94) {
        body.push(0xC0 | name.len() as u8);
        body.extend(name.as_bytes());
        return;
    }
    let len = random.one(&[0, 1, 3, 8, 16]);
    body.push(random.one(&[0x00, 0x40, 0x80]) | len as u8);
    body.extend(random.bytes(len));
}

fn entity(random: &mut Random) -> [u8; 2] {
    [random.one(&[3, 7, 10, 29, 30, 0, 0x42, 0x90, 0xD0]), random.one(&[0, 1, 2, 0x60, 0x7F])]
}

fn sensor_type(random: &mut Random) -> u8 {
    if random.percent(50) {
        random.one(&[1, 2, 3, 4, 5, 8, 0x0C, 0x0D])
    } else {
        random.one(&[0, 7, 0x10, 0x1F, 0x2A, 0x2C, 0x2D, 0xC0, 0xF0])
    }
}

const EVENT_TYPES: &[u8] =
    &[0x01, 0x01, 0x01, 0x6F, 0x6F, 0x02, 0x03, 0x07, 0x08, 0x0B, 0x0C, 0x70, 0x7F, 0x00];

/// What full and compact records begin with, up to the masks, and the kind of
/// event.
fn sensor_head(random: &mut Random, number: u8) -> (Vec<u8>, u8) {
    let event_type = random.one(EVENT_TYPES);
    let entity = entity(random);
    let owner = if random.percent(92) { 0x20 } else { random.one(&[0x22, 0x2C, 0x24, 0x41, 0x72]) };
    let lun = if random.percent(90) { 0 } else { random.below(4) as u8 | random.one(&[0, 0, 0x10, 0x60]) };
    let mut head = vec![owner, lun, number, entity[0], entity[1], random.byte(), random.byte()];
    head.extend([sensor_type(random), event_type]);
    head.extend(random.bytes(6));
    (head, event_type)
}

/// Units: percentage or not, of any modifier, of any kind up to 90, behind which
/// 1.8.18 reads beyond its table.
fn units(random: &mut Random, format: u8) -> Vec<u8> {
    let flags = random.one(&[0, 0, 0, 0x01, 0x02, 0x08, 0x10, 0x04]);
    vec![format << 6 | flags, random.below(91) as u8, random.one(&[0, 0, 0, 1, 21, 38])]
}

fn full(random: &mut Random, event_type: u8) -> Vec<u8> {
    let format = if event_type == 1 { random.one(&[0, 0, 0, 1, 2, 3]) } else { 3 };
    let mut rest = units(random, format);
    let linear = random.percent(60);
    rest.push(if linear { 0 } else { random.one(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x70, 0x7F]) });
    let factors = [random.byte(), random.byte(), random.byte(), random.byte(), random.byte(), random.byte()];
    rest.extend(if random.percent(50) {
        [1, 0, 0, 0, 0, random.one(&[0x00, 0xF0, 0xE0, 0x10])]
    } else {
        factors
    });
    rest.extend([random.below(8) as u8, random.byte(), random.byte(), random.byte(), 0xFF, 0x00]);
    rest.extend(random.bytes(6));
    rest.extend([random.byte(), random.byte(), 0, 0, random.byte()]);
    rest
}

fn compact(random: &mut Random) -> Vec<u8> {
    let mut rest = units(random, 3);
    let count = random.one(&[1, 1, 1, 2, 3]);
    let sharing = random.one(&[0, 0, 0x10, 0x20]) | count;
    rest.extend([
        sharing,
        random.one(&[0, 0, 0x80, 5]),
        random.byte(),
        random.byte(),
        0,
        0,
        0,
        random.byte(),
    ]);
    rest
}

fn association(random: &mut Random) -> Vec<u8> {
    let mut body = vec![3, 1, random.one(&[0x00, 0x80, 0x40, 0x20])];
    (0..4).for_each(|_| body.extend(entity(random)));
    body
}

fn locator_tail(random: &mut Random) -> Vec<u8> {
    let entity = entity(random);
    vec![random.one(&[0x02, 0x09, 0x10, 0xC0]), random.below(4) as u8, entity[0], entity[1], 0]
}

fn fru_locator(random: &mut Random, names: &Names) -> Vec<u8> {
    let device = if random.percent(70) && !names.frus.is_empty() { random.one(&names.frus) } else { 9 };
    let access = random.one(&[0x80, 0x80, 0x80, 0x00]);
    let mut body = vec![0x20, device, access, 0, 0];
    let entity = entity(random);
    // A logical device of one of FRU's own kinds; memory modules are SPD.
    body.extend([0x10, random.one(&[0, 0, 2, 3]), entity[0], entity[1], 0]);
    body
}

fn sensor(random: &mut Random, number: u8, sensor_type: u8, event_type: u8) -> Value {
    let mut sensor = json!({
        "number": number, "type": sensor_type, "event_type": event_type & 0x7F, "raw": random.byte(),
        "available": random.percent(92), "scanning": random.percent(92), "events": random.percent(92),
    });
    if event_type == 1 {
        sensor["signed"] = random.percent(30).into();
        let readable = random.below(64);
        sensor["raw_thresholds"] = json!({
            "readable": readable, "settable": random.below(64), "values": some_hex(random, 6),
        });
    }
    if random.percent(60) {
        sensor["states"] = random.below(0x8000).into();
    }
    if random.percent(50) {
        sensor["hysteresis"] = some_hex(random, 2);
    }
    if random.percent(60) {
        sensor["assertions"] = random.below(0x8000).into();
        sensor["deassertions"] = random.below(0x8000).into();
    }
    if random.percent(30) {
        sensor["reading_factors"] = some_hex(random, 6);
    }
    sensor
}
