//! Sensors with states.

use super::Style;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::sensors::Reading;
use crate::ipmitool::{Failed, Outcome, Session};
use crate::out;

/// Width of the name column.
const NAME: usize = 16;

/// Reads the sensor and prints it; `Err` when it has no reading.
pub(super) fn print(session: &mut Session<'_>, record: &mut Record, style: Style) -> Outcome {
    let reading = session.read_sensor(record, 3);
    if style.csv {
        if session.personality.lists_sensors_as_csv() {
            print_csv(session, record, &reading);
        }
    } else if style.verbose {
        print_verbose(session, record, &reading);
    } else {
        print_row(session, record, &reading);
    }
    if reading.valid { Ok(()) } else { Err(Failed) }
}

fn print_row(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let Reading { states, more_states, .. } = *reading;
    session.console.put_padded(record.sensor_name(), NAME);
    out!(session, " | ");
    match &reading.analog {
        _ if !reading.valid => out!(session, "{:<10} | {:<10} | {:<6}", "na", "discrete", "na"),
        Some(analog) => out!(session, "{:<10} | {:<10} | {:<6}", analog.text, analog.unit, "ok"),
        None => {
            let raw = if session.personality.discrete_value_is_state() { states } else { reading.raw };
            out!(session, "0x{raw:<8x} | {:<10} | 0x{states:02x}{more_states:02x}", "discrete");
        }
    }
    for _ in 0..6 {
        out!(session, "| {:<10}", "na");
    }
    out!(session, "\n");
}

fn print_csv(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let Reading { raw, states, more_states, .. } = *reading;
    session.console.put(record.sensor_name());
    match &reading.analog {
        _ if !reading.valid => out!(session, ",na,discrete,na"),
        Some(analog) => out!(session, ",{},{},ok", analog.text, analog.unit),
        None => out!(session, ",0x{raw:x},discrete,0x{states:02x}{more_states:02x}"),
    }
    out!(session, ",na,na,na,na,na,na\n");
}

fn print_verbose(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    super::threshold::print_identity(session, record);
    let type_name = session.sensor_type_name(record.at(7));
    out!(session, " Sensor Type (Discrete): {type_name}\n");
    if !reading.valid {
        return out!(session, " Unable to read sensor: Device Not Present\n\n");
    }
    if let Some(value) = reading.value_with_unit() {
        out!(session, " Sensor Reading        : {value}\n");
    }
    session.print_states(record, [reading.states, reading.more_states], "States Asserted");
    out!(session, "\n");
}
