//! `fru upgEkey`: replacing a device's multirecord area by that of a file.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::oem::{locate, log_location};
use super::write::{self, Written};
use crate::ipmitool::{Failed, Level, Outcome, Session};
use crate::{log, out};

/// Replaces the multirecord area of device `id` by that of the image in file
/// `name`. The original takes a complete write for a failure.
pub(super) fn upgrade(session: &mut Session<'_>, id: u8, name: &[u8]) -> Outcome {
    let Some((mut device, header)) = locate(session, id) else {
        log!(session, ERR, "Failed to get multirec location from FRU.");
        return Err(Failed);
    };
    log_location(session, device.size, header.multirecord());
    let image = fs::read(OsStr::from_bytes(name)).unwrap_or_default();
    let Ok(offset) = records_offset(session, name, &image) else {
        log_name(session, "Failed to get multirec size from file '", name);
        return Err(Failed);
    };
    let records = image.get(offset..).filter(|records| !records.is_empty());
    let Some(records) = records else {
        log_name(session, "Error in file '", name);
        log_name(session, "Failed to get multirec from file '", name);
        return Err(Failed);
    };
    let Ok(size) = size_of_records(session, records) else {
        log!(session, ERR, "Failed to adjust size from buffer.");
        return Err(Failed);
    };
    let mut records = records.to_vec();
    records.resize(size, 0);
    match write::write(session, &mut device, header.multirecord() as u16, &records) {
        Ok(Written::Part) => {
            log!(session, INFO, "Done upgrading Ekey.");
            Ok(())
        }
        _ => {
            log!(session, ERR, "Failed to write FRU area.");
            Err(Failed)
        }
    }
}

/// Where the records of an image start. `Err` after printing why it is none.
fn records_offset(session: &mut Session<'_>, name: &[u8], image: &[u8]) -> Result<usize, Failed> {
    log!(session, DEBUG, "File Size = {}\n", image.len());
    log!(session, DEBUG, "Len = {}\n", image.len().min(8));
    let Some(header) = image.first_chunk::<8>() else {
        out!(session, "Error with file ");
        session.console.put(name);
        out!(session, " in getting size\n");
        return Err(Failed);
    };
    if header[0] != 1 {
        out!(session, "Unknown FRU header version {:02x}.\n", header[0]);
        return Err(Failed);
    }
    Ok(usize::from(header[5]) * 8)
}

/// Length of the records up to the last; shows their headers with `-v`. `Err`
/// after logging that a header's checksum is wrong.
fn size_of_records(session: &mut Session<'_>, records: &[u8]) -> Result<usize, Failed> {
    let byte = |at: usize| records.get(at).copied().unwrap_or(0);
    let mut size: u16 = 0;
    loop {
        let at = usize::from(size);
        let header: [u8; 5] = std::array::from_fn(|index| byte(at + index));
        let len = usize::from(header[2]);
        let sound = header.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) == 0;
        if !sound {
            log!(session, ERR, "Bad checksum in Multi Records");
        }
        if session.verbose > 0 {
            let data = if session.verbose > 1 && sound { len } else { 0 };
            show(session, &header, sound, (0..data).map(|index| byte(at + 5 + index)));
        }
        // Beyond the file the original reads on until it dies.
        size = size.wrapping_add(len as u16 + 5);
        let done = !sound || header[1] & 0x80 != 0 || usize::from(size) > records.len();
        if done {
            log!(session, DEBUG, "Size of multirec: {size}\n");
            return if sound { Ok(size.into()) } else { Err(Failed) };
        }
    }
}

fn show(session: &mut Session<'_>, header: &[u8], sound: bool, data: impl Iterator<Item = u8>) {
    out!(session, "Adding (");
    for byte in header {
        out!(session, " {byte:02X}");
    }
    out!(session, "){}", if sound { "--> OK" } else { "--> FAIL" });
    for byte in data {
        out!(session, " {byte:02X}");
    }
    out!(session, "\n");
}

fn log_name(session: &mut Session<'_>, before: &str, name: &[u8]) {
    session.console.log_bytes(Level::ERR, &[before.as_bytes(), name, b"'."].concat());
}
