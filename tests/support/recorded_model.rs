//! Models as the recordings have them: a directory with `model.json`, FRU
//! images, the SDR repository and the log, and answers that its server gives to
//! everybody. Here they become `bmc.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

/// The one session there is: user, privilege, channel, address, MAC, port.
const SESSION: &str = "02 04 11 0a000007 525400aabbcc 901f";

/// The recorded model in `dir`, as `bmc.json` describes it; nothing of it
/// refers to `dir`.
///
/// # Panics
/// When the directory is not such a model.
pub fn bmc_json(dir: &Path) -> Value {
    let read = |name: &str| {
        let path = dir.join(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let model: Value = serde_json::from_slice(&read("model.json")).expect("model.json is JSON");
    let frus: Vec<Value> = items(&model["frus"])
        .map(|id| json!({"id": id, "hex": hex(&read(&format!("fru{id}.bin")))}))
        .collect();
    json!({
        "profile": "empty",
        "device": device(&model),
        "watchdog": {"use": 0x44, "actions": 1, "pretimeout": 0, "expired": 0x10, "initial": 3000, "present": 0x0B00},
        "system_info": {
            "firmware": "FW 03.74.06 \0",
            "system_name": "oracle-1",
            "primary_os": "Rocky Linux ",
            "os_name": "Linux",
        },
        "sessions": {"possible": 36, "active": [{"handle": 1, "data": SESSION}]},
        "chassis": chassis(),
        "frus": frus,
        "sdr": {"hex": hex(&read("sdr.bin")), "free": 0x1000, "operations": 0x27, "added": model["sel_last_del"]},
        "sensors": sensors(&model),
        "sel": {
            "hex": hex(&read("sel.bin")),
            "capacity": model["sel_max"],
            "added": model["sel_last_add"],
            "erased": model["sel_last_del"],
            "operations": 0x0F,
            "stopped_at": model["sel_time"],
        },
        "channels": channels(),
        "users": {"max": 10, "fixed_names": 1, "list": users(&model)},
        "pef": pef(&model),
        "responses": responses(&model),
    })
}

fn items(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().expect("an array").iter()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn device(model: &Value) -> Value {
    let id = &model["device_id"];
    let number = |name: &str| id[name].as_u64().expect("a number");
    let mut response: Vec<u8> =
        ["id", "rev", "fw1", "fw2", "ipmi", "support"].iter().map(|name| number(name) as u8).collect();
    response.extend(&number("mfg").to_le_bytes()[..3]);
    response.extend(&number("product").to_le_bytes()[..2]);
    response.extend(items(&id["aux"]).map(|byte| byte.as_u64().expect("a byte") as u8));
    json!({
        "response": hex(&response),
        "self_test": model["selftest"],
        "guid": model["guid"],
        "global_enables": 0x0B,
        "event_receiver": [0x20, 0],
    })
}

fn chassis() -> Value {
    json!({
        "capabilities": "01 20 20 20 20 20",
        "power": "on",
        "restore_policy": "previous",
        "supported_policies": 7,
        "last_power_event": 0x10,
        "front_panel": 0x70,
        "restart_cause": [1, 1],
        "boot_options": {
            "0": "00", "1": "00", "2": "00", "3": "00", "4": "0000",
            "5": "0000000000", "6": "0000000000", "7": "00000000",
        },
        "power_on_minutes_per_count": 60,
        "power_on_count": 12345,
    })
}

fn sensors(model: &Value) -> Vec<Value> {
    let sensors = model["sensors"].as_object().expect("sensors by number");
    sensors.iter().map(|(number, sensor)| sensor_json(number.parse().expect("a number"), sensor)).collect()
}

fn sensor_json(number: u8, sensor: &Value) -> Value {
    let analog = sensor["analog"] == true;
    let mut state = json!({
        "number": number,
        "type": sensor["type"],
        "event_type": sensor["etype"],
        "raw": sensor["raw"].as_u64().unwrap_or(0),
        "states": sensor["states"],
        "available": sensor["avail"],
        "scanning": sensor["scan"],
        "event_only": sensor["evonly"] == true,
        "assertions": sensor["asmask"],
        "deassertions": sensor["demask"],
    });
    if analog {
        state["hysteresis"] = sensor["hyst"].clone();
        state["raw_thresholds"] =
            json!({"readable": sensor["thmask"], "settable": 63, "values": sensor["th"]});
    }
    state
}

fn channels() -> Value {
    let ipmb = json!({
        "number": 0, "medium": 1, "protocol": 1, "sessions": 0, "vendor": "f21b00",
        "access": {"volatile": [0, 4]},
    });
    let system = json!({
        "number": 15, "medium": 12, "protocol": 5, "sessions": 0, "vendor": "f21b00", "auxiliary": "ffff",
        "access": {"volatile": [0, 4]},
    });
    let lan = json!({
        "number": 1, "medium": 4, "protocol": 1, "sessions": 0x81, "vendor": "f21b00",
        "access": {"volatile": [2, 4]},
        "authentication": "97 14 03 00 00 00 00",
        "payloads": "03 00 00 00 00 00 00 00",
        "cipher_suites": "c0 03 01 41 81 c0 11 03 44 81",
        "lan": {"parameters": lan_parameters()},
        "sol": {
            "0": "00", "1": "01", "2": "84", "3": "0c60", "4": "0730", "5": "0a", "6": "0a", "7": "01", "8": "6f02",
        },
    });
    json!([ipmb, lan, system])
}

fn lan_parameters() -> Value {
    let community = hex(b"public\0\0\0\0\0\0\0\0\0\0\0\0");
    let sets = |bytes: &str| -> Map<String, Value> {
        (0..16).map(|selector: u8| (selector.to_string(), json!(bytes))).collect()
    };
    json!({
        "0": "00", "1": "97", "2": "1616161600", "3": [10, 0, 0, 42], "4": "01", "5": "525400123456",
        "6": [255, 255, 255, 0], "7": "404010", "8": "6f02", "9": "9802", "10": "02", "11": "14",
        "12": [10, 0, 0, 1], "13": "525400000001", "14": "00000000", "15": "000000000000", "16": community,
        "17": "00", "18": sets("000303"), "19": sets("00000000000000000000000000"), "20": "0000", "21": "00",
        "22": "0e", "23": "000102030607080b0c0f10110000000000", "24": "000440400444040000", "25": "00",
        "26": "00031e000a00",
    })
}

fn users(model: &Value) -> Vec<Value> {
    const PRIVILEGES: [&str; 5] = ["callback", "user", "operator", "administrator", "oem"];
    let user = |user: &Value| {
        let privilege = user["priv"].as_u64().expect("a privilege") as usize;
        let name = PRIVILEGES.get(privilege.wrapping_sub(1)).unwrap_or(&"none");
        let enabled = &user["enabled"];
        json!({
            "id": user["id"],
            "name": user["name"],
            "password": "test",
            "enabled": enabled,
            "access": {"privilege": name, "messaging": enabled, "link_authentication": enabled},
        })
    };
    let mut users: Vec<Value> = items(&model["users"]).map(user).collect();
    // The recorded server took the same password for everybody.
    let listed = |id: &u8| items(&model["users"]).any(|user| user["id"] == *id);
    users.extend((1..=10u8).filter(|id| !listed(id)).map(|id| json!({"id": id, "password": "test"})));
    users
}

fn pef(model: &Value) -> Value {
    let guid: Vec<u8> = items(&model["guid"]).map(|byte| byte.as_u64().expect("a byte") as u8).collect();
    let sets = |first: &str, len: usize| -> Map<String, Value> {
        let other = hex(&vec![0; len]);
        (0..=16u8).map(|set| (set.to_string(), json!(if set == 1 { first } else { &other }))).collect()
    };
    json!({
        "capabilities": "51 3f 10",
        "parameters": {
            "0": "00", "1": "0f", "2": "3f", "5": "10", "8": "04",
            "6": sets("80010010 20ff01ff 01950a 00000000000000000000", 21),
            "9": sets("18 11 00", 3),
            "10": format!("01{}", hex(&guid)),
        },
    })
}

/// Sessions there are none of, and DCMI (group extension DCh).
fn responses(model: &Value) -> Vec<Value> {
    let mut responses = Vec::new();
    let mut answer = |request: String, completion: u8, data: String| {
        responses.push(json!({"request": request, "completion": completion, "data": data}));
    };
    // Whatever is in its log.
    let stamp = (model["sel_last_add"].as_u64().expect("a time") as u32).to_le_bytes();
    answer("04 15".into(), 0, format!("{} 1400 1400 1400", hex(&stamp)));
    answer("06 3d ff 01 *".into(), 0, format!("01 24 01 {SESSION}"));
    (4..=36u8).for_each(|index| answer(format!("06 3d {index:02x} *"), 0xCB, String::new()));
    let capabilities = BTreeMap::from([
        (1, "01050200 0107"),
        (2, "010502 00a200003c"),
        (3, "01050220 00"),
        (4, "01050201 ffff"),
        (5, "01050204 014181c1"),
    ]);
    for (parameter, data) in capabilities {
        answer(format!("2c 01 dc {parameter:02x} *"), 0, format!("dc {data}"));
    }
    answer("2c 01 dc ?? *".into(), 0xCC, String::new());
    let time = (model["sel_time"].as_u64().expect("a time") as u32).to_le_bytes();
    answer("2c 02 dc *".into(), 0, format!("dc b800 5c00 9c01 b000 {} 60ea0000 40", hex(&time)));
    answer("2c 03 dc *".into(), 0, "dc 0000 11 f401 e8030000 0000 3c00".into());
    for (cmd, text) in [(0x06, &b"DCMI-ASSET-0042"[..]), (0x09, b"DCMI00deadbeef01")] {
        for (offset, len) in (0..=text.len()).flat_map(|offset| (0..=16).map(move |len| (offset, len))) {
            let part = &text[offset..text.len().min(offset + len)];
            let data = format!("dc {:02x} {}", text.len(), hex(part));
            answer(format!("2c {cmd:02x} dc {offset:02x} {len:02x}"), 0, data);
        }
    }
    let entities = [(0x07, 0x40, "01 01 0100"), (0x07, 0x41, "02 02 0200 0300")];
    let temperatures = [(0x10, 0x40, "01 01 1801"), (0x10, 0x41, "02 02 2f01 8502")];
    for (cmd, entity, data) in entities.into_iter().chain(temperatures) {
        answer(format!("2c {cmd:02x} dc ?? {entity:02x} *"), 0, format!("dc {data}"));
    }
    answer("2c 07 dc ?? ?? *".into(), 0, "dc 0000".into());
    answer("2c 10 dc ?? ?? *".into(), 0, "dc 0000".into());
    answer("2c 12 dc *".into(), 0, "dc 01a03c00".into());
    answer("2c 13 dc 01 *".into(), 0, "dc 01050201".into());
    answer("2c 13 dc ?? *".into(), 0, "dc 01050200".into());
    responses
}
