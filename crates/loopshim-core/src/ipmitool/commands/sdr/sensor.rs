//! Full and compact sensor records with their present readings.

use super::{Style, threshold};
use crate::ipmitool::Session;
use crate::ipmitool::printf::cut;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::sensors::{Reading, StatusWords};
use crate::ipmitool::text::entities::ENTITY_IDS;
use crate::ipmitool::text::name_of;
use crate::{log, out};

/// Width of the name column.
const NAME: usize = 16;
/// Longest value of a row; the original's buffer cuts it.
const VALUE_MAX: usize = 15;

/// Reads the sensor and prints it.
pub(super) fn print(session: &mut Session<'_>, record: &mut Record, style: Style) {
    let reading = session.read_sensor(record, 2);
    if style.csv {
        print_csv(session, record, &reading, style);
    } else if style.verbose {
        print_verbose(session, record, &reading);
    } else if style.extended {
        print_extended(session, record, &reading);
    } else {
        print_row(session, record, &reading);
    }
}

fn print_row(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    session.console.put_padded(record.sensor_name(), NAME);
    let raw = if session.personality.discrete_value_is_state() { reading.states } else { reading.raw };
    let value = match (reading.valid, reading.value_with_unit()) {
        (true, Some(value)) => value,
        (true, None) => format!("0x{raw:02x}"),
        _ if !record.is_full() => "Not Readable".to_owned(),
        _ if reading.scanning_disabled => "disabled".to_owned(),
        _ => "no reading".to_owned(),
    };
    let value = cut(value, VALUE_MAX);
    let status = status_of(record, reading, StatusWords::Severity);
    out!(session, " | {value:<17} | {status}\n");
}

fn print_extended(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let (entity, instance) = record.entity().unwrap_or_default();
    let status = status_of(record, reading, StatusWords::Side);
    session.console.put_padded(record.sensor_name(), NAME);
    out!(session, " | {:02X}h | {status:<3} | {entity:2}.{instance} | ", record.number());
    let value = reading.value_with_unit();
    let states = [reading.states, reading.more_states];
    match (reading.valid, value) {
        (true, Some(value)) if record.is_threshold() => out!(session, "{}", cut(value, VALUE_MAX)),
        (true, Some(value)) => {
            out!(session, "{value}");
            session.print_states_inline(record, states, ", ");
        }
        (true, None) => session.print_states_inline(record, states, ""),
        _ if reading.scanning_disabled => out!(session, "Disabled"),
        _ => out!(session, "No Reading"),
    }
    out!(session, "\n");
}

fn status_of(record: &Record, reading: &Reading, words: StatusWords) -> &'static str {
    match (record.is_threshold(), reading.valid) {
        (true, _) => reading.threshold_status(words, "ns"),
        (false, true) => "ok",
        (false, false) => "ns",
    }
}

fn print_csv(session: &mut Session<'_>, record: &Record, reading: &Reading, style: Style) {
    session.console.put(record.sensor_name());
    out!(session, ",");
    if !record.is_threshold() {
        print_states_csv(session, record, reading);
    } else {
        threshold::print_csv_reading(session, record, reading, style);
        if style.verbose {
            threshold::print_csv_details(session, record);
        }
    }
    out!(session, "\n");
}

/// The fields after the name of a sensor with states.
pub(super) fn print_states_csv(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let number = record.number();
    let (entity, instance) = record.entity().unwrap_or_default();
    if !reading.valid || reading.unavailable {
        return out!(session, "{number:02X}h,ns,{entity}.{instance},No Reading");
    }
    match &reading.analog {
        Some(analog) => out!(session, "{},{},", analog.text, analog.unit),
        None => out!(session, "{number:02X}h,"),
    }
    out!(session, "ok,{entity}.{instance},");
    session.print_states_inline(record, [reading.states, reading.more_states], "");
}

fn print_verbose(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let (entity, instance) = record.entity().unwrap_or_default();
    out!(session, "Sensor ID              : ");
    session.console.put(record.sensor_name());
    out!(session, " (0x{:x})\n", record.number());
    let name = name_of(entity.into(), ENTITY_IDS);
    out!(session, " Entity ID             : {entity}.{instance} ({name})\n");
    if record.is_threshold() {
        threshold::print_verbose(session, record, reading);
    } else {
        print_states_verbose(session, record, reading);
    }
    out!(session, "\n");
}

fn print_states_verbose(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let sensor_type = record.at(7);
    let type_name = session.sensor_type_name(sensor_type);
    out!(session, " Sensor Type (Discrete): {type_name} (0x{sensor_type:02x})\n");
    log!(session, DEBUG, " Event Type Code       : 0x{:02x}", record.event_type());
    let text = match (reading.valid, reading.value_with_unit()) {
        (true, Some(value)) => value,
        (true, None) => format!("{:x}h", reading.raw),
        _ if reading.scanning_disabled => "Disabled".to_owned(),
        _ => "No Reading".to_owned(),
    };
    out!(session, " Sensor Reading        : {text}\n");
    print_event_control(session, record);
    session.print_states(record, [reading.states, reading.more_states], "States Asserted");
    session.print_sensor_events(record, true);
    out!(session, " OEM                   : {:X}\n", record.oem_byte());
}

/// How finely the sensor's events can be switched (table 43-1, byte 12).
pub(super) fn print_event_control(session: &mut Session<'_>, record: &Record) {
    let control = ["Per-threshold", "Entire Sensor Only", "Global Disable Only", "No Events From Sensor"]
        [usize::from(record.at(6) & 3)];
    out!(session, " Event Message Control : {control}\n");
}
