//! What a sensor reads now.

use crate::ipmitool::oem::manufacturer::HP;
use crate::ipmitool::printf::cut;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Described, described};
use crate::ipmitool::{Level, Reply, Session};

/// Longest value that fits the original's buffer.
const VALUE_MAX: usize = 15;

/// The answer to Get Sensor Reading, converted (IPMI 2.0 section 35.14).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// A reading was given and is up to date.
    pub valid: bool,
    /// The sensor is switched off.
    pub scanning_disabled: bool,
    /// The sensor is on but has nothing yet.
    pub unavailable: bool,
    /// Raw reading.
    pub raw: u8,
    /// States 0–7, or the comparison with the thresholds.
    pub states: u8,
    /// States 8–14; bit 7 has no meaning.
    pub more_states: u8,
    /// The value of a sensor with one.
    pub analog: Option<Analog>,
}

/// A converted reading; zero while there is no valid one.
#[derive(Debug, Clone, PartialEq)]
pub struct Analog {
    /// The value.
    pub value: f64,
    /// The value printed, cut to what the original's buffer holds.
    pub text: String,
    /// Its unit.
    pub unit: String,
}

impl Session<'_> {
    /// Reads a sensor; values are printed with up to `decimals` decimals. The
    /// factors of a non-linear sensor are fetched for the reading and put into
    /// the record.
    pub fn read_sensor(&mut self, sensor: &mut Record, decimals: usize) -> Reading {
        let mut reading = Reading::default();
        let Some(reply) = self.accepted_reading(sensor) else {
            return reading;
        };
        reading.unavailable = reply.at(1) & 0x20 != 0;
        if reply.at(1) & 0x40 == 0 {
            reading.scanning_disabled = true;
            let about = format!(" (#{:02x}) scanning disabled", sensor.number());
            self.log_about_sensor("Sensor ", sensor, &about);
            return reading;
        }
        if !reading.unavailable {
            (reading.valid, reading.raw) = (true, reply.at(0));
        }
        let data = reply.data();
        reading.states = data.get(2).copied().unwrap_or(0);
        reading.more_states = data.get(3).copied().unwrap_or(0);
        self.convert(sensor, &mut reading, decimals);
        reading
    }

    /// The answer to Get Sensor Reading, when it has a reading in it.
    fn accepted_reading(&mut self, sensor: &Record) -> Option<Reply> {
        let number = sensor.number();
        let Some(reply) = self.request_reading(sensor) else {
            self.log_about_sensor("Error reading sensor ", sensor, &format!(" (#{number:02x})"));
            return None;
        };
        if !reply.is_ok() {
            // What absent sensors usually answer is not worth a line.
            let usual = if sensor.is_full() { 0xCB } else { 0xCD };
            if reply.completion != usual {
                let why = format!(" (#{number:02x}): {}", completion_name(reply.completion));
                self.log_about_sensor("Error reading sensor ", sensor, &why);
            }
            return None;
        }
        if reply.len() < 2 {
            let why = format!(" invalid len {}", reply.len());
            self.log_about_sensor("Error reading sensor ", sensor, &why);
            return None;
        }
        Some(reply)
    }

    fn convert(&mut self, sensor: &mut Record, reading: &mut Reading, decimals: usize) {
        if !sensor.is_full() || sensor.is_discrete() {
            return;
        }
        // HP gives values to sensors that have states; they count with a unit.
        let unit = sensor.unit();
        let has_unit = unit.flags & 7 != 0 || unit.base != 0 || unit.modifier != 0;
        let has_value = sensor.is_threshold() || has_unit && self.carrier.manufacturer == HP;
        if !has_value {
            return;
        }
        if sensor.linearization().is_non_linear() && !self.update_factors(sensor, reading.raw) {
            reading.valid = false;
            return;
        }
        let value = if reading.valid { sensor.conversion().reading(reading.raw) } else { 0.0 };
        let text = cut(self.figures().fixed_or_whole(value, decimals), VALUE_MAX);
        reading.analog = Some(Analog { value, text, unit: unit.text(self.personality) });
    }

    /// Puts the factors for the reading `raw` into the record.
    fn update_factors(&mut self, sensor: &mut Record, raw: u8) -> bool {
        let Some(reply) = self.request_factors(sensor, raw) else {
            let end = sensor.raw_name().len().min(16);
            let name = &sensor.raw_name()[..end];
            let about = format!(" (#{:02x})", sensor.number());
            let line = [b"Error updating reading factor for sensor ", name, about.as_bytes()].concat();
            self.console.log_bytes(Level::ERR, &line);
            return false;
        };
        if reply.is_ok() {
            sensor.set_factors(std::array::from_fn(|index| reply.at(1 + index)));
        }
        reply.is_ok()
    }

    fn log_about_sensor(&mut self, before: &str, sensor: &Record, after: &str) {
        let line = [before.as_bytes(), sensor.sensor_name(), after.as_bytes()].concat();
        self.console.log_bytes(Level::DEBUG, &line);
    }
}

impl Reading {
    /// The unit, empty for a sensor without a value.
    pub fn unit(&self) -> &str {
        self.analog.as_ref().map_or("", |analog| &analog.unit)
    }

    /// The value, zero for a sensor without one.
    pub fn value(&self) -> f64 {
        self.analog.as_ref().map_or(0.0, |analog| analog.value)
    }

    /// The value and its unit, as printed.
    pub fn value_with_unit(&self) -> Option<String> {
        self.analog.as_ref().map(|analog| format!("{} {}", analog.text, analog.unit))
    }

    /// Which threshold is passed, the worst one; `invalid` without a reading.
    pub fn threshold_status(&self, words: StatusWords, invalid: &'static str) -> &'static str {
        if !self.valid {
            return invalid;
        }
        let found = STATUSES.iter().find(|(bit, ..)| u16::from(self.states) & bit != 0);
        found.map_or("ok", |(_, side, full)| match words {
            StatusWords::Severity => &side[1..],
            StatusWords::Side => side,
            StatusWords::Full => full,
        })
    }
}

/// How a threshold status is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusWords {
    /// `cr`: how bad.
    Severity,
    /// `ucr`: how bad and on which side.
    Side,
    /// `Upper Critical`.
    Full,
}

/// Bit of the reading's third byte, and its words; the worst first. A side and
/// how bad it is there make the first.
const STATUSES: Described = described![
    (0x04, "lnr", "Lower Non-Recoverable"),
    (0x20, "unr", "Upper Non-Recoverable"),
    (0x02, "lcr", "Lower Critical"),
    (0x10, "ucr", "Upper Critical"),
    (0x01, "lnc", "Lower Non-Critical"),
    (0x08, "unc", "Upper Non-Critical"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_status_counts_and_lower_before_upper() {
        let reading = |states| Reading { valid: true, states, ..Reading::default() };
        assert_eq!(reading(0x3F).threshold_status(StatusWords::Side, "ns"), "lnr");
        assert_eq!(reading(0x38).threshold_status(StatusWords::Severity, "ns"), "nr");
        assert_eq!(reading(0x12).threshold_status(StatusWords::Full, "ns"), "Lower Critical");
        assert_eq!(reading(0xC0).threshold_status(StatusWords::Side, "ns"), "ok");
        assert_eq!(Reading::default().threshold_status(StatusWords::Side, "ns"), "ns");
    }
}
