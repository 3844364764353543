//! `fwum`: Kontron's firmware update manager.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::ipmitool::interface::Kind;
use crate::ipmitool::oem::manufacturer;
use crate::ipmitool::text::{Names, Words, name_of, names, words};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session};
use crate::{log, out};

/// Network function "firmware".
const FIRMWARE: u8 = 0x08;

/// Commands by their codes, and those from C0h on, as the log of them names them.
const COMMANDS: Words = words![
    "GetFwInfo",
    "KickWatchdog",
    "GetLastAnswer",
    "BootHandshake",
    "ReportStatus",
    "CtrlIPMBLine",
    "SetFwState",
    "GetFwStatus",
    "GetSpiMemStatus",
    "StartFwUpdate",
    "StartFwImage",
    "SaveFwImage",
    "FinishFwImage",
    "ReadFwImage",
    "ManualRollback",
    "GetTraceLog",
];
const LATER_COMMANDS: Words = words![
    "FwUpgradeLock",
    "ProcessFwUpg",
    "ProcessFwRb",
    "WaitHSAfterUpg",
    "WaitFirstHSUpg",
    "FwInfoStateChange"
];
const PROGRESS: [&str; 4] = ["Invalid", "Begin", "Progress", "Completed"];
const BANKS: Names = names![
    (0x00, "Not programmed"),
    (0x01, "New firmware"),
    (0x02, "Wait for validation"),
    (0x03, "Last Known Good"),
    (0x04, "Previous Good"),
];

/// Runs `ipmitool fwum …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let is = |word: &str| args.first().is_some_and(|verb| personality.is_verb(verb, word));
    let upgrades = is("upgrade");
    let file = args.get(1).filter(|file| !file.is_empty() && (upgrades || is("download")));
    let length = file.map_or(0, |file| length(file));
    if length >= LEAST_FIRMWARE {
        // What a file of firmware says of itself is not modelled.
        return session.unmodelled();
    }
    out!(session, "FWUM extension Version 1.3\n");
    let Some(verb) = args.first() else {
        log!(session, ERR, "Not enough parameters given.");
        return Err(help(session));
    };
    if is("help") {
        help(session);
        Ok(())
    } else if is("info") {
        print_info(session)
    } else if is("status") {
        print_status(session)
    } else if is("rollback") {
        roll_back(session)
    } else if let Some(file) = file {
        let title = if upgrades { "Upgrading using file name " } else { "Firmware File Name         : " };
        session.console.put(&[title.as_bytes(), file, b"\n"].concat());
        show_reading(session, length);
        Err(Failed)
    } else if is("download") {
        log!(session, ERR, "Path and file name must be specified.");
        Err(Failed)
    } else if upgrades {
        start_upgrade(session)
    } else if is("tracelog") {
        print_log(session)
    } else {
        session.complain("Invalid KFWUM command: ", verb, "");
        Err(help(session))
    }
}

fn help(session: &mut Session<'_>) -> Failed {
    log!(session, NOTICE, "KFWUM Commands:  info status download upgrade rollback tracelog");
    Failed
}

/// Length from which on a file can be read: the original reads pieces of this
/// length, and miscounts how many.
const LEAST_FIRMWARE: u64 = 1024 * 16;

/// Shows how the original reads a shorter file, in vain.
fn show_reading(session: &mut Session<'_>, length: u64) {
    const WIDTH: usize = 42;
    let count = length / 1024 * 16;
    let mut shown = None;
    for index in 0..count {
        // In single precision, as the original computes it.
        let part = index as f32 / count as f32;
        let percent = (100.0 * part) as u32;
        if shown.replace(percent) != Some(percent) {
            let bar = "#".repeat((part * WIDTH as f32) as usize);
            out!(session, "Reading Firmware from File : {bar:WIDTH$} {percent:3} %\r");
            session.console.flush();
        }
    }
}

/// A file's length; zero if it cannot be opened: the original says nothing of
/// either.
fn length(path: &[u8]) -> u64 {
    let path = OsStr::from_bytes(path);
    fs::File::open(path).and_then(|file| file.metadata()).map_or(0, |found| found.len())
}

/// Sends a request. `silence` is logged when nothing is answered, `refusal`
/// with the completion code when it is refused.
fn ask(
    session: &mut Session<'_>,
    cmd: u8,
    data: &[u8],
    silence: &str,
    refusal: &str,
) -> Result<Reply, Failed> {
    match session.send(FIRMWARE, cmd, data) {
        Some(reply) if reply.is_ok() => return Ok(reply),
        Some(reply) => log!(session, ERR, "{refusal} returned {:x}", reply.completion),
        None => log!(session, ERR, "{silence}"),
    }
    Err(Failed)
}

fn print_info(session: &mut Session<'_>) -> Outcome {
    if session.verbose > 0 {
        out!(session, "Getting Kontron FWUM Info\n");
    }
    let board = print_board(session);
    let info = read_info(session, true).map(|_| ());
    board.and(info)
}

fn print_board(session: &mut Session<'_>) -> Outcome {
    /// A board whose auxiliary revision is that of its SDRs.
    const KONTRON_5002: u16 = 5002;
    let id = match session.send(0x06, 0x01, &[]) {
        Some(reply) if reply.is_ok() => reply,
        Some(reply) => {
            log!(session, ERR, "Get Device Id returned {:x}", reply.completion);
            return Err(Failed);
        }
        None => {
            log!(session, ERR, "Error in Get Device Id Command");
            return Err(Failed);
        }
    };
    let maker = session.personality.manufacturer_id([id.at(6), id.at(7), id.at(8)]);
    let board = u16::from_le_bytes([id.at(9), id.at(10)]);
    out!(session, "\nIPMC Info\n=========\n");
    out!(session, "Manufacturer Id           : {maker}\n");
    out!(session, "Board Id                  : {board}\n");
    print_revision(session, id.at(2), id.at(3));
    if maker == manufacturer::KONTRON && board == KONTRON_5002 {
        out!(session, " SDR {}", id.at(11));
    }
    out!(session, "\n");
    Ok(())
}

fn print_revision(session: &mut Session<'_>, major: u8, minor: u8) {
    out!(session, "Firmware Revision         : {major}.{}{}", minor >> 4, minor & 0x0F);
}

/// The number of memory banks, after printing all else where asked to.
fn read_info(session: &mut Session<'_>, prints: bool) -> Result<u8, Failed> {
    let silence = "Error in FWUM Firmware Get Info Command.";
    let reply = ask(session, 0x00, &[], silence, "FWUM Firmware Get Info")?;
    let (protocol, banks) = (reply.at(0), reply.at(5));
    if prints {
        out!(session, "\nFWUM info\n=========\n");
        out!(session, "Protocol Revision         : {protocol:02X}h\n");
        out!(session, "Controller Device Id      : {:02X}h\n", reply.at(1));
        print_revision(session, reply.at(3), reply.at(4));
        out!(session, "{}\n", if reply.at(2) & 1 != 0 { " - DEBUG BUILD" } else { "" });
        out!(session, "Number Of Memory Bank     : {banks}\n");
    }
    if session.verbose > 0 {
        print_protocol(session, protocol <= 5 || reply.len() < 7);
    }
    Ok(banks)
}

fn print_protocol(session: &mut Session<'_>, is_old: bool) {
    if is_old {
        out!(session, "Protocol Revision          : <= 5 detected, adjusting buffers\n");
        return;
    }
    out!(session, "Protocol Revision          : > 5 optimizing buffers\n");
    let target = session.link.target_addr;
    let bridges = session.interface == Kind::Open && target != 0x20 && target != session.link.my_addr;
    out!(
        session,
        "{} 32\n",
        if bridges { "IPMB payload size          :" } else { "SMI payload size           :" }
    );
}

fn print_status(session: &mut Session<'_>) -> Outcome {
    if session.verbose > 0 {
        out!(session, "Getting Kontron FWUM Status\n Getting Status!\n");
    }
    let outcome = read_info(session, false).and_then(|banks| print_banks(session, banks));
    out!(session, "\n");
    outcome
}

fn print_banks(session: &mut Session<'_>, banks: u8) -> Outcome {
    for bank in 0..banks {
        let silence = "Error in FWUM Firmware Get Status Command.";
        let reply = ask(session, 0x07, &[bank], silence, "FWUM Firmware Get Status")?;
        let state = reply.at(0);
        out!(session, "\nBank State {bank}               : {}\n", name_of(state.into(), BANKS));
        if state == 0 {
            continue;
        }
        let length = u32::from_le_bytes([reply.at(1), reply.at(2), reply.at(3), 0]);
        let (major, minor) = (reply.at(4), reply.at(5));
        out!(session, "Firmware Length            : {length} bytes\n");
        out!(session, "Firmware Revision          : {major}.{}{} SDR ", minor >> 4, minor & 0x0F);
        out!(session, "{}\n", reply.at(6));
    }
    Ok(())
}

fn roll_back(session: &mut Session<'_>) -> Outcome {
    let silence = "Error in FWUM Manual Rollback Command.";
    // Zero: once the BMC is shut down.
    ask(session, 0x0E, &[0], silence, "Error in FWUM Manual Rollback Command")?;
    out!(session, "FWUM Starting Manual Rollback \n");
    Ok(())
}

fn start_upgrade(session: &mut Session<'_>) -> Outcome {
    match session.send(FIRMWARE, 0x09, &[0]) {
        Some(reply) if reply.is_ok() => return Ok(()),
        Some(reply) if reply.completion == 0xD5 => {
            log!(session, ERR, "No firmware available for upgrade.  Download Firmware first.");
        }
        Some(reply) => {
            log!(session, ERR, "FWUM Firmware Start Firmware Upgrade returned {:x}", reply.completion);
        }
        None => log!(session, ERR, "Error in FWUM Firmware Start Firmware Upgrade Command"),
    }
    Err(Failed)
}

fn print_log(session: &mut Session<'_>) -> Outcome {
    if session.verbose > 0 {
        out!(session, " Getting Trace Log!\n");
    }
    let outcome = print_chunks(session);
    out!(session, "\n");
    outcome
}

fn print_chunks(session: &mut Session<'_>) -> Outcome {
    const CHUNKS: u8 = 7;
    const ENTRIES: usize = 7;
    for chunk in 0..CHUNKS {
        let silence = "Error in FWUM Firmware Get Trace Log Command";
        let reply = ask(session, 0x0F, &[chunk], silence, "FWUM Firmware Get Trace Log")?;
        for entry in 0..ENTRIES {
            let [command, progress, code] = [0, 1, 2].map(|at| reply.at(3 * entry + at));
            let name = match command {
                0..=0xBF => COMMANDS.get(command.into()),
                _ => Some(LATER_COMMANDS.at(command - 0xC0)),
            };
            let Some(name) = name.filter(|_| progress != 0) else { continue };
            // Beyond the tables the original prints what lies there.
            let progress = PROGRESS.get(usize::from(progress)).unwrap_or(&"");
            out!(session, "  Cmd ID: {name:>17} -- CmdState: {progress:>10} -- CompCode: {code:2x}\n");
        }
    }
    Ok(())
}
