//! `sdr fill`: the repository written anew, from sensors or from a file.

use super::log_about;
use crate::ipmitool::sdr_repository::{Queued, add_from_sensors, add_record, copy, erase};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Slots of a CompactPCI shelf; their controllers' addresses begin at B0h and
/// leave out C2h (PICMG 2.9).
const SATELLITES: usize = 21;

/// `sdr fill SOURCE`, `verb` being "fill" as typed.
pub(super) fn run(session: &mut Session<'_>, verb: &[u8], words: &[Arg]) -> Outcome {
    let Some((source, rest)) = words.split_first() else {
        log!(session, ERR, "Not enough parameters given.");
        log!(session, NOTICE, "usage: sdr fill sensors");
        log!(session, NOTICE, "usage: sdr fill file <file>");
        log!(session, NOTICE, "usage: sdr fill range <range>");
        return Err(Failed);
    };
    let is = |word| session.personality.is_verb(source, word);
    if is("sensors") {
        add_from_sensors(session, &satellites())
    } else if is("nosat") {
        add_from_sensors(session, &[])
    } else if is("file") {
        let path = argument(session, rest, "usage: sdr fill file <file>")?;
        from_file(session, path)
    } else if session.personality.is_fill_range(source) {
        let range = argument(session, rest, "usage: sdr fill range <range>")?;
        from_range(session, range)
    } else {
        let line = [b"Invalid SDR ", verb, b" command: ", source].concat();
        log_about(session, &line, b"", b"");
        let usage = [b"usage: sdr ", verb, b" <sensors|nosat|file|range> [options]"].concat();
        session.console.log_bytes(crate::ipmitool::Level::NOTICE, &usage);
        Err(Failed)
    }
}

fn argument<'a>(session: &mut Session<'_>, words: &'a [Arg], usage: &str) -> Result<&'a Arg, Failed> {
    words.first().ok_or_else(|| {
        log!(session, ERR, "Not enough parameters given.");
        log!(session, NOTICE, "{usage}");
        Failed
    })
}

fn satellites() -> Vec<u8> {
    (0xB0..=0xFE).step_by(2).filter(|&address| address != 0xC2).take(SATELLITES).collect()
}

/// Writes the records of a file that `sdr dump` wrote. One that cannot be read
/// leaves the repository empty.
fn from_file(session: &mut Session<'_>, path: &[u8]) -> Outcome {
    use std::os::unix::ffi::OsStrExt;
    let path_name = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
    let (queue, mut outcome) = match std::fs::read(path_name) {
        Ok(bytes) => parse(session, &bytes, path),
        Err(_) => (Vec::new(), Err(Failed)),
    };
    if erase(session).is_err() {
        log!(session, ERR, "Cannot erase SDRR. Giving up.");
        return Err(Failed);
    }
    for record in &queue {
        outcome = add_record(session, record);
        if outcome.is_err() {
            log!(session, ERR, "Cannot add SDR ID 0x{:04x} to repository...", record.id);
        }
    }
    outcome
}

fn parse(session: &mut Session<'_>, mut bytes: &[u8], path: &[u8]) -> (Vec<Queued>, Outcome) {
    let mut queue = Vec::new();
    while let Some((header, rest)) = bytes.split_first_chunk::<5>() {
        for (index, byte) in header.iter().enumerate() {
            let name = ["id[MSB]", "id[LSB]", "version", "type", "length"][index];
            log!(session, DEBUG, "binHdr[{index}] ({name}) = 0x{byte:02x}");
        }
        let [id_low, id_high, version, kind, length] = *header;
        let Some((body, rest)) = rest.split_at_checked(length.into()) else {
            log_about(session, b"SDR from '", path, b"' truncated");
            return (queue, Err(Failed));
        };
        bytes = rest;
        let id = u16::from_le_bytes([id_low, id_high]);
        queue.push(Queued { id, version, kind, length, body: Some(body.to_vec()) });
    }
    (queue, Ok(()))
}

/// Writes the records of this controller and of those in `range`.
fn from_range(session: &mut Session<'_>, range: &[u8]) -> Outcome {
    let Some(addresses) = parse_range(session, range) else {
        log!(session, ERR, "Range - List invalid, cannot be parsed.");
        return Err(Failed);
    };
    // The original's list ends at a zero.
    let addresses: Vec<u8> = addresses.into_iter().take_while(|&address| address != 0).collect();
    out!(session, "List to scan: (Built-in) ");
    for address in &addresses {
        out!(session, "{address:02x} ");
    }
    out!(session, "\nClearing SDR Repository\n");
    if erase(session).is_err() {
        log!(session, ERR, "Cannot erase SDRR. Give up.");
        return Err(Failed);
    }
    out!(session, "Sanning built-in sensors..\n");
    let own = session.link.target_addr;
    copy(session, true, own, own)?;
    for address in addresses {
        out!(session, "Scanning {address:02X}h..\n");
        copy(session, false, address, own)?;
    }
    Ok(())
}

/// Even addresses: one written `0x28`, or all of `0x40-0x44`, or two of these
/// with a comma between (the original fails on more). Odd ones are left out
/// with a word. `None` when one is malformed.
fn parse_range(session: &mut Session<'_>, range: &[u8]) -> Option<Vec<u8>> {
    if range.is_empty() || range.starts_with(b",") {
        return None;
    }
    let mut addresses = Vec::new();
    for item in range.splitn(2, |&byte| byte == b',') {
        let mut ends = item.splitn(2, |&byte| byte == b'-');
        let first = hex_address(session, ends.next()?)?;
        let last = ends.next().map(|end| hex_address(session, end).ok_or(Failed)).transpose().ok()?;
        if first % 2 != 0 || last.is_some_and(|last| last % 2 != 0) {
            log!(session, ERR, "I2C address provided value must be even.");
            continue;
        }
        addresses.push(first);
        if let Some(last) = last {
            // Upwards, and past FEh to 00h when the end comes first.
            let between = (1..=u8::MAX).map(|step| first.wrapping_add(step.wrapping_mul(2)));
            addresses.extend(between.take_while(|&address| address != last));
            addresses.push(last);
        }
    }
    Some(addresses)
}

fn hex_address(session: &mut Session<'_>, text: &[u8]) -> Option<u8> {
    let value = match text {
        [b'0', b'x', high, low] => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            digit(*high).zip(digit(*low)).map(|(high, low)| (high << 4 | low) as u8)
        }
        _ => None,
    };
    if value.is_none() {
        log!(session, ERR, "Must be Hex value of 4 characters (Ex.: 0x24)");
    }
    value
}
