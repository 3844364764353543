//! Channels, users, sessions and what is configured for them.

use serde_json::{Map, Value, json};

use super::some_hex;
use crate::support::grammar::Draw;
use crate::support::random::Random;

pub(super) fn add(random: &mut Random, json: &mut Map<String, Value>) {
    let mut channels = vec![lan(random, 1)];
    if random.percent(30) {
        channels.push(lan(random, 2));
    }
    if random.percent(40) {
        let number = random.one(&[0, 6, 15]);
        let medium = random.one(&[1, 5, 8, 12, 0, 9]);
        channels.push(json!({"number": number, "medium": medium, "protocol": random.below(16), "sessions": random.below(4) << 6}));
    }
    json.insert("channels".into(), channels.into());
    json.insert("users".into(), users(random));
    if random.percent(30) {
        let active: Value = (1..=random.below(3)).map(|handle| session(random, handle)).collect();
        json.insert("sessions".into(), json!({"possible": random.below(64), "active": active}));
    }
}

fn lan(random: &mut Random, number: u8) -> Value {
    let address = |random: &mut Random| random.one(&["192.0.2.1", "0.0.0.0", "255.255.255.0", "10.11.12.13"]);
    let mut channel = json!({
        "number": number, "medium": random.one(&[4, 4, 4, 6]), "protocol": 1, "sessions": random.below(4) << 6,
        "access": {"volatile": some_hex(random, 2), "stored": some_hex(random, 2)},
        "lan": {
            "address": address(random), "netmask": address(random), "gateway": address(random),
            "mac": some_hex(random, 6), "gateway_mac": some_hex(random, 6),
            "source": random.one(&["unspecified", "static", "dhcp", "bios", "other"]),
            "community": random.one(&["public", "", "a community of 18"]),
        },
    });
    if random.percent(50) {
        channel["lan"]["vlan"] = random.one(&[0, 1, 5, 4094]).into();
    }
    if random.percent(60) {
        channel["lan"]["parameters"] = parameters(random);
    }
    if random.percent(60) {
        channel["authentication"] = some_hex(random, 7);
        channel["ip_statistics"] = some_hex(random, 18);
    }
    if random.percent(60) {
        channel["cipher_suites"] = random
            .one(&[
                "c003014162",
                "c00000c00101c00301418 1".replace(' ', "").as_str(),
                "",
                "c1030157010141 81".replace(' ', "").as_str(),
            ])
            .into();
    }
    if random.percent(50) {
        channel["payloads"] = some_hex(random, 8);
        channel["sol"] = sol(random);
    }
    channel
}

fn parameters(random: &mut Random) -> Value {
    let destination = |random: &mut Random| json!({"0": some_hex(random, 4), "1": some_hex(random, 4), "2": some_hex(random, 4)});
    let address = |random: &mut Random| json!({"0": some_hex(random, 13), "1": some_hex(random, 13), "2": some_hex(random, 13)});
    let address6 = |random: &mut Random| json!({"0": some_hex(random, 19), "1": some_hex(random, 19)});
    let duid = |random: &mut Random| json!({"0": some_hex(random, 32)});
    json!({
        "0": [random.below(4)], "1": [random.byte()], "2": some_hex(random, 5), "7": some_hex(random, 3),
        "8": some_hex(random, 2), "9": some_hex(random, 2), "10": [random.byte()], "11": [random.byte()],
        "14": some_hex(random, 4), "15": some_hex(random, 6), "17": [2], "18": destination(random), "19": address(random),
        "21": [random.below(8)], "22": [random.below(17)], "23": some_hex(random, 17), "24": some_hex(random, 9),
        "26": some_hex(random, 6),
        "50": [random.below(8)], "51": [random.below(4)], "52": [random.byte()], "53": [random.byte()],
        "54": some_hex(random, 3), "55": [random.below(4), random.below(4), random.below(8)],
        "56": address6(random), "58": duid(random), "59": address6(random), "61": duid(random),
        "57": [2], "60": [1], "62": [random.below(3)], "64": [random.below(4)],
        "65": some_hex(random, 16), "66": some_hex(random, 6), "67": [random.byte()], "68": some_hex(random, 16),
        "73": [random.below(3)], "78": [random.byte()], "79": [random.below(3)],
    })
}

fn sol(random: &mut Random) -> Value {
    json!({
        "0": [random.below(4)], "1": [random.byte()], "2": [random.byte()], "3": some_hex(random, 2),
        "4": some_hex(random, 2), "5": [random.below(16)], "6": [random.below(16)], "7": [1], "8": some_hex(random, 2),
    })
}

fn users(random: &mut Random) -> Value {
    let user = |random: &mut Random, id: u8| {
        json!({
            "id": id, "name": random.one(&["", "root", "ADMIN", "sixteen letters!", "a b"]), "enabled": random.percent(50),
            "access": {
                "privilege": random.one(&["callback", "user", "operator", "administrator", "oem", "none"]),
                "messaging": random.percent(50), "link_authentication": random.percent(50), "callback_only": random.percent(50),
            },
        })
    };
    let mut users = json!({
        "max": random.one(&[1, 4, 10, 63]), "fixed_names": random.below(3),
        "list": (1..=random.below(5) as u8).map(|id| user(random, id)).collect::<Value>(),
    });
    if random.percent(40) {
        let password = random.one(&["x", "secret", "16 bytes exactly", "twenty bytes long..."]);
        if let Some(first) = users["list"].get_mut(0) {
            first["password"] = password.into();
        }
    }
    users
}

fn session(random: &mut Random, handle: usize) -> Value {
    let len = random.one(&[3, 15, 19]);
    json!({"handle": handle, "data": some_hex(random, len)})
}
