//! Writing the repository: from the sensors' own device SDRs, which the
//! original does of its own accord when it finds it empty.

use super::walk::reserve;
use super::{Record, Walk, kind};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Failed, Level, Outcome, Session};
use crate::{log, out};

const STORAGE: u8 = 0x0A;
/// Body bytes in one Partial Add SDR: the message stays within 32 bytes.
const WRITE_SIZE: usize = 19;
/// Times the end of an erasure is asked for.
const ERASE_TRIES: usize = 5;

/// A record on its way into the repository.
pub struct Queued {
    /// The header's fields, and the body when it could be read.
    pub id: u16,
    /// SDR version.
    pub version: u8,
    /// Record type.
    pub kind: u8,
    /// Length field of the header.
    pub length: u8,
    /// Body; `None` when it could not be read.
    pub body: Option<Vec<u8>>,
}

/// Erases the repository and fills it from the controller's own device SDRs,
/// then from those of the controllers at `satellites` (IPMB addresses).
pub fn add_from_sensors(session: &mut Session<'_>, satellites: &[u8]) -> Outcome {
    if erase(session).is_err() {
        log!(session, ERR, "Cannot erase SDRR. Give up.");
        return Err(Failed);
    }
    let own = session.link.target_addr;
    let mut outcome = copy(session, true, own, own);
    for &address in satellites {
        if copy(session, false, address, own).is_err() {
            outcome = Err(Failed);
        }
    }
    outcome
}

/// Copies the records of the controller at `from` to the repository at `to`.
/// A controller without records is no failure; the last record decides.
pub fn copy(session: &mut Session<'_>, device_sdrs: bool, from: u8, to: u8) -> Outcome {
    session.link.target_addr = from;
    let Some(mut walk) = Walk::start(session, device_sdrs) else {
        return Ok(());
    };
    out!(session, "Load SDRs from 0x{from:x}\n");
    let queue = read_all(session, &mut walk);
    session.link.target_addr = to;
    let mut outcome = Ok(());
    for record in &queue {
        outcome = add_record(session, record);
        if outcome.is_err() {
            log!(session, ERR, "Cannot add SDR ID 0x{:04x} to repository...", record.id);
        }
    }
    outcome
}

/// Clear SDR Repository (IPMI 2.0 section 33.16), waiting for its end.
pub fn erase(session: &mut Session<'_>) -> Outcome {
    let [low, high] = reserve(session, false).ok_or(Failed)?.to_le_bytes();
    let mut action = 0xAA;
    for _ in 0..ERASE_TRIES {
        let Some(reply) = session.send(STORAGE, 0x27, &[low, high, b'C', b'L', b'R', action]) else {
            log!(session, ERR, "Unable to clear SDRR");
            return Err(Failed);
        };
        if !reply.is_ok() {
            log!(session, ERR, "Unable to clear SDRR: {}", completion_name(reply.completion));
            return Err(Failed);
        }
        if reply.at(0) & 1 == 1 {
            out!(session, "SDRR successfully erased\n");
            return Ok(());
        }
        out!(session, "Wait for SDRR erasure completed...\n");
        action = 0;
    }
    Err(Failed)
}

/// Partial Add SDR (IPMI 2.0 section 33.14) of one record, header first.
pub fn add_record(session: &mut Session<'_>, record: &Queued) -> Outcome {
    let Some(body) = record.body.as_deref().filter(|body| !body.is_empty()) else {
        log!(session, ERR, "ipmitool: bad record , skipped");
        return Ok(());
    };
    let Some(reservation) = reserve(session, false) else {
        log!(session, ERR, "ipmitool: reservation failed");
        return Err(Failed);
    };
    let [id_low, id_high] = record.id.to_le_bytes();
    let header = [id_low, id_high, record.version, record.kind, record.length];
    let Some(mut id) = add_part(session, reservation, 0, 0, false, &header) else {
        log!(session, ERR, "ipmitool: partial send error");
        return Err(Failed);
    };
    for (index, part) in body.chunks(WRITE_SIZE).enumerate() {
        let offset = index * WRITE_SIZE;
        let last = offset + part.len() == body.len();
        let Some(next) = add_part(session, reservation, id, offset as u8 + 5, last, part) else {
            log!(session, ERR, "ipmitool: partial add failed");
            return Err(Failed);
        };
        id = next;
    }
    Ok(())
}

fn add_part(
    session: &mut Session<'_>,
    reservation: u16,
    id: u16,
    offset: u8,
    last: bool,
    data: &[u8],
) -> Option<u16> {
    let mut request = Vec::with_capacity(6 + data.len());
    request.extend(reservation.to_le_bytes());
    request.extend(id.to_le_bytes());
    request.extend([offset, u8::from(last)]);
    request.extend(data);
    let reply = session.send(STORAGE, 0x25, &request)?;
    (reply.is_ok() && reply.len() >= 2).then(|| u16::from_le_bytes([reply.at(0), reply.at(1)]))
}

fn read_all(session: &mut Session<'_>, walk: &mut Walk) -> Vec<Queued> {
    let mut queue = Vec::new();
    while let Some(header) = walk.next_header(session) {
        let record = walk.record(session, &header);
        if let Some(record) = &record {
            log_name(session, record);
        }
        queue.push(Queued {
            id: header.id,
            version: header.version,
            kind: header.kind,
            length: header.length,
            body: record.map(|record| record.body),
        });
    }
    queue
}

/// Names the record at `-v`; types the original does not name there show as
/// blanks.
fn log_name(session: &mut Session<'_>, record: &Record) {
    let named =
        matches!(record.kind, kind::FULL_SENSOR | kind::COMPACT_SENSOR | kind::EVENT_ONLY | kind::MC_LOCATOR);
    let name = if named { record.queued_name() } else { &[b' '; 17] };
    let mut line = format!("ID: 0x{:04x} , NAME: ", record.id).into_bytes();
    line.extend(name);
    line.extend(std::iter::repeat_n(b' ', 16_usize.saturating_sub(name.len())));
    session.console.log_bytes(Level::INFO, &line);
}
