//! The platform event filtering of a compiled-in machine (IPMI 2.0 table 30-6).

use std::array;

use ipmi::bmc::{Parameter, Pef};

use super::profile::singles;

/// Numbers of filters and of policies.
const FILTERS: u8 = 8;
const POLICIES: u8 = 4;

/// Sensor type, event type and states of the filters that come with the
/// machine: thresholds that are crossed for the worse, and failures.
const PRECONFIGURED: [(u8, u8, u16); 5] = [
    (0x01, 0x01, 0x0A80), // temperature, too high
    (0x02, 0x01, 0x0A95), // voltage
    (0x04, 0x01, 0x0015), // fan, too slow
    (0x05, 0x6F, 0x0001), // chassis intrusion
    (0x08, 0x6F, 0x000A), // power supply failure, input lost
];

/// Filters that alert of what is wrong, and policies on `channel` that are
/// still to be enabled.
pub(super) fn filtering(channel: u8) -> Pef {
    let sets = |numbers: std::ops::RangeInclusive<u8>, bytes: &dyn Fn(u8) -> Vec<u8>| {
        Parameter::Sets(numbers.map(|number| (number, bytes(number))).collect())
    };
    let mut parameters = singles(&[
        (0, &[0]),
        // Filtering is enabled, and alerts are.
        (1, &[0x01]),
        (2, &[0x01]),
        // Seconds before it starts.
        (3, &[60]),
        (4, &[60]),
        (5, &[FILTERS]),
        (8, &[POLICIES]),
        // Alerts carry the system's GUID.
        (10, &[0; 17]),
        // One alert string, which is not kept over a reset.
        (11, &[0]),
    ]);
    parameters.insert(6, sets(1..=FILTERS, &|number| filter(number).to_vec()));
    // A policy set each, to the first destination.
    parameters.insert(9, sets(1..=POLICIES, &|number| vec![number << 4, channel << 4 | 1, 0]));
    parameters.insert(12, sets(0..=0, &|_| vec![0; 2]));
    parameters.insert(13, sets(0..=0, &|_| vec![0; 16]));
    // Version 1.5; alert, power down, reset and power cycle.
    Pef { capabilities: [0x51, 0x0F, FILTERS], parameters, ..Pef::default() }
}

/// A filter (table 17-2): one that comes with the machine, or an empty one.
fn filter(number: u8) -> [u8; 20] {
    const ENABLED_PRECONFIGURED: u8 = 0xC0;
    const ALERT: u8 = 0x01;
    const CRITICAL: u8 = 0x10;
    const ANY: u8 = 0xFF;
    let Some(&(sensor_type, event_type, states)) = PRECONFIGURED.get(usize::from(number) - 1) else {
        return [0; 20];
    };
    let [low, high] = states.to_le_bytes();
    // Alert by policy set 1; any sensor of the type.
    let known =
        [ENABLED_PRECONFIGURED, ALERT, 1, CRITICAL, ANY, ANY, sensor_type, ANY, event_type, low, high];
    array::from_fn(|index| known.get(index).copied().unwrap_or(0))
}
