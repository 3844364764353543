//! `picmg clk`: clocks of modules (AMC.0 R2.0 section 3.9.2).

use super::words::{any, byte, clock_resource};
use super::{Card, Controller, Filter, refuse, send, silence};
use crate::ipmitool::text::{Names, name_of, names};
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::{log, out};

const SET: u8 = 0x2C;
const GET: u8 = 0x2D;

/// Resource ids of modules have this kind (bits 7:6).
const MODULE: i8 = 0x40;

pub(super) fn print_all(session: &mut Session<'_>, controller: &Controller, filter: Filter) -> Outcome {
    if session.verbose > 0 {
        let what = match filter {
            Filter::Enabled => "enabled clocks",
            Filter::Disabled => "disabled clocks",
            _ => "all clock state",
        };
        out!(session, "Getting {what}\n");
    }
    let resources = if controller.card == Card::Module { 1 } else { 16 };
    let mut outcome = Ok(());
    for (resource, clock) in (0..resources).flat_map(|resource| (0..16).map(move |clock| (resource, clock))) {
        outcome = print(session, controller, (clock, resource), filter);
    }
    outcome
}

pub(super) fn print_one(session: &mut Session<'_>, controller: &Controller, words: &[Arg]) -> Outcome {
    let clock = byte(session, &words[0], "Clock ID", any)?;
    let resource = words.get(1).map_or(Ok(-1), |word| clock_resource(session, word, -1))?;
    print(session, controller, (clock, resource), Filter::One)
}

/// One clock; a refusal is told only where one was meant.
fn print(
    session: &mut Session<'_>,
    controller: &Controller,
    (clock, resource): (u8, i8),
    filter: Filter,
) -> Outcome {
    let with_resource = resource != -1 && controller.card == Card::Board;
    let data = [clock, resource as u8];
    let Some(reply) = send(session, GET, &data[..1 + usize::from(with_resource)]) else {
        return Err(silence(session));
    };
    if !reply.is_ok() {
        return if filter == Filter::One { Err(refuse(session, "Clk get", &reply)) } else { Ok(()) };
    }
    let setting = reply.at(1);
    if filter.takes(setting >> 3 & 1) {
        print_place(session, controller, (clock, resource));
        print_setting(session, &reply, setting);
    }
    Ok(())
}

fn print_place(session: &mut Session<'_>, controller: &Controller, (clock, mut resource): (u8, i8)) {
    if controller.card == Card::Module {
        out!(session, "CLK resource id   : N/A [ AMC Module ]\n");
        resource = MODULE;
    } else {
        let name = resource_name(session, resource as u8);
        out!(session, "CLK resource id   : {resource:3} [ {name} ]\n");
    }
    let name = clock_name(session, resource as u8 >> 6, clock);
    out!(session, "CLK id            : {clock:3} [ {name} ]\n");
}

fn print_setting(session: &mut Session<'_>, reply: &Reply, setting: u8) {
    let (state, direction) = (setting & 8 != 0, if setting & 4 != 0 { "Source" } else { "Receiver" });
    out!(session, "CLK setting       : 0x{setting:02x}\n");
    out!(session, " - state:     {}\n", if state { "enabled" } else { "disabled" });
    out!(session, " - direction: {direction}\n - PLL ctrl:  0x{:x}\n", setting & 3);
    if !state {
        return;
    }
    let [index, family, accuracy] = [2, 3, 4].map(|index| reply.at(index));
    let frequency = i32::from_le_bytes([5, 6, 7, 8].map(|index| reply.at(index)));
    let name = name_of(family.into(), FAMILIES);
    out!(session, "  - Index:  {index:3}\n  - Family: {family:3} [ {name} ] \n");
    let name = accuracy_name(session, family, accuracy);
    out!(session, "  - AccLVL: {accuracy:3} [ {name} ] \n  - Freq:   {frequency}\n");
}

fn resource_name(session: &Session<'_>, resource: u8) -> String {
    match (resource >> 6, resource & 0xF) {
        (0, device @ 0..=1) => format!("On-Carrier Device {device}"),
        (1, slot @ 1..=8) => {
            let (row, column) = (if slot > 4 { 'B' } else { 'A' }, (slot - 1) % 4 + 1);
            format!("AMC Site 1 - {row}{column}")
        }
        (2, 0) => "ATCA Backplane".to_owned(),
        (_, code) => session.personality.unknown_oem_value(code.into()),
    }
}

fn clock_name(session: &Session<'_>, kind: u8, clock: u8) -> String {
    match (kind, clock) {
        (0, 0..=15) => format!("Clock {clock}"),
        (1, 1..=5) => ["TCLKA", "TCLKB", "TCLKC", "TCLKD", "FLCKA"][usize::from(clock - 1)].to_owned(),
        // All nine have the name of the first.
        (2, 1..=9) => "CLK1A".to_owned(),
        _ => session.personality.unknown_oem_value(clock.into()),
    }
}

fn accuracy_name(session: &Session<'_>, family: u8, accuracy: u8) -> String {
    match (family, accuracy) {
        (1, 10..=90) if accuracy.is_multiple_of(10) => SONET.at(accuracy / 10 - 1).to_owned(),
        (2, 0xE0) => "PCI Express Generation 2".to_owned(),
        (2, 0xF0) => "PCI Express Generation 1".to_owned(),
        _ => session.personality.unknown_oem_value(accuracy.into()),
    }
}

/// Accuracy levels of synchronous networks, at each ten.
const SONET: Words = words!["PRS", "STU", "ST2", "TNC", "ST3E", "ST3", "SMC", "ST4", "DUS"];

const FAMILIES: Names = names![
    (0x00, "Unspecified"),
    (0x01, "SONET/SDH/PDH"),
    (0x02, "Reserved for PCI Express"),
    (0x03, "Reserved"),
    (0xC9, "Vendor defined clock family"),
];

pub(super) fn set(session: &mut Session<'_>, controller: &Controller, words: &[Arg]) -> Outcome {
    let mut data = Vec::new();
    for (word, what) in words.iter().zip(["ID", "Index", "Setting", "Family", "Accuracy"]) {
        data.push(byte(session, word, &format!("Clock {what}"), any)?);
    }
    let frequency = number::to_u32(&words[5])
        .map_err(|_| session.complain("Given Clock Frequency '", &words[5], "' is invalid."))?;
    data.extend(frequency.to_le_bytes());
    if controller.card == Card::Board {
        let Some(word) = words.get(6) else {
            log!(session, ERR, "Missing resource id for atca board.");
            return Err(Failed);
        };
        data.push(clock_resource(session, word, 0)? as u8);
    }
    super::ask(session, SET, &data, "Clk set").map(drop)
}
