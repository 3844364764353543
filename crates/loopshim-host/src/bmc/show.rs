//! `loopshim bmc show`: the modelled machine for a person to look at.

use std::fmt::Write;

use ipmi::Bmc;
use ipmi::fru::Inventory;
use loopshim_core::World;
use serde_json::{Value, json};

use crate::bmc::capture::storage::describe;
use crate::bmc::{Show, hex, load, print};

/// Shows a model.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn show(world: &World, arguments: &Show, json: bool) -> Result<(), String> {
    let bmc = load(world, arguments.file.as_deref())?.bmc;
    let summary = summary(&bmc);
    if json {
        print(&format!("{summary:#}\n"));
    } else {
        print(&text(&summary));
    }
    Ok(())
}

/// What there is to say, by name.
fn summary(bmc: &Bmc) -> Value {
    let byte = |at: usize| bmc.device_id.get(at).copied().unwrap_or(0);
    json!({
        "controller": {
            "device_id": byte(0),
            "firmware": format!("{}.{:02x}", byte(2) & 0x7F, byte(3)),
            "ipmi": format!("{}.{}", byte(4) & 0x0F, byte(4) >> 4),
            "manufacturer": u32::from_le_bytes([byte(6), byte(7), byte(8), 0]),
            "product": u16::from_le_bytes([byte(9), byte(10)]),
            "guid": bmc.system_guid.map(|guid| hex(&guid)),
        },
        "power": if bmc.chassis.power_on { "on" } else { "off" },
        "frus": bmc.frus.iter().map(|(id, image)| fru(*id, image)).collect::<Vec<_>>(),
        "records": bmc.sdr.records.iter().map(|record| record_of(record)).collect::<Vec<_>>(),
        "sensors": bmc.sensors.len(),
        "events": {"entries": bmc.sel.entries.len(), "capacity": bmc.sel.capacity},
        "lan": lans(bmc),
        "users": users(bmc),
        "responses": bmc.responses.len(),
    })
}

fn fru(id: u8, image: &[u8]) -> Value {
    let inventory = Inventory::decode(image).unwrap_or_default();
    let mut json = json!({"id": id, "bytes": image.len()});
    if let Some(board) = &inventory.board {
        json["board"] =
            json!(joined([&board.manufacturer, &board.product_name, &board.serial_number], board.language));
    }
    if let Some(product) = &inventory.product {
        let fields = [&product.manufacturer, &product.product_name, &product.serial_number];
        json["product"] = json!(joined(fields, product.language));
    }
    json
}

fn joined(fields: [&ipmi::fru::Field; 3], language: ipmi::fru::Language) -> String {
    let texts = fields.map(|field| field.text(language).trim().to_owned());
    texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

fn record_of(record: &[u8]) -> String {
    describe(record).unwrap_or_else(|| format!("record of type {:02x}h", record.get(3).copied().unwrap_or(0)))
}

fn lans(bmc: &Bmc) -> Vec<Value> {
    const ADDRESS: u8 = 3;
    const MAC: u8 = 5;
    let lans = bmc.channels.iter().filter_map(|(number, channel)| Some((number, channel.lan.as_ref()?)));
    let single = |parameters: &ipmi::bmc::Parameters, number: u8| match parameters.get(&number) {
        Some(ipmi::bmc::Parameter::Single(bytes)) => bytes.clone(),
        _ => Vec::new(),
    };
    lans.map(|(number, parameters)| {
        let address = single(parameters, ADDRESS).iter().map(u8::to_string).collect::<Vec<_>>().join(".");
        let mac: Vec<String> = single(parameters, MAC).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({"channel": number, "address": address, "mac": mac.join(":")})
    })
    .collect()
}

fn users(bmc: &Bmc) -> Vec<Value> {
    let named = |name: &[u8]| String::from_utf8_lossy(name).trim_end_matches('\0').to_owned();
    let users = bmc.users.users.iter();
    users
        .map(|(id, user)| json!({"id": id, "name": named(&user.name), "enabled": user.enabled}))
        .filter(|user| user["enabled"] == true || user["name"] != "")
        .collect()
}

/// The summary as lines.
fn text(summary: &Value) -> String {
    let mut text = String::new();
    lines(&mut text, 0, summary);
    text
}

/// A name and its value in a line; what has parts of its own, on lines below.
fn lines(text: &mut String, depth: usize, value: &Value) {
    let indent = "  ".repeat(depth);
    let Some(members) = value.as_object() else { return };
    for (name, value) in members {
        // Writing to a string cannot fail.
        let _ = match value {
            Value::Object(_) => {
                let _ = writeln!(text, "{indent}{name}");
                lines(text, depth + 1, value);
                Ok(())
            }
            Value::Array(rows) => {
                let _ = writeln!(text, "{indent}{name} ({})", rows.len());
                rows.iter().try_for_each(|row| writeln!(text, "{indent}  {}", in_a_line(row)))
            }
            value => writeln!(text, "{indent}{name:<14}{}", in_a_line(value)),
        };
    }
}

fn in_a_line(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name} {}", in_a_line(value)));
            members.collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}
