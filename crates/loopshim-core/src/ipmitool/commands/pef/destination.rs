//! Where the alerts of a policy go: by LAN, or by modem (IPMI 2.0 tables 23-4
//! and 25-4).

use super::words::{LAN_DESTINATIONS, SERIAL_DESTINATIONS, TAP_CONFIRMATIONS};
use super::{ask, fields, missing, need};
use crate::ipmitool::commands::mc::system_info_block;
use crate::ipmitool::oem::manufacturer;
use crate::ipmitool::text::{colons, dotted, until_nul};
use crate::ipmitool::{Failed, Outcome, Reply, Session};

/// Channel media (table 6-3).
const LAN: u8 = 4;
const SERIAL: u8 = 5;

/// Get LAN, and Get Serial/Modem, Configuration Parameters.
const GET_LAN: (u8, u8) = (0x0C, 0x02);
const GET_SERIAL: (u8, u8) = (0x0C, 0x11);

/// Prints a destination of a channel.
pub(super) fn print(session: &mut Session<'_>, channel: u8, medium: u8, destination: u8) {
    // What is wrong has been logged, and the next policy follows.
    let _ = match medium {
        LAN => lan(session, channel, destination),
        SERIAL => serial(session, channel, destination),
        _ => {
            fields::number(session, "Destination ID", destination);
            Ok(())
        }
    };
}

const COUNT: &str = "Alert destination count";
const KIND: &str = "Alert destination type";
const PLACE: &str = "Alert destination info";

fn lan(session: &mut Session<'_>, channel: u8, destination: u8) -> Outcome {
    const PET: u8 = 0;
    need(session, GET_LAN, &[channel, 17, 0, 0], COUNT)?;
    let reply = about(session, GET_LAN, [channel, 18, destination, 0], KIND)?;
    let [kind, timeout, retries] = std::array::from_fn(|index| reply.at(2 + index));
    fields::text(session, KIND, fields::listed(kind & 7, LAN_DESTINATIONS));
    if kind & 7 == PET
        && let Ok(community) = need(session, GET_LAN, &[channel, 16, 0, 0], "PET community")
    {
        fields::put(session, "PET Community", until_nul(&community.buffer()[1..19]));
    }
    fields::number(session, "ACK timeout/retry (secs)", timeout);
    fields::number(session, "Retries", retries & 7);
    let reply = about(session, GET_LAN, [channel, 19, destination, 0], PLACE)?;
    fields::text(session, "IP address", &dotted(&reply.buffer()[4..8]));
    fields::text(session, "MAC address", &colons(&reply.buffer()[8..14]));
    Ok(())
}

/// The answer to a request, which must be about the same set.
fn about(
    session: &mut Session<'_>,
    command: (u8, u8),
    request: [u8; 4],
    name: &str,
) -> Result<Reply, Failed> {
    let [_, _, set, _] = request;
    ask(session, command, &request, name)
        .filter(|reply| reply.at(1) == set)
        .ok_or_else(|| missing(session, name))
}

/// Serial/modem parameters.
const DESTINATIONS: u8 = 16;
const DESTINATION: u8 = 17;
const DIAL_STRINGS: u8 = 20;
const DIAL_STRING: u8 = 21;
const TAP_ACCOUNTS: u8 = 24;
const TAP_ACCOUNT: u8 = 25;

fn serial(session: &mut Session<'_>, channel: u8, destination: u8) -> Outcome {
    const DIAL: u8 = 0;
    const TAP: u8 = 1;
    let last = need(session, GET_SERIAL, &[channel, DESTINATIONS, 0, 0], COUNT)?.at(1) & 0x0F;
    if destination == 0 || last == 0 {
        return Ok(());
    }
    if destination > last {
        dell(session, destination - last);
        return Ok(());
    }
    let reply = about(session, GET_SERIAL, [channel, DESTINATION, destination, 0], PLACE)?;
    // The original looks for these one byte too early, so that the number of
    // the destination passes for its type.
    let [kind, timeout, retries] = std::array::from_fn(|index| reply.at(1 + index));
    fields::text(session, KIND, fields::listed(kind & 0x0F, SERIAL_DESTINATIONS));
    fields::number(session, "ACK timeout (secs)", timeout);
    fields::number(session, "Retries", retries & 0x77);
    match kind & 0x0F {
        DIAL => dial(session, [channel, DESTINATION, destination], "Serial dial string"),
        TAP => tap(session, channel, destination),
        _ => Ok(()),
    }
}

/// Whether a count of the serial configuration is there and not zero.
fn has_any(session: &mut Session<'_>, parameter: u8, name: &str) -> bool {
    ask(session, GET_SERIAL, &[0, parameter, 0, 0], name).is_some_and(|reply| reply.at(1) & 0x0F != 0)
}

/// Prints the first block of a dial string. Its answer must name, in place of
/// its set, the parameter that led to it.
fn dial(session: &mut Session<'_>, [channel, parameter, set]: [u8; 3], name: &str) -> Outcome {
    if !has_any(session, DIAL_STRINGS, "Dial string count") {
        return Ok(());
    }
    let reply = ask(session, GET_SERIAL, &[channel, DIAL_STRING, set, 1], name)
        .filter(|reply| reply.at(1) == parameter && reply.at(2) == 1)
        .ok_or_else(|| missing(session, name))?;
    fields::put(session, name, until_nul(&reply.buffer()[3..19]));
    Ok(())
}

fn tap(session: &mut Session<'_>, channel: u8, destination: u8) -> Outcome {
    if !has_any(session, TAP_ACCOUNTS, "Number of TAP accounts") {
        return Ok(());
    }
    let request = |set| [channel, TAP_ACCOUNT, set, 0];
    let reply = about(session, GET_SERIAL, request(destination), "TAP account info")?;
    let (dial_string, settings) = (reply.at(2) >> 4, reply.at(2) & 0x0F);
    // The settings follow whatever comes of the dial string.
    let _ = dial(session, [channel, TAP_ACCOUNT, dial_string], "TAP Dial string");
    let reply = about(session, GET_SERIAL, request(settings), "TAP service settings")?;
    fields::text(session, "TAP confirmation", fields::listed(reply.at(2), TAP_CONFIRMATIONS));
    Ok(())
}

/// Prints one of Dell's destinations by IPv6.
fn dell(session: &mut Session<'_>, destination: u8) {
    /// System information parameters.
    const COUNT: u8 = 0xE6;
    const ADDRESS: u8 = 0xF0;
    if session.manufacturer() != manufacturer::DELL {
        return;
    }
    let byte = |reply: &Reply, at: usize| reply.data().get(at).copied().unwrap_or(0);
    let count = system_info_block(session, [COUNT, 0, 0]).filter(Reply::is_ok);
    if count.is_none_or(|count| destination > byte(&count, 0)) {
        return;
    }
    fields::text(session, KIND, "xxx");
    fields::text(session, "PET Community", "xxx");
    fields::number(session, "ACK timeout/retry (secs)", 0);
    fields::number(session, "Retries", 0);
    let first = system_info_block(session, [ADDRESS, 0, destination]).filter(Reply::is_ok);
    let Some(first) = first else { return };
    // What one answer can hold of the text.
    const READ: usize = 19;
    const IN_FIRST: usize = 11;
    const IN_LATER: usize = 14;
    let bytes = |reply: &Reply, from: usize, count: usize| {
        (from..from + count).map(|at| if at < READ { byte(reply, at) } else { 0 }).collect::<Vec<_>>()
    };
    let mut left = usize::from(byte(&first, 4));
    let mut address = bytes(&first, 8, left.min(IN_FIRST));
    let mut set = 1;
    while left > IN_FIRST {
        let count = (left - IN_FIRST).min(IN_LATER);
        let reply = system_info_block(session, [ADDRESS, set, destination]).filter(Reply::is_ok);
        // Each part goes where eleven bytes for each before it would end.
        address.resize(usize::from(set) * IN_FIRST, 0);
        address.extend(reply.map_or(vec![0; count], |reply| bytes(&reply, 3, count)));
        left = left.saturating_sub(count + 3);
        set += 1;
    }
    fields::put(session, "IPv6 Address", until_nul(&address));
}
