//! Going through the log: `sel list`, `elist`, `save` and `writeraw` show each
//! entry on the way.

use std::fs::File;
use std::io::Write;

use super::record::Record;
use super::{STORAGE, description, info, print};
use crate::ipmitool::record_ids::RecordIds;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Session, files, number};
use crate::log;

/// Id of the first record, and of none.
const FIRST: u16 = 0;
/// Id after the last record.
const END: u16 = 0xFFFF;

/// Where the entries go besides standard output.
#[derive(Debug, Clone, Copy)]
pub(super) enum Copy<'a> {
    /// Nowhere.
    None,
    /// Into a file that `sel add` reads.
    Events(&'a [u8]),
    /// Into a file that `sel readraw` reads.
    Raw(&'a [u8]),
}

/// `sel list` and `sel elist`: `[N | first N | last N]`.
pub(super) fn run(session: &mut Session<'_>, words: &[Arg], extended: bool) -> Outcome {
    let personality = session.personality;
    let (count, sign) = match words {
        [count] => (Some(count), 1),
        [verb, count] if personality.is_verb(verb, "last") => (Some(count), -1),
        [verb, count] if personality.is_verb(verb, "first") => (Some(count), 1),
        [_, _] => {
            log!(session, ERR, "Unknown sel list option");
            return Err(Failed);
        }
        _ => (None, 1),
    };
    let count = match count {
        None => 0,
        Some(text) => number::to_i32(text).map_err(|_| {
            super::log_about(session, b"Numeric argument required; got '", text, b"'");
            Failed
        })?,
    };
    show(session, count.wrapping_mul(sign), extended, Copy::None)
}

/// Prints `count` entries: the first ones, the last ones if negative, all if
/// zero.
pub(super) fn show(session: &mut Session<'_>, count: i32, extended: bool, copy: Copy<'_>) -> Outcome {
    let reply = info::request(session)?;
    info::dump(session, &reply);
    if (reply.at(1), reply.at(2)) == (0, 0) {
        log!(session, ERR, "SEL has no entries");
        return Ok(());
    }
    if session.personality.reserves_sel_to_read() {
        super::ask(session, 0x42, &[], "Reserve SEL command failed")?;
    }
    let mut next = if count < 0 { skip_to_last(session, count)? } else { FIRST };
    let mut file = match copy {
        Copy::None => None,
        Copy::Events(path) | Copy::Raw(path) => files::create(session, path),
    };
    let mut shown = 0;
    let mut asked = RecordIds::default();
    while next != END && asked.visit(next) {
        log!(session, DEBUG, "SEL Next ID: {next:04x}");
        let Some((record, following)) = get_or_retry(session, next, next) else {
            break;
        };
        next = following;
        print::print(session, &record, extended);
        if let Some(file) = &mut file {
            write(session, file, &record, copy);
        }
        shown += 1;
        if shown == count {
            break;
        }
    }
    Ok(())
}

/// Get SEL Entry: the record, and the id of the one after it, zero in place of
/// none. `None` after logging why there is no answer.
pub(super) fn get(session: &mut Session<'_>, id: u16) -> Option<(Record, u16)> {
    let [low, high] = id.to_le_bytes();
    let Some(reply) = session.send(STORAGE, 0x43, &[0, 0, low, high, 0, 0xFF]) else {
        log!(session, ERR, "Get SEL Entry {id:x} command failed");
        return None;
    };
    if !reply.is_ok() {
        let why = completion_name(reply.completion);
        log!(session, ERR, "Get SEL Entry {id:x} command failed: {why}");
        return None;
    }
    let bytes: String = reply.data().iter().skip(2).map(|byte| format!("{byte:02x}")).collect();
    log!(session, DEBUG, "SEL Entry: {bytes}");
    Some((Record::from_reply(&reply), u16::from_le_bytes([reply.at(0), reply.at(1)])))
}

/// Gets a record; some controllers answer zero for the next id now and then,
/// and are asked again.
fn get_or_retry(session: &mut Session<'_>, id: u16, retry: u16) -> Option<(Record, u16)> {
    let is_good = |found: &(Record, u16)| found.1 != 0;
    match get(session, id).filter(is_good) {
        Some(found) => Some(found),
        None => get(session, retry).filter(is_good),
    }
}

/// Passes over all but the last `-count` records; the id of the next one.
fn skip_to_last(session: &mut Session<'_>, count: i32) -> Result<u16, Failed> {
    let reply = info::request(session)?;
    let entries = u16::from_le_bytes([reply.at(1), reply.at(2)]);
    let mut next = FIRST;
    for _ in 0..i64::from(entries) + i64::from(count) {
        // The second try starts over: by then the id is forgotten.
        match get_or_retry(session, next, FIRST) {
            Some((_, following)) => next = following,
            None => return Ok(FIRST),
        }
    }
    Ok(next)
}

fn write(session: &mut Session<'_>, file: &mut File, record: &Record, copy: Copy<'_>) {
    let bytes = match copy {
        Copy::Raw(_) => record.0.to_vec(),
        _ => event_line(session, record),
    };
    // The original does not look at the outcome either.
    let _ = file.write_all(&bytes);
}

/// An event as a line for `sel add`.
fn event_line(session: &mut Session<'_>, record: &Record) -> Vec<u8> {
    let description = description::describe(session, record);
    let sensor_type = session.sensor_type_name(record.sensor_type());
    let [data_1, data_2, data_3] = record.data();
    let bytes = [record.event_revision(), record.sensor_type(), record.sensor_number(), record.event_byte()];
    let bytes = bytes.into_iter().chain([data_1, data_2, data_3]);
    let mut line: Vec<u8> = bytes.flat_map(|byte| format!("0x{byte:02x} ").into_bytes()).collect();
    line.extend(format!("# {sensor_type} #0x{:02x} ", record.sensor_number()).into_bytes());
    line.extend(description.unwrap_or_else(|| b"Unknown".to_vec()));
    line.push(b'\n');
    line
}
