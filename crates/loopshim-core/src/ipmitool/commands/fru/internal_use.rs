//! `fru internaluse`: the area whose contents only its owner understands (FRU
//! Information Storage Definition 1.0 section 9).

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::device::Device;
use super::header::Header;
use super::transfer;
use super::write::{self, Written};
use crate::ipmitool::{Failed, Level, Outcome, Session};
use crate::{log, out};

/// Where the area of a device is.
struct Area {
    device: Device,
    offset: u16,
    size: u16,
}

/// Prints the area's size.
pub(super) fn print_size(session: &mut Session<'_>, id: u8) -> Outcome {
    find(session, id).map(drop)
}

/// Prints the area in hexadecimal.
pub(super) fn print(session: &mut Session<'_>, id: u8) -> Outcome {
    if let Some((area, bytes)) = read(session, id) {
        if let Some(bytes) = bytes {
            debug_assert_eq!(bytes.len(), usize::from(area.size));
            for (line, row) in bytes.chunks(16).enumerate() {
                out!(session, "\n{line:02}- ");
                for byte in row {
                    out!(session, "{byte:02X} ");
                }
            }
        }
        out!(session, "\n");
    }
    Ok(())
}

/// Copies the area into the file `name`.
pub(super) fn read_to_file(session: &mut Session<'_>, id: u8, name: &[u8]) -> Outcome {
    log_file(session, id, name);
    if let Some((_, bytes)) = read(session, id) {
        if let Some(bytes) = bytes {
            transfer::save(session, name, &bytes)?;
        }
        out!(session, "\n");
    }
    Ok(())
}

/// Copies the file `name`, which must be as large, into the area.
pub(super) fn write_from_file(session: &mut Session<'_>, id: u8, name: &[u8]) -> Outcome {
    log_file(session, id, name);
    let Ok(mut area) = find(session, id) else { return Ok(()) };
    let Ok(bytes) = fs::read(OsStr::from_bytes(name)) else { return Ok(()) };
    log!(session, ERR, "File Size: {}", bytes.len() as i32);
    log!(session, ERR, "Area Size: {}", area.size);
    if bytes.len() != usize::from(area.size) {
        log!(session, ERR, "File size does not fit Eeprom Size");
        return Ok(());
    }
    let written = write::write(session, &mut area.device, area.offset, &bytes);
    // The original takes the result for its opposite.
    if written == Ok(Written::Part) {
        log!(session, INFO, "Done\n");
    }
    Ok(())
}

fn log_file(session: &mut Session<'_>, id: u8, name: &[u8]) {
    log!(session, DEBUG, "FRU ID           : {id}");
    session.console.log_bytes(Level::DEBUG, &[b"FRU File         : ", name].concat());
}

/// The area and, where it can be read, its bytes; `None` when there is none.
fn read(session: &mut Session<'_>, id: u8) -> Option<(Area, Option<Vec<u8>>)> {
    let mut area = find(session, id).ok()?;
    let mut bytes = vec![0; area.size.into()];
    let read = area.device.read_section(session, area.offset.into(), &mut bytes);
    Some((area, read.is_ok().then_some(bytes)))
}

/// Finds the area and prints its size. `Err` after logging why there is none.
fn find(session: &mut Session<'_>, id: u8) -> Result<Area, Failed> {
    let Some((device, header)) = open(session, id) else {
        log!(session, ERR, "Cannot access internal use area");
        return Err(Failed);
    };
    let offset = header.internal_use();
    let followers = [header.chassis(), header.board(), header.product(), header.multirecord()];
    let end = followers.into_iter().find(|&start| start != 0).unwrap_or(device.size.into());
    let size = if offset == 0 { 0 } else { end.wrapping_sub(offset) as u16 };
    log!(session, DEBUG, "Internal Use Area Offset: {offset}");
    out!(session, "Internal Use Area Size  : {size}\n");
    Ok(Area { device, offset: offset as u16, size })
}

fn open(session: &mut Session<'_>, id: u8) -> Option<(Device, Header)> {
    let device = Device::open(session, id).ok()?;
    let header = Header::read(session, &device).ok()?;
    Some((device, header))
}
