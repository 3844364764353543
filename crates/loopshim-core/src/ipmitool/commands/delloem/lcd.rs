//! `delloem lcd`: what the front panel shows and who may use it (System Info
//! parameters C1h, C2h, CFh, D1h and E7h).

use super::{APP, Complaint, Controller, field, first, system_info};
use crate::ipmitool::help::delloem as help;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Described, described, until_nul};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::{log, out};

const TEXT: u8 = 0xC1;
const CONFIGURATION: u8 = 0xC2;
const CAPABILITIES: u8 = 0xCF;
const MODEL_NAME: u8 = 0xD1;
const STATUS: u8 = 0xE7;
/// Most bytes of a text, and of its first and later blocks.
const TEXT_MAX: usize = 62;
const FIRST_BLOCK: usize = 14;
const LATER_BLOCK: usize = 16;

/// Modes by code: the word that sets it, and what `info` says of it.
const MODES: Described = described![
    (0x000, "userdefined", " User defined"),
    (0x001, "modelname", "Model name"),
    (0x002, "none", "   none"),
    (0x004, "ipv4address", "   IPV4 Address"),
    (0x008, "macaddress", "   MAC Address"),
    (0x010, "systemname", "   OS System Name"),
    (0x020, "servicetag", "   System Tag"),
    (0x040, "ipv6address", "  IPV6 Address"),
    (0x080, "ambienttemp", "  Ambient Temp"),
    (0x100, "systemwatt", "  System Watts"),
    (0x200, "assettag", "  Asset Tag"),
];
const USER_DEFINED: u32 = 0;

const GETTING: Complaint<'_> = Complaint {
    silence: "Error getting LCD configuration",
    refusal: "Error getting LCD configuration",
    unsupported: "Error getting LCD configuration: Command not supported on this system.",
    also_absent: true,
};
const SETTING: Complaint<'_> = Complaint {
    silence: "Error setting LCD configuration",
    refusal: "Error setting LCD configuration",
    unsupported: "Error setting LCD configuration: Command not supported on this system.",
    also_absent: true,
};

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    if matches!(first(words), None | Some(b"help")) {
        return session.explain(help::LCD);
    }
    let has_display = system_info(session, STATUS, 0).is_some_and(|reply| reply.is_ok());
    let controller = Controller::ask(session);
    if !has_display {
        log!(session, ERR, "lcd is not supported on this system.");
        return Err(Failed);
    }
    match first(words) {
        Some(b"info") if controller.is_recent() => print_mode(session),
        Some(b"info") => print_old_mode(session),
        Some(b"status") => print_status(session),
        Some(b"set") => set(session, controller.is_recent(), &words[1..]),
        _ => Err(invalid(session, &words[0])),
    }
}

fn invalid(session: &mut Session<'_>, word: &[u8]) -> Failed {
    session.complain("Invalid DellOEM command: ", word, "");
    session.help(help::LCD);
    Failed
}

/// Passes what the controller does not know after a complaint, as most of the
/// original's requests here do.
fn tolerate(
    session: &mut Session<'_>,
    reply: Option<Reply>,
    complaint: &Complaint<'_>,
) -> Result<Option<Reply>, Failed> {
    let tolerated = reply.as_ref().is_some_and(|reply| complaint.is_unsupported(reply.completion));
    match complaint.check(session, reply, false) {
        Ok(reply) => Ok(Some(reply)),
        Err(_) if tolerated => Ok(None),
        Err(failed) => Err(failed),
    }
}

/// The configuration of a recent controller.
#[derive(Default)]
struct Configuration {
    mode: u32,
    qualifier: u8,
    error_display: u8,
}

impl Configuration {
    fn ask(session: &mut Session<'_>) -> Result<Self, Failed> {
        let reply = system_info(session, CONFIGURATION, 0);
        let reply = tolerate(session, reply, &GETTING)?;
        Ok(reply.map_or_else(Self::default, |reply| Self {
            mode: u32::from_le_bytes([1, 2, 3, 4].map(|at| field(&reply, at))),
            qualifier: field(&reply, 5),
            error_display: field(&reply, 11),
        }))
    }
}

fn print_mode(session: &mut Session<'_>) -> Outcome {
    out!(session, "LCD info\n");
    let configuration = Configuration::ask(session)?;
    if let Some((mode, _, name)) = MODES.iter().find(|row| u32::from(row.0) == configuration.mode) {
        let model = if mode == 1 { Some(model_name(session)?) } else { None };
        out!(session, "    Setting:{name}\n");
        let bit = |bit: u8, [on, off]: [&'static str; 2]| {
            if configuration.qualifier & bit != 0 { on } else { off }
        };
        match mode {
            0x000 => print_text(session)?,
            0x001 => print_line(session, "    Line 1:  ", &model.unwrap_or_default()),
            0x080 => out!(session, "    Unit:  {}\n", bit(2, ["F", "C"])),
            0x100 => out!(session, "    Unit:  {}\n", bit(1, ["BTU/hr", "Watt"])),
            _ => {}
        }
    }
    match configuration.error_display {
        1 => out!(session, "    Error Display:  SEL\n"),
        2 => out!(session, "    Error Display:  Simple\n"),
        _ => {}
    }
    Ok(())
}

fn print_old_mode(session: &mut Session<'_>) -> Outcome {
    out!(session, "LCD info\n");
    let reply = system_info(session, CONFIGURATION, 0);
    // An unknown command is a failure here.
    match field(&GETTING.check(session, reply, false)?, 1) {
        0 => {
            out!(session, "    Setting: custom\n");
            print_text(session)?;
        }
        1 => {
            let name = model_name(session)?;
            out!(session, "    Setting: default\n");
            print_line(session, "    Line 1:  ", &name);
        }
        2 => out!(session, "    Setting:   none\n"),
        _ => {}
    }
    Ok(())
}

fn print_line(session: &mut Session<'_>, title: &str, text: &[u8]) {
    session.console.put(&[title.as_bytes(), until_nul(text), b"\n"].concat());
}

fn print_text(session: &mut Session<'_>) -> Outcome {
    const COMPLAINT: Complaint<'_> = Complaint {
        silence: "Error getting LCD capabilities.",
        refusal: "Error getting LCD capabilities",
        unsupported: "Error getting LCD capabilities: Command not supported on this system.",
        also_absent: true,
    };
    let reply = system_info(session, CAPABILITIES, 0);
    let reply = tolerate(session, reply, &COMPLAINT)?;
    let byte = |at: usize| reply.as_ref().map_or(0, |reply| field(reply, at));
    if byte(2) == 0 {
        out!(session, "    No lines to show\n");
        return Ok(());
    }
    // A text that cannot be read is shown as far as it was.
    let most = usize::from(byte(3));
    let (text, _) = read_text(session, TEXT, "Error getting text data", |length| {
        (1..=most).contains(&length).then_some(length)
    });
    print_line(session, "    Text:    ", &text);
    Ok(())
}

fn model_name(session: &mut Session<'_>) -> Result<Vec<u8>, Failed> {
    let (text, outcome) = read_text(session, MODEL_NAME, "Error getting platform model name", Some);
    outcome.map(|()| text)
}

/// Reads a text in blocks; `accept` says how much of its length is wanted.
fn read_text(
    session: &mut Session<'_>,
    parameter: u8,
    failure: &str,
    accept: impl Fn(usize) -> Option<usize>,
) -> (Vec<u8>, Outcome) {
    let (mut text, mut length) = (Vec::new(), 0);
    for block in 0..4 {
        let reply = match system_info(session, parameter, block) {
            Some(reply) if reply.is_ok() => reply,
            Some(reply) => {
                log!(session, ERR, "{failure}: {}", completion_name(reply.completion));
                return (text, Err(Failed));
            }
            None => {
                log!(session, ERR, "{failure}");
                return (text, Err(Failed));
            }
        };
        let (start, size) = if block == 0 {
            let Some(accepted) = accept(field(&reply, 3).into()) else { break };
            length = accepted.min(TEXT_MAX);
            (4, FIRST_BLOCK)
        } else {
            (2, LATER_BLOCK)
        };
        let wanted = (length - text.len()).min(size);
        text.extend((start..start + wanted).map(|at| field(&reply, at)));
        if text.len() >= length {
            break;
        }
    }
    (text, Ok(()))
}

/// Whether a session over the network uses the screen, and the panel's lock.
fn status(session: &mut Session<'_>) -> Result<[u8; 2], Failed> {
    let reply = system_info(session, STATUS, 0);
    let complaint = Complaint {
        silence: "Error getting LCD Status",
        refusal: "Error getting LCD Status",
        unsupported: "Error getting LCD status: Command not supported on this system.",
        also_absent: true,
    };
    let reply = complaint.check(session, reply, false)?;
    Ok([field(&reply, 1), field(&reply, 2)])
}

fn print_status(session: &mut Session<'_>) -> Outcome {
    let [screen, lock] = status(session)?;
    let screen = ["Inactive", "Active"].get(usize::from(screen)).unwrap_or(&"Invalid Status");
    let lock = ["View and modify", "View only", "disabled"].get(usize::from(lock)).unwrap_or(&"Invalid");
    out!(session, "LCD KVM Status :{screen}\n");
    out!(session, "LCD lock Status :{lock}\n");
    Ok(())
}

fn set_status(session: &mut Session<'_>, index: usize, value: u8) -> Outcome {
    let mut status = status(session)?;
    status[index] = value;
    let reply = session.send(APP, 0x58, &[STATUS, status[0], status[1], 0, 0]);
    let complaint = Complaint {
        silence: "Error setting LCD status",
        refusal: "Error setting LCD status",
        unsupported: "Error getting LCD status: Command not supported on this system.",
        also_absent: true,
    };
    complaint.check(session, reply, false).map(|_| ())
}

fn set(session: &mut Session<'_>, is_recent: bool, mut words: &[Arg]) -> Outcome {
    if first(words) == Some(b"line") {
        // The number is read, and nothing done with it.
        if let Some(line) = words.get(1)
            && number::to_u8(line).is_err()
        {
            session.complain("Argument '", line, "' is either not a number or out of range.");
            return Err(Failed);
        }
        words = words.get(2..).unwrap_or_default();
        if words.is_empty() {
            return session.misused(help::DELLOEM);
        }
    }
    let Some((what, rest)) = words.split_first() else { return session.misused(help::LCD) };
    let takes: fn(&mut Session<'_>, &[Arg]) -> Option<Outcome> = match what.as_slice() {
        b"mode" if is_recent => set_mode,
        b"lcdqualifier" if is_recent => set_qualifier,
        b"errordisplay" if is_recent => set_error_display,
        b"none" if !is_recent => return set_old_mode(session, 2),
        b"default" if !is_recent => return set_old_mode(session, 1),
        b"custom" if !is_recent => |session, words| {
            let outcome = send_text(session, &words[0]).and_then(|()| set_old_mode(session, 0));
            Some(outcome)
        },
        b"vkvm" => |session, words| choose(session, words, &[b"inactive", b"active"], 0),
        b"frontpanelaccess" => {
            |session, words| choose(session, words, &[b"viewandmodify", b"viewonly", b"disabled"], 1)
        }
        b"help" if !is_recent => return session.explain(help::LCD),
        _ => return Err(invalid(session, what)),
    };
    let Some(value) = rest.first() else { return session.misused(help::LCD) };
    match takes(session, rest) {
        Some(outcome) => outcome,
        None if value == b"help" => session.explain(help::LCD),
        None => {
            invalid(session, value);
            Ok(())
        }
    }
}

fn choose(session: &mut Session<'_>, words: &[Arg], names: &[&[u8]], index: usize) -> Option<Outcome> {
    let value = names.iter().position(|name| *name == words[0])?;
    Some(set_status(session, index, value as u8))
}

fn set_mode(session: &mut Session<'_>, words: &[Arg]) -> Option<Outcome> {
    let (mode, ..) = MODES.iter().find(|row| row.1.as_bytes() == words[0])?;
    let mode = u32::from(mode);
    if mode == USER_DEFINED {
        let Some(text) = words.get(1) else { return Some(session.misused(help::LCD)) };
        if let Err(failed) = send_text(session, text) {
            return Some(Err(failed));
        }
    }
    Some(configure(session, |configuration| configuration.mode = mode))
}

fn set_qualifier(session: &mut Session<'_>, words: &[Arg]) -> Option<Outcome> {
    let (mask, bits) = match words[0].as_slice() {
        b"watt" => (0xFE, 0),
        b"btuphr" => (0xFF, 1),
        b"celsius" => (0xFD, 0),
        b"fahrenheit" => (0xFF, 2),
        _ => return None,
    };
    Some(configure(session, |configuration| configuration.qualifier = configuration.qualifier & mask | bits))
}

fn set_error_display(session: &mut Session<'_>, words: &[Arg]) -> Option<Outcome> {
    let display = match words[0].as_slice() {
        b"sel" => 1,
        b"simple" => 2,
        _ => return None,
    };
    Some(configure(session, |configuration| configuration.error_display = display))
}

/// Changes the configuration; one that cannot be read counts as zero.
fn configure(session: &mut Session<'_>, change: impl FnOnce(&mut Configuration)) -> Outcome {
    let mut configuration = Configuration::ask(session).unwrap_or_default();
    change(&mut configuration);
    // What the original sends in between is left over on its stack.
    let mut data = [0; 13];
    data[0] = CONFIGURATION;
    data[1..5].copy_from_slice(&configuration.mode.to_le_bytes());
    data[5] = configuration.qualifier;
    data[11] = configuration.error_display;
    let reply = session.send(APP, 0x58, &data);
    tolerate(session, reply, &SETTING).map(|_| ())
}

fn set_old_mode(session: &mut Session<'_>, mode: u8) -> Outcome {
    let reply = session.send(APP, 0x58, &[CONFIGURATION, mode]);
    tolerate(session, reply, &SETTING).map(|_| ())
}

fn send_text(session: &mut Session<'_>, text: &[u8]) -> Outcome {
    let reply = system_info(session, CAPABILITIES, 0);
    let failure = "Error getting LCD capabilities";
    let complaint = Complaint { silence: failure, refusal: failure, unsupported: "", also_absent: false };
    let capabilities = complaint.check(session, reply, false)?;
    if field(&capabilities, 2) == 0 {
        log!(session, ERR, "LCD does not have any lines that can be set");
        return Err(Failed);
    }
    if text.len() > TEXT_MAX {
        log!(session, ERR, "Out of range Max limit is 62 characters");
        return Err(Failed);
    }
    let failure = "Error setting text data";
    let complaint = Complaint { silence: failure, refusal: failure, unsupported: "", also_absent: false };
    let (first, later) = text.split_at(text.len().min(FIRST_BLOCK));
    let mut data = [0; 18];
    data[..4].copy_from_slice(&[TEXT, 0, 0, text.len() as u8]);
    data[4..4 + first.len()].copy_from_slice(first);
    let reply = session.send(APP, 0x58, &data);
    let mut outcome = complaint.check(session, reply, false);
    for (block, piece) in (1..).zip(later.chunks(LATER_BLOCK)) {
        data[1] = block;
        data[2..2 + piece.len()].copy_from_slice(piece);
        let reply = session.send(APP, 0x58, &data);
        outcome = complaint.check(session, reply, false);
    }
    outcome.map(|_| ())
}
