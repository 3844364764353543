//! `picmg portstate` and `amcportstate`: links between boards (PICMG 3.0
//! section 3.7) and to modules (AMC.0 section 3.9).

use super::words::{any, byte, natural};
use super::{Card, Controller, Filter, refuse, send, silence};
use crate::ipmitool::help::picmg as help;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session};
use crate::{log, out};

const SET: u8 = 0x0E;
const GET: u8 = 0x0F;
const SET_AMC: u8 = 0x19;
const GET_AMC: u8 = 0x1A;

/// Links that a channel can be part of.
const LINKS: usize = 4;

const FABRIC: u8 = 1;

pub(super) fn print_all(session: &mut Session<'_>, filter: Filter) -> Outcome {
    let mut outcome = Ok(());
    for (interface, channel) in (0..4).flat_map(|interface| (1..=16).map(move |channel| (interface, channel)))
    {
        // A fabric has 15; the other lists ask for one more.
        if filter != Filter::All || interface != FABRIC || channel < 16 {
            outcome = print(session, interface, channel, filter);
        }
    }
    outcome
}

pub(super) fn print_one(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let interface = natural(session, &words[0], "Interface")?;
    let channel = byte(session, &words[1], "AMC Channel", any)?;
    log!(session, DEBUG, "PICMG: requesting interface {interface}");
    log!(session, DEBUG, "PICMG: requesting channel {channel}");
    print(session, interface as u8, channel, Filter::One)
}

/// Asks for a channel's links; a refusal is told only where one was meant.
fn ask(
    session: &mut Session<'_>,
    (cmd, data): (u8, &[u8]),
    filter: Filter,
    refusal: &str,
) -> Result<Reply, Failed> {
    let Some(reply) = send(session, cmd, data) else { return Err(silence(session)) };
    match filter {
        _ if reply.is_ok() => Ok(reply),
        Filter::One => Err(refuse(session, refusal, &reply)),
        _ => Err(Failed),
    }
}

fn print(session: &mut Session<'_>, interface: u8, channel: u8, filter: Filter) -> Outcome {
    let data = [interface << 6 | channel & 0x3F];
    let reply = ask(session, (GET, &data), filter, "FRU portstate get")?;
    if reply.len() < 6 {
        log!(session, ERR, "Unexpected answer, can't print result.");
        return Ok(());
    }
    for link in (1..).step_by(5).take(LINKS).take_while(|link| reply.len() > *link) {
        let state = reply.at(link + 4);
        if filter.takes(state) {
            let descriptor = [0, 1, 2, 3].map(|index| reply.at(link + index));
            print_link(session, u32::from_le_bytes(descriptor), state);
        }
    }
    Ok(())
}

/// A link descriptor: channel 6 bits, interface 2, ports 4, type 8, extension
/// 4, grouping 8.
fn print_link(session: &mut Session<'_>, link: u32, state: u8) {
    let (channel, interface, ports) = (link & 0x3F, link >> 6 & 3, link >> 8 & 0xF);
    let (kind, extension, grouping) = ((link >> 12) as u8, link >> 20 & 0xF, link >> 24);
    out!(session, "      Link Grouping ID:     0x{grouping:02x}\n");
    out!(session, "      Link Type Extension:  0x{extension:02x}\n");
    out!(session, "      Link Type:            0x{kind:02x}  ");
    match kind {
        0 | 0xFF => out!(session, "Reserved {kind}\n"),
        0x06..=0xEF => out!(session, "Reserved\n"),
        0xF0..=0xFE => out!(session, "OEM GUID Definition\n"),
        _ => out!(session, "{}\n", LINK_TYPES.at(kind - 1)),
    }
    out!(session, "      Link Designator: \n        Port Flag:          0x{ports:02x}\n");
    let name = ["Base Interface", "Fabric Interface", "Update Channel", "Reserved"][interface as usize];
    out!(session, "        Interface:          0x{interface:02x} - {name}\n");
    out!(session, "        Channel Number:     0x{channel:02x}\n");
    out!(session, "      STATE:                {}\n\n", state_name(state));
}

const LINK_TYPES: Words = words![
    "PICMG 3.0 Base Interface 10/100/1000",
    "PICMG 3.1 Ethernet Fabric Interface",
    "PICMG 3.2 Infiniband Fabric Interface",
    "PICMG 3.3 Star Fabric Interface",
    "PCI Express Fabric Interface",
];

fn state_name(state: u8) -> &'static str {
    if state == 1 { "enabled" } else { "disabled" }
}

pub(super) fn set(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let [interface, channel, port, rest @ ..] = words else { return Err(Failed) };
    if rest.len() > 4 {
        session.help(help::PORT_SET);
        return Err(Failed);
    }
    let interface = natural(session, interface, "Interface")?;
    let channel = byte(session, channel, "AMC Channel", any)?;
    let port = natural(session, port, "Port")?;
    let link = Link::read(session, rest)?;
    log!(session, DEBUG, "PICMG: interface {interface}");
    log!(session, DEBUG, "PICMG: channel {channel}");
    log!(session, DEBUG, "PICMG: port {port}");
    link.trace(session);
    let data = [&[channel & 0x3F | (interface as u8) << 6], &link.data(port as u8)[..]].concat();
    super::ask(session, SET, &data, "Picmg portstate set").map(drop)
}

/// A link and its state, as typed.
struct Link {
    kind: u8,
    extension: u8,
    group: u8,
    enable: u8,
}

impl Link {
    fn read(session: &mut Session<'_>, words: &[Arg]) -> Result<Self, Failed> {
        Ok(Self {
            kind: byte(session, &words[0], "Link Type", any)?,
            extension: byte(session, &words[1], "Link Type Extension", |extension| extension <= 15)?,
            group: byte(session, &words[2], "Link Group", any)?,
            enable: byte(session, &words[3], "Enable", |enable| enable <= 1)?,
        })
    }

    fn trace(&self, session: &mut Session<'_>) {
        log!(session, DEBUG, "PICMG: type {}", self.kind);
        log!(session, DEBUG, "PICMG: typeext {}", self.extension);
        log!(session, DEBUG, "PICMG: group {}", self.group);
        log!(session, DEBUG, "PICMG: enable {}", self.enable);
    }

    fn data(&self, port: u8) -> [u8; 4] {
        [port & 0xF | self.kind << 4, self.kind >> 4 | self.extension << 4, self.group, self.enable]
    }
}

pub(super) fn print_all_amc(session: &mut Session<'_>, controller: &Controller, filter: Filter) -> Outcome {
    let devices = if controller.card == Card::Board { 16 } else { 1 };
    let mut outcome = Ok(());
    for (device, channel) in (0..devices).flat_map(|device| (0..=16).map(move |channel| (device, channel))) {
        outcome = print_amc(session, controller, Some(device), channel, filter);
    }
    outcome
}

pub(super) fn print_one_amc(session: &mut Session<'_>, controller: &Controller, words: &[Arg]) -> Outcome {
    let channel = byte(session, &words[0], "AMC Channel", any)?;
    let device = words.get(1).map(|word| natural(session, word, "Device")).transpose()?;
    log!(session, DEBUG, "PICMG: requesting device {}", device.unwrap_or(-1));
    log!(session, DEBUG, "PICMG: requesting channel {channel}");
    print_amc(session, controller, device, channel, Filter::One)
}

/// The links of a module's channel; only a board has devices to choose from.
fn print_amc(
    session: &mut Session<'_>,
    controller: &Controller,
    device: Option<i32>,
    channel: u8,
    filter: Filter,
) -> Outcome {
    let device = device.filter(|_| controller.card == Card::Board);
    let data: Vec<u8> = [channel].into_iter().chain(device.map(|device| device as u8)).collect();
    let reply = ask(session, (GET_AMC, &data), filter, "Amc portstate get")?;
    if reply.len() < 5 {
        log!(session, NOTICE, "ipmi_picmg_amc_portstate_getUnexpected answer, can't print result");
        return Ok(());
    }
    for link in (1..).step_by(4).take(LINKS).take_while(|link| reply.len() > *link) {
        let [first, second, grouping, state] = [0, 1, 2, 3].map(|index| reply.at(link + index));
        if !filter.takes(state) {
            continue;
        }
        match device {
            Some(device) => out!(session, "   Link device :         0x{device:02x}\n"),
            None => out!(session, "   Link device :         AMC\n"),
        }
        out!(session, "   Link Grouping ID:     0x{grouping:02x}\n");
        // The upper half of the type is, by a slip, put over the lower.
        print_amc_type(session, first >> 4 | second & 0xF, second >> 4);
        out!(session, "   Link Designator: \n      Channel Number:    0x{channel:02x}\n");
        out!(session, "      Port Flag:         0x{:02x}\n", first & 0xF);
        out!(session, "   STATE:                {}\n\n", state_name(state));
    }
    Ok(())
}

fn print_amc_type(session: &mut Session<'_>, kind: u8, extension: u8) {
    let (name, extensions) = match kind {
        0 | 1 => ("Reserved", None),
        2 => ("PCI EXPRESS", Some(PCI_EXPRESS)),
        3 => ("ADVANCED SWITCHING1", Some(PCI_EXPRESS)),
        4 => ("ADVANCED SWITCHING2", Some(PCI_EXPRESS)),
        5 => ("ETHERNET", Some(ETHERNET)),
        6 => ("RAPIDIO", Some(RAPID_IO)),
        7 => ("STORAGE", Some(STORAGE)),
        _ => ("undefined", None),
    };
    match extensions {
        None => out!(session, "   Link Type Extension:  0x{extension:02x}\n"),
        Some(names) => {
            let extension = names.get(usize::from(extension)).unwrap_or(&"");
            out!(session, "   Link Type Extension:  {extension}\n");
        }
    }
    out!(session, "   Link Type:            {name}\n");
}

const PCI_EXPRESS: &[&str] = &["Gen 1 - NSSC", "Gen 1 - SSC", "Gen 2 - NSSC", "Gen 2 - SSC"];
const ETHERNET: &[&str] = &["1000BASE-BX (SerDES Gigabit)", "10GBASE-BX410 Gigabit XAUI"];
const RAPID_IO: &[&str] =
    &["1.25 Gbaud transmission rate", "2.5 Gbaud transmission rate", "3.125 Gbaud transmission rate"];
const STORAGE: &[&str] = &["Fibre Channel", "Serial ATA", "Serial Attached SCSI"];

pub(super) fn set_amc(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let channel = byte(session, &words[0], "AMC Channel", any)?;
    let port = natural(session, &words[1], "Port")?;
    let link = Link::read(session, &words[2..])?;
    let device = words.get(6).map(|word| natural(session, word, "Device")).transpose()?;
    log!(session, DEBUG, "PICMG: channel {channel}");
    log!(session, DEBUG, "PICMG: portflags {port}");
    link.trace(session);
    log!(session, DEBUG, "PICMG: device {}", device.unwrap_or(-1));
    let mut data = [&[channel], &link.data(port as u8)[..]].concat();
    data.extend(device.map(|device| device as u8));
    super::ask(session, SET_AMC, &data, "Amc portstate set").map(drop)
}
