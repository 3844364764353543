//! What commands of vendors and groups are answered with: data of the lengths
//! that they have, now and then of others. The originals print whatever it is.

use serde_json::{Value, json};

use super::hex;
use crate::support::grammar::Draw;
use crate::support::random::Random;

/// Requests, what their answers begin with, and how many bytes follow.
const ANSWERS: &[(&str, &[u8], &[usize])] = &[
    // PICMG and VITA.
    ("2c 00 00", &[0x00], &[3]),
    ("2c 00 03", &[0x03], &[8]),
    ("2c 01 00 *", &[0x00], &[6, 5]),
    ("2c 05 00 *", &[0x00], &[3]),
    ("2c 06 00 *", &[0x00], &[4]),
    ("2c 08 00 *", &[0x00], &[4, 7, 10]),
    ("2c 0b 00 *", &[0x00], &[1]),
    ("2c 0f 00 *", &[0x00], &[5, 10, 20, 0]),
    ("2c 12 00 *", &[0x00], &[3, 9, 22]),
    ("2c 1a 00 *", &[0x00], &[4, 16, 2]),
    ("2c 2d 00 *", &[0x00], &[4, 8, 0]),
    ("2c 40 03 *", &[0x03], &[8, 10]),
    // HPM.1, but for the capabilities: where they are known, files are sent,
    // which is not modelled.
    ("2c 2f 00 *", &[0x00], &[1, 6, 12]),
    ("2c 34 00", &[0x00], &[2, 3]),
    ("2c 36 00", &[0x00], &[2]),
    ("2c 37 00", &[0x00], &[1, 2]),
    // DCMI.
    ("2c 01 dc *", &[0xDC], &[5, 7, 11, 3]),
    ("2c 02 dc *", &[0xDC], &[17]),
    ("2c 03 dc *", &[0xDC], &[13]),
    ("2c 06 dc *", &[0xDC], &[17, 4]),
    ("2c 07 dc *", &[0xDC], &[2, 6, 10]),
    ("2c 09 dc *", &[0xDC], &[17, 4]),
    ("2c 0c dc *", &[0xDC], &[3]),
    ("2c 10 dc *", &[0xDC], &[2, 4, 8]),
    ("2c 13 dc *", &[0xDC], &[1, 2, 3]),
    // Intel's node manager and management engine.
    ("2e ca 57 *", &[0x57, 0x01, 0x00], &[5]),
    ("2e c9 57 *", &[0x57, 0x01, 0x00], &[18, 17]),
    ("2e c8 57 *", &[0x57, 0x01, 0x00], &[17]),
    ("2e c2 57 *", &[0x57, 0x01, 0x00], &[13]),
    ("2e c4 57 *", &[0x57, 0x01, 0x00], &[1, 5, 7]),
    ("2e c6 57 *", &[0x57, 0x01, 0x00], &[1, 4, 16]),
    ("2e cf 57 *", &[0x57, 0x01, 0x00], &[3]),
    ("2e f2 57 *", &[0x57, 0x01, 0x00], &[1]),
    ("2e c0 57 *", &[0x57, 0x01, 0x00], &[0]),
    ("30 25 *", &[], &[1, 2]),
    ("30 28 *", &[], &[1, 0]),
    ("30 29 *", &[], &[2, 3]),
    // Dell.
    ("06 59 00 dd *", &[0x11], &[10, 14]),
    ("06 59 00 c1 *", &[0x11], &[17, 5]),
    ("06 59 00 d1 *", &[0x11], &[17]),
    ("06 59 00 cf *", &[0x11], &[6, 16]),
    ("06 59 00 da *", &[0x11], &[1, 8]),
    ("06 59 00 cb *", &[0x11], &[12, 13]),
    ("06 59 00 e7 *", &[0x11], &[4]),
    ("06 59 00 c2 *", &[0x11], &[4]),
    ("06 59 00 ea *", &[0x11], &[14]),
    ("06 59 00 eb *", &[0x11], &[8]),
    ("06 59 00 ec *", &[0x11], &[24]),
    ("06 59 00 ed *", &[0x11], &[24]),
    ("06 58 *", &[], &[0]),
    ("30 9c *", &[], &[24]),
    ("30 9d *", &[], &[0]),
    ("30 b3 *", &[], &[8]),
    ("30 ba *", &[], &[1]),
    ("30 bb *", &[], &[4]),
    ("30 c9 *", &[], &[13]),
    ("30 d5 *", &[], &[0, 1, 16]),
    // Supermicro, Quanta, Kontron, and the counts that SEL texts ask for.
    ("30 21 *", &[], &[3, 4]),
    ("30 70 *", &[], &[1, 5]),
    ("36 65 *", &[], &[1, 4, 10]),
    ("3e 50 *", &[], &[1, 3]),
    ("3e 02 *", &[], &[0, 4]),
    ("08 00 *", &[], &[7, 14]),
    ("08 07 *", &[], &[1, 7]),
    ("08 0f *", &[], &[21]),
    ("30 a4 *", &[], &[0]),
    ("30 a6 *", &[], &[10, 1]),
    ("30 a7 *", &[], &[2]),
    // Sun.
    ("2e 21 *", &[0x01], &[0]),
    ("2e 22 *", &[], &[0, 1]),
    ("2e 24", &[0x00, 3, 2], &[77]),
    ("2e 29 *", &[0x00], &[20]),
    ("2e 2a *", &[0x03], &[20]),
    ("2e 2a *", &[0x05], &[20]),
    ("2e 2c *", &[0x01], &[1]),
    ("2e 44 0f *", &[], &[1]),
    ("2e 44 0b *", &[0, 0, 0, 0, 0, 0, 0, 4, 1], &[4]),
    ("2e 01 *", &[], &[0]),
    ("2e 02 *", &[], &[0]),
    // Serial over LAN of version 1.5.
    ("34 12 *", &[0x01], &[1, 2]),
];

/// Some of them.
pub(super) fn answers(random: &mut Random) -> Vec<Value> {
    (0..1 + random.below(12)).map(|_| answer(random)).collect()
}

fn answer(random: &mut Random) -> Value {
    let (request, head, lengths) = random.one(ANSWERS);
    let len = if random.percent(94) { random.one(lengths) } else { random.below(28) };
    let data = [head, &random.bytes(len)].concat();
    json!({"request": request, "data": hex(&data)})
}
