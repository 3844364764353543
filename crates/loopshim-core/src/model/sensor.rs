//! Sensors and their state.

use serde::Deserialize;

use ipmi::bmc::{self, Bmc, SensorKey, ThresholdSet};

use super::values::{Exactly, Within};
use super::{Problem, each};

/// A sensor's state, for a record that `sdr` has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sensor {
    number: u8,
    #[serde(default)]
    lun: Option<Within<0, 3>>,
    #[serde(rename = "type")]
    sensor_type: u8,
    event_type: u8,
    #[serde(default)]
    raw: u8,
    #[serde(default)]
    signed: bool,
    #[serde(default)]
    states: Option<u16>,
    #[serde(default = "yes")]
    available: bool,
    #[serde(default = "yes")]
    scanning: bool,
    #[serde(default = "yes")]
    events: bool,
    #[serde(default)]
    event_only: bool,
    #[serde(default)]
    raw_thresholds: Option<RawThresholds>,
    #[serde(default)]
    hysteresis: Option<Exactly<2>>,
    #[serde(default)]
    assertions: u16,
    #[serde(default)]
    deassertions: u16,
    #[serde(default)]
    factors: Option<Exactly<6>>,
}

fn yes() -> bool {
    true
}

/// Thresholds as the commands carry them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThresholds {
    readable: Within<0, 63>,
    #[serde(default)]
    settable: Option<Within<0, 63>>,
    values: Exactly<6>,
}

impl From<RawThresholds> for ThresholdSet {
    fn from(raw: RawThresholds) -> Self {
        let settable = raw.settable.unwrap_or(raw.readable).byte();
        Self { readable: raw.readable.byte(), settable, values: raw.values.0 }
    }
}

/// Puts the listed sensors, if there is a list, in place of the profile's.
pub(super) fn apply(sensors: Option<Vec<Sensor>>, bmc: &mut Bmc) -> Result<(), Problem> {
    let Some(sensors) = sensors else { return Ok(()) };
    bmc.sensors.clear();
    each("sensors", sensors, |sensor| sensor.apply(bmc))
}

impl Sensor {
    fn apply(self, bmc: &mut Bmc) -> Result<(), Problem> {
        let key = SensorKey { lun: self.lun.map(Within::byte), number: self.number };
        let states = bmc::Sensor {
            sensor_type: self.sensor_type,
            event_type: self.event_type,
            raw: self.raw,
            signed: self.signed,
            states: self.states,
            unavailable: !self.available,
            scanning_disabled: !self.scanning,
            events_disabled: !self.events,
            event_only: self.event_only,
            thresholds: self.raw_thresholds.map(ThresholdSet::from),
            hysteresis: self.hysteresis.map(|bytes| bytes.0),
            assertions: self.assertions,
            deassertions: self.deassertions,
            factors: self.factors.map(|bytes| bytes.0),
        };
        if bmc.sensors.insert(key, states).is_some() {
            return Err(Problem::new("number", format!("there are two sensors {}", self.number)));
        }
        Ok(())
    }
}
