//! An entry on many lines: `sel list -v`, and `sel get` with the sensor's part.

use super::print::{find_sensor, put_hex};
use super::record::{Kind, Record};
use super::{description, oem_messages};
use crate::ipmitool::{Session, sdr_repository, time};
use crate::out;

/// Prints an entry.
pub(super) fn print(session: &mut Session<'_>, record: &Record) {
    out!(session, "SEL Record ID          : {:04x}\n", record.id());
    if record.kind() == Kind::KernelPanic {
        return print_panic(session, record);
    }
    let note = match record.kind() {
        Kind::Event => "",
        Kind::OemTimed => "  (OEM timestamped)",
        Kind::Oem | Kind::KernelPanic => "  (OEM non-timestamped)",
    };
    out!(session, " Record Type           : {:02x}{note}\n", record.record_type());
    if record.kind() != Kind::Oem {
        print_time(session, record.timestamp());
    }
    if record.kind() == Kind::Event {
        print_sensor(session, record);
        out!(session, " Event Data            : ");
        put_hex(session, &record.data());
        out!(session, "\n");
        print_description(session, record);
    } else {
        print_oem(session, record);
    }
}

/// Prints an entry with what its sensor's record says about the data.
pub(super) fn print_extended(session: &mut Session<'_>, record: &Record) {
    let Some(sensor) = find_sensor(session, record) else {
        return print(session, record);
    };
    out!(session, "SEL Record ID          : {:04x}\n", record.id());
    if record.kind() == Kind::KernelPanic {
        return print_panic(session, record);
    }
    out!(session, " Record Type           : {:02x}\n", record.record_type());
    if record.kind() != Kind::Oem {
        print_time(session, record.timestamp());
    }
    print_sensor(session, record);
    out!(session, " Event Data (RAW)      : ");
    put_hex(session, &record.data());
    out!(session, "\n");
    interpret_data(session, record, &sensor);
    print_description(session, record);
}

fn print_panic(session: &mut Session<'_>, record: &Record) {
    let record_type = record.record_type();
    out!(session, " Record Type           : Linux kernel panic (OEM record {record_type:02x})\n");
    out!(session, " Panic string          : ");
    session.console.put(record.panic_text());
    out!(session, "\n\n");
}

fn print_time(session: &mut Session<'_>, stamp: u32) {
    // Formatted in this order: where both share a buffer the date is seen twice.
    let mut time = session.times.time(stamp);
    let date = session.times.date(stamp);
    if session.personality.localises_times() && stamp != time::UNSPECIFIED {
        time.clone_from(&date);
    }
    out!(session, " Timestamp             : ");
    session.console.put(&date);
    out!(session, " ");
    session.console.put(&time);
    out!(session, "\n");
}

fn print_oem(session: &mut Session<'_>, record: &Record) {
    let timed = record.kind() == Kind::OemTimed;
    if timed {
        out!(session, " Manufactacturer ID    : ");
        put_hex(session, record.manufacturer());
        out!(session, "\n");
    }
    out!(session, " OEM Defined           : ");
    put_hex(session, record.oem_data());
    let letters = record.oem_data().iter().map(|&byte| match byte {
        0x40..=0x7E => char::from(byte),
        _ => '.',
    });
    out!(session, " [{}]\n\n", letters.collect::<String>());
    if !timed {
        oem_messages::print(session, record);
    }
}

fn print_sensor(session: &mut Session<'_>, record: &Record) {
    out!(session, " Generator ID          : {:04x}\n", record.generator());
    out!(session, " EvM Revision          : {:02x}\n", record.event_revision());
    let sensor_type = session.sensor_type_name(record.sensor_type());
    out!(session, " Sensor Type           : {sensor_type}\n");
    out!(session, " Sensor Number         : {:02x}\n", record.sensor_number());
    out!(session, " Event Type            : {}\n", event_class(record.event_type()));
    let direction = if record.is_deassertion() { "Deassertion" } else { "Assertion" };
    out!(session, " Event Direction       : {direction} Event\n");
}

fn print_description(session: &mut Session<'_>, record: &Record) {
    let text = description::describe(session, record).unwrap_or_default();
    out!(session, " Description           : ");
    session.console.put(&text);
    out!(session, "\n\n");
}

fn interpret_data(session: &mut Session<'_>, record: &Record, sensor: &sdr_repository::Record) {
    let [data_1, data_2, data_3] = record.data();
    match (record.event_type(), record.sensor_type()) {
        (1, _) if sensor.is_full() => {
            print_data_byte(session, sensor, record.data_2_use(), "Reading       ", data_2);
            print_data_byte(session, sensor, record.data_3_use(), "Threshold     ", data_3);
        }
        (0x02..=0x0C | 0x70.., _) => {}
        (0x6F, _) if record.names_memory_module() => {
            out!(session, " Event Data            : CPU {} DIMM {}\n", data_3 & 0x0F, data_3 >> 4);
        }
        (0x6F, 0x2B) if data_1 == 0xC1 => {}
        (0x6F, _) => out!(session, " Event Interpretation  : Missing\n"),
        _ => {
            out!(session, " Event Data            : ");
            put_hex(session, &record.data());
            out!(session, "\n");
        }
    }
}

/// An event data byte of a threshold sensor, by its use (IPMI 2.0 table 29-6).
fn print_data_byte(
    session: &mut Session<'_>,
    sensor: &sdr_repository::Record,
    purpose: u8,
    trigger: &str,
    byte: u8,
) {
    match purpose {
        0 => {}
        1 => {
            let value = session.figures().fixed(sensor.conversion().reading(byte), 3);
            out!(session, " Trigger {trigger}: {value}{}\n", sensor.unit().text(session.personality));
        }
        2 => out!(session, " OEM Data              : {byte:02x}\n"),
        _ => out!(session, " Sensor Extension Code : {byte:02x}\n"),
    }
}

fn event_class(event_type: u8) -> &'static str {
    match event_type {
        0 => "Unspecified",
        1 => "Threshold",
        0x02..=0x0B => "Generic Discrete",
        0x6F => "Sensor-specific Discrete",
        0x70..=0x7F => "OEM",
        _ => "Reserved",
    }
}
