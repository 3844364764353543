//! `sel get`: entries with their sensors and the FRU devices of the same
//! entity.

use super::{change, entries, verbose};
use crate::ipmitool::commands::sdr::{Style, print_cached};
use crate::ipmitool::commands::{fru, sensor};
use crate::ipmitool::sdr_repository::{self, kind};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Instance that stands for every instance of an entity.
const ANY_INSTANCE: u8 = 0x7F;

/// Prints the entries with the ids `ids`.
pub(super) fn run(session: &mut Session<'_>, ids: &[Arg]) -> Outcome {
    let Some(first) = ids.first() else {
        return super::explain(session, "usage: sel get <entry>");
    };
    if session.personality.is_verb(first, "help") {
        log!(session, ERR, "usage: sel get <id>...<id>");
        return Err(Failed);
    }
    if session.personality.reserves_sel_to_read() && change::reserve(session).is_none() {
        log!(session, ERR, "Unable to reserve SEL");
        return Err(Failed);
    }
    let mut outcome = Ok(());
    for (index, id) in ids.iter().enumerate() {
        let printed = print_one(session, id);
        outcome = printed.map(|_| ()).and(outcome);
        if printed == Ok(true) && index + 1 < ids.len() {
            out!(session, "----------------------\n\n");
        }
    }
    outcome
}

/// Prints one entry; whether it has a sensor.
fn print_one(session: &mut Session<'_>, id: &[u8]) -> Result<bool, Failed> {
    let Ok(id) = number::to_u16(id) else {
        super::log_about(session, b"Given SEL ID '", id, b"' is invalid.");
        return Err(Failed);
    };
    log!(session, DEBUG, "Looking up SEL entry 0x{id:x}");
    let Some((record, _)) = entries::get(session, id).filter(|(_, next)| *next != 0) else {
        log!(session, DEBUG, "SEL Entry 0x{id:x} not found.");
        return Err(Failed);
    };
    if (record.sensor_number(), record.sensor_type(), record.record_type()) == (0, 0, 0) {
        log!(session, WARN, "SEL Entry 0x{id:x} not found");
        return Err(Failed);
    }
    verbose::print_extended(session, &record);
    let owner = record.generator() as u8;
    let Some(number) = session.find_sensor(owner, record.sensor_number(), record.sensor_type()) else {
        return Ok(false);
    };
    print_sensor(session, number);
    Ok(true)
}

/// Prints the sensor with this number in the cache, and its entity's devices.
fn print_sensor(session: &mut Session<'_>, number: usize) {
    let style = Style { verbose: true, ..Style::of(session) };
    let Some(record) = session.sdr.records().get(number).cloned() else {
        return;
    };
    session.with_verbosity(session.verbose.max(1), |session| {
        if record.kind == kind::EVENT_ONLY {
            print_cached(session, number, style);
        } else {
            // A sensor without a reading is no failure here.
            let _ = sensor::print_found(session, number, style);
        }
    });
    print_devices(session, record.entity().unwrap_or_default());
}

fn print_devices(session: &mut Session<'_>, (id, instance): (u8, u8)) {
    let is_device = |record: &sdr_repository::Record| {
        let entity = record.entity().unwrap_or_default();
        let same = entity == (id, instance) || instance == ANY_INSTANCE && entity.0 == id;
        record.kind == kind::FRU_LOCATOR && same
    };
    let Ok(numbers) = session.find_all_sdrs(is_device) else {
        return;
    };
    for number in numbers {
        if let Some(record) = session.sdr.records().get(number).cloned() {
            // Neither is a device that cannot be read.
            let _ = fru::print_located(session, &record);
        }
    }
}
