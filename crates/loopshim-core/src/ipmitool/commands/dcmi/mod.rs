//! `dcmi`: the Data Center Manageability Interface (DCMI 1.5 section 6).

mod capabilities;
mod configuration;
mod identity;
mod power;
mod temperature;
mod thermal;
pub(super) mod words;

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Names, described, name_of, names};
use crate::ipmitool::{Arg, Failed, Level, Outcome, Reply, Session};
use crate::{log, out};
use words::{List, code_of, list};

/// Network function of group extensions.
const GROUP: u8 = 0x2C;
/// DCMI's identifier among group extensions; requests and answers begin with it.
const DCMI: u8 = 0xDC;

const COMMANDS: List = List {
    column: 19,
    words: described![
        (0x00, "discover", "Used to discover supported DCMI capabilities"),
        (0x01, "power", "Platform power limit command options"),
        (0x02, "sensors", "Prints the available DCMI sensors"),
        (0x03, "asset_tag", "Prints the platform's asset tag"),
        (0x04, "set_asset_tag", "Sets the platform's asset tag"),
        (0x05, "get_mc_id_string", "Get management controller ID string"),
        (0x06, "set_mc_id_string", "Set management controller ID string"),
        (0x07, "thermalpolicy", "Thermal policy get/set"),
        (0x08, "get_temp_reading", "Get Temperature Readings"),
        (0x09, "get_conf_param", "Get DCMI Config Parameters"),
        (0x0A, "set_conf_param", "Set DCMI Config Parameters"),
        (0x0B, "oob_discover", "Ping/Pong Message for DCMI Discovery"),
    ],
};

/// Runs `ipmitool dcmi …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let (verb, rest) = match args.split_first() {
        Some((verb, rest)) if !session.personality.is_verb(verb, "help") => (verb, rest),
        _ => return Err(usage(session)),
    };
    let outcome = match (code_of(verb, &COMMANDS), rest) {
        (Some(0x00), _) => {
            capabilities::discover(session)?;
            Ok(())
        }
        (Some(0x01), []) => return Err(power::usage(session)),
        (Some(0x01), [verb, rest @ ..]) => power::run(session, verb, rest),
        (Some(0x02), _) => temperature::print_sensors(session),
        (Some(0x03 | 0x05), _) => {
            identity::print(session, code_of(verb, &COMMANDS) == Some(0x05))?;
            Ok(())
        }
        (Some(0x04), [tag, ..]) => {
            identity::set_asset_tag(session, tag)?;
            Ok(())
        }
        (Some(0x06), [name, ..]) => {
            identity::set_controller_name(session, name)?;
            Ok(())
        }
        (Some(0x07), _) => thermal::run(session, rest),
        (Some(0x08), _) => {
            temperature::print_readings(session);
            Ok(())
        }
        (Some(0x09), _) => {
            configuration::print(session)?;
            Ok(())
        }
        (Some(0x0A), _) => {
            configuration::set(session, rest)?;
            Ok(())
        }
        (Some(0x0B), _) => {
            log!(session, ERR, "\nOOB discovery is available only via RMCP interface.");
            return Err(Failed);
        }
        _ => return Err(usage(session)),
    };
    out!(session, "\n");
    outcome
}

fn usage(session: &mut Session<'_>) -> Failed {
    list(session, "Data Center Management Interface commands", &COMMANDS);
    Failed
}

/// DCMI's own completion codes, from 80h to 8Fh, in the original's words.
const COMPLETIONS: Names = names![
    (0x80, "Parameter not supported"),
    (0x81, "Something else has already claimed these parameters"),
    (0x82, "Not supported or failed to write a read-only parameter"),
    (0x83, "Access mode is not supported"),
    (0x84, "Power/Thermal limit out of range"),
    (0x85, "Correction/Exception time out of range"),
    (0x89, "Sample/Statistics Reporting period out of range"),
    (0x8A, "Power limit already active"),
];

/// Sends a DCMI request; the group identifier goes first.
fn send(session: &mut Session<'_>, cmd: u8, data: &[u8]) -> Option<Reply> {
    let data = [&[DCMI], data].concat();
    session.send(GROUP, cmd, &data)
}

/// Sends a DCMI request and checks the answer.
fn ask(session: &mut Session<'_>, cmd: u8, data: &[u8]) -> Result<Reply, Failed> {
    let reply = send(session, cmd, data);
    check(session, reply)
}

/// Complains about an answer that failed or is not DCMI's.
fn check(session: &mut Session<'_>, reply: Option<Reply>) -> Result<Reply, Failed> {
    let Some(reply) = reply else {
        log!(session, ERR, "\n    Unable to get DCMI information");
        return Err(Failed);
    };
    let code = reply.completion;
    if code != 0 {
        let words = match code {
            0x80..=0x8F => name_of(u16::from(code), COMPLETIONS),
            _ => completion_name(code),
        };
        log!(session, ERR, "\n    DCMI request failed because: {words} ({code:x})");
        return Err(Failed);
    }
    if reply.at(0) != DCMI {
        out!(session, "\n    A valid DCMI command was not returned! ({:x})", reply.at(0));
        return Err(Failed);
    }
    Ok(reply)
}

/// Logs what is wrong with the value of `what`.
fn invalid(session: &mut Session<'_>, what: &[u8], value: &[u8]) -> Failed {
    let line = [b"Given ", what, b" '", value, b"' is invalid."].concat();
    session.console.log_bytes(Level::ERR, &line);
    Failed
}
