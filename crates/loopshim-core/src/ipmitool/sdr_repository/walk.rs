//! Going through the records of a repository or of a controller's device SDRs.

use super::Record;
use crate::ipmitool::record_ids::RecordIds;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Reply, Session};
use crate::{log, out};

const STORAGE: u8 = 0x0A;
const SENSOR_EVENT: u8 = 0x04;
/// Record id after the last record.
const END: u16 = 0xFFFF;
/// Bytes of a record before its body.
const HEADER: u8 = 5;
/// Times a header is asked for.
const HEADER_TRIES: usize = 5;
/// Requests for one record that bring nothing, before it is given up. The
/// original tries for ever; a BMC that needs more never gives the record.
const FRUITLESS: usize = 64;

/// A walk through the records, started by [`Walk::start`].
#[derive(Debug, Clone)]
pub struct Walk {
    device_sdrs: bool,
    reservation: u16,
    next: u16,
    /// Ids asked for, to end on a BMC whose records form a ring.
    asked: RecordIds,
}

/// The first bytes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Id of the record after this one; FFFFh is none.
    pub next: u16,
    /// Record id.
    pub id: u16,
    /// SDR version.
    pub version: u8,
    /// Record type, see [`super::kind`].
    pub kind: u8,
    /// Number of bytes after the header.
    pub length: u8,
}

impl Walk {
    /// Looks where the records are, reserves them, and stands before the first.
    /// `device_sdrs` asks for the controller's own without looking. `None`
    /// after logging why.
    pub fn start(session: &mut Session<'_>, device_sdrs: bool) -> Option<Self> {
        let use_device = locate(session, device_sdrs)?;
        if use_device {
            device_info(session)?;
        } else {
            repository_info(session)?;
        }
        let Some(reservation) = reserve(session, use_device) else {
            log!(session, ERR, "Unable to obtain SDR reservation");
            return None;
        };
        Some(Self { device_sdrs: use_device, reservation, next: 0, asked: Default::default() })
    }

    /// A walk that is at its end: the records came from a file.
    pub(super) fn finished() -> Self {
        Self { device_sdrs: false, reservation: 0, next: END, asked: Default::default() }
    }

    /// Reads the next record's header; `None` at the end, or after logging an
    /// error, which also ends the walk for a caller that loops.
    pub fn next_header(&mut self, session: &mut Session<'_>) -> Option<Header> {
        if self.next == END {
            return None;
        }
        if !self.asked.visit(self.next) {
            return None;
        }
        let header = self.header(session);
        match header {
            Some(header) => self.next = header.next,
            // Asking again, as the original does when its cache is filled a
            // second time, must be possible.
            None => self.asked.remove(self.next),
        }
        header
    }

    /// Reads a whole record. `None` when the BMC would not give it.
    pub fn record(&mut self, session: &mut Session<'_>, header: &Header) -> Option<Record> {
        // A size that an earlier record brought down to nothing starts afresh.
        session.sdr.read_size = session.sdr.read_size.filter(|size| *size > 0);
        let mut body = Vec::with_capacity(header.length.into());
        let mut fruitless = 0;
        while body.len() < usize::from(header.length) && fruitless < FRUITLESS {
            let offset = body.len() as u8;
            let size = read_size(session).min(header.length - offset);
            let at = offset.wrapping_add(HEADER);
            log!(session, DEBUG, "Getting {size} bytes from SDR at offset {at}");
            match self.get(session, header.id, at, size) {
                Some(reply) if reply.completion == 0xC5 => {
                    log!(session, DEBUG, "SDR reservation cancelled. Sleeping a bit and retrying...");
                    self.reservation = reserve(session, self.device_sdrs)?;
                    fruitless += 1;
                }
                Some(reply) if reply.completion != 0xCA => {
                    if !reply.is_ok() || reply.len() == 0 {
                        return None;
                    }
                    body.extend((0..usize::from(size)).map(|i| reply.at(2 + i)));
                    fruitless += usize::from(size == 0);
                }
                // Too many bytes at once, or no answer, which may mean the same.
                refused => {
                    // With less than none 1.8.18 asks for 255, which it has no room for.
                    let smaller = size.checked_sub(1)?;
                    session.sdr.read_size = Some(smaller);
                    if smaller == 0 && (refused.is_none() || !session.personality.reads_no_bytes()) {
                        return None;
                    }
                }
            }
        }
        (body.len() == usize::from(header.length)).then_some(Record {
            id: header.id,
            version: header.version,
            kind: header.kind,
            body,
        })
    }

    fn header(&mut self, session: &mut Session<'_>) -> Option<Header> {
        let reply = self.header_reply(session)?;
        let next = self.next;
        log!(session, DEBUG, "SDR record ID   : 0x{next:04x}");
        let mut header = Header {
            next: u16::from_le_bytes([reply.at(0), reply.at(1)]),
            id: u16::from_le_bytes([reply.at(2), reply.at(3)]),
            version: reply.at(4),
            kind: reply.at(5),
            length: reply.at(6),
        };
        if header.length == 0 {
            log!(session, ERR, "SDR record id 0x{next:04x}: invalid length 0");
            return None;
        }
        if next != 0 && header.id != next {
            log!(session, DEBUG, "SDR record id mismatch: 0x{:04x}", header.id);
            header.id = next;
        }
        log!(session, DEBUG, "SDR record type : 0x{:02x}", header.kind);
        log!(session, DEBUG, "SDR record next : 0x{:04x}", header.next);
        log!(session, DEBUG, "SDR record bytes: {}", header.length);
        Some(header)
    }

    fn header_reply(&mut self, session: &mut Session<'_>) -> Option<Reply> {
        let next = self.next;
        for _ in 0..HEADER_TRIES {
            match self.get(session, next, 0, HEADER) {
                None => log!(session, ERR, "Get SDR {next:04x} command failed"),
                Some(reply) if reply.completion == 0xC5 => {
                    let lost = self.reservation;
                    log!(
                        session,
                        DEBUG,
                        "SDR reservation {lost:04x} cancelled. Sleeping a bit and retrying..."
                    );
                    let Some(reservation) = reserve(session, self.device_sdrs) else {
                        log!(session, ERR, "Unable to renew SDR reservation");
                        return None;
                    };
                    self.reservation = reservation;
                }
                Some(reply) if !reply.is_ok() => {
                    let why = completion_name(reply.completion);
                    log!(session, ERR, "Get SDR {next:04x} command failed: {why}");
                }
                reply => return reply,
            }
        }
        None
    }

    /// Get SDR, or Get Device SDR (IPMI 2.0 sections 33.12 and 35.3).
    fn get(&self, session: &mut Session<'_>, id: u16, offset: u8, size: u8) -> Option<Reply> {
        let [reservation_low, reservation_high] = self.reservation.to_le_bytes();
        let [id_low, id_high] = id.to_le_bytes();
        let request = [reservation_low, reservation_high, id_low, id_high, offset, size];
        let (netfn, cmd) = if self.device_sdrs { (SENSOR_EVENT, 0x21) } else { (STORAGE, 0x23) };
        session.send(netfn, cmd, &request)
    }
}

/// Whether to read device SDRs, by what the controller says of itself.
fn locate(session: &mut Session<'_>, device_sdrs: bool) -> Option<bool> {
    let Some(reply) = session.send(0x06, 0x01, &[]) else {
        log!(session, ERR, "Get Device ID command failed");
        return None;
    };
    if !reply.is_ok() {
        let code = reply.completion;
        log!(session, ERR, "Get Device ID command failed: {code:#x} {}", completion_name(code));
        return None;
    }
    let provides_device_sdrs = reply.at(1) & 0x80 != 0;
    let support = reply.at(5);
    if !device_sdrs && provides_device_sdrs {
        if support & 0x02 != 0 {
            log!(session, DEBUG, "Using SDR from Repository \n");
        } else if support & 0x01 != 0 {
            log!(session, DEBUG, "Using Device SDRs\n");
            session.sdr.device_sdrs = true;
        } else {
            log!(session, ERR, "Error obtaining SDR info");
            return None;
        }
    }
    Some(device_sdrs || session.sdr.device_sdrs)
}

/// Get SDR Repository Info; an empty repository is filled first.
fn repository_info(session: &mut Session<'_>) -> Option<()> {
    let Some(reply) = session.send(STORAGE, 0x20, &[]) else {
        log!(session, ERR, "Error obtaining SDR info");
        return None;
    };
    if !reply.is_ok() {
        log!(session, ERR, "Error obtaining SDR info: {}", completion_name(reply.completion));
        return None;
    }
    let version = reply.at(0);
    if !matches!(version, 0x51 | 0x01 | 0x02) {
        log!(session, WARN, "WARNING: Unknown SDR repository version 0x{version:02x}");
    }
    let count = u16::from_le_bytes([reply.at(1), reply.at(2)]);
    log!(session, DEBUG, "SDR free space: {}", u16::from_le_bytes([reply.at(3), reply.at(4)]));
    log!(session, DEBUG, "SDR records   : {count}");
    if count == 0 {
        log!(session, DEBUG, "Rebuilding SDRR...");
        if super::add_from_sensors(session, &[]).is_err() {
            log!(session, ERR, "Could not build SDRR!");
            return None;
        }
    }
    Some(())
}

/// Get Device SDR Info.
fn device_info(session: &mut Session<'_>) -> Option<()> {
    match session.send(SENSOR_EVENT, 0x20, &[]) {
        Some(reply) if reply.is_ok() && reply.len() > 0 => {
            log!(session, DEBUG, "SDR records   : {}", reply.at(0));
            Some(())
        }
        _ => {
            out!(session, "Err in cmd get sensor sdr info\n");
            None
        }
    }
}

/// Reserve SDR Repository, or Reserve Device SDR Repository.
pub(super) fn reserve(session: &mut Session<'_>, device_sdrs: bool) -> Option<u16> {
    let netfn = if device_sdrs { SENSOR_EVENT } else { STORAGE };
    let reply = session.send(netfn, 0x22, &[]).filter(Reply::is_ok)?;
    let reservation = u16::from_le_bytes([reply.at(0), reply.at(1)]);
    log!(session, DEBUG, "SDR reservation ID {reservation:04x}");
    Some(reservation)
}

/// Most bytes to ask for at once: a response less its completion code and the
/// next record's id has to hold them.
fn read_size(session: &mut Session<'_>) -> u8 {
    let limit = session.link.max_response_size().saturating_sub(2).clamp(1, 0xFE) as u8;
    *session.sdr.read_size.get_or_insert(limit)
}
