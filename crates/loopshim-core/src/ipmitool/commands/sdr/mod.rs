//! `sdr`: the sensor data repository.

mod by_kind;
mod dump;
mod fill;
mod info;
mod list;
mod locator;
mod sensor;
mod threshold;

pub use threshold::print_hysteresis;

use crate::ipmitool::sdr_repository::{Record, kind};
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, help};
use crate::log;

/// How records are printed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// All there is to say, on many lines.
    pub verbose: bool,
    /// Comma-separated.
    pub csv: bool,
    /// `elist`: with number, entity and states.
    pub extended: bool,
}

impl Style {
    /// The style the options ask for.
    pub fn of(session: &Session<'_>) -> Self {
        Self { verbose: session.verbose > 0, csv: session.csv, extended: false }
    }
}

/// Runs `ipmitool sdr …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        let style = Style::of(session);
        return list::run(session, list::Selection::Sensors, style);
    };
    let is = |word| session.personality.is_verb(verb, word);
    let extended = Style { extended: true, ..Style::of(session) };
    if is("help") {
        usage(session);
        Ok(())
    } else if is("list") || is("elist") {
        let style = Style { extended: is("elist"), ..Style::of(session) };
        list::run_words(session, verb, rest, style)
    } else if is("type") {
        by_kind::run_type(session, rest.first(), extended)
    } else if is("entity") {
        by_kind::run_entity(session, rest.first(), extended)
    } else if is("info") {
        info::run(session)
    } else if is("get") {
        get(session, rest)
    } else if is("dump") {
        dump::run(session, rest)
    } else if is("fill") {
        fill::run(session, verb, rest)
    } else {
        log_about(session, b"Invalid SDR command: ", verb, b"");
        Err(Failed)
    }
}

/// `sdr get NAME…`. A name that is not found is no failure.
fn get(session: &mut Session<'_>, names: &[Arg]) -> Outcome {
    if names.is_empty() {
        log!(session, ERR, "No Sensor ID supplied");
        return Err(Failed);
    }
    session.with_verbosity(1, |session| {
        let style = Style::of(session);
        for name in names {
            match session.find_sdr_by_name(name) {
                Some(number) => print_cached(session, number, style),
                None => log_about(session, b"Unable to find sensor id '", name, b"'"),
            }
        }
    });
    Ok(())
}

/// Prints the locators of generic devices.
pub fn list_generic_devices(session: &mut Session<'_>) -> Outcome {
    let style = Style::of(session);
    list::run(session, list::Selection::Kind(kind::GENERIC_LOCATOR), style)
}

/// Prints the record with this number in the cache.
pub fn print_cached(session: &mut Session<'_>, number: usize, style: Style) {
    let Some(mut record) = session.sdr.records().get(number).cloned() else {
        return;
    };
    print_record(session, &mut record, style);
    // Reading a non-linear sensor gives its record new factors, which stay.
    session.sdr.replace(number, record);
}

/// Prints a record; entity associations have nothing to print.
pub fn print_record(session: &mut Session<'_>, record: &mut Record, style: Style) {
    match record.kind {
        kind::FULL_SENSOR | kind::COMPACT_SENSOR => sensor::print(session, record, style),
        kind::EVENT_ONLY => locator::print_event_only(session, record, style),
        kind::GENERIC_LOCATOR => locator::print_generic(session, record, style),
        kind::FRU_LOCATOR => locator::print_fru(session, record, style),
        kind::MC_LOCATOR => locator::print_mc(session, record, style),
        _ => {}
    }
}

/// Logs an error about `arg`.
fn log_about(session: &mut Session<'_>, before: &[u8], arg: &[u8], after: &[u8]) {
    session.console.log_bytes(Level::ERR, &[before, arg, after].concat());
}

fn usage(session: &mut Session<'_>) {
    session.help(help::sdr::SDR);
}
