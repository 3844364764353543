//! `sensor`: sensors with their thresholds.

mod discrete;
mod list;
mod reading;
mod set_threshold;
mod threshold;

use super::sdr::{Style, print_cached};
use crate::ipmitool::sdr_repository::{Record, kind};
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session};
use crate::{log, out};

/// Runs `ipmitool sensor …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        return list::run(session);
    };
    let is = |word| session.personality.is_verb(verb, word);
    if is("help") {
        log!(session, NOTICE, "Sensor Commands:  list thresh get reading");
        Ok(())
    } else if is("list") {
        list::run(session)
    } else if session.personality.is_sensor_thresh(verb) {
        set_threshold::run(session, rest)
    } else if is("get") {
        get(session, rest)
    } else if is("reading") {
        reading::run(session, rest)
    } else {
        log_about(session, b"Invalid sensor command: ", verb, b"");
        Err(Failed)
    }
}

/// `sensor get NAME…`.
fn get(session: &mut Session<'_>, names: &[Arg]) -> Outcome {
    let help = names.first().is_some_and(|name| name == b"help");
    if names.is_empty() || help {
        if !help {
            log!(session, ERR, "Not enough parameters given.");
        }
        log!(session, NOTICE, "sensor get <id> ... [id]");
        log!(session, NOTICE, "   id        : name of desired sensor");
        return if help { Ok(()) } else { Err(Failed) };
    }
    out!(session, "Locating sensor record...\n");
    let style = Style { verbose: true, ..Style::of(session) };
    let mut outcome = Ok(());
    for name in names {
        let printed = match session.find_sdr_by_name(name) {
            Some(number) => session.with_verbosity(1, |session| print_found(session, number, style)),
            None => {
                log_about(session, b"Sensor data record \"", name, b"\" not found!");
                Err(Failed)
            }
        };
        outcome = printed.and(outcome);
    }
    outcome
}

/// Prints a record from the cache; `Err` when a sensor has no reading.
pub fn print_found(session: &mut Session<'_>, number: usize, style: Style) -> Outcome {
    let Some(mut record) = session.sdr.records().get(number).cloned() else {
        return Ok(());
    };
    if !is_sensor(&record) {
        print_cached(session, number, style);
        return Ok(());
    }
    let outcome = print_sensor(session, &mut record, style);
    // Reading a non-linear sensor gives its record new factors, which stay.
    session.sdr.replace(number, record);
    outcome
}

/// Reads a sensor and prints it; `Err` when it has no reading.
fn print_sensor(session: &mut Session<'_>, record: &mut Record, style: Style) -> Outcome {
    if record.is_threshold() {
        threshold::print(session, record, style)
    } else {
        discrete::print(session, record, style)
    }
}

fn is_sensor(record: &Record) -> bool {
    matches!(record.kind, kind::FULL_SENSOR | kind::COMPACT_SENSOR)
}

/// Logs an error about `arg`.
fn log_about(session: &mut Session<'_>, before: &[u8], arg: &[u8], after: &[u8]) {
    session.console.log_bytes(Level::ERR, &[before, arg, after].concat());
}
