//! How `lan6` shows values: for people (`print`), and as commands (`save`).

use super::parameter::{Kind, named};
use super::request::Value;
use super::words::{ADDRESS_ENABLES, ADDRESS_SOURCES, ADDRESS_STATES, DUIDS, ENABLES, ROUTERS, TIMING};
use crate::ipmitool::Session;
use crate::ipmitool::text::{Names, Words, colons, hex, ipv6, name_of, words};
use crate::out;

fn name(code: u8, names: Names) -> String {
    name_of(code.into(), names).into_owned()
}

/// Two codes in words. The original has one buffer for codes without a name,
/// and both look as the one that was written last.
fn names(last: (u8, Names), other: (u8, Names)) -> [String; 2] {
    let [last, other] = [last, other].map(|(code, names)| name_of(code.into(), names));
    match (&last, &other) {
        (std::borrow::Cow::Owned(text), std::borrow::Cow::Owned(_)) => [text.clone(), text.clone()],
        _ => [last.into_owned(), other.into_owned()],
    }
}

fn yes(byte: u8, bit: u8) -> String {
    if byte & bit != 0 { "yes" } else { "no" }.to_owned()
}

/// Prints a value for people.
pub(super) fn print(session: &mut Session<'_>, value: &Value) {
    let (title, _) = named(value.parameter.selector);
    let data = &value.data[..];
    match value.parameter.kind {
        Kind::Support => fields(
            session,
            title,
            &[
                ("IPv6 only: ", yes(data[0], 1)),
                ("IPv4 and IPv6: ", yes(data[0], 2)),
                ("IPv6 Destination Addresses for LAN alerting: ", yes(data[0], 4)),
            ],
        ),
        Kind::Status => fields(
            session,
            title,
            &[
                ("Static address max:  ", data[0].to_string()),
                ("Dynamic address max: ", data[1].to_string()),
                ("DHCPv6 support:      ", yes(data[2], 1)),
                ("SLAAC support:       ", yes(data[2], 2)),
            ],
        ),
        Kind::RouterControl => fields(
            session,
            title,
            &[
                ("Enable static router address:  ", yes(data[0], 1)),
                ("Enable dynamic router address: ", yes(data[0], 2)),
            ],
        ),
        Kind::Enables => out!(session, "{title}: {}\n", name(data[0], ENABLES)),
        Kind::TimingSupport => out!(session, "{title}: {}\n", name(data[0], TIMING)),
        Kind::FlowLabel => out!(session, "{title}: {}\n", flow_label(data)),
        Kind::Number => out!(session, "{title}: {}\n", data[0]),
        Kind::Duid => print_duid(session, title, value),
        _ => print_set(session, title, value),
    }
}

/// Prints a value that is one of a parameter's sets.
fn print_set(session: &mut Session<'_>, title: &str, value: &Value) {
    let data = &value.data[..];
    let headline = |title: &str| format!("{title} {}", value.set);
    match value.parameter.kind {
        Kind::StaticAddress => fields(
            session,
            &headline(title),
            &[
                ("Enabled:        ", yes(data[1], 0x80)),
                ("Address:        ", address(data)),
                ("Status:         ", name(data[19] & 0x0F, ADDRESS_STATES)),
            ],
        ),
        Kind::DynamicAddress => {
            let [source, state] = names((data[1] & 0x0F, ADDRESS_SOURCES), (data[19] & 0x0F, ADDRESS_STATES));
            fields(
                session,
                &headline(title),
                &[
                    ("Source/Type:    ", source),
                    ("Address:        ", address(data)),
                    ("Status:         ", state),
                ],
            );
        }
        Kind::StaticRouter | Kind::DynamicRouter => {
            let is_static = value.parameter.kind == Kind::StaticRouter;
            let title = if is_static { "IPv6 Static Router" } else { "IPv6 Dynamic Router" };
            fields(
                session,
                &headline(title),
                &[
                    ("Address: ", ipv6(&data[1..17])),
                    ("MAC:     ", colons(&data[18..24])),
                    ("Prefix:  ", format!("{}/{}", ipv6(&data[27..43]), data[25])),
                ],
            );
        }
        Kind::Dhcp => {
            let numbers = [&data[2..18], &data[20..26]].concat();
            times(session, &headline(title), 16, DHCP_TIMES, &numbers);
        }
        _ => times(session, &headline(title), 27, DISCOVERY_TIMES, &data[2..15]),
    }
}

/// Prints a headline and lines below it.
fn fields(session: &mut Session<'_>, headline: &str, lines: &[(&str, String)]) {
    out!(session, "{headline}:\n");
    for (name, text) in lines {
        out!(session, "    {name}{text}\n");
    }
}

/// Prints numbers below a headline, their names in `width` columns.
fn times(session: &mut Session<'_>, headline: &str, width: usize, names: Words, numbers: &[u8]) {
    out!(session, "{headline}:\n");
    for (name, number) in names.iter().zip(numbers) {
        let pad = width.saturating_sub(name.len());
        out!(session, "    {name}:{:pad$}{number}\n", "");
    }
}

fn print_duid(session: &mut Session<'_>, title: &str, value: &Value) {
    let data = &value.data[..];
    if value.block == 0 {
        let kind = name_of(u16::from_be_bytes([data[3], data[4]]), DUIDS);
        let lines = [("Length:   ", data[2].to_string()), ("Type:     ", kind.into_owned())];
        fields(session, &format!("{title} {}", value.set), &lines);
    }
    out!(session, "    {}\n", hex(&data[2..18]));
}

fn address(data: &[u8]) -> String {
    format!("{}/{}", ipv6(&data[2..18]), data[18])
}

fn flow_label(data: &[u8]) -> u32 {
    u32::from_be_bytes([0, data[0], data[1], data[2]])
}

/// The words that would set a value.
pub(super) fn saved(value: &Value) -> String {
    let data = &value.data[..];
    match value.parameter.kind {
        Kind::Enables => name(data[0], ENABLES),
        Kind::RouterControl => name(data[0], ROUTERS),
        // The "d" is the original's.
        Kind::FlowLabel => format!("{:#x}d", flow_label(data)),
        Kind::StaticAddress => {
            let [state, enabled] = names((data[19], ADDRESS_STATES), (data[1], ADDRESS_ENABLES));
            format!("{enabled} {} {} {state}", ipv6(&data[2..18]), data[18])
        }
        Kind::Duid | Kind::NeighbourDiscovery => hex(&data[2..18]),
        Kind::Dhcp => format!("{} {}", hex(&data[2..18]), hex(&data[20..26])),
        Kind::StaticRouter => {
            let [router, prefix] = [&data[1..17], &data[27..43]].map(ipv6);
            format!("{router} {} {prefix} {}", colons(&data[18..24]), data[25])
        }
        // The others are numbers; those that can only be read are not saved.
        _ => data[0].to_string(),
    }
}

const DHCP_TIMES: Words = words![
    "SOL_MAX_DELAY",
    "SOL_TIMEOUT",
    "SOL_MAX_RT",
    "REQ_TIMEOUT",
    "REQ_MAX_RT",
    "REQ_MAX_RC",
    "CNF_MAX_DELAY",
    "CNF_TIMEOUT",
    "CNF_MAX_RT",
    "CNF_MAX_RD",
    "REN_TIMEOUT",
    "REN_MAX_RT",
    "REB_TIMEOUT",
    "REB_MAX_RT",
    "INF_MAX_DELAY",
    "INF_TIMEOUT",
    "INF_MAX_RT",
    "REL_TIMEOUT",
    "REL_MAX_RC",
    "DEC_TIMEOUT",
    "DEC_MAX_RC",
    "HOP_COUNT_LIMIT",
];

const DISCOVERY_TIMES: Words = words![
    "MAX_RTR_SOLICITATION_DELAY",
    "RTR_SOLICITATION_INTERVAL",
    "MAX_RTR_SOLICITATIONS",
    "DupAddrDetectTransmits",
    "MAX_MULTICAST_SOLICIT",
    "MAX_UNICAST_SOLICIT",
    "MAX_ANYCAST_DELAY_TIME",
    "MAX_NEIGHBOR_ADVERTISEMENT",
    "REACHABLE_TIME",
    "RETRANS_TIMER",
    "DELAY_FIRST_PROBE_TIME",
    "MAX_RANDOM_FACTOR",
    "MIN_RANDOM_FACTOR",
];
