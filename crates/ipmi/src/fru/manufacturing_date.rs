/// Manufacturing date: minutes since 1996-01-01 00:00 UTC, in three bytes
/// (FRU 1.0 r1.3 section 11). The last is in November 2027.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ManufacturingDate(u32);

impl ManufacturingDate {
    /// 0: unspecified.
    pub const UNSPECIFIED: Self = Self(0);

    /// 1996-01-01 00:00 UTC in seconds since 1970.
    pub const EPOCH: u32 = 820_454_400;

    /// That many minutes after the epoch; `None` above 24 bits.
    pub const fn from_minutes(minutes: u32) -> Option<Self> {
        if minutes <= 0xFF_FFFF { Some(Self(minutes)) } else { None }
    }

    /// The minute of a time in seconds since 1970; `None` when it cannot be
    /// held, or would read as unspecified.
    pub const fn from_unix(seconds: u32) -> Option<Self> {
        match seconds.checked_sub(Self::EPOCH) {
            None | Some(0..60) => None,
            Some(after) => Self::from_minutes(after / 60),
        }
    }

    /// Minutes after the epoch, 0 to 2^24 − 1.
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// Seconds since 1970; of an unspecified date, the epoch's.
    pub const fn unix(self) -> u32 {
        Self::EPOCH + self.0 * 60
    }

    /// Whether a date is given.
    pub const fn is_specified(self) -> bool {
        self.0 != 0
    }

    /// From the three bytes, least significant first.
    pub const fn from_bytes([low, middle, high]: [u8; 3]) -> Self {
        Self(u32::from_le_bytes([low, middle, high, 0]))
    }

    /// The three bytes.
    pub const fn to_bytes(self) -> [u8; 3] {
        let [low, middle, high, _] = self.0.to_le_bytes();
        [low, middle, high]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_minute_of_2024() {
        let date = ManufacturingDate::from_bytes([0xE0, 0xB6, 0xE0]);
        assert_eq!(date.unix(), 1_704_067_200);
        assert_eq!(ManufacturingDate::from_unix(1_704_067_259), Some(date));
        assert_eq!(date.to_bytes(), [0xE0, 0xB6, 0xE0]);
    }

    #[test]
    fn dates_outside_three_bytes_are_refused() {
        assert_eq!(ManufacturingDate::from_unix(ManufacturingDate::EPOCH - 1), None);
        assert_eq!(ManufacturingDate::from_unix(ManufacturingDate::EPOCH + 59), None);
        assert_eq!(ManufacturingDate::from_unix(u32::MAX), None);
        assert!(!ManufacturingDate::UNSPECIFIED.is_specified());
    }
}
