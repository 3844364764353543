//! What an event says: the state it names, and what the manufacturer's data
//! bytes add.

use super::oem;
use super::record::Record;
use crate::ipmitool::Session;
use crate::ipmitool::oem::manufacturer::{DELL, KONTRON, QUANTA, SUPERMICRO, SUPERMICRO_47488};
use crate::ipmitool::text::events::{SENSOR_SPECIFIC, is_oem_sensor_type, state_of_event, states};
use crate::log;

/// The description of an event; `None` where the tables have none. May ask the
/// BMC who made it, and makers' BMCs for more.
pub(super) fn describe(session: &mut Session<'_>, record: &Record) -> Option<Vec<u8>> {
    let event_type = record.event_type();
    if (0x70..0x7F).contains(&event_type) {
        return oem::describe(session, record);
    }
    let addition = if event_type == SENSOR_SPECIFIC { addition(session, record) } else { None };
    let dialect = session.event_dialect(record.sensor_type(), event_type);
    let states = states(session.personality, dialect, record.sensor_type(), event_type);
    match (state_of_event(states, record.data()), addition) {
        (Some(state), Some(addition)) => Some([state.text.as_bytes(), b" (", &addition, b")"].concat()),
        (Some(state), None) => Some(state.text.as_bytes().to_vec()),
        (None, Some(addition)) => addition_alone(record, addition),
        (None, None) => None,
    }
}

/// What the manufacturer adds to a sensor-specific event.
fn addition(session: &mut Session<'_>, record: &Record) -> Option<Vec<u8>> {
    let [data_1, ..] = record.data();
    let has_oem_bytes = data_1 & 0xC0 == 0x80 || data_1 & 0x30 == 0x20;
    let is_oem_sensor = is_oem_sensor_type(record.sensor_type());
    let manufacturer = session.manufacturer();
    let mut addition = match manufacturer {
        SUPERMICRO | SUPERMICRO_47488 => oem::describe(session, record),
        QUANTA if session.personality.knows_quanta_events() => oem::describe(session, record),
        DELL if is_oem_sensor && has_oem_bytes => oem::describe(session, record),
        _ => None,
    };
    if is_oem_sensor {
        log_oem_sensor(session, record.sensor_type(), manufacturer);
    }
    // Dell is looked for once more, whatever the sensor type.
    let is_os_watchdog = data_1 == oem::DELL_SECURITY && record.sensor_number() == 0x23;
    if session.manufacturer() == DELL && (has_oem_bytes || is_os_watchdog) {
        addition = oem::describe(session, record);
    }
    addition
}

fn log_oem_sensor(session: &mut Session<'_>, sensor_type: u8, manufacturer: u32) {
    match manufacturer {
        KONTRON => log!(
            session,
            DEBUG,
            "oem sensor type {sensor_type:x} {manufacturer} using oem type supplied description"
        ),
        DELL | SUPERMICRO | SUPERMICRO_47488 => {}
        QUANTA if session.personality.knows_quanta_events() => {}
        _ => {
            log!(session, DEBUG, "oem sensor type {sensor_type:x}  using standard type supplied description");
        }
    }
}

/// The addition to an event whose state has no name, where it may stand alone.
fn addition_alone(record: &Record, addition: Vec<u8>) -> Option<Vec<u8>> {
    match (record.sensor_type(), record.offset()) {
        (0x0F, 0x0F) | (0xC1, 1..=3) | (0xC2, 0 | 2) | (0xC3, 1) => {
            Some([b"(".as_slice(), &addition, b")"].concat())
        }
        (0xD0, _) => Some(addition),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_additions_stand_alone() {
        let alone = |sensor_type, data_1| {
            let mut record = Record::default();
            (record.0[10], record.0[13]) = (sensor_type, data_1);
            addition_alone(&record, b"x".to_vec())
        };
        assert_eq!(alone(0xC1, 0xA2), Some(b"(x)".to_vec()));
        assert_eq!(alone(0xC2, 0xA1), None);
        assert_eq!(alone(0xD0, 0x85), Some(b"x".to_vec()));
        assert_eq!(alone(0x0F, 0x0E), None);
    }
}
