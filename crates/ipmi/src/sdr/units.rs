use crate::sensor::DataFormat;

/// Sensor unit type code (IPMI 2.0 table 43-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Unit(pub u8);

impl Unit {
    /// Unspecified.
    pub const UNSPECIFIED: Self = Self(0);
    /// Degrees Celsius.
    pub const DEGREES_C: Self = Self(1);
    /// Degrees Fahrenheit.
    pub const DEGREES_F: Self = Self(2);
    /// Kelvin.
    pub const DEGREES_K: Self = Self(3);
    /// Volts.
    pub const VOLTS: Self = Self(4);
    /// Amperes.
    pub const AMPS: Self = Self(5);
    /// Watts.
    pub const WATTS: Self = Self(6);
    /// Joules.
    pub const JOULES: Self = Self(7);
    /// Cubic feet per minute.
    pub const CFM: Self = Self(17);
    /// Revolutions per minute.
    pub const RPM: Self = Self(18);
    /// Hertz.
    pub const HERTZ: Self = Self(19);
    /// Microseconds.
    pub const MICROSECOND: Self = Self(20);
    /// Milliseconds.
    pub const MILLISECOND: Self = Self(21);
    /// Seconds.
    pub const SECOND: Self = Self(22);
    /// Minutes.
    pub const MINUTE: Self = Self(23);
    /// Hours.
    pub const HOUR: Self = Self(24);
}

/// Rate unit (IPMI 2.0 table 43-1, byte 21 bits 5:3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Rate {
    /// No rate.
    #[default]
    None,
    /// Per microsecond.
    PerMicrosecond,
    /// Per millisecond.
    PerMillisecond,
    /// Per second.
    PerSecond,
    /// Per minute.
    PerMinute,
    /// Per hour.
    PerHour,
    /// Per day.
    PerDay,
    /// Reserved (111b).
    Reserved,
}

/// How base and modifier unit combine (IPMI 2.0 table 43-1, byte 21 bits 2:1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Combination {
    /// The base unit alone.
    #[default]
    Base,
    /// Base unit / modifier unit.
    Quotient,
    /// Base unit × modifier unit.
    Product,
    /// Reserved (11b).
    Reserved,
}

/// Sensor units (IPMI 2.0 table 43-1, bytes 21–23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Units {
    /// How raw bytes represent numbers.
    pub format: DataFormat,
    /// Time base of a rate.
    pub rate: Rate,
    /// How the two units combine.
    pub combination: Combination,
    /// Whether the value is a percentage.
    pub percentage: bool,
    /// Base unit.
    pub base: Unit,
    /// Modifier unit; unspecified when there is none.
    pub modifier: Unit,
}

impl Units {
    /// A plain unit with numbers in `format`.
    pub const fn of(format: DataFormat, base: Unit) -> Self {
        Self {
            format,
            rate: Rate::None,
            combination: Combination::Base,
            percentage: false,
            base,
            modifier: Unit::UNSPECIFIED,
        }
    }

    /// No unit and no numeric reading: discrete sensors.
    pub const fn discrete() -> Self {
        Self::of(DataFormat::NotNumeric, Unit::UNSPECIFIED)
    }

    /// Percent, unsigned.
    pub const fn percent() -> Self {
        Self { percentage: true, ..Self::of(DataFormat::Unsigned, Unit::UNSPECIFIED) }
    }

    /// Reads the three bytes.
    pub const fn decode([flags, base, modifier]: [u8; 3]) -> Self {
        Self {
            format: DataFormat::from_bits(flags >> 6),
            rate: rate(flags >> 3),
            combination: match flags >> 1 & 3 {
                0 => Combination::Base,
                1 => Combination::Quotient,
                2 => Combination::Product,
                _ => Combination::Reserved,
            },
            percentage: flags & 1 != 0,
            base: Unit(base),
            modifier: Unit(modifier),
        }
    }

    /// The three bytes.
    pub const fn encode(self) -> [u8; 3] {
        let flags = self.format.bits() << 6
            | (self.rate as u8) << 3
            | (self.combination as u8) << 1
            | self.percentage as u8;
        [flags, self.base.0, self.modifier.0]
    }
}

const fn rate(bits: u8) -> Rate {
    match bits & 7 {
        0 => Rate::None,
        1 => Rate::PerMicrosecond,
        2 => Rate::PerMillisecond,
        3 => Rate::PerSecond,
        4 => Rate::PerMinute,
        5 => Rate::PerHour,
        6 => Rate::PerDay,
        _ => Rate::Reserved,
    }
}
