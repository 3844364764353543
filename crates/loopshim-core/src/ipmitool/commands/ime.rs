//! `ime`: firmware of Intel's Manageability Engine, which stands on a bus behind
//! the BMC (Intel Dynamic Power Node Manager 1.5, OEM commands A0h to A7h).

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use crate::ipmitool::text::products::product_name;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Reply, Session, help};
use crate::{log, out};

/// Network function of the engine's own commands.
const OEM: u8 = 0x30;

/// Runs `ipmitool ime …`. Words it does not know get the help, too.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    log!(session, DEBUG, "ipmi_ime_main()");
    match args.first().map(Vec::as_slice) {
        Some(b"info") => print_info(session),
        Some(b"update") => match args {
            [_, file] => {
                session.console.log_bytes(Level::NOTICE, &[b"Update using file: ", &file[..]].concat());
                update(session, file)
            }
            _ => {
                log!(session, ERR, "File must be provided with this option, see help\n");
                Err(Failed)
            }
        },
        Some(b"rollback") => roll_back(session),
        _ => {
            session.help(help::ime::IME);
            Ok(())
        }
    }
}

fn print_info(session: &mut Session<'_>) -> Outcome {
    let failed = "Get Device ID command failed";
    let id = session.ask((0x06, 0x01), &[], failed, failed)?;
    log!(session, DEBUG, "Device ID                 : {}", id.at(0));
    log!(session, DEBUG, "Device Revision           : {}", id.at(1) & 0x0F);
    // Device 0, revision 0, made by Intel (343), product 0B00h.
    if id.at(0) != 0 || id.at(1) & 0x0F != 0 || id.buffer()[6..11] != [0x57, 0x01, 0x00, 0x00, 0x0B] {
        out!(session, "Supported ME not found\n");
        return Err(Failed);
    }
    print_identity(session, &id);
    let status = status(session)?;
    let capabilities = ask(session, 0xA7, &[], "UpdatePrepare")?;
    print_areas(session, status.at(0), &capabilities);
    Ok(())
}

fn print_identity(session: &mut Session<'_>, id: &Reply) {
    let (maker, product) = (0x157, 0x0B00);
    out!(session, "Manufacturer Name          : ");
    let name = session.manufacturers.name(maker);
    session.console.put(&name);
    out!(session, "\nProduct ID                 : {product} (0x{product:04x})\n");
    out!(session, "Product Name               : {}\n", product_name(session.personality, maker, product));
    let [minor, commands, build, last, flags] = [3, 11, 12, 13, 14].map(|index| id.at(index));
    let (major, tens, ones) = (id.at(2) & 0x7F, minor >> 4, minor & 0x0F);
    let (first, second) = (build >> 4, build & 0x0F);
    out!(session, "Intel ME Firmware Revision : {major:x}.{tens:02x}.{ones:02x}.");
    out!(session, "{first:x}{second:x}{:x}.{:x}\n", last >> 4, last & 0x0F);
    out!(session, "SPS FW IPMI cmd version    : {:x}.{:x}\n", commands >> 4, commands & 0x0F);
    log!(session, DEBUG, "Flags: {flags:x}h");
    let image = ["Recovery", "Operational Image 1", "Operational Image 2", "Unknown"];
    out!(session, "Current Image Type         : {}\n", image[usize::from(flags & 3)]);
}

fn print_areas(session: &mut Session<'_>, image: u8, capabilities: &Reply) {
    let (areas, special) = (capabilities.at(0), capabilities.at(1));
    let mut switch = |name: &str, byte: u8, bit: u8, [on, off]: [&str; 2]| {
        let word = if byte >> bit & 1 != 0 { on } else { off };
        out!(session, "{name}{word}\n");
    };
    let supported = ["Supported", "Unsupported"];
    let valid = ["Valid", "Invalid"];
    switch("\nSupported Area\n   Operation Code          : ", areas, 1, supported);
    switch("   PIA                     : ", areas, 2, supported);
    switch("   SDR                     : ", areas, 3, supported);
    switch("\nSpecial Capabilities\n   Rollback                : ", special, 0, supported);
    switch("   Recovery                : ", special, 1, supported);
    switch("\nImage Status\n   Staging (new)           : ", image, 1, valid);
    switch("   Rollback                : ", image, 2, valid);
    out!(session, "   Running Image Area      : CODE");
    match image >> 3 & 3 {
        0 => out!(session, "\n"),
        area => out!(session, "{area}\n"),
    }
}

/// Sends one of the engine's commands; `name` is what the original calls it
/// when it fails.
fn ask(session: &mut Session<'_>, cmd: u8, data: &[u8], name: &str) -> Result<Reply, Failed> {
    let failed = format!("{name} command failed");
    let reply = session.ask((OEM, cmd), data, &failed, &failed)?;
    log!(session, DEBUG, "{name} command succeed");
    Ok(reply)
}

/// Get update status.
fn status(session: &mut Session<'_>) -> Result<Reply, Failed> {
    ask(session, 0xA6, &[], "UpdatePrepare")
}

/// The state of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State(u8);

impl State {
    const REQUESTED: Self = Self(1);
    const IN_PROGRESS: Self = Self(2);
    const SUCCESS: Self = Self(3);
    const ROLLED_BACK: Self = Self(5);
    const ABORTED: Self = Self(6);
}

/// The state of the update; one that cannot be asked for counts as aborted.
fn state(session: &mut Session<'_>) -> State {
    status(session).map_or(State::ABORTED, |reply| State(reply.at(1)))
}

/// Sends one step of an update and asks how it went.
fn step(session: &mut Session<'_>, cmd: u8, data: &[u8], name: &str) -> Result<State, Failed> {
    let outcome = ask(session, cmd, data, name);
    let state = state(session);
    outcome.map(|_| state)
}

/// Registers an update: 1 normal, 3 roll back.
fn register(session: &mut Session<'_>, kind: u8) -> Result<State, Failed> {
    step(session, 0xA4, &[kind, 0], "ImeUpdateRegisterUpdate")
}

fn roll_back(session: &mut Session<'_>) -> Outcome {
    if register(session, 3) == Ok(State::ROLLED_BACK) {
        out!(session, "Manual Rollback Succeed\n");
        return Ok(());
    }
    out!(session, "Manual Rollback Completed With Error\n");
    Err(Failed)
}

fn update(session: &mut Session<'_>, file: &Arg) -> Outcome {
    let start = (session.clock)();
    let Ok(image) = fs::read(OsStr::from_bytes(file)) else {
        session.console.log_bytes(Level::NOTICE, &[b"Cannot open image file ", &file[..]].concat());
        return Err(Failed);
    };
    if image.is_empty() {
        return Err(Failed);
    }
    let checksum = image.iter().fold(0, |crc, byte| crc8(crc ^ byte));
    log!(session, DEBUG, "CRC8: {checksum:02x}h\n");
    let outcome = transfer(session, &image, checksum, start);
    let (minutes, seconds) = elapsed(session, start);
    match outcome {
        Ok(State::SUCCESS) => out!(session, "Update Completed in {minutes:02}:{seconds:02}\n"),
        _ => out!(session, "Update Error\n\nTime Taken {minutes:02}:{seconds:02}\n"),
    }
    outcome.map(|_| ())
}

/// All steps of an update, each of which must leave the expected state.
fn transfer(
    session: &mut Session<'_>,
    image: &[u8],
    checksum: u8,
    start: SystemTime,
) -> Result<State, Failed> {
    state(session);
    let prepared = step(session, 0xA0, &[], "UpdatePrepare")?;
    expect(session, prepared, State::REQUESTED, true)?;
    let opened = step(session, 0xA1, &[1, 0], "UpdateOpenArea")?;
    expect(session, opened, State::IN_PROGRESS, true)?;
    let written = write(session, image, start);
    let state = state(session);
    out!(session, "\n");
    written?;
    expect(session, state, State::IN_PROGRESS, false)?;
    let mut end = (image.len() as u32).to_le_bytes().to_vec();
    end.extend([checksum, 0]);
    let closed = step(session, 0xA3, &end, "UpdateCloseArea")?;
    expect(session, closed, State::REQUESTED, false)?;
    out!(session, "UpdateCompleted, Activate now\n");
    register(session, 1)
}

fn expect(session: &mut Session<'_>, state: State, wanted: State, numbered: bool) -> Outcome {
    if state == wanted {
        return Ok(());
    }
    match numbered {
        true => log!(session, ERR, "ME state error ({}), aborting", state.0),
        false => log!(session, ERR, "ME state error, aborting"),
    }
    Err(Failed)
}

/// Writes the image piece by piece, each with the number of the piece.
fn write(session: &mut Session<'_>, image: &[u8], start: SystemTime) -> Outcome {
    const PIECE: usize = 22;
    let (mut number, mut shown, mut done) = (0_u8, 0xFF, 0);
    for piece in image.chunks(PIECE) {
        let outcome = ask(session, 0xA2, &[&[number], piece].concat(), "UpdateWriteArea");
        done += piece.len();
        number = number.wrapping_add(1);
        // In single precision, as the original computes it.
        let percent = (done as f32 / image.len() as f32 * 100.0) as u8;
        if percent != shown {
            shown = percent;
            let (minutes, seconds) = elapsed(session, start);
            out!(session, "Percent: {percent:02},  Elapsed time {minutes:02}:{seconds:02}\r");
            session.console.flush();
        }
        outcome?;
    }
    Ok(())
}

fn elapsed(session: &Session<'_>, start: SystemTime) -> (u64, u64) {
    let seconds =
        |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs());
    let taken = seconds((session.clock)()).saturating_sub(seconds(start));
    (taken / 60, taken % 60)
}

/// One byte of a CRC with the polynomial 107h.
fn crc8(byte: u8) -> u8 {
    (0..8).fold(byte, |crc, _| if crc & 0x80 != 0 { crc << 1 ^ 0x07 } else { crc << 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_the_published_one() {
        // The check value of CRC-8 in every catalogue.
        assert_eq!(b"123456789".iter().fold(0, |crc, byte| crc8(crc ^ byte)), 0xF4);
    }
}
