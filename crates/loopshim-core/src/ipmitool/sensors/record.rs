//! The fields of full and compact sensor records (IPMI 2.0 tables 43-1 and
//! 43-2); offsets are the tables' less six.

use ipmi::sensor::{Conversion, DataFormat, Linearization, ReadingFactors};

use crate::ipmitool::sdr_repository::{Record, kind};
use crate::ipmitool::text::units::Unit;

/// Where the reading factors stand.
const FACTORS: usize = 19;

impl Record {
    /// Whether this is a full sensor record; the other sensor record is compact.
    pub fn is_full(&self) -> bool {
        self.kind == kind::FULL_SENSOR
    }

    /// Slave address or software id of the controller the sensor is on.
    pub fn owner(&self) -> u8 {
        self.at(0)
    }

    /// LUN of the owner.
    pub fn lun(&self) -> u8 {
        self.at(1) & 3
    }

    /// Channel of the owner.
    pub fn channel(&self) -> u8 {
        self.at(1) >> 4
    }

    /// Sensor number.
    pub fn number(&self) -> u8 {
        self.at(2)
    }

    /// Event/reading type of a full or compact record.
    pub fn event_type(&self) -> u8 {
        self.at(8)
    }

    /// Whether the sensor's states are thresholds.
    pub fn is_threshold(&self) -> bool {
        self.event_type() == 1
    }

    /// Whether readings have no numeric value.
    pub fn is_discrete(&self) -> bool {
        self.at(15) >> 6 == 3
    }

    /// Which thresholds can be read (mask byte 19) and set (byte 20).
    pub fn threshold_masks(&self) -> (u8, u8) {
        (self.at(13), self.at(14))
    }

    /// The unit of readings.
    pub fn unit(&self) -> Unit {
        Unit { flags: self.at(15), base: self.at(16), modifier: self.at(17) }
    }

    /// Linearization of a full record.
    pub fn linearization(&self) -> Linearization {
        Linearization(self.at(18))
    }

    /// How raw bytes of a full record become values.
    pub fn conversion(&self) -> Conversion {
        Conversion {
            format: DataFormat::from_bits(self.at(15) >> 6),
            linearization: self.linearization(),
            factors: self.factors().factors,
        }
    }

    /// Tolerance in half raw counts.
    pub fn tolerance(&self) -> u8 {
        self.factors().tolerance()
    }

    /// Replaces the reading factors, as far as the record has room for them.
    pub fn set_factors(&mut self, factors: [u8; ReadingFactors::LEN]) {
        for (place, byte) in self.body.iter_mut().skip(FACTORS).zip(factors) {
            *place = byte;
        }
    }

    /// Positive and negative hysteresis, raw.
    pub fn hysteresis(&self) -> (u8, u8) {
        let offset = if self.is_full() { 37 } else { 20 };
        (self.at(offset), self.at(offset + 1))
    }

    /// The byte reserved for OEM use.
    pub fn oem_byte(&self) -> u8 {
        self.at(if self.is_full() { 41 } else { 25 })
    }

    fn factors(&self) -> ReadingFactors {
        ReadingFactors::decode(std::array::from_fn(|index| self.at(FACTORS + index)))
    }
}
