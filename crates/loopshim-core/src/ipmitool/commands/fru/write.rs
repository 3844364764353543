//! Writing to a FRU inventory device (IPMI 2.0 section 34.3), block by block,
//! so that a protected area can be passed over.

use super::device::{Device, is_size_refusal};
use super::header::Header;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::{log, out};

const STORAGE: u8 = 0x0A;
const WRITE_DATA: u8 = 0x12;

/// A part of the device that may be protected as a whole.
struct Block {
    start: u16,
    size: u16,
    name: String,
}

impl Block {
    /// A block up to the end of the device.
    fn new(start: u32, device: &Device, name: impl Into<String>) -> Self {
        let start = start as u16;
        Self { start, size: device.size.wrapping_sub(start), name: name.into() }
    }

    fn end(&self) -> u32 {
        u32::from(self.start) + u32::from(self.size)
    }
}

/// How far a write got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// To the end, protected blocks passed over.
    All,
    /// The device refused something.
    Part,
}

/// Writes `data` at `offset`. `Err` after logging what rules it out.
pub(super) fn write(
    session: &mut Session<'_>,
    device: &mut Device,
    offset: u16,
    data: &[u8],
) -> Result<Written, Failed> {
    let length = data.len() as u16;
    let finish = offset.wrapping_add(length);
    if finish > device.size {
        log!(session, ERR, "Return error");
        return Err(Failed);
    }
    if device.by_words && (offset & 1 != 0 || length & 1 != 0) {
        log!(session, ERR, "Odd offset or length specified");
        return Err(Failed);
    }
    let blocks = blocks(session, device).unwrap_or_default();
    let mut most = write_size(session, device)?;
    let (mut at, mut block) = (u32::from(offset), 0);
    loop {
        while blocks.get(block).is_some_and(|block| block.end() <= at) {
            block += 1;
        }
        let current = blocks.get(block);
        let end = current.map_or(u32::from(finish), |block| block.end().min(finish.into()));
        let count = device.whole_units(u8::try_from(end.saturating_sub(at)).unwrap_or(u8::MAX).min(most));
        match current {
            Some(current) => {
                log!(session, INFO, "Writing {count} bytes (Bloc #{block}: {})", current.name);
            }
            None => log!(session, INFO, "Writing {count} bytes"),
        }
        let from = (at - u32::from(offset)) as usize;
        let Some(reply) = send(session, device, at, &data[from..from + usize::from(count)]) else { break };
        match reply.completion {
            0 => {
                log!(session, INFO, "Wrote {count} bytes");
                at += u32::from(count);
                if count == 0 {
                    // Nothing left but half a word: the original goes on for ever.
                    break;
                }
            }
            PROTECTED => {
                log_protected(session, current, at);
                at = end;
            }
            code if is_size_refusal(code) && most > session.personality.least_fru_write() => {
                most -= SMALLER;
                device.max_write = Some(most);
                log!(session, INFO, "Retrying FRU write with request size {most}");
            }
            _ => break,
        }
        if at >= finish.into() {
            break;
        }
    }
    Ok(if at >= finish.into() { Written::All } else { Written::Part })
}

/// "Write-protected offset" (IPMI 2.0 table 34-4).
const PROTECTED: u8 = 0x80;

/// By how much a refused write shrinks.
const SMALLER: u8 = 8;

fn send(session: &mut Session<'_>, device: &Device, at: u32, bytes: &[u8]) -> Option<Reply> {
    let address = (if device.by_words { at >> 1 } else { at }) as u16;
    let [low, high] = address.to_le_bytes();
    session.send(STORAGE, WRITE_DATA, &[&[device.id, low, high], bytes].concat())
}

fn log_protected(session: &mut Session<'_>, block: Option<&Block>, at: u32) {
    match block {
        Some(Block { start, size, name }) => {
            log!(session, INFO, "Bloc [{name}] protected at offset: {start} (size {size} bytes)");
            log!(session, INFO, "Jumping over this bloc");
        }
        None => log!(session, INFO, "Remaining FRU is protected following offset: {at}"),
    }
}

/// Bytes to write at once: the longest request, less device and offset.
fn write_size(session: &mut Session<'_>, device: &mut Device) -> Result<u8, Failed> {
    if let Some(size) = device.max_write {
        return Ok(size);
    }
    let most = session.link.max_request_size();
    if most <= 3 {
        log!(session, ERR, "Maximum request size is too small to send a write request");
        return Err(Failed);
    }
    let size = device.whole_units(u8::try_from(most - 3).unwrap_or(u8::MAX));
    device.max_write = Some(size);
    Ok(size)
}

/// The blocks that header and records divide the device into. `None` after
/// logging why that is unknown; the whole then is one.
fn blocks(session: &mut Session<'_>, device: &mut Device) -> Option<Vec<Block>> {
    let header = readable_header(session, device)?;
    let mut blocks = vec![Block::new(0, device, "Common Header Section")];
    let sections = [
        (header.internal_use(), "Internal Use Section"),
        (header.chassis(), "Chassis Section"),
        (header.board(), "Board Section"),
        (header.product(), "Product Section"),
    ];
    for (offset, name) in sections {
        if offset != 0 {
            push(&mut blocks, Block::new(offset, device, name));
        }
    }
    if header.multirecord() != 0 {
        push_records(session, device, &mut blocks, header.multirecord());
    }
    for (index, Block { start, size, name }) in blocks.iter().enumerate() {
        log!(session, DEBUG, "Bloc Numb : {index}");
        log!(session, DEBUG, "Bloc Id   : {name}");
        log!(session, DEBUG, "Bloc Start: {start}");
        log!(session, DEBUG, "Bloc Size : {size}");
        log!(session, DEBUG, "");
    }
    Some(blocks)
}

fn readable_header(session: &mut Session<'_>, device: &Device) -> Option<Header> {
    let reply = match device.ask_header(session) {
        Some(reply) if reply.is_ok() => reply,
        Some(reply) => {
            let why = completion_name(reply.completion);
            log!(session, ERR, " Device not present ({why})");
            return None;
        }
        None => {
            log!(session, ERR, " Device not present (No Response)");
            return None;
        }
    };
    if session.verbose > 1 {
        session.dump("FRU DATA", reply.data());
    }
    let header = Header::of_reply(&reply);
    if !header.is_sound() {
        log!(session, ERR, " Bad header checksum");
        return None;
    }
    if header.version() != 1 {
        log!(session, ERR, " Unknown FRU header version 0x{:02x}", header.version());
        return None;
    }
    Some(header)
}

/// Adds a block and ends the one before it there.
fn push(blocks: &mut Vec<Block>, block: Block) {
    if let Some(last) = blocks.last_mut() {
        last.size = block.start.wrapping_sub(last.start);
    }
    blocks.push(block);
}

/// Adds a block for each record, and one for what follows the last.
fn push_records(session: &mut Session<'_>, device: &mut Device, blocks: &mut Vec<Block>, offset: u32) {
    let mut at = offset;
    let mut record = [0; 5];
    loop {
        if device.by_words && at & 1 != 0 {
            log!(session, ERR, " Unaligned offset for a block: {at}");
            at += 1;
            break;
        }
        if device.read(session, at, &mut record).is_err() {
            break;
        }
        push(blocks, Block::new(at, device, format!("Multi-Rec Area: Type {}", record[0])));
        at += u32::from(record[2]) + 5;
        let sound = record.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) == 0;
        if !sound || record[1] & 0x80 != 0 || at >= device.size.into() {
            break;
        }
    }
    log!(session, DEBUG, "Multi-Record area ends at: {at} ({at:x}h)");
    if u32::from(device.size) > at {
        push(blocks, Block::new(at, device, "Unused space"));
    }
}

/// Writes and says on standard output when that is ruled out.
pub(super) fn write_or_complain(
    session: &mut Session<'_>,
    device: &mut Device,
    offset: u16,
    data: &[u8],
) -> Outcome {
    match write(session, device, offset, data) {
        Ok(_) => Ok(()),
        Err(failed) => {
            out!(session, "Write to FRU data failed.\n");
            Err(failed)
        }
    }
}
