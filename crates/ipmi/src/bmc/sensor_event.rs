//! Sensor and event commands (network function 04h, IPMI 2.0 sections 29, 30
//! and 35).

use alloc::vec::Vec;

use super::{ANY_LENGTH, Answer, Bmc, Call, Command, pef, threshold_event};
use crate::CompletionCode;
use crate::sdr::{CompactSensor, EventOnlySensor, FullSensor, SensorCommon, Threshold};
use crate::sensor::DataFormat;

pub(crate) const COMMANDS: &[Command] = &[
    Command::new(0x00, 2, 2, set_event_receiver),
    Command::reading(0x01, 0, 0, |bmc, _| Ok(bmc.event_receiver.to_vec())),
    Command::new(0x02, 7, 8, platform_event),
    Command::reading(0x10, 0, 0, pef::capabilities),
    Command::new(0x11, 1, 1, pef::postpone),
    Command::new(0x12, 2, ANY_LENGTH, pef::set_parameter),
    Command::reading(0x13, 3, 3, pef::parameter),
    Command::new(0x14, 3, 3, pef::set_processed),
    Command::reading(0x15, 0, 0, pef::processed),
    Command::reading(0x20, 0, 1, device_sdr_info),
    Command::reading(0x23, 2, 2, |bmc, call| bmc.sensor(call)?.reading_factors(call.byte(1))),
    Command::new(0x24, 4, 4, |bmc, call| bmc.sensor_mut(call)?.set_hysteresis(call)),
    Command::reading(0x25, 1, 2, |bmc, call| bmc.sensor(call)?.hysteresis()),
    Command::new(0x26, 8, 8, set_thresholds),
    Command::reading(0x27, 1, 1, |bmc, call| bmc.sensor(call)?.thresholds()),
    Command::new(0x28, 2, 6, |bmc, call| bmc.sensor_mut(call)?.set_event_enable(call)),
    Command::reading(0x29, 1, 1, |bmc, call| bmc.sensor(call)?.event_enable()),
    Command::reading(0x2A, 1, 6, |bmc, call| bmc.sensor(call)?.readable().map(|_| Vec::new())),
    Command::reading(0x2B, 1, 1, |bmc, call| bmc.sensor(call)?.event_status()),
    Command::reading(0x2D, 1, 1, |bmc, call| bmc.sensor(call)?.reading()),
    Command::new(0x2E, 3, 3, |bmc, call| bmc.sensor_mut(call)?.set_type(call)),
    Command::reading(0x2F, 1, 1, |bmc, call| bmc.sensor(call)?.type_codes()),
];

/// Event/reading type code of threshold sensors.
const THRESHOLD: u8 = 0x01;

/// Where a sensor is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SensorKey {
    /// The LUN requests go to; `None` answers on every LUN.
    pub lun: Option<u8>,
    /// The sensor number, 0–FEh.
    pub number: u8,
}

/// A sensor's type and state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sensor {
    /// Sensor type code (table 42-3).
    pub sensor_type: u8,
    /// Event/reading type code (table 42-1); 01h is a threshold sensor.
    pub event_type: u8,
    /// Raw reading, as the record's conversion factors take it.
    pub raw: u8,
    /// Whether `raw` and the thresholds are two's complement.
    pub signed: bool,
    /// Discrete states, a bit each; of a threshold sensor the six comparison
    /// bits, or `None` to compare the reading with the thresholds.
    pub states: Option<u16>,
    /// Whether a reading can be had (unavailable: bit 5 of the response).
    pub unavailable: bool,
    /// Whether the sensor is not being scanned.
    pub scanning_disabled: bool,
    /// Whether all event messages of the sensor are disabled.
    pub events_disabled: bool,
    /// Whether the sensor only makes events and has no reading.
    pub event_only: bool,
    /// Thresholds of a threshold sensor.
    pub thresholds: Option<ThresholdSet>,
    /// Positive- and negative-going hysteresis, raw.
    pub hysteresis: Option<[u8; 2]>,
    /// Assertion events enabled, a bit each.
    pub assertions: u16,
    /// Deassertion events enabled, a bit each.
    pub deassertions: u16,
    /// The six factor bytes of Get Sensor Reading Factors.
    pub factors: Option<[u8; 6]>,
    /// Of a sensor that moves by itself, the comparison bits whose events have
    /// been logged.
    pub crossed: Option<u8>,
}

/// Thresholds in the order of the commands: lower non-critical, critical,
/// non-recoverable, upper non-critical, critical, non-recoverable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThresholdSet {
    /// Which can be read, a bit each.
    pub readable: u8,
    /// Which can be set, a bit each.
    pub settable: u8,
    /// Raw values.
    pub values: [u8; 6],
}

impl SensorKey {
    /// Where the sensor of a record is addressed.
    pub const fn of(key: crate::sdr::SensorKey) -> Self {
        Self { lun: Some(key.lun.get()), number: key.number }
    }
}

impl Sensor {
    /// The sensor a full record describes, at its nominal reading or zero.
    pub fn of_full(record: &FullSensor) -> Self {
        let masks = record.common.masks;
        let mut values = [0; 6];
        for threshold in Threshold::ALL {
            values[threshold as usize] = record.thresholds.get(threshold);
        }
        let set =
            ThresholdSet { readable: masks.readable().bits(), settable: masks.settable().bits(), values };
        let is_threshold = record.common.event_reading_type.is_threshold();
        Self {
            raw: record.nominal_reading.unwrap_or(0),
            signed: record.common.units.format != DataFormat::Unsigned,
            thresholds: is_threshold.then_some(set),
            hysteresis: is_threshold.then_some([record.hysteresis.positive, record.hysteresis.negative]),
            ..Self::of_common(&record.common)
        }
    }

    /// The sensor a compact record describes, in none of its states.
    pub fn of_compact(record: &CompactSensor) -> Self {
        Self { states: Some(0), ..Self::of_common(&record.common) }
    }

    /// The sensor an event-only record describes.
    pub fn of_event_only(record: &EventOnlySensor) -> Self {
        Self {
            sensor_type: record.sensor_type.0,
            event_type: record.event_reading_type.0,
            event_only: true,
            ..Self::default()
        }
    }

    fn of_common(common: &SensorCommon) -> Self {
        // Bits 14:12 of a threshold sensor's masks say what is compared.
        let events = if common.event_reading_type.is_threshold() { 0x0FFF } else { 0x7FFF };
        Self {
            sensor_type: common.sensor_type.0,
            event_type: common.event_reading_type.0,
            assertions: common.masks.assertion & events,
            deassertions: common.masks.deassertion & events,
            ..Self::default()
        }
    }
}

impl Bmc {
    fn sensor(&self, call: Call<'_>) -> Result<&Sensor, CompletionCode> {
        self.sensors.get(&self.sensor_key(call)).ok_or(CompletionCode::NOT_PRESENT)
    }

    fn sensor_mut(&mut self, call: Call<'_>) -> Result<&mut Sensor, CompletionCode> {
        let key = self.sensor_key(call);
        self.sensors.get_mut(&key).ok_or(CompletionCode::NOT_PRESENT)
    }

    /// Where the sensor that a request means is, if it is there at all.
    fn sensor_key(&self, call: Call<'_>) -> SensorKey {
        let number = call.byte(0);
        let exact = SensorKey { lun: Some(call.lun & 3), number };
        if self.sensors.contains_key(&exact) { exact } else { SensorKey { lun: None, number } }
    }
}

impl Sensor {
    fn readable(&self) -> Result<&Self, CompletionCode> {
        if self.event_only { Err(CompletionCode::NOT_PRESENT) } else { Ok(self) }
    }

    /// The sensor's thresholds, which only threshold sensors have.
    fn threshold_set(&self) -> Result<&ThresholdSet, CompletionCode> {
        self.thresholds
            .as_ref()
            .filter(|_| self.event_type == THRESHOLD)
            .ok_or(CompletionCode::ILLEGAL_FOR_RECORD)
    }

    /// The byte before readings and states: events, scanning, availability.
    fn flags(&self) -> u8 {
        u8::from(!self.events_disabled) << 7
            | u8::from(!self.scanning_disabled) << 6
            | u8::from(self.unavailable) << 5
    }

    /// The states in force, compared with the thresholds if need be.
    pub fn current_states(&self) -> u16 {
        let Some(set) = self.thresholds.filter(|_| self.states.is_none()) else {
            return self.states.unwrap_or(0);
        };
        let value = |raw: u8| if self.signed { i16::from(raw as i8) } else { i16::from(raw) };
        let reading = value(self.raw);
        (0..6)
            .filter(|bit| set.readable >> bit & 1 != 0)
            .filter(|&bit| {
                let threshold = value(set.values[bit]);
                if bit < 3 { reading <= threshold } else { reading >= threshold }
            })
            .fold(0, |states, bit| states | 1 << bit)
    }

    fn reading(&self) -> Answer {
        let states = self.readable()?.current_states();
        let [low, high] = states.to_le_bytes();
        let mut data = Vec::from([self.raw, self.flags()]);
        if self.event_type == THRESHOLD {
            data.push(0xC0 | low);
        } else {
            data.extend([low, 0x80 | high]);
        }
        Ok(data)
    }

    fn event_status(&self) -> Answer {
        let states = self.readable()?.current_states();
        let events = if self.event_type == THRESHOLD { threshold_events(states) } else { states };
        Ok([&[self.flags()], &events.to_le_bytes()[..], &[0, 0]].concat())
    }

    fn event_enable(&self) -> Answer {
        // Availability is no part of this response.
        let flags = self.readable()?.flags() & 0xC0;
        Ok([&[flags], &self.assertions.to_le_bytes()[..], &self.deassertions.to_le_bytes()].concat())
    }

    fn set_event_enable(&mut self, call: Call<'_>) -> Answer {
        self.readable()?;
        let flags = call.byte(1);
        self.events_disabled = flags & 0x80 == 0;
        self.scanning_disabled = flags & 0x40 == 0;
        let (assertions, deassertions) = (call.word(2), call.word(4));
        match flags >> 4 & 3 {
            0b01 => {
                self.assertions |= assertions;
                self.deassertions |= deassertions;
            }
            0b10 => {
                self.assertions &= !assertions;
                self.deassertions &= !deassertions;
            }
            _ => {}
        }
        Ok(Vec::new())
    }

    fn thresholds(&self) -> Answer {
        let set = self.threshold_set()?;
        Ok([&[set.readable], &set.values[..]].concat())
    }

    fn set_thresholds(&mut self, call: Call<'_>) -> Answer {
        let mut set = *self.threshold_set()?;
        let wanted = call.byte(1) & 0x3F;
        if wanted & !set.settable != 0 {
            return Err(CompletionCode::INVALID_FIELD);
        }
        for (bit, value) in set.values.iter_mut().enumerate() {
            if wanted >> bit & 1 != 0 {
                *value = call.byte(2 + bit);
            }
        }
        self.thresholds = Some(set);
        Ok(Vec::new())
    }

    fn hysteresis(&self) -> Answer {
        Ok(self.hysteresis.ok_or(CompletionCode::ILLEGAL_FOR_RECORD)?.into())
    }

    fn set_hysteresis(&mut self, call: Call<'_>) -> Answer {
        let hysteresis = self.hysteresis.as_mut().ok_or(CompletionCode::ILLEGAL_FOR_RECORD)?;
        *hysteresis = [call.byte(2), call.byte(3)];
        Ok(Vec::new())
    }

    /// Factors for a reading of a sensor whose conversion is not linear: the
    /// next reading for which they differ, and the factors.
    fn reading_factors(&self, reading: u8) -> Answer {
        let factors = self.factors.ok_or(CompletionCode::ILLEGAL_FOR_RECORD)?;
        Ok([&[reading], &factors[..]].concat())
    }

    fn type_codes(&self) -> Answer {
        Ok([self.sensor_type, self.event_type].into())
    }

    fn set_type(&mut self, call: Call<'_>) -> Answer {
        self.sensor_type = call.byte(1);
        self.event_type = call.byte(2) & 0x7F;
        Ok(Vec::new())
    }
}

/// The six comparison bits as event bits (table 42-2): below a lower threshold
/// going low, above an upper one going high.
fn threshold_events(states: u16) -> u16 {
    (0..6)
        .filter(|bit| states >> bit & 1 != 0)
        .fold(0, |events, bit| events | 1 << (2 * bit + u16::from(bit > 2)))
}

/// Sets thresholds; a state that begins or ends by it is logged.
fn set_thresholds(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let key = bmc.sensor_key(call);
    let sensor = bmc.sensors.get_mut(&key).ok_or(CompletionCode::NOT_PRESENT)?;
    let before = sensor.current_states();
    let answer = sensor.set_thresholds(call)?;
    let counted = threshold_event::log(&mut bmc.sel, key, before, sensor, call.now());
    sensor.crossed = sensor.crossed.map(|_| counted as u8);
    Ok(answer)
}

fn set_event_receiver(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    bmc.event_receiver = [call.byte(0), call.byte(1) & 3];
    Ok(Vec::new())
}

/// Event record type (section 32.1), and the revision this one is in.
const SYSTEM_EVENT: u8 = 0x02;
/// Generator id of events from system software where none is given.
const SYSTEM_SOFTWARE: u8 = 0x41;

/// Logs an event that system software, or a controller, has generated.
fn platform_event(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    // Over the system interface a generator id goes before the event.
    let (generator, event) = match call.data {
        [generator, event @ ..] if event.len() == 7 => (*generator, event),
        event => (SYSTEM_SOFTWARE, event),
    };
    let mut entry = [0; 16];
    entry[2] = SYSTEM_EVENT;
    entry[7] = generator;
    entry[9..16].copy_from_slice(event);
    bmc.sel.add(entry, call.now())?;
    Ok(Vec::new())
}

/// Number of sensors, or with the operation bit of records, of the device SDRs.
fn device_sdr_info(bmc: &Bmc, call: Call<'_>) -> Answer {
    let records = call.byte(0) & 1 != 0;
    let count = if records { bmc.sdr.records.len() } else { bmc.sensors.len() };
    Ok([u8::try_from(count).unwrap_or(u8::MAX), 0x01].into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    fn fan() -> Sensor {
        Sensor {
            sensor_type: 4,
            event_type: 1,
            raw: 5,
            thresholds: Some(ThresholdSet { readable: 7, settable: 7, values: [10, 6, 4, 0, 0, 0] }),
            hysteresis: Some([2, 2]),
            ..Sensor::default()
        }
    }

    fn with(sensor: Sensor) -> Bmc {
        let mut bmc = Bmc::default();
        bmc.sensors.insert(SensorKey { lun: Some(0), number: 0x31 }, sensor);
        bmc
    }

    #[test]
    fn a_reading_is_compared_with_the_thresholds_that_can_be_read() {
        let mut bmc = with(fan());
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x04, cmd, data), 0);
        assert_eq!(send(0x2D, &[0x31]).data, [5, 0xC0, 0xC3]);
        assert_eq!(send(0x2B, &[0x31]).data, [0xC0, 0b101, 0, 0, 0]);
        assert!(send(0x26, &[0x31, 4, 0, 0, 5, 0, 0, 0]).completion.is_ok());
        assert_eq!(send(0x2D, &[0x31]).data, [5, 0xC0, 0xC7]);
        assert_eq!(send(0x26, &[0x31, 8, 0, 0, 0, 9, 0, 0]).completion, CompletionCode::INVALID_FIELD);
        assert_eq!(send(0x27, &[0x31]).data, [7, 10, 6, 5, 0, 0, 0]);
    }

    #[test]
    fn signed_readings_are_compared_as_such() {
        let thresholds = ThresholdSet { readable: 0x3F, settable: 0, values: [246, 236, 216, 50, 60, 70] };
        let sensor = Sensor { raw: 249, signed: true, thresholds: Some(thresholds), ..fan() };
        assert_eq!(sensor.current_states(), 0);
        assert_eq!(Sensor { raw: 235, ..sensor }.current_states(), 0b011);
    }

    #[test]
    fn a_sensor_answers_on_its_lun_only() {
        let mut bmc = with(fan());
        let request = Request { netfn: 0x04, lun: 1, cmd: 0x2D, data: [0x31].into() };
        assert_eq!(bmc.answer(&request, 0).completion, CompletionCode::NOT_PRESENT);
        bmc.sensors.insert(SensorKey { lun: None, number: 0x31 }, fan());
        assert!(bmc.answer(&request, 0).completion.is_ok());
    }

    #[test]
    fn discrete_states_come_in_two_bytes_and_have_no_thresholds() {
        let states = Some(0x0180);
        let mut bmc =
            with(Sensor { event_type: 0x6F, states, raw: 9, unavailable: true, ..Sensor::default() });
        let mut send = |cmd| bmc.answer(&Request::new(0x04, cmd, [0x31]), 0);
        assert_eq!(send(0x2D).data, [9, 0xE0, 0x80, 0x81]);
        assert_eq!(send(0x27).completion, CompletionCode::ILLEGAL_FOR_RECORD);
    }

    #[test]
    fn a_platform_event_is_logged() {
        let mut bmc = Bmc::default();
        bmc.sel.capacity = 2;
        let event = [0x41, 0x04, 0x01, 0x30, 0x57, 0x59, 0xFF, 0xFF];
        assert!(bmc.answer(&Request::new(0x04, 0x02, event), 0x6000_0000).completion.is_ok());
        assert_eq!(bmc.sel.entries[0][..9], [1, 0, 2, 0, 0, 0, 0x60, 0x41, 0]);
        assert_eq!(bmc.sel.entries[0][9..], event[1..]);
    }
}
