//! `gendev`: EEPROMs that generic device locators name (IPMI 2.0 section 43.7).

use std::fs::File;
use std::io::Write;

use super::i2c::private_bus;
use super::sdr;
use crate::ipmitool::sdr_repository::{Record, kind};
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, files, help};
use crate::{log, out};

/// Runs `ipmitool gendev …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    // Without a word the original prints a null pointer.
    let verb = args.first().map_or(&b"(null)"[..], Vec::as_slice);
    session.complain("Rx gendev command: ", verb, "");
    let is = |word| session.personality.is_verb(verb, word);
    if args.is_empty() || is("help") {
        session.help_at(Level::ERR, help::gendev::GENDEV);
        Ok(())
    } else if is("list") {
        sdr::list_generic_devices(session)
    } else if is("read") {
        transfer(session, "read", &args[1..], read)
    } else if is("write") {
        transfer(session, "write", &args[1..], write)
    } else {
        Err(session.complain("Invalid gendev command: ", verb, ""))
    }
}

/// Finds the device and copies it; a copy that fails is no failure.
fn transfer(
    session: &mut Session<'_>,
    verb: &str,
    words: &[Arg],
    copy: fn(&mut Session<'_>, &Eeprom, &[u8]) -> Option<()>,
) -> Outcome {
    let [name, path, ..] = words else {
        log!(session, ERR, "usage: gendev {verb} <gendev> <filename>");
        return Ok(());
    };
    session.complain(&format!("Gendev {verb} sdr name : "), name, "");
    session.console.put(&[b"Locating sensor record '", &name[..], b"'...\n"].concat());
    let Some(number) = session.find_sdr_by_name(name) else {
        log!(session, ERR, "Sensor data record not found!");
        return Err(Failed);
    };
    let record = session.sdr.records().get(number).filter(|record| record.kind == kind::GENERIC_LOCATOR);
    let Some(eeprom) = record.map(Eeprom::of) else {
        log!(session, ERR, "Target SDR is not a generic device locator");
        return Err(Failed);
    };
    session.complain(&format!("Gendev {verb} file name: "), path, "");
    if eeprom.size == 0 {
        log!(session, ERR, "The selected generic device is not an eeprom");
    } else {
        copy(session, &eeprom, path);
    }
    Ok(())
}

/// An I²C memory and how it is addressed.
struct Eeprom {
    /// Bytes; zero if the device is none.
    size: u32,
    /// Bytes moved at once.
    page: u8,
    wide_address: bool,
    bus: u8,
    address: u8,
    /// Added to the address with every transfer.
    step: u8,
}

impl Eeprom {
    fn of(record: &Record) -> Self {
        let kind = record.at(5);
        let (size, page) = KINDS.iter().find(|row| row.0 == kind).map_or((0, 0), |row| (row.1, row.2));
        let span = size / (u32::from(record.at(3) & 7) + 1);
        Self {
            size,
            page,
            wide_address: kind > 0x09,
            bus: private_bus(record.at(2) >> 5, record.at(2)),
            address: record.at(1),
            step: size.checked_rem(span).map_or(0, |rest| rest as u8).wrapping_mul(2),
        }
    }

    fn offset(&self, counter: u32) -> Vec<u8> {
        let [low, high, ..] = counter.to_le_bytes();
        if self.wide_address { vec![low, high] } else { vec![low] }
    }
}

/// Device type (of the original, after IPMI 2.0 table 43-12), size, and bytes
/// moved at once.
const KINDS: &[(u8, u32, u8)] = &[
    (0x08, 128, 8),
    (0x09, 256, 8),
    (0x0A, 512, 8),
    (0x0B, 1024, 8),
    (0x0C, 2048, 16),
    (0x0D, 2048, 16),
    (0x0E, 4096, 8),
    (0x0F, 8192, 16),
    (0xC0, 16384, 16),
    (0xC1, 32748, 16),
    (0xC2, 65536, 16),
    (0xC3, 131_072, 16),
];

/// Copies the memory into a file.
fn read(session: &mut Session<'_>, eeprom: &Eeprom, path: &[u8]) -> Option<()> {
    let mut file: File = files::create(session, path)?;
    copy(session, eeprom, |session, address, counter| {
        let reply = attempt(session, eeprom, address, &eeprom.offset(counter), eeprom.page).ok_or(true)?;
        let bytes: Vec<u8> = (0..usize::from(eeprom.page)).map(|index| reply.at(index)).collect();
        file.write_all(&bytes).map_err(|_| {
            session.complain("Error writing file ", path, "");
            false
        })
    });
    Some(())
}

/// Copies a file of the right size into the memory.
fn write(session: &mut Session<'_>, eeprom: &Eeprom, path: &[u8]) -> Option<()> {
    let contents = files::read(session, path)?;
    log!(session, ERR, "File   Size: {}", contents.len());
    log!(session, ERR, "Eeprom Size: {}", eeprom.size);
    if contents.len() != eeprom.size as usize {
        log!(session, ERR, "File size does not fit Eeprom Size");
        return None;
    }
    copy(session, eeprom, |session, address, counter| {
        let start = counter as usize;
        let Some(bytes) = contents.get(start..start + usize::from(eeprom.page)) else {
            session.complain("Error reading file ", path, "");
            return Err(false);
        };
        let data = [&eeprom.offset(counter)[..], bytes].concat();
        attempt(session, eeprom, address, &data, 0).map(drop).ok_or(true)
    });
    Some(())
}

/// Moves the whole memory piece by piece and says how far it got. The piece
/// that fails counts (`Err(true)`) or not.
fn copy(
    session: &mut Session<'_>,
    eeprom: &Eeprom,
    mut piece: impl FnMut(&mut Session<'_>, &mut u8, u32) -> Result<(), bool>,
) {
    let (mut address, mut counter, mut shown) = (eeprom.address, 0, None);
    while counter < eeprom.size {
        match piece(session, &mut address, counter) {
            Ok(()) => {}
            Err(counts) => {
                counter += if counts { u32::from(eeprom.page) } else { 0 };
                break;
            }
        }
        let percent = counter * 100 / eeprom.size;
        if shown.replace(percent) != Some(percent) {
            out!(session, "\r{percent} percent completed");
        }
        counter += u32::from(eeprom.page);
    }
    if counter == eeprom.size {
        out!(session, "\r%100 percent completed\n");
    } else {
        let percent = shown.unwrap_or(0);
        out!(session, "\rError: {percent} percent completed, read not completed \n");
    }
}

/// Transfers a piece; a failure is tried again twice.
fn attempt(
    session: &mut Session<'_>,
    eeprom: &Eeprom,
    address: &mut u8,
    data: &[u8],
    read: u8,
) -> Option<crate::ipmitool::Reply> {
    for _ in 0..3 {
        *address = address.wrapping_add(eeprom.step);
        if let Ok(reply) = session.master_write_read(eeprom.bus, *address, data, read) {
            return Some(reply);
        }
        log!(session, ERR, "Retry");
    }
    None
}
