//! `pef filter`: the table of event filters (IPMI 2.0 table 17-2).

use super::words::{ACTIONS, SENSOR_TYPES, SEVERITIES, TRIGGERS};
use super::{CAPABILITIES, GET, SET, Table, fields, parameter, require_entry, write_entry};
use crate::ipmitool::{Failed, Outcome, Session, help};
use crate::{log, out};

pub(super) const TABLE: Table =
    Table { help: help::pef::FILTER, name: "Filter", entry: "Event Filter", last: 255, list, enable };

/// A filter: its number and 20 bytes.
type Filter = [u8; 21];

fn list(session: &mut Session<'_>) -> Outcome {
    let capabilities =
        session.attempt(CAPABILITIES, &[], Some(3)).map_err(|refusal| session.report(refusal))?;
    let count = capabilities.at(2);
    if count == 0 {
        log!(session, ERR, "PEF Event Filtering isn't supported.");
        return Err(Failed);
    }
    for number in 1..=count {
        fields::start(session);
        match session.attempt(GET, &[parameter::FILTER, number, 0], Some(1 + size_of::<Filter>())) {
            Ok(reply) => {
                print(session, &std::array::from_fn(|index| reply.at(1 + index)));
                out!(session, "\n");
            }
            Err(refusal) => {
                session.report(refusal);
                log!(session, ERR, "Failed to get PEF Event Filter Entry {number}.");
            }
        }
    }
    Ok(())
}

fn print(session: &mut Session<'_>, filter: &Filter) {
    const ALERT: u8 = 0x01;
    const ANY_SENSOR: u8 = 0xFF;
    let [number, configuration, actions, policy, ..] = *filter;
    let is_enabled = configuration & 0x80 != 0;
    let origin = match configuration & 0x60 {
        0x40 => "pre-configured",
        0x00 => "configurable",
        _ => "reserved",
    };
    fields::number(session, "PEF Filter Table entry", number);
    let state = if is_enabled { "enabled" } else { "disabled" };
    fields::text(session, "Status", &format!("{state}, {origin}"));
    if !is_enabled {
        return;
    }
    let kind = session.personality.pef_sensor_type(fields::listed(filter[7], SENSOR_TYPES));
    fields::text(session, "Sensor type", kind);
    match filter[8] {
        ANY_SENSOR => fields::text(session, "Sensor number", "Any"),
        number => fields::number(session, "Sensor number", number),
    }
    fields::text(session, "Event severity", fields::first_set(filter[4], SEVERITIES));
    fields::text(session, "Event class", class(filter[9]));
    let states = u16::from_le_bytes([filter[10], filter[11]]);
    fields::text(session, "Event trigger(s)", &triggers(filter[9], states));
    fields::text(session, "Action", &fields::all_set(actions, ACTIONS));
    if actions & ALERT != 0 {
        fields::number(session, "Policy set", policy & 0x0F);
    }
}

/// Event/reading type codes (table 42-1).
const THRESHOLD: u8 = 0x01;
const SENSOR_SPECIFIC: u8 = 0x6F;
const SENSOR_SPECIFIC_END: u8 = SENSOR_SPECIFIC + 1;

fn class(event_type: u8) -> &'static str {
    match event_type {
        THRESHOLD => "Threshold",
        ..=SENSOR_SPECIFIC => "Discrete",
        _ => "OEM",
    }
}

/// The states of an event type that pass the filter, in words.
fn triggers(event_type: u8, states: u16) -> String {
    match event_type {
        _ if states == 0xFFFF => "Any".to_owned(),
        0xFF => "Any".to_owned(),
        0x00 => "Unspecified".to_owned(),
        SENSOR_SPECIFIC => "Sensor-specific".to_owned(),
        SENSOR_SPECIFIC_END.. => "OEM".to_owned(),
        _ => {
            let mut text = format!("(0x{event_type:02x}/0x{states:04x})");
            let names = TRIGGERS.get(usize::from(event_type) - 1);
            // As many states as there are event types with names.
            for state in (0..TRIGGERS.len()).filter(|state| states >> state & 1 != 0) {
                text.push_str(match names {
                    None => ", Unrecognized event trigger",
                    Some(_) => ",",
                });
                text.push_str(names.map_or("", |names| names.get(state).unwrap_or("None")));
            }
            text
        }
    }
}

fn enable(session: &mut Session<'_>, number: u8, enables: bool) -> Outcome {
    require_entry(session, parameter::FILTERS, number, "Filter")?;
    // The original writes an empty configuration where it means to read.
    let cleared = [parameter::FILTER_CONFIGURATION, number, 0];
    session.attempt(SET, &cleared, None).map_err(|refusal| session.report(refusal))?;
    let configuration = if enables { 0x80 } else { 0 };
    write_entry(session, &[parameter::FILTER_CONFIGURATION, number, configuration], "Filter", enables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_are_named_by_event_type_and_state() {
        assert_eq!(triggers(1, 0x0A95), "(0x01/0x0a95),<LNC,<LC,<LNR,<UNC,<UC,<UNR");
        assert_eq!(triggers(3, 0b110), "(0x03/0x0006),state asserted,None");
        assert_eq!(triggers(0x20, 1), "(0x20/0x0001), Unrecognized event trigger");
        assert_eq!(triggers(2, 0x8000), "(0x02/0x8000)");
        assert_eq!(
            [(0, 1), (0x6F, 1), (0x70, 1), (0xFF, 1), (0x70, 0xFFFF)].map(|(t, s)| triggers(t, s)),
            ["Unspecified", "Sensor-specific", "OEM", "Any", "Any"]
        );
    }

    #[test]
    fn classes_by_event_type() {
        assert_eq!(
            [0, 1, 2, 0x6F, 0x70].map(class),
            ["Discrete", "Threshold", "Discrete", "Discrete", "OEM"]
        );
    }
}
