//! `fru get ID oem` and `fru edit ID oem`: manufacturers' records in the
//! multirecord area.

use super::device::Device;
use super::header::Header;
use crate::ipmitool::oem::manufacturer::KONTRON;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, number};
use crate::{log, out};

/// Type of the records looked for.
const OEM_RECORD: u8 = 0xC0;
/// Bytes of a record's header.
const HEADER: usize = 5;
/// Most bytes read at once while looking for records.
const CHUNK: u32 = 255 + HEADER as u32;

/// Shows the records of the manufacturer named on the command line. `words`
/// are those after the device: `oem`, a manufacturer, and what to show.
/// Whatever goes wrong with the device, the original counts it as success.
pub(super) fn get(session: &mut Session<'_>, id: u8, words: &[Arg]) -> Outcome {
    let Some((located, header)) = locate(session, id) else { return Ok(()) };
    log_location(session, located.size, header.multirecord());
    let mut device = Device::open(session, id)?;
    let mut search = Search::new(&device, header.multirecord());
    let mut kontron = Kontron { words, refused: false };
    while search.read(session, &mut device).is_some() {
        let [kind, format, len] = [0, 1, 2].map(|at| search.byte(search.at + at));
        if kind == OEM_RECORD && show_record(session, &mut search, &mut kontron).is_err() {
            break;
        }
        search.at += HEADER + usize::from(len);
        if format & 0x80 != 0 {
            break;
        }
    }
    Ok(())
}

/// Would change records, but the original forgets the device's size first and
/// then finds every offset beyond it.
pub(super) fn edit(session: &mut Session<'_>, id: u8) -> Outcome {
    let Some((located, header)) = locate(session, id) else { return Ok(()) };
    log_location(session, located.size, header.multirecord());
    let mut device = Device::open(session, id)?;
    device.size = 0;
    // Without records the original looks for one until it dies.
    let _ = device.read(session, header.multirecord(), &mut []);
    Ok(())
}

/// The records of a device, as the original walks them: it reads every piece
/// of the area to the start of its buffer, but looks for it further on.
struct Search {
    buffer: Vec<u8>,
    /// Where the current record is thought to be.
    at: usize,
    /// Offset up to which the device has been read.
    read: u32,
}

impl Search {
    fn new(device: &Device, offset: u32) -> Self {
        Self { buffer: vec![0; usize::from(device.size) + 1], at: offset as usize, read: offset }
    }

    fn byte(&self, at: usize) -> u8 {
        self.buffer.get(at).copied().unwrap_or(0)
    }

    /// Reads on if the current record needs it. `None` at the end.
    fn read(&mut self, session: &mut Session<'_>, device: &mut Device) -> Option<()> {
        if self.at >= self.buffer.len() {
            return None;
        }
        let needed = (self.at + HEADER).max(self.at + usize::from(self.byte(self.at + 2)));
        if (self.read as usize) < needed {
            let len = u32::from(device.size).wrapping_sub(self.read).min(CHUNK);
            let room = self.buffer.get_mut(..len as usize)?;
            device.read(session, self.read, room).ok()?;
            self.read += len;
        }
        Some(())
    }
}

/// Shows the current record if it is the manufacturer's asked for. `Err` when
/// that ends the search, after saying why.
fn show_record(session: &mut Session<'_>, search: &mut Search, kontron: &mut Kontron<'_>) -> Outcome {
    let data = search.at + HEADER;
    let found = u32::from_le_bytes([search.byte(data), search.byte(data + 1), search.byte(data + 2), 0]);
    let wanted = wanted_manufacturer(session, kontron.words);
    if wanted.unwrap_or(0) != found {
        return wanted.map(drop);
    }
    log!(session, DEBUG, "Matching record found");
    if found == KONTRON {
        kontron.show(session, search, data);
        return wanted.map(drop);
    }
    out!(session, "  OEM IANA (");
    let name = session.manufacturers.name(found);
    session.console.put(&name);
    out!(session, ") Record not supported in this mode\n");
    Err(Failed)
}

fn wanted_manufacturer(session: &mut Session<'_>, words: &[Arg]) -> Result<u32, Failed> {
    let Some(word) = words.get(1) else {
        log!(session, ERR, "oem iana <record> <format>");
        return Err(Failed);
    };
    match number::to_u32(word) {
        Ok(id) => {
            log!(session, DEBUG, "using iana: {}", id as i32);
            Ok(id)
        }
        Err(_) => {
            let text = [b"Given IANA '", &word[..], b"' is invalid."].concat();
            session.console.log_bytes(Level::ERR, &text);
            Err(Failed)
        }
    }
}

/// Kontron's information records: names and versions of software.
struct Kontron<'a> {
    words: &'a [Arg],
    /// The words were found wanting; nothing is shown any more.
    refused: bool,
}

/// Record id of Kontron's information records.
const INFORMATION_RECORD: u8 = 3;

impl Kontron<'_> {
    /// Shows the record whose data start at `data`.
    fn show(&mut self, session: &mut Session<'_>, search: &mut Search, data: usize) {
        if !self.refused && self.words.len() < 3 {
            out!(session, "usage: oem <iana> <recordid>\nusage: oem 15000 3\n");
            self.refused = true;
        }
        if self.refused || search.byte(data + 3) != INFORMATION_RECORD {
            return;
        }
        out!(session, "Kontron OEM Information Record\n");
        let instance = self.words.get(5);
        if instance.is_none_or(|word| number::to_u8(word).is_err()) {
            let word = instance.map_or(&b"(null)"[..], |word| word);
            let text = [b"Instance argument '", word, b"' is either invalid or out of range."].concat();
            session.console.log_bytes(Level::ERR, &text);
            self.refused = true;
            return;
        }
        let version = search.byte(data + 4);
        let blocks = search.byte(data + 5);
        let mut at = data + 6;
        for _ in 0..blocks {
            at = show_block(session, search, at, version);
        }
    }
}

/// Shows a block; where the next one is.
fn show_block(session: &mut Session<'_>, search: &mut Search, at: usize, version: u8) -> usize {
    let len = search.byte(at) & 0x3F;
    // The original masks the length in place.
    if let Some(byte) = search.buffer.get_mut(at) {
        *byte = len;
    }
    put_field(session, search, "Name", at + 1, len.into());
    out!(session, "\n");
    let mut at = at + 1 + usize::from(len);
    out!(session, "  Record Version: {version}\n");
    let first = match version {
        0 => 8,
        1 => 10,
        _ => {
            out!(session, "  Unsupported version {version}\n");
            return at;
        }
    };
    for (name, size) in [("Version", first), ("Build Date", 8), ("Update Date", 8), ("Checksum", 8)] {
        put_field(session, search, name, at + 1, size);
        out!(session, "\n");
        at += 1 + size;
    }
    out!(session, "\n");
    at + 1
}

/// A text of at most `size` bytes, right-justified in as many columns.
fn put_field(session: &mut Session<'_>, search: &Search, name: &str, at: usize, size: usize) {
    let text: Vec<u8> = (at..at + size).map(|at| search.byte(at)).take_while(|&byte| byte != 0).collect();
    out!(session, "  {name}: {:1$}", "", size - text.len());
    session.console.put(&text);
}

/// The device and its header; `None` when either cannot be had, of which
/// little is said.
pub(super) fn locate(session: &mut Session<'_>, id: u8) -> Option<(Device, Header)> {
    let device = locate_device(session, id)?;
    let reply = device.ask_header(session)?;
    if !reply.is_ok() {
        if reply.completion == 0xC3 {
            out!(session, "  Timeout while reading FRU data. (Device not present?)\n");
        }
        return None;
    }
    if session.verbose > 1 {
        session.dump("FRU DATA", reply.data());
    }
    let header = Header::of_reply(&reply);
    if header.version() != 1 {
        out!(session, "  Unknown FRU header version {:02x}.\n", header.version());
        return None;
    }
    Some((device, header))
}

fn locate_device(session: &mut Session<'_>, id: u8) -> Option<Device> {
    let Some(reply) = Device::ask(session, id) else {
        if session.verbose > 1 {
            out!(session, "no response\n");
        }
        return None;
    };
    match reply.completion {
        0 => {}
        0xC3 => {
            out!(session, "  Timeout accessing FRU info. (Device not present?)\n");
            return None;
        }
        code => {
            out!(session, "   CCODE = 0x{code:02x}\n");
            return None;
        }
    }
    let device = Device::of_reply(id, &reply);
    if session.verbose > 1 {
        let unit = if device.by_words { "words" } else { "bytes" };
        out!(session, "pFruInfo->size = {} bytes (accessed by {unit})\n", device.size);
    }
    (device.size != 0).then_some(device)
}

/// Logs where the records are.
pub(super) fn log_location(session: &mut Session<'_>, size: u16, offset: u32) {
    log!(session, DEBUG, "FRU Size        : {size}\n");
    log!(session, DEBUG, "Multi Rec offset: {offset}\n");
}
