//! `vita`: the management controllers of VPX modules (ANSI/VITA 46.11).

mod led;

use super::after;
use super::picmg::print_place;
use crate::ipmitool::discovery::{GROUP_EXTENSION, PROPERTIES, VITA};
use crate::ipmitool::help::Help;
use crate::ipmitool::help::vita as help;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::frus::FRU_CONTROLS;
use crate::ipmitool::text::{Names, SharpHex, name_of, names};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::{log, out};

const FRU_CONTROL: u8 = 0x04;
const SET_POLICY: u8 = 0x0A;
const GET_POLICY: u8 = 0x0B;
const SET_ACTIVATION: u8 = 0x0C;
const ADDRESS_INFO: u8 = 0x40;

/// A sub-command.
struct Verb {
    /// Its one or two words.
    words: &'static str,
    /// How many more it needs.
    needs: usize,
    usage: Help,
    run: fn(&mut Session<'_>, &[Arg]) -> Outcome,
}

const VERBS: &[Verb] = &[
    Verb { words: "properties", needs: 0, usage: help::PROPERTIES, run: print_capabilities },
    Verb { words: "frucontrol", needs: 2, usage: help::FRU_CONTROL, run: control },
    Verb { words: "addrinfo", needs: 0, usage: help::ADDRESS, run: print_address },
    Verb { words: "activate", needs: 1, usage: help::ACTIVATE, run: activate },
    Verb { words: "deactivate", needs: 1, usage: help::DEACTIVATE, run: deactivate },
    Verb { words: "policy get", needs: 1, usage: help::POLICY_GET, run: print_policy },
    Verb { words: "policy set", needs: 3, usage: help::POLICY_SET, run: set_policy },
    Verb { words: "led prop", needs: 1, usage: help::LED_PROPERTIES, run: led::properties },
    Verb { words: "led cap", needs: 2, usage: help::LED_COLORS, run: led::colors },
    Verb { words: "led get", needs: 2, usage: help::LED_GET, run: led::get },
    Verb { words: "led set", needs: 5, usage: help::LED_SET, run: led::set },
];

/// Runs `ipmitool vita …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    match args {
        [] => {
            session.help_at_once(help::VITA);
            Ok(())
        }
        [word, topic @ ..] if session.personality.is_verb(word, "help") => {
            let text = match (find(session, topic), topic.first()) {
                (Some(verb), _) => verb.usage,
                (None, Some(word)) if !session.personality.is_verb(word, "help") => help::UNKNOWN,
                _ => help::VITA,
            };
            session.help_at_once(text);
            Ok(())
        }
        _ => match find(session, args) {
            None => {
                session.help_at_once(help::UNKNOWN);
                session.help_at_once(help::VITA);
                Err(Failed)
            }
            Some(verb) => match after(session, args, verb.words).unwrap_or_default() {
                words if words.len() >= verb.needs => (verb.run)(session, words),
                _ => {
                    session.help_at_once(verb.usage);
                    Err(Failed)
                }
            },
        },
    }
}

fn find(session: &Session<'_>, args: &[Arg]) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| after(session, args, verb.words).is_some())
}

/// Words for a missing response.
const SILENCE: &str = "No valid response received.";

/// Get FRU Address Info, of the controller's own FRU where none is given.
/// `Err` after logging what is wrong.
pub fn address_info(session: &mut Session<'_>, fru: &[u8]) -> Result<Reply, Failed> {
    // For once without the full stop.
    ask(session, ADDRESS_INFO, fru, "No valid response received", |_| 7)
}

/// Sends one of VITA's requests; `data` without the group's identifier,
/// `least` says how many bytes the response must have. `Err` after logging
/// what is wrong.
fn ask(
    session: &mut Session<'_>,
    cmd: u8,
    data: &[u8],
    silence: &str,
    least: fn(&Reply) -> usize,
) -> Result<Reply, Failed> {
    let Some(reply) = session.send(GROUP_EXTENSION, cmd, &[&[VITA], data].concat()) else {
        log!(session, ERR, "{silence}");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let words = completion_name(reply.completion);
        log!(session, ERR, "Invalid completion code received: {words}");
    } else if reply.len() < least(&reply) {
        log!(session, ERR, "Invalid response length {}", reply.len());
    } else if reply.at(0) != VITA {
        log!(session, ERR, "Invalid group extension {}", SharpHex(reply.at(0).into()));
    } else {
        return Ok(reply);
    }
    Err(Failed)
}

/// Sends a request made of a FRU's id and further bytes as typed. Only the id
/// is complained of.
fn ask_typed(
    session: &mut Session<'_>,
    cmd: u8,
    words: &[Arg],
    least: fn(&Reply) -> usize,
) -> Result<Reply, Failed> {
    let data = typed(session, words)?;
    ask(session, cmd, &data, SILENCE, least)
}

fn typed(session: &mut Session<'_>, words: &[Arg]) -> Result<Vec<u8>, Failed> {
    let byte = |(index, word): (usize, &Arg)| match index {
        0 => session.fru_argument(word),
        _ => number::to_u8(word).map_err(|_| Failed),
    };
    words.iter().enumerate().map(byte).collect()
}

/// Sends such a request to change something, and says that it has.
fn change(session: &mut Session<'_>, cmd: u8, words: &[Arg], done: &str) -> Outcome {
    ask_typed(session, cmd, words, |_| 1)?;
    out!(session, "{done}");
    Ok(())
}

fn print_capabilities(session: &mut Session<'_>, _: &[Arg]) -> Outcome {
    let reply = ask(session, PROPERTIES, &[], SILENCE, |_| 5)?;
    let [group, tier, bus, standard, revision] = [0, 1, 2, 3, 4].map(|index| reply.at(index));
    out!(session, "VSO Identifier    : 0x{group:02x}\nIPMC Identifier   : 0x{tier:02x}\n");
    out!(session, "    Tier  {}\n    Layer {}\n", (tier & 3) + 1, (tier >> 4 & 3) + 1);
    let frequency = ["100", "400", "RESERVED", "RESERVED"][usize::from(bus >> 4 & 3)];
    out!(session, "IPMB Capabilities : 0x{bus:02x}\n    Frequency  {frequency}kHz\n");
    match bus & 3 {
        0 => out!(session, "    1 IPMB interface supported\n"),
        1 => out!(session, "    2 IPMB interfaces supported\n"),
        _ => {}
    }
    let standard = if standard & 3 == 0 { "VITA 46.11" } else { "RESERVED" };
    out!(session, "VSO Standard      : {standard}\n");
    out!(session, "VSO Spec Revision : {}.{}\n", revision & 0xF, revision >> 4);
    out!(session, "Max FRU Device ID : 0x{:02x}\n", reply.at(5));
    out!(session, "FRU Device ID     : 0x{:02x}\n", reply.at(6));
    Ok(())
}

fn print_address(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let fru = words.first().map_or(Ok(0), |word| session.fru_argument(word))?;
    let reply = address_info(session, &[fru])?;
    print_place(session, &reply);
    out!(session, "Site Type        : {}\n", name_of(reply.at(6).into(), SITE_TYPES));
    if reply.len() > 8 {
        out!(session, "Channel 7 Address: 0x{:02x}\n", reply.at(8));
    }
    Ok(())
}

/// Some carry their line's end with them.
const SITE_TYPES: Names = names![
    (0x00, "Front Loading VPX Plug-In Module"),
    (0x01, "Power Entry Module"),
    (0x02, "Chassic FRU Information Module"),
    (0x03, "Dedicated Chassis Manager"),
    (0x04, "Fan Tray"),
    (0x05, "Fan Tray Filter"),
    (0x06, "Alarm Panel"),
    (0x07, "XMC"),
    (0x09, "VPX Rear Transition Module"),
    (0x0A, "Front Loading VME Plug-In Module"),
    (0x0B, "Front Loading VXS Plug-In Module"),
    (0x0C, "Power Supply"),
    (0x0D, "Front Loading VITA 62 Module\n"),
    (0x0E, "VITA 71 Module\n"),
    (0x0F, "FMC\n"),
];

fn activate(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    set_activation(session, words, 1, "activated")
}

fn deactivate(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    set_activation(session, words, 0, "deactivated")
}

fn set_activation(session: &mut Session<'_>, words: &[Arg], state: u8, done: &str) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    ask(session, SET_ACTIVATION, &[fru, state], SILENCE, |_| 1)?;
    out!(session, "FRU has been successfully {done}\n");
    Ok(())
}

fn print_policy(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let bits = ask_typed(session, GET_POLICY, &words[..1], |_| 2)?.at(1);
    out!(session, "FRU State Policy Bits:\t{bits:x}h\n");
    let names = [
        "Default-Activation-Locked",
        "Commanded-Deactivation-Ignored",
        "Deactivation-Locked",
        "Activation-Locked",
    ];
    for (name, bit) in names.iter().zip([3, 2, 1, 0]) {
        out!(session, "    {name} Policy Bit is {}\n", bits >> bit & 1);
    }
    Ok(())
}

fn set_policy(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    change(session, SET_POLICY, &words[..3], "FRU state policy bits have been updated\n")
}

fn control(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let data = typed(session, &words[..2])?;
    let option = name_of(data[1].into(), FRU_CONTROLS);
    out!(session, "FRU Device Id: {} FRU Control Option: {option}\n", data[0]);
    ask(session, FRU_CONTROL, &data, SILENCE, |_| 1)?;
    out!(session, "FRU Control: ok\n");
    Ok(())
}
