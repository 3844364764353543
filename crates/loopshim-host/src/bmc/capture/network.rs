//! Reading channels with their LAN and serial-over-LAN parameters, and users.
//! No password can be read from a BMC; the community string of alerts is left
//! out unless it is the one that everybody has, or is asked for.

use serde_json::{Map, Value, json};

use super::source::Source;
use crate::bmc::hex;

const APP: u8 = 0x06;
const TRANSPORT: u8 = 0x0C;
/// Channel number that means the one a request came over.
const PRESENT_CHANNEL: u8 = 0x0E;
/// Medium types of a LAN (table 6-3).
const LAN: [u8; 2] = [0x04, 0x06];
/// Privilege asked about.
const ADMINISTRATOR: u8 = 0x04;

/// The channels, as `bmc.json` has them, and the numbers of those with a LAN.
pub(super) fn channels(source: &mut Source, with_community: bool) -> (Vec<Value>, Vec<u8>) {
    let mut channels = Vec::new();
    let mut lans = Vec::new();
    for number in (0..=0x0F).filter(|number| *number != PRESENT_CHANNEL) {
        source.progress(&format!("channel {number}"));
        let Some(info) = source.get(APP, 0x42, &[number], 9) else { continue };
        let mut channel = json!({
            "number": number, "medium": info[1] & 0x7F, "protocol": info[2] & 0x1F, "sessions": info[3],
            "vendor": hex(&info[4..7]), "auxiliary": hex(&info[7..9]),
        });
        access(source, number, &mut channel);
        if LAN.contains(&(info[1] & 0x7F)) {
            lan_channel(source, number, with_community, &mut channel);
            lans.push(number);
        }
        channels.push(channel);
    }
    (channels, lans)
}

fn access(source: &mut Source, number: u8, channel: &mut Value) {
    const STORED: u8 = 0x40;
    const VOLATILE: u8 = 0x80;
    let stored = source.get(APP, 0x41, &[number, STORED], 2);
    let volatile = source.get(APP, 0x41, &[number, VOLATILE], 2);
    if let Some(in_force) = volatile.as_ref().or(stored.as_ref()) {
        let kept = stored.as_ref().unwrap_or(in_force);
        channel["access"] = json!({"volatile": hex(&in_force[..2]), "stored": hex(&kept[..2])});
    }
}

fn lan_channel(source: &mut Source, number: u8, with_community: bool, channel: &mut Value) {
    if let Some(authentication) = source.get(APP, 0x38, &[number, ADMINISTRATOR], 8) {
        channel["authentication"] = json!(hex(&authentication[1..8]));
    }
    if let Some(payloads) = source.get(APP, 0x4E, &[number], 8) {
        channel["payloads"] = json!(hex(&payloads[..8]));
    }
    channel["cipher_suites"] = json!(hex(&cipher_suites(source, number)));
    if let Some(statistics) = source.get(TRANSPORT, 0x04, &[number, 0], 18) {
        channel["ip_statistics"] = json!(hex(&statistics[..18]));
    }
    channel["lan"] = json!({"parameters": lan_parameters(source, number, with_community)});
    let sol: Map<String, Value> = (0..=8u8)
        .filter_map(|parameter| {
            let data = source.get(TRANSPORT, 0x22, &[number, parameter, 0, 0], 1)?;
            Some((parameter.to_string(), json!(hex(&data[1..]))))
        })
        .collect();
    if !sol.is_empty() {
        channel["sol"] = json!(sol);
    }
}

fn cipher_suites(source: &mut Source, number: u8) -> Vec<u8> {
    const PORTION: usize = 16;
    /// Lists all suites, of IPMI messages.
    const ALL: u8 = 0x80;
    let mut suites = Vec::new();
    for index in 0..0x40 {
        let Some(data) = source.get(APP, 0x54, &[number, 0, ALL | index], 1) else { break };
        suites.extend(&data[1..]);
        if data.len() <= PORTION {
            break;
        }
    }
    suites
}

/// The parameter with the community string, and what everybody has there.
const COMMUNITY: u8 = 16;
const USUAL_COMMUNITY: &[u8] = b"public";
const COMMUNITY_BYTES: usize = 18;

fn lan_parameters(source: &mut Source, channel: u8, with_community: bool) -> Map<String, Value> {
    /// Parameters of the specification; those of IPv6 come after a gap.
    const IPV4: std::ops::RangeInclusive<u8> = 0..=26;
    const IPV6: std::ops::RangeInclusive<u8> = 50..=80;
    /// Parameters with a set selector.
    const SETS: [u8; 14] = [18, 19, 25, 56, 58, 59, 61, 63, 74, 75, 76, 77, 78, 80];
    let mut parameters = Map::new();
    let has_ipv6 = source.get(TRANSPORT, 0x02, &[channel, *IPV6.start(), 0, 0], 2).is_some();
    for parameter in IPV4.chain(IPV6.filter(|_| has_ipv6)) {
        let value = if parameter == COMMUNITY {
            Some(json!(hex(&community(source, channel, with_community)))).filter(|value| value != "")
        } else if SETS.contains(&parameter) {
            sets(source, channel, parameter)
        } else {
            let data = source.get(TRANSPORT, 0x02, &[channel, parameter, 0, 0], 1);
            data.map(|data| json!(hex(&data[1..])))
        };
        parameters.extend(value.map(|value| (parameter.to_string(), value)));
    }
    parameters
}

/// The community string, or the usual one in its place. It is asked for only
/// to learn whether there is one; what is not to be kept is not remembered.
fn community(source: &mut Source, channel: u8, with_community: bool) -> Vec<u8> {
    let Some(found) = source.community(channel, COMMUNITY) else { return Vec::new() };
    let text = found.split(|byte| *byte == 0).next().unwrap_or_default();
    if with_community || text.is_empty() || text == USUAL_COMMUNITY {
        return found;
    }
    source.note("the SNMP community string: a secret; `public` stands for it (--with-community keeps it)");
    let mut usual = USUAL_COMMUNITY.to_vec();
    usual.resize(COMMUNITY_BYTES, 0);
    usual
}

/// A parameter's value for each set selector, or its one value where the
/// controller does not number them.
fn sets(source: &mut Source, channel: u8, parameter: u8) -> Option<Value> {
    const LAST: u8 = 16;
    let mut rows = Map::new();
    for selector in 0..=LAST {
        let Some(data) = source.get(TRANSPORT, 0x02, &[channel, parameter, selector, 0], 1) else { break };
        match data.get(1) {
            Some(first) if *first & 0x0F == selector & 0x0F => {
                rows.insert(selector.to_string(), json!(hex(&data[2..])));
            }
            _ if selector == 0 => return Some(json!(hex(&data[1..]))),
            _ => break,
        }
    }
    (!rows.is_empty()).then(|| json!(rows))
}

/// `users`: names and rights. Nothing else of them can be read.
pub(super) fn users(source: &mut Source, lans: &[u8]) -> Option<Value> {
    let first = *lans.first()?;
    let limits = source.get(APP, 0x44, &[first, 1], 4)?;
    let max = limits[0] & 0x3F;
    let list: Vec<Value> = (1..=max)
        .filter_map(|id| {
            source.progress(&format!("user {id}"));
            user(source, id, lans)
        })
        .collect();
    Some(json!({"max": max.max(1), "fixed_names": limits[2] & 0x3F, "list": list}))
}

fn user(source: &mut Source, id: u8, lans: &[u8]) -> Option<Value> {
    const ENABLED: u8 = 0x40;
    let mut enabled = false;
    let mut channels = Map::new();
    for channel in lans {
        let Some(data) = source.get(APP, 0x44, &[*channel, id], 4) else { continue };
        enabled |= data[1] & 0xC0 == ENABLED;
        channels.insert(channel.to_string(), rights(data[3]));
    }
    let name = source.get(APP, 0x46, &[id], 1).unwrap_or_default();
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    let is_plain = !enabled
        && name.is_empty()
        && channels.values().all(|rights| *rights == json!({"privilege": "none"}));
    (!is_plain).then(|| json!({"id": id, "name": name, "enabled": enabled, "channels": channels}))
}

fn rights(access: u8) -> Value {
    const PRIVILEGES: [&str; 5] = ["callback", "user", "operator", "administrator", "oem"];
    let privilege = usize::from(access & 0x0F).checked_sub(1).and_then(|at| PRIVILEGES.get(at));
    let mut json = json!({"privilege": privilege.unwrap_or(&"none")});
    for (bit, name) in [(4, "messaging"), (5, "link_authentication"), (6, "callback_only")] {
        if access >> bit & 1 != 0 {
            json[name] = json!(true);
        }
    }
    json
}
