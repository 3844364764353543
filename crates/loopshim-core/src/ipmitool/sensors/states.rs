//! The states of discrete sensors, listed.

use crate::ipmitool::Session;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::text::events::{EventState, states};
use crate::out;

impl Session<'_> {
    /// Prints the names of the asserted states with `, ` between, after
    /// `prefix` if any bit is set.
    pub fn print_states_inline(&mut self, sensor: &Record, bits: [u8; 2], prefix: &str) {
        if !any_state(bits) {
            return;
        }
        out!(self, "{prefix}");
        let names: Vec<&str> = self
            .states_of(sensor)
            .into_iter()
            .filter(|state| is_set(bits, state.offset))
            .map(|state| state.text)
            .collect();
        out!(self, "{}", names.join(", "));
    }

    /// Prints the asserted states on a line each below `title`; the title
    /// stands alone when no known state is among them.
    pub fn print_states(&mut self, sensor: &Record, bits: [u8; 2], title: &str) {
        if !any_state(bits) {
            return;
        }
        let states = self.states_of(sensor);
        if states.is_empty() {
            return;
        }
        let sensor_type = self.sensor_type_name(sensor.at(7));
        out!(self, " {title:<21} : {sensor_type}\n");
        for state in states.iter().filter(|state| is_set(bits, state.offset)) {
            out!(self, "                         [{}]\n", state.text);
        }
    }

    /// The states a sensor can have, without their refinements.
    pub fn states_of(&mut self, sensor: &Record) -> Vec<EventState> {
        let (sensor_type, event_type) = (sensor.at(7), sensor.event_type());
        let dialect = self.event_dialect(sensor_type, event_type);
        states(self.personality, dialect, sensor_type, event_type)
            .filter(|state| state.data.is_none())
            .collect()
    }
}

/// Bit 7 of the second byte is reserved and often set.
fn any_state([low, high]: [u8; 2]) -> bool {
    low != 0 || high & 0x7F != 0
}

fn is_set([low, high]: [u8; 2], offset: u8) -> bool {
    u16::from_le_bytes([low, high & 0x7F]) & 1_u16.checked_shl(offset.into()).unwrap_or(0) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_numbered_across_both_bytes() {
        assert!(is_set([0x80, 0], 7));
        assert!(is_set([0, 0x01], 8));
        assert!(is_set([0, 0x40], 14));
        assert!(!is_set([0, 0x80], 15));
        assert!(!any_state([0, 0x80]));
    }
}
