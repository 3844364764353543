//! `dcmi sensors`, `dcmi get_temp_reading`: temperature sensors (DCMI 1.5
//! sections 6.5.2 and 6.7.3).

use super::{ask, check, send};
use crate::ipmitool::commands::sdr::{Style, print_record};
use crate::ipmitool::sdr_repository::{Walk, kind};
use crate::ipmitool::{Failed, Outcome, Session};
use crate::{log, out};

/// DCMI's entities: code and name.
const ENTITIES: [(u8, &str); 3] = [(0x40, "Inlet"), (0x41, "CPU"), (0x42, "Baseboard")];
/// The same as `get_temp_reading` calls them.
const DESCRIPTIONS: [(u8, &str); 3] = [
    (0x40, "Inlet air temperature(40h)"),
    (0x41, "CPU temperature sensors(41h)"),
    (0x42, "Baseboard temperature sensors(42h)"),
];
/// Sensor type "temperature".
const TEMPERATURE: u8 = 0x01;
/// Most records or readings in one answer.
const SET: u8 = 8;
/// Answers without records or readings before an entity is given up; the
/// original repeats its request for ever.
const REPEATS: u32 = 64;

/// Prints the sensors of each entity; the last entity decides the outcome.
pub(super) fn print_sensors(session: &mut Session<'_>) -> Outcome {
    let mut outcome = Ok(());
    for (entity, name) in ENTITIES {
        outcome = print_entity(session, entity, name);
    }
    outcome
}

fn print_entity(session: &mut Session<'_>, entity: u8, name: &str) -> Outcome {
    let mut reply = ask(session, 0x07, &[TEMPERATURE, entity, 0, 0])?;
    // The original's counter is a signed byte.
    let mut left = i8::from_ne_bytes([reply.at(1)]);
    let plural = if left > 1 { "s" } else { "" };
    out!(session, "\n{name}: {left} temperature sensor{plural} found:\n");
    let (mut offset, mut empty) = (0_u8, 0);
    while left > 0 {
        // Where no answer comes the original looks at the one before.
        reply = send(session, 0x07, &[TEMPERATURE, entity, 0, offset]).unwrap_or(reply);
        reply = check(session, Some(reply))?;
        let count = reply.at(2);
        for at in (3..).step_by(2).take(usize::from(count.min(SET))) {
            let id = u16::from_le_bytes([reply.at(at), reply.at(at + 1)]);
            out!(session, "Record ID 0x{id:04x}: ");
            print_sensor(session, id);
        }
        empty += u32::from(count == 0);
        if empty > REPEATS {
            break;
        }
        offset = offset.wrapping_add(SET);
        left = left.wrapping_sub_unsigned(count);
    }
    Ok(())
}

/// Prints the sensor whose record has this id, if there is one.
fn print_sensor(session: &mut Session<'_>, id: u16) {
    let Some(mut walk) = Walk::start(session, false) else {
        log!(session, ERR, "Unable to open SDR for reading");
        return;
    };
    let header = loop {
        match walk.next_header(session) {
            Some(header) if header.id == id => break header,
            Some(_) => {}
            None => return log!(session, DEBUG, "header == NULL"),
        }
    };
    let Some(mut record) = walk.record(session, &header) else {
        return log!(session, DEBUG, "rec == NULL");
    };
    if matches!(header.kind, kind::FULL_SENSOR | kind::COMPACT_SENSOR) {
        let style = Style::of(session);
        print_record(session, &mut record, style);
    }
}

pub(super) fn print_readings(session: &mut Session<'_>) {
    out!(session, "\n\tEntity ID\t\t\tEntity Instance\t   Temp. Readings");
    for (entity, name) in DESCRIPTIONS {
        // An entity that cannot be read is passed over.
        let _ = print_entity_readings(session, entity, name);
    }
}

fn print_entity_readings(session: &mut Session<'_>, entity: u8, name: &str) -> Outcome {
    let column = if session.personality.aligns_dcmi_words() { 35 } else { 0 };
    let total = ask(session, 0x10, &[TEMPERATURE, entity, 0, 0])?.at(1);
    let mut refusals = 0;
    let mut offset = 0;
    while offset < total {
        let [instance, start] = session.personality.dcmi_reading_place(offset);
        let Ok(reply) = ask(session, 0x10, &[TEMPERATURE, entity, instance, start]) else {
            refusals += 1;
            if refusals > REPEATS {
                return Err(Failed);
            }
            continue;
        };
        for at in (3..).step_by(2).take(usize::from(reply.at(2))) {
            let (reading, instance) = (reply.at(at), reply.at(at + 1));
            let sign = if reading & 0x80 != 0 { '-' } else { '+' };
            out!(session, "\n{name:<column$}\t\t{instance}\t\t{sign}{} C", reading & 0x7F);
        }
        offset = offset.saturating_add(SET);
    }
    Ok(())
}
