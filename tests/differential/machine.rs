//! Random machines, as `bmc.json` describes them: all valid, few plausible.

mod fru;
mod network;
mod sdr;
mod sel;
mod vendor;

use serde_json::{Map, Value, json};

use crate::support::grammar::{Draw, Names};
use crate::support::random::Random;

/// A machine, and what it calls its parts.
pub struct Machine {
    /// The model.
    pub json: Value,
    /// What invocations may name.
    pub names: Names,
}

/// The machine that these numbers give.
pub fn machine(random: &mut Random) -> Machine {
    let mut names = Names::default();
    let mut json = Map::new();
    let profile = random.one(&["empty", "empty", "empty", "virtual-cnode", "virtual-platform"]);
    json.insert("profile".into(), profile.into());
    json.insert("device".into(), device(random));
    json.insert("chassis".into(), chassis(random));
    json.insert("frus".into(), fru::devices(random, &mut names));
    sdr::add(random, &mut json, &mut names);
    json.insert("sel".into(), sel::log(random, &names));
    network::add(random, &mut json);
    if random.percent(40) {
        json.insert("watchdog".into(), watchdog(random));
    }
    if random.percent(50) {
        json.insert("system_info".into(), system_info(random));
    }
    let mut responses = if random.percent(15) { refusals(random) } else { Vec::new() };
    if random.percent(30) {
        responses.extend(vendor::answers(random));
    }
    json.insert("responses".into(), responses.into());
    if random.percent(40) {
        json.insert("pef".into(), pef(random));
    }
    if random.percent(40) {
        json.insert("dcmi".into(), dcmi(random));
    }
    Machine { json: json.into(), names }
}

/// Bytes as the model's file writes them.
fn hex(bytes: &[u8]) -> Value {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

fn some_hex(random: &mut Random, len: usize) -> Value {
    hex(&random.bytes(len))
}

/// Manufacturers that the originals know by number: none, IBM, HP, Sun, Nokia,
/// Intel, Tyan, Dell, Fujitsu-Siemens, Peppercon, Supermicro with both of its
/// numbers, PICMG, Kontron, Newisys, Quanta; then unknown and reserved ones.
const MANUFACTURERS: &[u32] = &[
    0, 2, 11, 42, 94, 343, 343, 6653, 674, 674, 674, 10368, 10437, 10876, 10876, 47488, 12634, 15000, 9237,
    7244, 7244, 20974, 0xF_FFFF, 0xFF_FFFE, 123_456,
];

fn device(random: &mut Random) -> Value {
    let guid = random.percent(70).then(|| some_hex(random, 16));
    let mut device = json!({
        "id": random.byte(), "product": random.byte(), "revision": random.below(16),
        "provides_sdrs": random.percent(50), "available": random.percent(80),
        "firmware": format!("{}.{:02x}", random.below(128), random.byte()),
        "ipmi": random.one(&["1.5", "2.0", "1.0"]), "supports": random.byte(),
        "manufacturer": random.one(MANUFACTURERS),
        "self_test": [random.one(&[0x55, 0x56, 0x57, 0x58, 0xFF, 0x00]), random.byte()],
        "global_enables": random.byte(),
    });
    if random.percent(50) {
        device["auxiliary_firmware"] = some_hex(random, 4);
    }
    if let Some(guid) = guid {
        device["guid"] = guid;
    }
    device
}

fn chassis(random: &mut Random) -> Value {
    let mut chassis = json!({
        "power": random.one(&["on", "off"]), "power_faults": random.below(16),
        "restore_policy": random.one(&["always-off", "previous", "always-on"]),
        "last_power_event": random.below(32), "state": random.below(16),
        "restart_cause": [random.below(16), random.below(16)],
        "power_on_minutes_per_count": random.one(&[0, 1, 60, 255]), "power_on_count": random.below(1 << 20),
        "capabilities": some_hex(random, 6),
    });
    if random.percent(60) {
        chassis["front_panel"] = random.byte().into();
    }
    if random.percent(40) {
        chassis["boot_options"] = json!({
            "0": [random.below(4)], "1": [random.byte()], "2": [random.byte()], "3": [random.below(32)],
            "4": some_hex(random, 2), "5": some_hex(random, 5), "6": some_hex(random, 9),
        });
    }
    chassis
}

fn watchdog(random: &mut Random) -> Value {
    json!({
        "use": random.byte(), "actions": random.byte(), "pretimeout": random.byte(), "expired": random.byte(),
        "initial": random.below(0x1_0000), "present": random.below(0x1_0000),
    })
}

fn system_info(random: &mut Random) -> Value {
    let texts =
        ["", "x", "1.2.3", "sixteen letters!", "a name of more than sixteen letters", "fourteen chars"];
    json!({
        "firmware": random.one(&texts), "system_name": random.one(&texts), "primary_os": random.one(&texts),
        "os_name": random.one(&texts),
    })
}

/// Filters and policies, counted as the capabilities and parameters 5 and 8 say.
fn pef(random: &mut Random) -> Value {
    let [filters, policies] = [random.below(5), random.below(5)];
    let sets = |random: &mut Random, count: usize, len: usize| {
        (1..=count).map(|set| (set.to_string(), some_hex(random, len))).collect::<Map<_, _>>()
    };
    json!({
        "capabilities": [0x51, random.byte(), filters],
        "parameters": {
            "0": [random.below(4)], "1": [random.byte()], "2": [random.byte()], "3": [random.byte()],
            "4": [random.byte()], "5": [filters], "6": sets(random, filters, 20), "7": sets(random, filters, 1),
            "8": [policies], "9": sets(random, policies, 3), "10": some_hex(random, 17),
        },
        "last_processed": some_hex(random, 10),
    })
}

fn dcmi(random: &mut Random) -> Value {
    let text =
        |random: &mut Random| random.one(&["", "x", "RACK-7-UNIT-12-POSITION-LEFT", "sixteen letters!"]);
    json!({
        "enabled": random.percent(85), "watts": random.one(&[0, 1, 210, 65535]),
        "asset_tag": text(random), "controller_name": text(random),
    })
}

/// Commands that a machine may refuse, with the codes it may have for that.
fn refusals(random: &mut Random) -> Vec<Value> {
    const REFUSED: &[&str] = &[
        "06 01", "06 37", "06 08", "06 25", "06 42 *", "06 44 *", "06 46 *", "06 40 *", "06 59 *", "0a 20",
        "0a 21", "0a 22", "0a 23 *", "0a 40", "0a 41", "0a 42", "0a 43 *", "0a 48", "0a 10 *", "0a 11 *",
        "04 2d *", "04 27 *", "04 25 *", "04 23 *", "04 2b *", "04 29 *", "0c 02 *", "0c 01 *", "00 01",
        "00 02 *", "00 09 *", "00 0f", "00 07",
    ];
    let codes = [
        0xC0, 0xC1, 0xC3, 0xC5, 0xC7, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xD3, 0xD4, 0xD5, 0xFF, 0x80, 0x82,
    ];
    let refuse =
        |random: &mut Random| json!({"request": random.one(REFUSED), "completion": random.one(&codes)});
    (0..1 + random.below(3)).map(|_| refuse(random)).collect()
}
