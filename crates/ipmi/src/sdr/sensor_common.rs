//! What full and compact sensor records share (IPMI 2.0 tables 43-1 and 43-2, bytes 6–23).

use alloc::vec::Vec;
use core::ops::BitOr;

use crate::reader::Reader;
use crate::{Channel, Error, Lun};

use super::{Entity, Threshold, ThresholdSet, Units};

/// The key of a sensor record (IPMI 2.0 table 43-1, bytes 6–8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SensorKey {
    /// Sensor owner: an IPMB slave address (bit 0 clear) or a system software id (bit 0 set).
    pub owner: u8,
    /// Channel on which the owner is reached.
    pub channel: Channel,
    /// Bits 3:2 of the byte between them: FRU device owner LUN in event-only
    /// records (table 43-3), reserved in the others.
    pub fru_lun: Lun,
    /// Owner LUN.
    pub lun: Lun,
    /// Sensor number under that owner and LUN; FFh is reserved.
    pub number: u8,
}

impl SensorKey {
    /// A sensor of the BMC itself: owner 20h, channel 0, LUN 0.
    pub const fn bmc(number: u8) -> Self {
        Self { owner: 0x20, channel: Channel::low(0), fru_lun: Lun::low(0), lun: Lun::low(0), number }
    }

    /// Reads the three bytes.
    pub const fn decode([owner, at, number]: [u8; 3]) -> Self {
        Self { owner, channel: Channel::low(at >> 4), fru_lun: Lun::low(at >> 2), lun: Lun::low(at), number }
    }

    /// The three bytes.
    pub const fn encode(self) -> [u8; 3] {
        [self.owner, self.channel.get() << 4 | self.fru_lun.get() << 2 | self.lun.get(), self.number]
    }
}

/// Sensor type (IPMI 2.0 table 42-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SensorType(pub u8);

impl SensorType {
    /// Temperature.
    pub const TEMPERATURE: Self = Self(0x01);
    /// Voltage.
    pub const VOLTAGE: Self = Self(0x02);
    /// Current.
    pub const CURRENT: Self = Self(0x03);
    /// Fan.
    pub const FAN: Self = Self(0x04);
    /// Physical security (chassis intrusion).
    pub const PHYSICAL_SECURITY: Self = Self(0x05);
    /// Processor.
    pub const PROCESSOR: Self = Self(0x07);
    /// Power supply.
    pub const POWER_SUPPLY: Self = Self(0x08);
    /// Power unit.
    pub const POWER_UNIT: Self = Self(0x09);
    /// Other units-based sensor.
    pub const OTHER: Self = Self(0x0B);
    /// Memory.
    pub const MEMORY: Self = Self(0x0C);
    /// Drive slot.
    pub const DRIVE_SLOT: Self = Self(0x0D);
    /// Event logging disabled.
    pub const EVENT_LOGGING_DISABLED: Self = Self(0x10);
    /// System event.
    pub const SYSTEM_EVENT: Self = Self(0x12);
    /// Button or switch.
    pub const BUTTON: Self = Self(0x14);
    /// System ACPI power state.
    pub const ACPI_POWER_STATE: Self = Self(0x22);
    /// Watchdog 2.
    pub const WATCHDOG_2: Self = Self(0x23);
    /// Battery.
    pub const BATTERY: Self = Self(0x29);
}

/// Event/reading type code (IPMI 2.0 table 42-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EventReadingType(pub u8);

impl EventReadingType {
    /// Threshold.
    pub const THRESHOLD: Self = Self(0x01);
    /// Discrete states of the sensor's own type.
    pub const SENSOR_SPECIFIC: Self = Self(0x6F);

    /// Whether the sensor compares with thresholds.
    pub const fn is_threshold(self) -> bool {
        self.0 == Self::THRESHOLD.0
    }
}

/// Sensor initialization flags (IPMI 2.0 table 43-1, byte 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Initialization(pub u8);

impl Initialization {
    /// The sensor is settable by Set Sensor Reading And Event Status (bit 7).
    pub const SETTABLE: Self = Self(1 << 7);
    /// Initialization enables scanning (bit 6).
    pub const SCANNING: Self = Self(1 << 6);
    /// Initialization enables events by the masks (bit 5).
    pub const EVENTS: Self = Self(1 << 5);
    /// Initialization sets the thresholds (bit 4).
    pub const THRESHOLDS: Self = Self(1 << 4);
    /// Initialization sets the hysteresis (bit 3).
    pub const HYSTERESIS: Self = Self(1 << 3);
    /// Initialization sets sensor type and event/reading type (bit 2).
    pub const SENSOR_TYPE: Self = Self(1 << 2);
    /// Event generation is on at power-up (bit 1).
    pub const EVENTS_AT_POWER_UP: Self = Self(1 << 1);
    /// Scanning is on at power-up (bit 0).
    pub const SCANNING_AT_POWER_UP: Self = Self(1);
    /// All of bits 6:0: what boards usually say of a sensor that needs no help.
    pub const USUAL: Self = Self(0x7F);

    /// Whether all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Initialization {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Support for hysteresis or thresholds (IPMI 2.0 table 43-1, byte 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Access {
    /// None.
    #[default]
    None,
    /// Readable by the masks.
    Readable,
    /// Readable and settable by the masks.
    Settable,
    /// Fixed and unreadable.
    Fixed,
}

impl Access {
    const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::None,
            1 => Self::Readable,
            2 => Self::Settable,
            _ => Self::Fixed,
        }
    }
}

/// How finely event messages can be switched (IPMI 2.0 table 43-1, byte 12 bits 1:0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EventControl {
    /// Each threshold or state.
    #[default]
    PerThreshold,
    /// The entire sensor only.
    EntireSensor,
    /// All sensors of the controller together.
    Global,
    /// No events from this sensor.
    None,
}

/// Sensor capabilities (IPMI 2.0 table 43-1, byte 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Capabilities {
    /// Ignore the sensor when its entity is absent.
    pub ignore_if_absent: bool,
    /// The sensor re-arms itself rather than by command.
    pub auto_rearm: bool,
    /// Hysteresis support.
    pub hysteresis: Access,
    /// Threshold support.
    pub thresholds: Access,
    /// Event message control.
    pub events: EventControl,
}

impl Capabilities {
    /// Reads the byte.
    pub const fn decode(byte: u8) -> Self {
        Self {
            ignore_if_absent: byte & 0x80 != 0,
            auto_rearm: byte & 0x40 != 0,
            hysteresis: Access::from_bits(byte >> 4),
            thresholds: Access::from_bits(byte >> 2),
            events: match byte & 3 {
                0 => EventControl::PerThreshold,
                1 => EventControl::EntireSensor,
                2 => EventControl::Global,
                _ => EventControl::None,
            },
        }
    }

    /// The byte.
    pub const fn encode(self) -> u8 {
        (self.ignore_if_absent as u8) << 7
            | (self.auto_rearm as u8) << 6
            | (self.hysteresis as u8) << 4
            | (self.thresholds as u8) << 2
            | self.events as u8
    }
}

/// The three masks of a sensor record (IPMI 2.0 table 43-1, bytes 15–20).
///
/// For discrete sensors bit n is state offset n. For threshold sensors bits
/// 11:0 of the first two are events, two for each [`Threshold`] (going low, then
/// going high), bits 14:12 say which comparisons readings return; the third
/// holds the readable (bits 5:0) and settable (bits 13:8) thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EventMasks {
    /// Assertion events / lower threshold reading mask.
    pub assertion: u16,
    /// Deassertion events / upper threshold reading mask.
    pub deassertion: u16,
    /// Discrete reading mask / settable and readable thresholds.
    pub reading: u16,
}

impl EventMasks {
    /// Masks of a discrete sensor that can be in, and reports, all of `states`.
    pub const fn discrete(states: u16) -> Self {
        Self { assertion: states, deassertion: states, reading: states }
    }

    /// Adds one threshold: compared, readable, settable, with events on going
    /// past it (low for a lower one, high for an upper one).
    #[must_use]
    pub const fn with_threshold(self, threshold: Threshold) -> Self {
        let event = Self::event(threshold, threshold.is_upper());
        let compared = 1 << (12 + threshold as u16 % 3);
        let known = threshold.bit().bits() as u16;
        let (lower, upper) = if threshold.is_upper() { (0, compared) } else { (compared, 0) };
        Self {
            assertion: self.assertion | event | lower,
            deassertion: self.deassertion | event | upper,
            reading: self.reading | known | known << 8,
        }
    }

    /// The mask bit of a threshold's event on going high, or else low.
    pub const fn event(threshold: Threshold, going_high: bool) -> u16 {
        1 << (threshold as u16 * 2 + going_high as u16)
    }

    /// Which thresholds can be read.
    pub const fn readable(self) -> ThresholdSet {
        ThresholdSet::low(self.reading as u8)
    }

    /// Which thresholds can be set.
    pub const fn settable(self) -> ThresholdSet {
        ThresholdSet::low((self.reading >> 8) as u8)
    }
}

/// The fields that full and compact sensor records share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SensorCommon {
    /// Which sensor.
    pub key: SensorKey,
    /// What it monitors.
    pub entity: Entity,
    /// How it is initialized.
    pub initialization: Initialization,
    /// What it can do.
    pub capabilities: Capabilities,
    /// What it measures.
    pub sensor_type: SensorType,
    /// How its readings and events are to be understood.
    pub event_reading_type: EventReadingType,
    /// Which events and states it has.
    pub masks: EventMasks,
    /// Units of its readings.
    pub units: Units,
}

impl SensorCommon {
    /// A threshold sensor of the BMC without any threshold yet.
    pub const fn threshold(number: u8, entity: Entity, sensor_type: SensorType, units: Units) -> Self {
        Self {
            key: SensorKey::bmc(number),
            entity,
            initialization: Initialization::USUAL,
            capabilities: Capabilities {
                ignore_if_absent: false,
                auto_rearm: true,
                hysteresis: Access::Settable,
                thresholds: Access::Settable,
                events: EventControl::PerThreshold,
            },
            sensor_type,
            event_reading_type: EventReadingType::THRESHOLD,
            masks: EventMasks { assertion: 0, deassertion: 0, reading: 0 },
            units,
        }
    }

    /// A discrete sensor of the BMC with the given state offsets.
    pub const fn discrete(
        number: u8,
        entity: Entity,
        sensor_type: SensorType,
        event_reading_type: EventReadingType,
        states: u16,
    ) -> Self {
        Self {
            key: SensorKey::bmc(number),
            entity,
            initialization: Initialization(0x67),
            capabilities: Capabilities {
                ignore_if_absent: false,
                auto_rearm: true,
                hysteresis: Access::None,
                thresholds: Access::None,
                events: EventControl::PerThreshold,
            },
            sensor_type,
            event_reading_type,
            masks: EventMasks::discrete(states),
            units: Units::discrete(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self {
            key: SensorKey::decode(reader.array()?),
            entity: Entity::from_bytes(reader.array()?),
            initialization: Initialization(reader.byte()?),
            capabilities: Capabilities::decode(reader.byte()?),
            sensor_type: SensorType(reader.byte()?),
            event_reading_type: EventReadingType(reader.byte()?),
            masks: EventMasks {
                assertion: reader.u16()?,
                deassertion: reader.u16()?,
                reading: reader.u16()?,
            },
            units: Units::decode(reader.array()?),
        })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.key.encode());
        to.extend_from_slice(&self.entity.to_bytes());
        to.extend_from_slice(&[
            self.initialization.0,
            self.capabilities.encode(),
            self.sensor_type.0,
            self.event_reading_type.0,
        ]);
        for mask in [self.masks.assertion, self.masks.deassertion, self.masks.reading] {
            to.extend_from_slice(&mask.to_le_bytes());
        }
        to.extend_from_slice(&self.units.encode());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_masks_follow_the_table() {
        let masks = EventMasks::default()
            .with_threshold(Threshold::LowerCritical)
            .with_threshold(Threshold::UpperNonRecoverable);
        assert_eq!(masks.assertion, 1 << 13 | 1 << 11 | 1 << 2);
        assert_eq!(masks.deassertion, 1 << 14 | 1 << 11 | 1 << 2);
        assert_eq!(masks.reading, 0x2222);
        assert!(masks.readable().contains(Threshold::LowerCritical));
        assert!(!masks.settable().contains(Threshold::UpperCritical));
    }

    #[test]
    fn every_capabilities_byte_survives() {
        for byte in 0..=255 {
            assert_eq!(Capabilities::decode(byte).encode(), byte);
        }
    }
}
