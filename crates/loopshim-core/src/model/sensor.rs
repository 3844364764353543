//! Sensors: described, which makes their records, or as the state of records
//! that `sdr` has.

use std::path::{Path, PathBuf};

use ipmi::Error;
use ipmi::bmc::{self, Bmc, SensorKey, ThresholdSet};
use ipmi::sdr::{
    CompactSensor, Entity, EventMasks, EventOnlySensor, EventReadingType, FullSensor, IdString,
    RecordSharing, SensorType, Threshold, Unit, Units,
};
use ipmi::sensor::{DataFormat, Factors, Linearization, ReadingFactors};
use ipmi::{Bits, Lun};

use super::device::replace;
use super::fitting::fit;
use super::installed::{add_compact, add_event_only, add_full};
use super::values::{EntityName, Exactly, Named, SensorTypes, Text, UnitNames, Within};
use super::{Place, Problem, each};
use crate::json::{self, Fault, Read, Reader, Slot};
use crate::life::{Life, Motion, Source};

/// A sensor. With a name it is described, and gets a record; without one it is
/// the state of a record in `sdr`.
#[derive(Debug)]
pub(super) struct Sensor {
    name: Option<String>,
    number: Within<0, 254>,
    lun: Option<Within<0, 3>>,
    entity: Option<Text<EntityName>>,
    sensor_type: Named<SensorTypes>,
    event_type: Option<Within<0, 127>>,
    unit: Option<Named<UnitNames>>,
    percent: bool,
    reading: Option<Reading>,
    thresholds: Option<Thresholds>,
    factors: Option<FactorValues>,
    linearization: Option<Within<0, 127>>,
    raw: Option<u8>,
    signed: Option<bool>,
    states: Option<u16>,
    possible_states: Option<u16>,
    available: bool,
    scanning: bool,
    events: bool,
    event_only: bool,
    raw_thresholds: Option<RawThresholds>,
    hysteresis: Option<Exactly<2>>,
    assertions: Option<u16>,
    deassertions: Option<u16>,
    reading_factors: Option<Exactly<6>>,
    _comment: Option<String>,
}

json::object!(Sensor {
    number, sensor_type as "type"; name, lun, entity, event_type, unit, percent, reading, thresholds,
    factors, linearization, raw, signed, states, possible_states, available or true, scanning or true,
    events or true, event_only, raw_thresholds, hysteresis, assertions, deassertions, reading_factors,
    _comment as "comment"
});

/// A reading in the sensor's unit: one that stays, or one that moves.
#[derive(Debug)]
enum Reading {
    Constant(f64),
    Moving(Movement),
}

impl Default for Reading {
    fn default() -> Self {
        Self::Constant(0.0)
    }
}

impl Slot for Reading {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        *self = match reader.peek() {
            Some(b'{') => Self::Moving(Read::read(reader)?),
            _ => Self::Constant(Read::read(reader)?),
        };
        Ok(())
    }
}

/// How a reading moves between `from` and `to`: by itself, or with the host.
#[derive(Debug)]
struct Movement {
    from: f64,
    to: f64,
    seed: u64,
    every: Option<u32>,
    follow: Option<PathBuf>,
    scale: f64,
}

json::object!(Movement { from, to; seed, every, follow, scale or 1.0 });

impl Movement {
    /// Seconds from turn to turn of a walk.
    const EVERY: u32 = 60;

    fn source(&self, number: u8) -> Source {
        match &self.follow {
            // Sensors of one seed do not go hand in hand.
            None => Source::Walk {
                seed: self.seed << 8 | u64::from(number),
                every: self.every.unwrap_or(Self::EVERY),
            },
            Some(file) if file == Path::new("/proc/stat") => Source::Processors(file.clone()),
            Some(file) => Source::File(file.clone(), self.scale),
        }
    }
}

impl Reading {
    /// The lowest and the highest.
    fn ends(&self) -> [f64; 2] {
        match self {
            Self::Constant(value) => [*value; 2],
            Self::Moving(movement) => [movement.from, movement.to],
        }
    }
}

/// Thresholds in the sensor's unit.
#[derive(Debug, Clone, Copy)]
struct Thresholds {
    lower_non_critical: Option<f64>,
    lower_critical: Option<f64>,
    lower_non_recoverable: Option<f64>,
    upper_non_critical: Option<f64>,
    upper_critical: Option<f64>,
    upper_non_recoverable: Option<f64>,
}

json::object!(Thresholds {
    ; lower_non_critical, lower_critical, lower_non_recoverable, upper_non_critical, upper_critical,
    upper_non_recoverable
});

impl Thresholds {
    fn given(self) -> impl Iterator<Item = (Threshold, f64)> {
        let values = [
            self.lower_non_critical,
            self.lower_critical,
            self.lower_non_recoverable,
            self.upper_non_critical,
            self.upper_critical,
            self.upper_non_recoverable,
        ];
        Threshold::ALL.into_iter().zip(values).filter_map(|(threshold, value)| Some((threshold, value?)))
    }
}

/// The factors of y = (m·x + b·10^b_exponent)·10^exponent.
#[derive(Debug, Clone, Copy)]
struct FactorValues {
    m: i16,
    b: i16,
    b_exponent: i8,
    exponent: i8,
}

json::object!(FactorValues { m; b, b_exponent, exponent });

/// Thresholds as the commands carry them.
#[derive(Debug, Clone, Copy)]
struct RawThresholds {
    readable: Within<0, 63>,
    settable: Option<Within<0, 63>>,
    values: Exactly<6>,
}

json::object!(RawThresholds { readable, values; settable });

impl From<RawThresholds> for ThresholdSet {
    fn from(raw: RawThresholds) -> Self {
        let settable = raw.settable.unwrap_or(raw.readable).byte();
        Self { readable: raw.readable.byte(), settable, values: raw.values.0 }
    }
}

/// Puts the listed sensors, if there is a list, in place of the profile's. If
/// any is described, the profile's sensor records go, too.
pub(super) fn apply(
    sensors: Option<Vec<Sensor>>,
    has_records: bool,
    bmc: &mut Bmc,
    life: &mut Life,
    place: &Place,
) -> Result<(), Problem> {
    let Some(sensors) = sensors else { return Ok(()) };
    bmc.sensors.clear();
    if !has_records {
        bmc.sdr.records.retain(|record| !is_sensor_record(record));
    }
    each("sensors", sensors, |sensor| sensor.apply(bmc, life, place))
}

/// Whether a record is of type 01h, 02h or 03h.
fn is_sensor_record(record: &[u8]) -> bool {
    matches!(record.get(3), Some(0x01..=0x03))
}

/// What a sensor with neither event type nor reading has: states of its type.
const SENSOR_SPECIFIC: u8 = 0x6F;
const THRESHOLD: u8 = 0x01;

impl Sensor {
    fn apply(mut self, bmc: &mut Bmc, life: &mut Life, place: &Place) -> Result<(), Problem> {
        if let Some(Reading::Moving(Movement { follow: Some(file), .. })) = &mut self.reading {
            *file = place.directory.join(&*file);
        }
        let number = self.number.byte();
        let taken = bmc.sensors.keys().any(|key| key.number == number && key.lun == self.lun());
        if taken {
            return Err(Problem::new("number", format!("there are two sensors {number}")));
        }
        match &self.name {
            Some(name) => self.describe(name, bmc, life).map_err(|error| Problem::new("", error.to_string())),
            None => self.reveal(bmc),
        }
    }

    /// The LUN; a described sensor is on one, a mere state on any if not told.
    fn lun(&self) -> Option<u8> {
        let default = self.name.as_ref().map(|_| 0);
        self.lun.map(Within::byte).or(default)
    }

    fn event_type(&self) -> u8 {
        let analog = self.reading.is_some() || self.thresholds.is_some() || self.unit.is_some();
        let default = if analog { THRESHOLD } else { SENSOR_SPECIFIC };
        self.event_type.map_or(default, Within::byte)
    }

    /// Adds a sensor and its record.
    fn describe(&self, name: &str, bmc: &mut Bmc, life: &mut Life) -> Result<(), Error> {
        let name = IdString::latin1(name.chars().map(|letter| letter as u32 as u8).collect::<Vec<_>>())?;
        let sensor = if self.event_only {
            add_event_only(bmc, self.event_only_record(name))?
        } else if self.event_type() == THRESHOLD {
            let record = self.full_record(name)?;
            let motion = self.motion(&record)?;
            let sensor = add_full(bmc, record)?;
            if let Some(motion) = motion {
                sensor.crossed = Some(0);
                life.motions.push(motion);
            }
            sensor
        } else {
            add_compact(bmc, self.compact_record(name))?
        };
        self.apply_state(sensor);
        Ok(())
    }

    /// Adds the state of a sensor that has a record elsewhere.
    fn reveal(&self, bmc: &mut Bmc) -> Result<(), Problem> {
        if self.reading.is_some() || self.thresholds.is_some() {
            let problem =
                "a sensor without a name takes `raw` and `raw_thresholds`: its unit is in its record";
            return Err(Problem::new("", problem));
        }
        let mut sensor = bmc::Sensor {
            sensor_type: self.sensor_type.code(),
            event_type: self.event_type(),
            event_only: self.event_only,
            ..bmc::Sensor::default()
        };
        self.apply_state(&mut sensor);
        let key = SensorKey { lun: self.lun(), number: self.number.byte() };
        bmc.sensors.insert(key, sensor);
        Ok(())
    }

    fn apply_state(&self, sensor: &mut bmc::Sensor) {
        replace(&mut sensor.raw, self.raw);
        replace(&mut sensor.signed, self.signed);
        replace(&mut sensor.states, self.states.map(Some));
        sensor.unavailable = !self.available;
        sensor.scanning_disabled = !self.scanning;
        sensor.events_disabled = !self.events;
        replace(&mut sensor.thresholds, self.raw_thresholds.map(|raw| Some(raw.into())));
        replace(&mut sensor.hysteresis, self.hysteresis.map(|bytes| Some(bytes.0)));
        replace(&mut sensor.assertions, self.assertions);
        replace(&mut sensor.deassertions, self.deassertions);
        replace(&mut sensor.factors, self.reading_factors.map(|bytes| Some(bytes.0)));
    }

    fn entity(&self) -> Entity {
        self.entity.map_or(Entity::default(), |entity| entity.0.0)
    }

    fn full_record(&self, name: IdString) -> Result<FullSensor, Error> {
        let values = self.values();
        let signed = self.signed.unwrap_or_else(|| values.iter().any(|value| *value < 0.0));
        let format = if signed { DataFormat::TwosComplement } else { DataFormat::Unsigned };
        let unit = self.unit.map_or(Unit::UNSPECIFIED, |unit| Unit(unit.code()));
        let units = Units { percentage: self.percent, ..Units::of(format, unit) };
        let kind = SensorType(self.sensor_type.code());
        let factors = match self.factors {
            Some(given) => Factors::new(given.m, given.b, given.b_exponent, given.exponent)?,
            None => fit(&values, format),
        };
        let mut record = FullSensor::threshold(self.number.byte(), name, self.entity(), kind, units)
            .with_factors(ReadingFactors::exact(factors));
        record.linearization =
            self.linearization.map_or(Linearization::LINEAR, |code| Linearization(code.byte()));
        record.common.key.lun = Lun::low(self.lun.map_or(0, Within::byte));
        for (threshold, value) in self.thresholds.unwrap_or_default().given() {
            record = record.with_threshold(threshold, value)?;
        }
        let [from, to] = self.reading.as_ref().map_or([0.0; 2], Reading::ends);
        record.with_nominal(from + (to - from) / 2.0)
    }

    /// How the reading of a sensor with this record moves.
    fn motion(&self, record: &FullSensor) -> Result<Option<Motion>, Error> {
        let Some(Reading::Moving(movement)) = &self.reading else { return Ok(None) };
        let signed = record.common.units.format != DataFormat::Unsigned;
        let end = |value: f64| -> Result<(f64, i16), Error> {
            let raw = record.clone().with_nominal(value)?.nominal_reading.unwrap_or(0);
            Ok((value, if signed { i16::from(raw as i8) } else { i16::from(raw) }))
        };
        let ends = [end(movement.from)?, end(movement.to)?];
        let sensor = SensorKey { lun: self.lun(), number: self.number.byte() };
        Ok(Some(Motion { sensor, ends, source: movement.source(self.number.byte()) }))
    }

    /// All values that the factors have to express.
    fn values(&self) -> Vec<f64> {
        let thresholds = self.thresholds.unwrap_or_default().given().map(|(_, value)| value);
        let readings = self.reading.iter().flat_map(Reading::ends);
        readings.chain(thresholds).collect()
    }

    fn compact_record(&self, name: IdString) -> CompactSensor {
        let (kind, event_type) = (SensorType(self.sensor_type.code()), EventReadingType(self.event_type()));
        let states = self.possible_states.unwrap_or(self.states.unwrap_or(0)) & 0x7FFF;
        let mut record =
            CompactSensor::discrete(self.number.byte(), name, self.entity(), kind, event_type, states);
        record.common.masks = EventMasks::discrete(states);
        record.common.key.lun = Lun::low(self.lun.map_or(0, Within::byte));
        record
    }

    fn event_only_record(&self, name: IdString) -> EventOnlySensor {
        let mut key = ipmi::sdr::SensorKey::bmc(self.number.byte());
        key.lun = Lun::low(self.lun.map_or(0, Within::byte));
        EventOnlySensor {
            key,
            entity: self.entity(),
            sensor_type: SensorType(self.sensor_type.code()),
            event_reading_type: EventReadingType(self.event_type()),
            sharing: RecordSharing { count: Bits::low(1), ..RecordSharing::default() },
            oem: 0,
            id_string: name,
        }
    }
}
