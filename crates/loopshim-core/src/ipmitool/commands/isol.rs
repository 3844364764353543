//! `isol`: Intel's serial over LAN for IPMI 1.5.

use super::sol::{BIT_RATES, invalid_value};
use crate::ipmitool::text::channels::PRIVILEGES;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::name_of;
use crate::ipmitool::{Arg, Failed, Outcome, Session, help};
use crate::{log, out};

const SET: (u8, u8) = (0x34, 0x03);
const GET: (u8, u8) = (0x34, 0x04);

/// Parameters.
const ENABLE: u8 = 1;
const AUTHENTICATION: u8 = 2;
const BIT_RATE: u8 = 5;

/// Runs `ipmitool isol …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let (verb, rest) = match args.split_first() {
        Some((verb, rest)) if !personality.is_verb(verb, "help") => (verb, rest),
        _ => {
            usage(session);
            return Ok(());
        }
    };
    let is = |word: &str| personality.is_verb(verb, word);
    if is("info") {
        print(session)
    } else if is("set") {
        match rest {
            [parameter, value, ..] => set(session, parameter, value),
            _ => {
                session.help(help::isol::PARAMETERS);
                Err(Failed)
            }
        }
    } else if is("activate") {
        activate(session)
    } else {
        Err(usage(session))
    }
}

fn usage(session: &mut Session<'_>) -> Failed {
    session.help(help::isol::ISOL);
    Failed
}

/// Enabled, privilege level and bit rate, each in a byte.
fn read(session: &mut Session<'_>) -> Result<[u8; 3], Failed> {
    /// Invalid command.
    const NO_SUCH_COMMAND: u8 = 0xC1;
    let mut bytes = [0; 3];
    for (byte, parameter) in bytes.iter_mut().zip([ENABLE, AUTHENTICATION, BIT_RATE]) {
        let Some(reply) = session.send(GET.0, GET.1, &[0, parameter, 0, 0]) else {
            log!(session, ERR, "Error in Get ISOL Config Command");
            return Err(Failed);
        };
        match reply.completion {
            0 => *byte = reply.at(1),
            NO_SUCH_COMMAND if parameter == ENABLE => {
                log!(session, ERR, "IPMI v1.5 Serial Over Lan (ISOL) not supported!");
                return Err(Failed);
            }
            code => {
                log!(session, ERR, "Error in Get ISOL Config Command: {}", completion_name(code));
                return Err(Failed);
            }
        }
    }
    Ok(bytes)
}

fn print(session: &mut Session<'_>) -> Outcome {
    let [enabled, privilege, rate] = read(session)?;
    let name = |byte: u8, names| name_of(u16::from(byte & 0x0F), names);
    let lines = [
        ("Enabled", if enabled & 1 != 0 { "true" } else { "false" }.into()),
        ("Privilege Level", name(privilege, PRIVILEGES)),
        ("Bit Rate (kbps)", name(rate, BIT_RATES)),
    ];
    for (title, value) in lines {
        if session.csv {
            out!(session, "{value},");
        } else {
            out!(session, "{title:<31} : {value}\n");
        }
    }
    Ok(())
}

fn set(session: &mut Session<'_>, name: &[u8], value: &[u8]) -> Outcome {
    let [_, privilege, _] = read(session)?;
    let (parameter, byte) = match name {
        b"enabled" => (ENABLE, code(session, name, value, TRUTH, "true and false")?),
        b"privilege-level" => {
            let level = code(session, name, value, LEVELS, "user, operator, admin, and oem")?;
            // Whether authentication is needed stays as it is.
            (AUTHENTICATION, level | privilege & 0x80)
        }
        b"bit-rate" => (BIT_RATE, bit_rate(session, value)?),
        _ => return Err(session.complain("Error: invalid ISOL parameter ", name, "")),
    };
    let reply = session.send(SET.0, SET.1, &[0, parameter, byte]);
    let why = match reply {
        Some(reply) if reply.is_ok() => return Ok(()),
        Some(reply) => format!("': {}", completion_name(reply.completion)),
        None => "'".to_owned(),
    };
    Err(session.complain("Error setting ISOL parameter '", name, &why))
}

/// Words and their codes.
type Words = &'static [(&'static str, u8)];

const TRUTH: Words = &[("true", 1), ("false", 0)];
const LEVELS: Words = &[("user", 2), ("operator", 3), ("admin", 4), ("oem", 5)];

fn code(
    session: &mut Session<'_>,
    name: &[u8],
    value: &[u8],
    words: Words,
    valid: &str,
) -> Result<u8, Failed> {
    if let Some((_, code)) = words.iter().find(|(word, _)| word.as_bytes() == value) {
        return Ok(*code);
    }
    invalid_value(session, value, name);
    log!(session, ERR, "Valid values are {valid}");
    Err(Failed)
}

fn bit_rate(session: &mut Session<'_>, value: &[u8]) -> Result<u8, Failed> {
    // The first is no rate.
    let rate = BIT_RATES.iter().skip(1).find(|(_, rate)| session.personality.is_verb(value, rate));
    rate.map(|(code, _)| code as u8).ok_or_else(|| {
        session.complain("ISOL - Unsupported baud rate: ", value, "");
        log!(session, ERR, "Valid values are 9.6, 19.2, 38.4, 57.6 and 115.2");
        Failed
    })
}

fn activate(session: &mut Session<'_>) -> Outcome {
    let [enabled, ..] = read(session)?;
    if enabled & 1 == 0 {
        log!(session, ERR, "ISOL is not enabled!");
    }
    // Without a remote session the original ends here by a null pointer.
    Err(Failed)
}
