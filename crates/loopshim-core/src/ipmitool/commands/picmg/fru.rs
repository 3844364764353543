//! Addresses, activation, resets and power of FRUs (PICMG 3.0 section 3.2).

use super::words::{byte, byte_unstopped};
use super::{Controller, ask, send};
use crate::ipmitool::discovery::PICMG_ADDRESS_INFO;
use crate::ipmitool::text::frus::FRU_CONTROLS;
use crate::ipmitool::text::name_of;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session};
use crate::{log, out};

const CONTROL: u8 = 0x04;
const SET_POLICY: u8 = 0x0A;
const GET_POLICY: u8 = 0x0B;
const ACTIVATION: u8 = 0x0C;
const SET_POWER: u8 = 0x11;
const GET_POWER: u8 = 0x12;
const BUSED_RESOURCE: u8 = 0x17;

pub(super) fn print_address(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let fru = words.first().map_or(Ok(0), |word| session.fru_argument(word))?;
    let Some(reply) = send(session, PICMG_ADDRESS_INFO, &[fru]) else {
        log!(session, ERR, "Error. No valid response received.");
        return Err(Failed);
    };
    if !reply.is_ok() {
        log!(session, ERR, "Error getting address information CC: 0x{:02x}", reply.completion);
        return Err(Failed);
    }
    print_place(session, &reply);
    out!(session, "Site Type        : ");
    match (reply.at(6), SITE_TYPES.get(reply.at(6).into())) {
        (AMC, _) => out!(session, "AMC  -> IPMB-L Address: 0x{:02x}\n", local_address(reply.at(5))),
        (_, Some(name)) => out!(session, "{name}\n"),
        (0xC0..=0xCF, _) => out!(session, "OEM\n"),
        _ => out!(session, "unknown\n"),
    }
    Ok(())
}

/// The address part of the response, which is VITA's too.
pub fn print_place(session: &mut Session<'_>, reply: &Reply) {
    let rows =
        [("Hardware Address", 1), ("IPMB-0 Address  ", 2), ("FRU ID          ", 4), ("Site ID         ", 5)];
    for (title, index) in rows {
        out!(session, "{title} : 0x{:02x}\n", reply.at(index));
    }
}

const AMC: u8 = 0x07;

const SITE_TYPES: Words = words![
    "ATCA board",
    "Power Entry Module",
    "Shelf FRU",
    "Dedicated Shelf Manager",
    "Fan Tray",
    "Fan Filter Tray",
    "Alarm module",
    "AMC",
    "PMC",
    "RTM",
];

/// The IPMB-L address of an AMC site. Past its twelfth the original reads
/// what lies behind its table.
fn local_address(site: u8) -> u8 {
    match site {
        0 => 0xFF,
        1..=12 => 0x70 + 2 * site,
        _ => 0,
    }
}

pub(super) fn print_bused_resources(
    session: &mut Session<'_>,
    controller: &Controller,
    _: &[Arg],
) -> Outcome {
    for (resource, name) in RESOURCES.iter().enumerate() {
        let Some(reply) = send(session, BUSED_RESOURCE, &[0, resource as u8]) else {
            out!(session, "bused resource control: no response\n");
            break;
        };
        if !reply.is_ok() {
            out!(session, "bused resource control: returned CC code 0x{:02x}\n", reply.completion);
            break;
        }
        let status = reply.at(1);
        let words = match status {
            0 => "In control".to_owned(),
            1 => "No control".to_owned(),
            _ => session.personality.unknown_oem_value(status.into()),
        };
        out!(session, "Resource 0x{resource:02x} '{name}' : 0x{status:02x} [{words}] \n");
    }
    controller.answered
}

/// All as wide as the original makes them.
const RESOURCES: Words = words![
    "Metallic Test Bus pair #1 ",
    "Metallic Test Bus pair #2 ",
    "Synch clock group 1 (CLK1)",
    "Synch clock group 2 (CLK2)",
    "Synch clock group 3 (CLK3)",
];

pub(super) fn control(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    let option = byte(session, &words[1], "FRU Control Option", |option| option <= 4)?;
    let name = name_of(option.into(), FRU_CONTROLS);
    out!(session, "FRU Device Id: {fru} FRU Control Option: {name}\n");
    ask(session, CONTROL, &[fru, option], "frucontrol")?;
    out!(session, "frucontrol: ok\n");
    Ok(())
}

pub(super) fn set_activation(session: &mut Session<'_>, words: &[Arg], state: u8) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    let reply = send(session, ACTIVATION, &[fru, state]).filter(Reply::is_ok);
    if reply.as_ref().is_none_or(|reply| reply.at(0) != 0) {
        log!(session, ERR, "Error activation/deactivation of FRU.");
    }
    reply.map(drop).ok_or(Failed)
}

pub(super) fn print_policy(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    let policy = ask(session, GET_POLICY, &[fru], "FRU activation policy get")?.at(1);
    for (bit, name) in ["activation", "deactivation"].iter().enumerate() {
        let not = if policy & 1 << bit != 0 { "" } else { "not " };
        out!(session, " {name} {not}locked\n");
    }
    Ok(())
}

pub(super) fn set_policy(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    let mask = byte(session, &words[1], "FRU Lock Mask", |mask| mask <= 3)?;
    let policy = byte(session, &words[2], "FRU Activation Policy", |policy| policy <= 3)?;
    ask(session, SET_POLICY, &[fru, mask, policy], "FRU activation policy set").map(drop)
}

pub(super) fn print_power(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    let kind = byte_unstopped(session, &words[1], "Power Type", |kind| kind <= 3)?;
    let reply = ask(session, GET_POWER, &[fru, kind], "Power level get")?;
    let [state, delay, multiplier] = [1, 2, 3].map(|index| reply.at(index));
    let dynamic = if state & 0x80 != 0 { "enabled" } else { "disabled" };
    out!(session, "Dynamic Power Configuration: {dynamic}\n");
    out!(session, "Actual Power Level:          {}\n", state & 0xF);
    out!(session, "Delay to stable Power:       {delay}\nPower Multiplier:            {multiplier}\n");
    for level in 1..reply.len().saturating_sub(3) {
        let draw = u32::from(reply.at(level + 3)) * u32::from(multiplier) / 10;
        out!(session, "   Power Draw {level}:            {draw}\n");
    }
    Ok(())
}

pub(super) fn set_power(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    let level = byte(session, &words[1], "PICMG Power Level", |level| level <= 0x14 || level == 0xFF)?;
    let present = byte(session, &words[2], "PICMG Present-to-desired", |present| present <= 1)?;
    ask(session, SET_POWER, &[fru, level, present], "Power level set").map(drop)
}
