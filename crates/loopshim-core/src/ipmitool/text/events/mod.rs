//! What the states of discrete and threshold sensors are called in event
//! records and readings.

mod generic;
mod oem;
mod sensor_specific;

use super::words::{Row, Rows};
use crate::ipmitool::Personality;

/// A table from [`row`]s and [`refined`] rows.
macro_rules! table {
    ($($row:expr),* $(,)?) => {
        $crate::ipmitool::text::events::States($crate::ipmitool::text::words::packed!(2, 1, [$($row),*]))
    };
}

use table;

/// Event/reading type of the sensor-specific states.
pub const SENSOR_SPECIFIC: u8 = 0x6F;

/// One state a sensor can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventState {
    /// Sensor type of a sensor-specific state, event/reading type otherwise.
    pub code: u8,
    /// Number of the state, 0–14.
    pub offset: u8,
    /// For a refinement, the event data byte 2 that selects it; `None` for the
    /// state as such.
    pub data: Option<u8>,
    /// Its name; some end in a blank.
    pub text: &'static str,
}

/// Whose sensor-specific states apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The specification's and PICMG's.
    Standard,
    /// ANSI/VITA 46.11's first, then the standard ones.
    Vita,
    /// Kontron's for its OEM sensor types ([`is_oem_sensor_type`]).
    Kontron,
}

/// Whether manufacturers define this sensor type (PICMG's begin at F0h).
pub fn is_oem_sensor_type(sensor_type: u8) -> bool {
    (0xC0..0xF0).contains(&sensor_type)
}

/// The states of a sensor, in the order the original prints them; refinements
/// come between, before the state they refine.
pub fn states(
    personality: Personality,
    dialect: Dialect,
    sensor_type: u8,
    event_type: u8,
) -> impl Iterator<Item = EventState> {
    let (code, table) = match event_type {
        SENSOR_SPECIFIC => (sensor_type, sensor_specific_table(dialect, sensor_type)),
        _ => (event_type, generic::STATES),
    };
    table.filter(move |state| state.code == code).map(move |state| personality.event_state(state))
}

/// The state an event record names: the first of `states` with the offset in
/// `event_data`, whose refinement, if it is one, is that of data byte 2.
pub fn state_of_event(states: impl Iterator<Item = EventState>, event_data: [u8; 3]) -> Option<EventState> {
    let [flags, detail, _] = event_data;
    let detail = (flags & 0xC0 != 0).then_some(detail);
    states
        .filter(|state| state.offset == flags & 0x0F)
        .find(|state| state.data.is_none() || state.data == detail)
}

fn sensor_specific_table(dialect: Dialect, sensor_type: u8) -> States {
    match dialect {
        Dialect::Kontron if is_oem_sensor_type(sensor_type) => oem::KONTRON,
        Dialect::Vita if { oem::VITA }.any(|state| state.code == sensor_type) => oem::VITA,
        _ => sensor_specific::STATES,
    }
}

/// A table of states, or what is left of it.
#[derive(Debug, Clone, Copy)]
struct States(Rows);

impl Iterator for States {
    type Item = EventState;

    #[inline(never)]
    fn next(&mut self) -> Option<EventState> {
        let (code, place, text) = (self.0.code()?, self.0.code()?, self.0.word()?);
        let data = (place >> 4).checked_sub(1).map(|data| data as u8);
        Some(EventState { code: code as u8, offset: place as u8 & 0x0F, data, text })
    }
}

/// The packed row of a state as such.
const fn row(code: u16, offset: u16, text: &'static str) -> Row<2, 1> {
    ([code, offset], [text])
}

/// The packed row of a refinement.
const fn refined(code: u16, offset: u16, data: u16, text: &'static str) -> Row<2, 1> {
    ([code, offset | (data + 1) << 4], [text])
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Personality = Personality::V1_8_18El8;
    const NEW: Personality = Personality::V1_8_19Deb12;

    fn event(
        personality: Personality,
        sensor_type: u8,
        event_type: u8,
        data: [u8; 3],
    ) -> Option<&'static str> {
        let states = states(personality, Dialect::Standard, sensor_type, event_type);
        state_of_event(states, data).map(|state| state.text)
    }

    #[test]
    fn generic_states_go_by_event_type() {
        assert_eq!(event(NEW, 0x01, 0x01, [0x57, 0, 0]), Some("Upper Non-critical going high"));
        assert_eq!(event(NEW, 0x07, 0x03, [0x01, 0, 0]), Some("State Asserted"));
        assert_eq!(event(NEW, 0x07, 0x00, [0x00, 0, 0]), None);
    }

    #[test]
    fn refinement_needs_data_byte_2_declared() {
        assert_eq!(event(NEW, 0x08, 0x6F, [0x46, 1, 0]), Some("Config Error: Revision Mismatch"));
        assert_eq!(event(NEW, 0x08, 0x6F, [0x06, 1, 0]), Some("Config Error"));
        assert_eq!(event(NEW, 0x08, 0x6F, [0xC6, 9, 0]), Some("Config Error"));
    }

    #[test]
    fn versions_disagree_on_inactive_supplies_and_ipmb() {
        let offsets = |personality| {
            states(personality, Dialect::Standard, 0x08, 0x6F)
                .find(|state| state.text == "Power Supply Inactive")
                .map(|state| state.offset)
        };
        assert_eq!((offsets(OLD), offsets(NEW)), (Some(6), Some(7)));
        assert_eq!(event(OLD, 0xF1, 0x6F, [3, 0, 0]), Some("IPMB-A enabled, IPMP-B enabled"));
        assert_eq!(event(NEW, 0xF1, 0x6F, [3, 0, 0]), Some("IPMB-A enabled, IPMB-B enabled"));
    }

    #[test]
    fn dialects_replace_the_standard_table() {
        let count = |dialect, sensor_type| states(NEW, dialect, sensor_type, 0x6F).count();
        assert_eq!(count(Dialect::Standard, 0xF3), 0);
        assert_eq!(count(Dialect::Vita, 0xF3), 6);
        assert_eq!(count(Dialect::Vita, 0xF2), 3);
        assert_eq!(count(Dialect::Standard, 0xC7), 0);
        assert_eq!(count(Dialect::Kontron, 0xC7), 5);
        assert_eq!(count(Dialect::Kontron, 0x05), 7);
    }
}
