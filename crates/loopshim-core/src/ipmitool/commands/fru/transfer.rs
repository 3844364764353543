//! `fru read` and `fru write`: a device's whole image to and from a file.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

use super::device::Device;
use super::write;
use crate::ipmitool::{Level, Outcome, Session};
use crate::{log, out};

/// Copies device `id` into the file `name`. Whatever goes wrong, the original
/// counts it as success.
pub(super) fn read_to_file(session: &mut Session<'_>, id: u8, name: &[u8]) -> Outcome {
    announce(session, id, name);
    let Some(mut device) = open(session, id) else { return Ok(()) };
    out!(session, "Fru Size         : {} bytes\n", device.size);
    let mut image = vec![0; device.size.into()];
    // What could be read is written all the same.
    let _ = device.read(session, 0, &mut image);
    // A failure or not, as the original has it: no file, no success, no error.
    let _ = save(session, name, &image);
    Ok(())
}

/// Copies the file `name` to device `id`. Whatever goes wrong, the original
/// counts it as success.
pub(super) fn write_from_file(session: &mut Session<'_>, id: u8, name: &[u8]) -> Outcome {
    announce(session, id, name);
    let Some(mut device) = open(session, id) else { return Ok(()) };
    let size = device.size;
    let Ok(mut image) = fs::read(OsStr::from_bytes(name)) else {
        log_unopened(session, name);
        return Ok(());
    };
    image.truncate(size.into());
    out!(session, "Fru Size         : {size} bytes\n");
    out!(session, "Size to Write    : {} bytes\n", image.len());
    if !image.is_empty() {
        let _ = write::write(session, &mut device, 0, &image);
        log!(session, INFO, "Done");
    }
    Ok(())
}

/// Writes `bytes` into the file `name` and says so. `Err` after logging that it
/// cannot be opened.
pub(super) fn save(session: &mut Session<'_>, name: &[u8], bytes: &[u8]) -> Outcome {
    let Ok(mut file) = File::create(OsStr::from_bytes(name)) else {
        log_unopened(session, name);
        return Err(crate::ipmitool::Failed);
    };
    // The original does not notice a full disk either.
    let _ = file.write_all(bytes);
    out!(session, "Done\n");
    Ok(())
}

fn announce(session: &mut Session<'_>, id: u8, name: &[u8]) {
    if session.verbose > 0 {
        out!(session, "FRU ID           : {id}\nFRU File         : ");
        session.console.put(name);
        out!(session, "\n");
    }
}

/// The device, which may be empty; `None` when it is absent, of which only a
/// timeout is mentioned.
fn open(session: &mut Session<'_>, id: u8) -> Option<Device> {
    let reply = Device::ask(session, id)?;
    if reply.completion == 0xC3 {
        out!(session, "  Timeout accessing FRU info. (Device not present?)\n");
    }
    if !reply.is_ok() {
        return None;
    }
    let device = Device::of_reply(id, &reply);
    if session.verbose > 0 {
        out!(session, "Fru Size   = {} bytes\n", device.size);
        out!(session, "Fru Access = {:x}h\n", u8::from(device.by_words));
    }
    Some(device)
}

fn log_unopened(session: &mut Session<'_>, name: &[u8]) {
    session.console.log_bytes(Level::ERR, &[b"Error opening file ", name, b"\n"].concat());
}
