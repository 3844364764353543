//! Reading what identifies the BMC, and the smaller states: chassis, watchdog,
//! system info, platform event filtering.

use serde_json::{Map, Value, json};

use super::source::Source;
use crate::bmc::hex;

const CHASSIS: u8 = 0x00;
const SENSOR_EVENT: u8 = 0x04;
const APP: u8 = 0x06;

/// `device`; an error when there is no BMC.
pub(super) fn device(source: &mut Source) -> Result<(Value, Vec<u8>), String> {
    const SHORTEST: usize = 11;
    let id = match source.ask(APP, 0x01, &[]) {
        Some(answer) if answer.completion.is_ok() && answer.data.len() >= SHORTEST => answer.data,
        Some(answer) => {
            let (code, len) = (answer.completion.0, answer.data.len());
            return Err(format!("no BMC there: Get Device ID gives code {code:02x}h and {len} bytes"));
        }
        None => return Err("no BMC there: Get Device ID has no answer".to_owned()),
    };
    let mut json = json!({"response": hex(&id)});
    let fields = [
        ("self_test", APP, 0x04, 2),
        ("device_guid", APP, 0x08, 16),
        ("system_guid", APP, 0x37, 16),
        ("event_receiver", SENSOR_EVENT, 0x01, 2),
    ];
    for (name, netfn, cmd, len) in fields {
        if let Some(data) = source.get(netfn, cmd, &[], len) {
            json[name] = json!(hex(&data[..len]));
        }
    }
    if let Some(enables) = source.get(APP, 0x2F, &[], 1) {
        json["global_enables"] = json!(enables[0]);
    }
    Ok((json, id))
}

/// `watchdog`, where there is one.
pub(super) fn watchdog(source: &mut Source) -> Option<Value> {
    let timer = source.get(APP, 0x25, &[], 8)?;
    let word = |at: usize| u16::from_le_bytes([timer[at], timer[at + 1]]);
    Some(json!({
        "use": timer[0], "actions": timer[1], "pretimeout": timer[2], "expired": timer[3],
        "initial": word(4), "present": word(6),
    }))
}

/// `system_info`: the texts, as bytes.
pub(super) fn system_info(source: &mut Source) -> Value {
    const LAST: u8 = 7;
    let texts: Map<String, Value> = (1..=LAST)
        .filter_map(|number| Some((number.to_string(), json!(hex(&text(source, number)?)))))
        .collect();
    json!({"others": texts})
}

/// A text, from its blocks: the first begins with encoding and length.
fn text(source: &mut Source, number: u8) -> Option<Vec<u8>> {
    const FIRST: usize = 4;
    const FURTHER: usize = 2;
    let first = source.get(APP, 0x59, &[0, number, 0, 0], FIRST)?;
    let length = usize::from(first[FIRST - 1]);
    let mut text = first[FIRST..].to_vec();
    for block in 1..=0x0F {
        if text.len() >= length {
            break;
        }
        let Some(further) = source.get(APP, 0x59, &[0, number, block, 0], FURTHER + 1) else { break };
        text.extend(&further[FURTHER..]);
    }
    text.truncate(length);
    Some(text)
}

/// `chassis`.
pub(super) fn chassis(source: &mut Source) -> Value {
    const POLICIES: [&str; 3] = ["always-off", "previous", "always-on"];
    /// Set Power Restore Policy with the value that changes nothing.
    const NO_CHANGE: u8 = 3;
    let mut json = json!({});
    if let Some(mut capabilities) = source.get(CHASSIS, 0x00, &[], 5) {
        capabilities.resize(6, 0);
        json["capabilities"] = json!(hex(&capabilities));
    }
    if let Some(status) = source.get(CHASSIS, 0x01, &[], 3) {
        json["power"] = json!(if status[0] & 1 != 0 { "on" } else { "off" });
        json["power_faults"] = json!(status[0] & 0x1E);
        if let Some(policy) = POLICIES.get(usize::from(status[0] >> 5 & 3)) {
            json["restore_policy"] = json!(policy);
        }
        json["last_power_event"] = json!(status[1]);
        json["state"] = json!(status[2] & 0x0F);
        json["identify"] = json!(status[2] >> 4 & 3 == 2);
        json["front_panel"] = json!(status.get(3));
    }
    if let Some(policies) = source.get(CHASSIS, 0x06, &[NO_CHANGE], 1) {
        json["supported_policies"] = json!(policies[0]);
    }
    if let Some(cause) = source.get(CHASSIS, 0x07, &[], 2) {
        json["restart_cause"] = json!(hex(&cause[..2]));
    }
    if let Some(hours) = source.get(CHASSIS, 0x0F, &[], 5) {
        json["power_on_minutes_per_count"] = json!(hours[0]);
        json["power_on_count"] = json!(u32::from_le_bytes([hours[1], hours[2], hours[3], hours[4]]));
    }
    let options: Map<String, Value> =
        (0..=7u8).filter_map(|number| Some((number.to_string(), boot_option(source, number)?))).collect();
    json["boot_options"] = json!(options);
    json
}

fn boot_option(source: &mut Source, number: u8) -> Option<Value> {
    let data = source.get(CHASSIS, 0x09, &[number, 0, 0], 2)?;
    Some(json!(hex(&data[2..])))
}

/// `pef`, where there is platform event filtering.
pub(super) fn filtering(source: &mut Source) -> Option<Value> {
    /// Parameters that are tables, each with the parameter that has its length.
    const TABLES: [(u8, u8); 3] = [(6, 5), (9, 8), (12, 11)];
    const LAST: u8 = 15;
    let capabilities = source.get(SENSOR_EVENT, 0x10, &[], 3)?;
    let mut parameters = Map::new();
    for number in (0..=LAST).filter(|number| TABLES.iter().all(|(table, _)| table != number)) {
        if let Some(data) = source.get(SENSOR_EVENT, 0x13, &[number, 0, 0], 2) {
            parameters.insert(number.to_string(), json!(hex(&data[1..])));
        }
    }
    for (table, length) in TABLES {
        let length = source.get(SENSOR_EVENT, 0x13, &[length, 0, 0], 2).map_or(0, |data| data[1] & 0x7F);
        let rows: Map<String, Value> = (0..=length)
            .filter_map(|row| {
                let data = source.get(SENSOR_EVENT, 0x13, &[table, row, 0], 2)?;
                (data[1] & 0x7F == row).then(|| (row.to_string(), json!(hex(&data[2..]))))
            })
            .collect();
        if !rows.is_empty() {
            parameters.insert(table.to_string(), json!(rows));
        }
    }
    let mut json = json!({"capabilities": hex(&capabilities[..3]), "parameters": parameters});
    if let Some(last) = source.get(SENSOR_EVENT, 0x15, &[], 10) {
        json["last_processed"] = json!(hex(&last[..10]));
    }
    Some(json)
}
