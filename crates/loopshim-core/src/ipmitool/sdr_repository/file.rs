//! `-S file`: records from a file instead of the BMC.

use super::Record;
use super::cache::is_kept;
use crate::ipmitool::{Failed, Outcome, Session, files};
use crate::log;

/// Fills the cache with the records in the file at `path` (as `sdr dump`
/// writes them); the BMC is not asked for records afterwards, even when the
/// file turns out to be bad. `Err` after logging why.
pub fn load(session: &mut Session<'_>, path: &[u8]) -> Outcome {
    let Some(bytes) = files::read(session, path) else {
        let line = [b"Unable to open SDR cache ", path, b" for reading"].concat();
        session.console.log_bytes(crate::ipmitool::Level::ERR, &line);
        return Err(Failed);
    };
    let outcome = load_bytes(session, &bytes);
    session.sdr.finish();
    outcome
}

fn load_bytes(session: &mut Session<'_>, mut bytes: &[u8]) -> Outcome {
    while !bytes.is_empty() {
        let Some((&[id_low, id_high, version, kind, length], rest)) = bytes.split_first_chunk() else {
            log!(session, ERR, "header read {} bytes, expected 5", bytes.len());
            return Err(Failed);
        };
        bytes = rest;
        if length == 0 {
            continue;
        }
        if !matches!(version, 0x51 | 0x01 | 0x02) {
            log!(session, WARN, "invalid sdr header version {version:02x}");
            return Err(Failed);
        }
        let id = u16::from_le_bytes([id_low, id_high]);
        let Some((body, rest)) = bytes.split_at_checked(length.into()) else {
            log!(session, ERR, "record {id:04x} read {} bytes, expected {length}", bytes.len());
            return Err(Failed);
        };
        bytes = rest;
        if is_kept(kind) {
            session.sdr.push(Record { id, version, kind, body: body.to_vec() });
            log!(session, DEBUG, "Read record {id:04x} from file into cache");
        }
    }
    Ok(())
}
