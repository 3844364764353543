use alloc::vec::Vec;

use crate::Error;
use crate::reader::Reader;
use crate::sensor::{Conversion, Linearization, ReadingFactors};

use super::{Entity, Hysteresis, IdString, SensorCommon, SensorType, Threshold, Thresholds, Units};

/// Full sensor record, type 01h (IPMI 2.0 section 43.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FullSensor {
    /// Key, entity, type, masks and units.
    pub common: SensorCommon,
    /// Function applied to linear readings.
    pub linearization: Linearization,
    /// M, B, exponents, tolerance, accuracy, direction.
    pub reading_factors: ReadingFactors,
    /// Raw nominal reading, if specified.
    pub nominal_reading: Option<u8>,
    /// Raw highest normal reading, if specified.
    pub normal_maximum: Option<u8>,
    /// Raw lowest normal reading, if specified.
    pub normal_minimum: Option<u8>,
    /// Raw highest possible reading.
    pub sensor_maximum: u8,
    /// Raw lowest possible reading.
    pub sensor_minimum: u8,
    /// Raw thresholds; the masks say which of them count.
    pub thresholds: Thresholds,
    /// Raw hysteresis.
    pub hysteresis: Hysteresis,
    /// Reserved for OEM use.
    pub oem: u8,
    /// The sensor's name.
    pub id_string: IdString,
}

impl FullSensor {
    /// A threshold sensor of the BMC that reads raw bytes as they are and has no
    /// threshold yet; the `with_…` methods and the fields say the rest.
    ///
    /// ```
    /// use ipmi::sdr::{Entity, EntityId, FullSensor, IdString, SensorType, Threshold, Unit, Units};
    /// use ipmi::sensor::DataFormat;
    ///
    /// let sensor = FullSensor::threshold(
    ///     1,
    ///     IdString::latin1("CPU Temp")?,
    ///     Entity::new(EntityId::PROCESSOR, 1),
    ///     SensorType::TEMPERATURE,
    ///     Units::of(DataFormat::TwosComplement, Unit::DEGREES_C),
    /// )
    /// .with_threshold(Threshold::UpperCritical, 95.0)?
    /// .with_nominal(45.0)?;
    /// assert_eq!(sensor.thresholds.get(Threshold::UpperCritical), 95);
    /// # Ok::<(), ipmi::Error>(())
    /// ```
    pub fn threshold(
        number: u8,
        id_string: IdString,
        entity: Entity,
        sensor_type: SensorType,
        units: Units,
    ) -> Self {
        Self {
            common: SensorCommon::threshold(number, entity, sensor_type, units),
            linearization: Linearization::LINEAR,
            reading_factors: ReadingFactors::default(),
            nominal_reading: None,
            normal_maximum: None,
            normal_minimum: None,
            sensor_maximum: Self::extreme(units, i16::MAX),
            sensor_minimum: Self::extreme(units, i16::MIN),
            thresholds: Thresholds::default(),
            hysteresis: Hysteresis::default(),
            oem: 0,
            id_string,
        }
    }

    /// Sets the factors; to be called before the methods that take values.
    #[must_use]
    pub fn with_factors(self, reading_factors: ReadingFactors) -> Self {
        Self { reading_factors, ..self }
    }

    /// Sets one threshold by its value and marks it compared, readable, settable
    /// and reporting.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when no raw byte stands for `value`.
    pub fn with_threshold(mut self, threshold: Threshold, value: f64) -> Result<Self, Error> {
        let raw = self.raw(value)?;
        self.thresholds.set(threshold, raw);
        self.common.masks = self.common.masks.with_threshold(threshold);
        Ok(self)
    }

    /// Sets the nominal reading by its value.
    ///
    /// # Errors
    ///
    /// As [`FullSensor::with_threshold`].
    pub fn with_nominal(mut self, value: f64) -> Result<Self, Error> {
        self.nominal_reading = Some(self.raw(value)?);
        Ok(self)
    }

    /// Sets the lowest and highest normal reading by their values.
    ///
    /// # Errors
    ///
    /// As [`FullSensor::with_threshold`].
    pub fn with_normal_range(mut self, minimum: f64, maximum: f64) -> Result<Self, Error> {
        self.normal_minimum = Some(self.raw(minimum)?);
        self.normal_maximum = Some(self.raw(maximum)?);
        Ok(self)
    }

    /// Sets both hystereses to the same number of raw counts.
    #[must_use]
    pub fn with_hysteresis(self, raw: u8) -> Self {
        Self { hysteresis: Hysteresis { positive: raw, negative: raw }, ..self }
    }

    /// How this sensor's raw bytes become values.
    pub const fn conversion(&self) -> Conversion {
        Conversion {
            format: self.common.units.format,
            linearization: self.linearization,
            factors: self.reading_factors.factors,
        }
    }

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("full sensor record", bytes);
        let common = SensorCommon::read(&mut reader)?;
        let linearization = Linearization(reader.byte()?);
        let reading_factors = ReadingFactors::decode(reader.array()?);
        let [specified, nominal, normal_maximum, normal_minimum] = reader.array()?;
        let [sensor_maximum, sensor_minimum] = reader.array()?;
        let thresholds = Thresholds::from_bytes(reader.array()?);
        let [positive, negative, _, _, oem] = reader.array()?;
        Ok(Self {
            common,
            linearization,
            reading_factors,
            nominal_reading: (specified & 1 != 0).then_some(nominal),
            normal_maximum: (specified & 2 != 0).then_some(normal_maximum),
            normal_minimum: (specified & 4 != 0).then_some(normal_minimum),
            sensor_maximum,
            sensor_minimum,
            thresholds,
            hysteresis: Hysteresis { positive, negative },
            oem,
            id_string: IdString::read(&mut reader)?,
        })
    }

    /// The body's bytes; unspecified readings and reserved bits are zero.
    pub fn encode(&self) -> Vec<u8> {
        let analog = [self.nominal_reading, self.normal_maximum, self.normal_minimum];
        let specified = (0..).zip(analog).map(|(bit, raw)| u8::from(raw.is_some()) << bit).sum();
        let mut bytes = Vec::with_capacity(64);
        self.common.write(&mut bytes);
        bytes.push(self.linearization.0);
        bytes.extend_from_slice(&self.reading_factors.encode());
        bytes.push(specified);
        bytes.extend(analog.map(Option::unwrap_or_default));
        bytes.extend([self.sensor_maximum, self.sensor_minimum]);
        bytes.extend_from_slice(&self.thresholds.to_bytes());
        bytes.extend([self.hysteresis.positive, self.hysteresis.negative, 0, 0, self.oem]);
        self.id_string.write(&mut bytes);
        bytes
    }

    fn raw(&self, value: f64) -> Result<u8, Error> {
        self.conversion().raw(value).ok_or(Error::OutOfRange { what: "sensor value" })
    }

    /// The raw byte of the number of the format that is nearest to `end`.
    fn extreme(units: Units, end: i16) -> u8 {
        let Some((lowest, highest)) = units.format.range() else { return 0 };
        units.format.raw(end.clamp(lowest, highest)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdr::{EntityId, Unit};
    use crate::sensor::{DataFormat, Factors};

    fn volts() -> FullSensor {
        FullSensor::threshold(
            0x21,
            IdString::latin1("+12V").unwrap(),
            Entity::new(EntityId::SYSTEM_BOARD, 1),
            SensorType::VOLTAGE,
            Units::of(DataFormat::Unsigned, Unit::VOLTS),
        )
        .with_factors(ReadingFactors::exact(Factors::new(63, 0, 0, -3).unwrap()))
    }

    #[test]
    fn values_become_raw_thresholds() {
        let sensor = volts().with_threshold(Threshold::LowerCritical, 10.773).unwrap();
        assert_eq!(sensor.thresholds.get(Threshold::LowerCritical), 171);
        assert!(sensor.common.masks.readable().contains(Threshold::LowerCritical));
        assert_eq!(volts().with_nominal(f64::INFINITY), Err(Error::OutOfRange { what: "sensor value" }));
    }

    #[test]
    fn fields_stand_where_the_table_puts_them() {
        let sensor = volts().with_normal_range(11.34, 12.6).unwrap().with_hysteresis(2);
        let bytes = sensor.encode();
        assert_eq!(bytes.len(), 43 + 4);
        assert_eq!(&bytes[..5], [0x20, 0, 0x21, 7, 1]);
        assert_eq!(&bytes[19..25], [63, 0, 0, 0, 0, 0xD0]);
        assert_eq!(&bytes[25..31], [6, 0, 200, 180, 255, 0]);
        assert_eq!(&bytes[37..43], [2, 2, 0, 0, 0, 0xC4]);
        assert_eq!(FullSensor::decode(&bytes), Ok(sensor));
    }

    #[test]
    fn signed_formats_have_signed_extremes() {
        let units = |format| Units::of(format, Unit::DEGREES_C);
        let extremes = |format| [i16::MAX, i16::MIN].map(|end| FullSensor::extreme(units(format), end));
        assert_eq!(extremes(DataFormat::TwosComplement), [0x7F, 0x80]);
        assert_eq!(extremes(DataFormat::OnesComplement), [0x7F, 0x80]);
        assert_eq!(extremes(DataFormat::Unsigned), [0xFF, 0]);
    }
}
