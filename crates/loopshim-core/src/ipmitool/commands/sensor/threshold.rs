//! Sensors with thresholds.

use super::Style;
use crate::ipmitool::commands::sdr::print_hysteresis;
use crate::ipmitool::printf::Figures;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::sensors::{Reading, StatusWords};
use crate::ipmitool::{Failed, Outcome, Session};
use crate::out;

/// Width of the name column.
const NAME: usize = 16;

/// In the order printed: bit of the first byte of Get Sensor Thresholds'
/// answer, place of the threshold in it, name.
const THRESHOLDS: [(u8, usize, &str); 6] = [
    (0x04, 3, "Lower Non-Recoverable"),
    (0x02, 2, "Lower Critical"),
    (0x01, 1, "Lower Non-Critical"),
    (0x08, 4, "Upper Non-Critical"),
    (0x10, 5, "Upper Critical"),
    (0x20, 6, "Upper Non-Recoverable"),
];

/// Reads the sensor and its thresholds and prints them; `Err` when it has no
/// reading.
pub(super) fn print(session: &mut Session<'_>, record: &mut Record, style: Style) -> Outcome {
    let reading = session.read_sensor(record, 3);
    let reply = session.request_thresholds(record);
    let available = reply.is_some_and(|reply| reply.is_ok() && reply.len() > 0);
    let words = if style.verbose { StatusWords::Full } else { StatusWords::Severity };
    let status = reading.threshold_status(words, "ns");
    if style.csv {
        if session.personality.lists_sensors_as_csv() {
            print_csv(session, record, &reading, status, available);
        }
    } else if style.verbose {
        print_verbose(session, record, &reading, status, available);
    } else {
        print_row(session, record, &reading, status, available);
    }
    if reading.valid { Ok(()) } else { Err(Failed) }
}

fn print_row(session: &mut Session<'_>, record: &Record, reading: &Reading, status: &str, available: bool) {
    let figures = session.figures();
    session.console.put_padded(record.sensor_name(), NAME);
    let (value, status) = match &reading.analog {
        _ if !reading.valid => ("na".to_owned(), "na"),
        Some(analog) => (figures.fixed(analog.value, 3), status),
        None => (format!("0x{:<8x}", reading.raw), status),
    };
    out!(session, " | {value:<10} | {:<10} | {status:<6}", reading.unit());
    for threshold in printed_thresholds(session, record, available) {
        match threshold {
            Printed::Absent => out!(session, "| {:<10}", "na"),
            Printed::Value(value) => out!(session, "| {:<10}", figures.fixed(value, 3)),
            Printed::Raw(raw) if session.personality.prints_raw_thresholds() => {
                out!(session, "| 0x{raw:<8x}");
            }
            Printed::Raw(_) => out!(session, "| 0x-8x"),
        }
    }
    out!(session, "\n");
}

fn print_csv(session: &mut Session<'_>, record: &Record, reading: &Reading, status: &str, available: bool) {
    let figures = session.figures();
    session.console.put(record.sensor_name());
    let unit = reading.unit();
    match &reading.analog {
        _ if !reading.valid => out!(session, ",na,{unit},na"),
        Some(analog) => out!(session, ",{},{unit},{status}", figures.fixed(analog.value, 3)),
        None => out!(session, ",0x{:x},{unit},{status}", reading.raw),
    }
    for threshold in printed_thresholds(session, record, available) {
        out!(session, ",{}", threshold.text(figures));
    }
    out!(session, "\n");
}

fn print_verbose(
    session: &mut Session<'_>,
    record: &Record,
    reading: &Reading,
    status: &str,
    available: bool,
) {
    print_identity(session, record);
    let type_name = session.sensor_type_name(record.at(7));
    out!(session, " Sensor Type (Threshold)  : {type_name}\n");
    out!(session, " Sensor Reading        : ");
    if reading.valid {
        let text = reading_text(record, reading, session.figures());
        out!(session, "{text}\n");
        out!(session, " Status                : {status}\n");
        print_settings(session, record, available);
    } else {
        out!(session, " Unable to read sensor: Device Not Present\n\n");
    }
    session.print_sensor_events(record, false);
    out!(session, "\n");
}

/// The first two lines of a verbose sensor.
pub(super) fn print_identity(session: &mut Session<'_>, record: &Record) {
    let (entity, instance) = record.entity().unwrap_or_default();
    out!(session, "Sensor ID              : ");
    session.console.put(record.sensor_name());
    out!(session, " (0x{:x})\n", record.number());
    out!(session, " Entity ID             : {entity}.{instance}\n");
}

fn reading_text(record: &Record, reading: &Reading, figures: Figures) -> String {
    let unit = reading.unit();
    match &reading.analog {
        _ if !record.is_full() => format!("0x{:x} {unit}", reading.raw),
        None => format!("0x{:x} (+/- 0x{:x}) {unit}", reading.raw, record.tolerance()),
        Some(analog) => {
            let tolerance = record.conversion().tolerance(record.tolerance());
            let value = figures.fixed_or_whole(analog.value, 3);
            format!("{value} (+/- {}) {unit}", figures.fixed_or_whole(tolerance, 3))
        }
    }
}

fn print_settings(session: &mut Session<'_>, record: &Record, available: bool) {
    if !available {
        return out!(session, " Sensor Threshold Settings not available\n");
    }
    if record.is_full() {
        let figures = session.figures();
        let thresholds = printed_thresholds(session, record, available);
        for ((_, _, name), threshold) in THRESHOLDS.iter().zip(thresholds) {
            out!(session, " {name:<21} : {}\n", threshold.text(figures));
        }
    }
    print_hysteresis(session, record);
}

/// A threshold as far as it is known.
enum Printed {
    Absent,
    Value(f64),
    Raw(u8),
}

impl Printed {
    fn text(&self, figures: Figures) -> String {
        match self {
            Self::Absent => "na".to_owned(),
            Self::Value(value) => figures.fixed(*value, 3),
            Self::Raw(raw) => format!("0x{raw:x}"),
        }
    }
}

/// The thresholds of a sensor, from the receive buffer as it stands: naming an
/// OEM sensor type may have asked the BMC for its manufacturer meanwhile, and
/// the original then reads that answer as thresholds.
fn printed_thresholds(session: &Session<'_>, record: &Record, available: bool) -> [Printed; 6] {
    THRESHOLDS.map(|(bit, place, _)| {
        let raw = session.link.received(place);
        if !available || !record.is_full() || session.link.received(0) & bit == 0 {
            Printed::Absent
        } else if record.is_discrete() {
            Printed::Raw(raw)
        } else {
            Printed::Value(record.conversion().reading(raw))
        }
    })
}
