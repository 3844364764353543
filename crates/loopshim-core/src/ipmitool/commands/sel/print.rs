//! An entry on one line (`sel list`), with its sensor's name (`sel elist`).

use super::record::{Kind, Record};
use super::{description, oem_messages, verbose};
use crate::ipmitool::oem::manufacturer::{QUANTA, SUPERMICRO, SUPERMICRO_47488};
use crate::ipmitool::{Session, sdr_repository, time};
use crate::out;

/// Prints an entry, on many lines at `-v`.
pub(super) fn print(session: &mut Session<'_>, record: &Record, extended: bool) {
    if session.verbose > 0 {
        verbose::print(session, record);
    } else {
        print_line(session, record, extended);
    }
}

/// Prints an entry on one line.
pub(super) fn print_line(session: &mut Session<'_>, record: &Record, extended: bool) {
    let sensor = match extended && record.kind() == Kind::Event {
        true => find_sensor(session, record),
        false => None,
    };
    put_id(session, record);
    match record.kind() {
        Kind::KernelPanic => return print_panic(session, record),
        Kind::Oem if session.csv => out!(session, ",,"),
        Kind::Oem => {}
        Kind::Event | Kind::OemTimed => put_time(session, record.timestamp()),
    }
    if record.kind() == Kind::Event {
        print_event(session, record, sensor.as_ref());
    } else {
        print_oem(session, record);
    }
    out!(session, "\n");
}

/// The record of the sensor that an event is about.
pub(super) fn find_sensor(session: &mut Session<'_>, record: &Record) -> Option<sdr_repository::Record> {
    let owner = record.generator() as u8;
    let number = session.find_sensor(owner, record.sensor_number(), record.sensor_type())?;
    session.sdr.records().get(number).cloned()
}

fn put_id(session: &mut Session<'_>, record: &Record) {
    if session.csv {
        out!(session, "{:x},", record.id());
    } else {
        out!(session, "{:4x} | ", record.id());
    }
}

fn put_separator(session: &mut Session<'_>) {
    session.console.put(if session.csv { b"," } else { b" | " });
}

fn print_panic(session: &mut Session<'_>, record: &Record) {
    if session.csv {
        out!(session, ",,");
    }
    out!(session, "Linux kernel panic: ");
    session.console.put(record.panic_text());
    out!(session, "\n");
}

fn put_time(session: &mut Session<'_>, stamp: u32) {
    if stamp < time::INIT_DONE {
        let (between, after) = if session.csv { (",", ",") } else { (" |", "| ") };
        out!(session, " Pre-Init {between}{stamp:010}{after}");
        return;
    }
    let date = session.times.date(stamp);
    session.console.put(&date);
    put_separator(session);
    let time = session.times.time(stamp);
    session.console.put(&time);
    put_separator(session);
}

fn print_oem(session: &mut Session<'_>, record: &Record) {
    out!(session, "OEM record {:02x}", record.record_type());
    put_separator(session);
    if record.kind() == Kind::OemTimed {
        put_hex(session, record.manufacturer());
        put_separator(session);
    }
    put_hex(session, record.oem_data());
    oem_messages::print(session, record);
}

/// Prints bytes in hexadecimal, without blanks.
pub(super) fn put_hex(session: &mut Session<'_>, bytes: &[u8]) {
    for byte in bytes {
        out!(session, "{byte:02x}");
    }
}

fn print_event(session: &mut Session<'_>, record: &Record, sensor: Option<&sdr_repository::Record>) {
    put_sensor(session, record, sensor);
    put_separator(session);
    if let Some(text) = description::describe(session, record) {
        session.console.put(&text);
    }
    put_separator(session);
    out!(session, "{}", if record.is_deassertion() { "Deasserted" } else { "Asserted" });
    match sensor {
        Some(sensor) if record.event_type() == 1 => put_reading(session, record, sensor),
        _ if record.event_type() == 0x6F => put_memory_module(session, record),
        _ => {}
    }
}

fn put_sensor(session: &mut Session<'_>, record: &Record, sensor: Option<&sdr_repository::Record>) {
    let name = session.sensor_type_name(record.sensor_type());
    out!(session, "{name}");
    match sensor {
        Some(sensor) => {
            out!(session, " ");
            session.console.put(sensor.raw_name());
        }
        None if record.sensor_number() != 0 => out!(session, " #0x{:02x}", record.sensor_number()),
        None => {}
    }
}

/// The reading that crossed a threshold. The original reads every record as a
/// full one here.
fn put_reading(session: &mut Session<'_>, record: &Record, sensor: &sdr_repository::Record) {
    let [_, data_2, data_3] = record.data();
    let value = |raw: u8| f64::from(sensor.conversion().reading(raw) as f32);
    let figures = session.figures();
    let reading = if record.data_2_use() == 1 { value(data_2) } else { 0.0 };
    let reading = figures.fixed_or_whole(reading, 2);
    let threshold = (record.data_3_use() == 1).then(|| figures.fixed_or_whole(value(data_3), 2));
    put_separator(session);
    out!(session, "Reading {reading}");
    if let Some(threshold) = threshold {
        let sign = if is_going_high(session, record) { '>' } else { '<' };
        out!(session, " {sign} Threshold {threshold} {}", sensor.unit().text(session.personality));
    }
}

/// Whether the threshold was passed upwards; odd offsets are.
fn is_going_high(session: &Session<'_>, record: &Record) -> bool {
    let turned = record.is_deassertion() && session.personality.turns_deasserted_thresholds();
    (record.offset() % 2 == 1) != turned
}

fn put_memory_module(session: &mut Session<'_>, record: &Record) {
    let describes = match session.manufacturer() {
        SUPERMICRO | SUPERMICRO_47488 => true,
        QUANTA => session.personality.knows_quanta_events(),
        _ => false,
    };
    if describes || !record.names_memory_module() {
        return;
    }
    put_separator(session);
    let [_, _, place] = record.data();
    out!(session, "CPU {} DIMM {}", place & 0x0F, place >> 4);
}
