//! Units of sensors (IPMI 2.0 table 43-15) in the original's words.

use super::{Words, words};
use crate::ipmitool::Personality;
use crate::ipmitool::printf::cut;

/// Units by code.
pub(crate) const UNITS: Words = words![
    "unspecified",
    "degrees C",
    "degrees F",
    "degrees K",
    "Volts",
    "Amps",
    "Watts",
    "Joules",
    "Coulombs",
    "VA",
    "Nits",
    "lumen",
    "lux",
    "Candela",
    "kPa",
    "PSI",
    "Newton",
    "CFM",
    "RPM",
    "Hz",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "mil",
    "inches",
    "feet",
    "cu in",
    "cu feet",
    "mm",
    "cm",
    "m",
    "cu cm",
    "cu m",
    "liters",
    "fluid ounce",
    "radians",
    "steradians",
    "revolutions",
    "cycles",
    "gravities",
    "ounce",
    "pound",
    "ft-lb",
    "oz-in",
    "gauss",
    "gilberts",
    "henry",
    "millihenry",
    "farad",
    "microfarad",
    "ohms",
    "siemens",
    "mole",
    "becquerel",
    "PPM",
    "reserved",
    "Decibels",
    "DbA",
    "DbC",
    "gray",
    "sievert",
    "color temp deg K",
    "bit",
    "kilobit",
    "megabit",
    "gigabit",
    "byte",
    "kilobyte",
    "megabyte",
    "gigabyte",
    "word",
    "dword",
    "qword",
    "line",
    "hit",
    "miss",
    "retry",
    "reset",
    "overflow",
    "underrun",
    "collision",
    "packets",
    "messages",
    "characters",
    "error",
    "correctable error",
    "uncorrectable error",
    "fatal error",
    "grams",
];

/// How a sensor's value is measured (bytes 21 to 23 of its record).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Bits 2:1 say how base and modifier are joined, bit 0 whether it is a
    /// percentage.
    pub flags: u8,
    /// Base unit.
    pub base: u8,
    /// Modifier unit.
    pub modifier: u8,
}

impl Unit {
    /// The unit as `personality` prints it, cut to its buffer.
    pub fn text(self, personality: Personality) -> String {
        let percent = self.flags & 1 != 0;
        let (base, modifier) = (name(self.base), name(self.modifier));
        let joined = match self.flags >> 1 & 3 {
            2 => format!("{base}{}{modifier}", personality.unit_product_sign()),
            1 => format!("{base}/{modifier}"),
            _ if percent && self.base == 0 => return "percent".to_owned(),
            _ => base.to_owned(),
        };
        let text = if percent { format!("% {joined}") } else { joined };
        cut(text, personality.unit_length_max())
    }
}

/// 1.8.18 knows no units above 90 and reads beyond its table; 1.8.19's words
/// are used for both.
fn name(code: u8) -> &'static str {
    UNITS.get(code.into()).unwrap_or("invalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Personality = Personality::V1_8_18El8;
    const NEW: Personality = Personality::V1_8_19Deb12;

    #[test]
    fn joins_base_and_modifier() {
        let energy = Unit { flags: 2 << 1, base: 6, modifier: 24 };
        assert_eq!(energy.text(OLD), "Watts * hour");
        assert_eq!(energy.text(NEW), "Watts*hour");
        assert_eq!(Unit { flags: 1 << 1, base: 36, modifier: 22 }.text(OLD), "cu m/second");
        assert_eq!(Unit { flags: 3 << 1, base: 1, modifier: 2 }.text(OLD), "degrees C");
    }

    #[test]
    fn percentages() {
        assert_eq!(Unit { flags: 1, base: 0, modifier: 0 }.text(OLD), "percent");
        assert_eq!(Unit { flags: 1, base: 18, modifier: 0 }.text(OLD), "% RPM");
        assert_eq!(Unit { flags: 1 | 1 << 1, base: 0, modifier: 22 }.text(NEW), "% unspecified/second");
    }

    #[test]
    fn the_old_buffer_holds_fifteen() {
        let error = Unit { flags: 0, base: 90, modifier: 0 };
        assert_eq!(error.text(OLD), "uncorrectable e");
        assert_eq!(error.text(NEW), "uncorrectable error");
    }

    #[test]
    fn units_are_numbered_as_the_specification_does() {
        assert_eq!(UNITS.iter().count(), 93);
        assert_eq!(UNITS.at(24_u8), "hour");
        assert_eq!(Unit { flags: 0, base: 93, modifier: 0 }.text(NEW), "invalid");
    }
}
