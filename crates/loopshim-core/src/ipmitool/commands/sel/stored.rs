//! Entries from files instead of the BMC: `readraw`, `ereadraw`, `interpret`.

use super::print;
use super::record::Record;
use super::shelf_manager::{self, Fault};
use crate::ipmitool::{Arg, Failed, Outcome, Session, files, number};
use crate::log;

/// Longest line of a shelf manager's log, with its line end.
const LINE_MAX: usize = 255;

/// Prints the entries of a file that `sel writeraw` wrote.
pub(super) fn read_raw(session: &mut Session<'_>, path: &[u8], extended: bool) -> Outcome {
    let Some(bytes) = files::read(session, path) else {
        log!(session, ERR, "ipmitool: could not open input file.");
        return Err(Failed);
    };
    let (records, rest) = bytes.as_chunks::<{ Record::LEN }>();
    for &record in records {
        print::print(session, &Record(record), extended);
    }
    if !rest.is_empty() {
        log!(session, ERR, "ipmitool: incomplete record found in file.");
        return Err(Failed);
    }
    Ok(())
}

/// `sel interpret IANA FILE FORMAT`: the log of a shelf manager as text.
pub(super) fn interpret(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let [manufacturer, path, format, ..] = words else {
        log!(session, NOTICE, "usage: sel interpret iana filename format(pps)");
        return Ok(());
    };
    if number::to_u32(manufacturer).is_err() {
        super::log_about(session, b"Given IANA '", manufacturer, b"' is invalid.");
        return Err(Failed);
    }
    if !session.personality.is_verb(format, "pps") {
        super::log_about(session, b"Given format '", format, b"' is unknown.");
        return Err(Failed);
    }
    let Some(text) = files::read(session, path) else {
        super::log_about(session, b"Failed to open file '", path, b"' for reading.");
        return Err(Failed);
    };
    // What a line does not say is as in the line before. The time is never
    // said: the original's comes from uninitialised memory.
    let mut record = Record::default();
    for line in super::lines(&text, LINE_MAX) {
        match shelf_manager::read(line, &mut record) {
            Ok(true) => {}
            Ok(false) => log!(session, ERR, "ipmitool: can't guess format."),
            Err(Fault::Number(what)) => {
                log!(session, ERR, "Invalid {what}.");
                break;
            }
            Err(Fault::Form) => break,
        }
        print::print(session, &record, false);
    }
    // The end of the file counts as a failure, too.
    Err(Failed)
}
