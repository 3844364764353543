//! `sdr dump`: the records into a file, as `-S` reads them.

use std::io::Write;

use crate::ipmitool::sdr_repository::{Record, Walk};
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, files};
use crate::log;

/// `sdr dump FILE`.
pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let Some(path) = words.first() else {
        log!(session, ERR, "Not enough parameters given.");
        log!(session, NOTICE, "usage: sdr dump <file>");
        return Err(Failed);
    };
    let Some(mut walk) = Walk::start(session, false) else {
        log!(session, ERR, "Unable to open SDR for reading");
        return Err(Failed);
    };
    session.console.put(&[b"Dumping Sensor Data Repository to '", path.as_slice(), b"'\n"].concat());
    let records = read_all(session, &mut walk)?;
    let mut file = files::create(session, path).ok_or(Failed)?;
    // Records of `-S` come first in the original's list, without their bytes:
    // it notices after the first one's header.
    if let Some(cached) = session.sdr.records().first() {
        let [id_low, id_high] = cached.id.to_le_bytes();
        // What matters to the caller is that the dump failed.
        let _ = file.write_all(&[id_low, id_high, 0, cached.kind, 0]);
        log!(session, ERR, "Error: raw data is null (length=0)");
        return Err(Failed);
    }
    write_all(session, &mut file, &records, path)
}

fn read_all(session: &mut Session<'_>, walk: &mut Walk) -> Result<Vec<Record>, Failed> {
    let mut records = Vec::new();
    while let Some(header) = walk.next_header(session) {
        log!(session, INFO, "Record ID {:04x} ({} bytes)", header.id, header.length);
        let Some(record) = walk.record(session, &header) else {
            log!(session, ERR, "ipmitool: cannot obtain SDR record {:04x}", header.id);
            return Err(Failed);
        };
        records.push(record);
    }
    Ok(records)
}

fn write_all(session: &mut Session<'_>, file: &mut impl Write, records: &[Record], path: &[u8]) -> Outcome {
    for record in records {
        let [id_low, id_high] = record.id.to_le_bytes();
        let header = [id_low, id_high, record.version, record.kind, record.body.len() as u8];
        if file.write_all(&header).and_then(|()| file.write_all(&record.body)).is_err() {
            let line = [b"Error writing header to output file ", path].concat();
            session.console.log_bytes(Level::ERR, &line);
            return Err(Failed);
        }
    }
    Ok(())
}
