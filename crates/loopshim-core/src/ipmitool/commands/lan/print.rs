//! `lan print`.

use super::parameter::{self, Parameter, Value};
use super::require_lan;
use crate::ipmitool::text::channels::authentication_types;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::text::{colons, dotted, until_nul};
use crate::ipmitool::{Outcome, Session};
use crate::out;

pub(super) fn run(session: &mut Session<'_>, channel: u8) -> Outcome {
    require_lan(session, channel, "")?;
    let show =
        &mut |parameter, print: fn(&mut Session<'_>, &str, &Value)| show(session, channel, parameter, print);
    show(parameter::SET_IN_PROGRESS, |session, name, value| {
        let states = ["Set Complete", "Set In Progress", "Commit Write", "Reserved"];
        line(session, name, states[usize::from(value.at(0) & 3)]);
    })?;
    show(parameter::AUTHENTICATION_SUPPORT, |session, name, value| {
        line(session, name, &authentication_types(value.at(0)));
    })?;
    show(parameter::AUTHENTICATION_ENABLES, authentication_enables)?;
    show(parameter::SOURCE, |session, name, value| {
        let sources = ["Unspecified", "Static Address", "DHCP Address", "BIOS Assigned Address"];
        line(session, name, sources.get(usize::from(value.at(0) & 0x0F)).unwrap_or(&"Other"));
    })?;
    show(parameter::ADDRESS, ipv4)?;
    show(parameter::NETMASK, ipv4)?;
    show(parameter::MAC, mac)?;
    show(parameter::COMMUNITY, |session, name, value| {
        out!(session, "{name:<24}: ");
        session.console.put(until_nul(value.buffer()));
        out!(session, "\n");
    })?;
    show(parameter::HEADER, |session, name, value| {
        let [ttl, flags, service] = value.first();
        let (flags, precedence, kind) = (flags & 0xE0, service & 0xE0, service & 0x1E);
        let text =
            format!("TTL=0x{ttl:02x} Flags=0x{flags:02x} Precedence=0x{precedence:02x} TOS=0x{kind:02x}");
        line(session, name, &text);
    })?;
    show(parameter::ARP, |session, name, value| {
        let able = |bit| if value.at(0) & bit != 0 { "Enabled" } else { "Disabled" };
        line(session, name, &format!("ARP Responses {}, Gratuitous ARP {}", able(2), able(1)));
    })?;
    show(parameter::ARP_INTERVAL, |session, name, value| {
        let interval = super::arp::seconds(session, value.at(0));
        line(session, name, &interval);
    })?;
    show(parameter::GATEWAY, ipv4)?;
    show(parameter::GATEWAY_MAC, mac)?;
    show(parameter::BACKUP_GATEWAY, ipv4)?;
    show(parameter::BACKUP_GATEWAY_MAC, mac)?;
    // These two may fail in any way.
    let _ = show(parameter::VLAN, |session, name, value| {
        let text = match super::vlan::identity(value) {
            (id, true) => id.to_string(),
            _ => "Disabled".to_owned(),
        };
        line(session, name, &text);
    });
    let _ = show(parameter::VLAN_PRIORITY, |session, name, value| {
        line(session, name, &(value.at(0) & 7).to_string());
    });
    ciphers(session, channel)?;
    cipher_privileges(session, channel)?;
    password_threshold(session, channel)
}

/// Shows a parameter, if there is one.
fn show(
    session: &mut Session<'_>,
    channel: u8,
    parameter: Parameter,
    print: fn(&mut Session<'_>, &str, &Value),
) -> Outcome {
    if let Some(value) = parameter::get(session, channel, parameter)? {
        print(session, parameter.name, &value);
    }
    Ok(())
}

fn line(session: &mut Session<'_>, name: &str, text: &str) {
    out!(session, "{name:<24}: {text}\n");
}

fn ipv4(session: &mut Session<'_>, name: &str, value: &Value) {
    line(session, name, &dotted(&value.first::<4>()));
}

fn mac(session: &mut Session<'_>, name: &str, value: &Value) {
    line(session, name, &colons(&value.first::<6>()));
}

fn authentication_enables(session: &mut Session<'_>, name: &str, value: &Value) {
    let levels = ["Callback", "User", "Operator", "Admin", "OEM"];
    for (index, level) in levels.into_iter().enumerate() {
        let title = if index == 0 { name } else { "" };
        let types = authentication_types(value.at(index));
        line(session, title, &format!("{level:<9}: {types}"));
    }
}

/// Most cipher suites in a response.
const CIPHERS: u8 = 16;

fn ciphers(session: &mut Session<'_>, channel: u8) -> Outcome {
    let Some(count) = parameter::get(session, channel, parameter::CIPHER_COUNT)? else { return Ok(()) };
    let listed = parameter::get(session, channel, parameter::CIPHERS)?;
    let text = match listed {
        Some(listed) if listed.length() <= 1 + i64::from(CIPHERS) => {
            let ids = (1..=count.at(0).min(CIPHERS)).map(|index| listed.at(index.into()).to_string());
            ids.collect::<Vec<_>>().join(",")
        }
        _ => "None".to_owned(),
    };
    line(session, parameter::CIPHERS.name, &text);
    Ok(())
}

const LEGEND: Words = words![
    "    X=Cipher Suite Unused",
    "    c=CALLBACK",
    "    u=USER",
    "    o=OPERATOR",
    "    a=ADMIN",
    "    O=OEM",
];

fn cipher_privileges(session: &mut Session<'_>, channel: u8) -> Outcome {
    let name = parameter::CIPHER_PRIVILEGES.name;
    match parameter::get(session, channel, parameter::CIPHER_PRIVILEGES)? {
        Some(value) if value.length() == 9 => {
            let letter = |suite: usize| {
                let pair = value.at(1 + suite / 2);
                privilege_letter(if suite.is_multiple_of(2) { pair & 0x0F } else { pair >> 4 })
            };
            let letters: String = (0..15).map(letter).collect();
            line(session, name, &letters);
            LEGEND.iter().for_each(|text| line(session, "", text));
        }
        _ => line(session, name, "Not Available"),
    }
    Ok(())
}

fn privilege_letter(privilege: u8) -> char {
    match privilege {
        1 => 'c',
        2 => 'u',
        3 => 'o',
        4 => 'a',
        5 => 'O',
        _ => 'X',
    }
}

fn password_threshold(session: &mut Session<'_>, channel: u8) -> Outcome {
    let name = parameter::PASSWORD_THRESHOLD.name;
    match parameter::get(session, channel, parameter::PASSWORD_THRESHOLD)? {
        Some(value) if value.length() == 6 => {
            let tens = |index| u32::from(u16::from_le_bytes([value.at(index), value.at(index + 1)])) * 10;
            line(session, name, &value.at(1).to_string());
            line(session, "Invalid password disable", if value.at(0) & 1 != 0 { "yes" } else { "no" });
            line(session, "Attempt Count Reset Int.", &tens(2).to_string());
            line(session, "User Lockout Interval", &tens(4).to_string());
        }
        _ => line(session, name, "Not Available"),
    }
    Ok(())
}
