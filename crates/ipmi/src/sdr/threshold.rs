use core::ops::BitOr;

/// One of the six thresholds, in the order of their bits in masks
/// (IPMI 2.0 table 43-1, bytes 19–20, and Get Sensor Thresholds, table 35-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Threshold {
    /// Lower non-critical.
    LowerNonCritical,
    /// Lower critical.
    LowerCritical,
    /// Lower non-recoverable.
    LowerNonRecoverable,
    /// Upper non-critical.
    UpperNonCritical,
    /// Upper critical.
    UpperCritical,
    /// Upper non-recoverable.
    UpperNonRecoverable,
}

impl Threshold {
    /// All six, in bit order.
    pub const ALL: [Self; 6] = [
        Self::LowerNonCritical,
        Self::LowerCritical,
        Self::LowerNonRecoverable,
        Self::UpperNonCritical,
        Self::UpperCritical,
        Self::UpperNonRecoverable,
    ];

    /// Whether it is one of the upper three.
    pub const fn is_upper(self) -> bool {
        self as u8 >= Self::UpperNonCritical as u8
    }

    /// The threshold alone, as a set.
    pub const fn bit(self) -> ThresholdSet {
        ThresholdSet::low(1 << self as u8)
    }
}

/// Some of the six thresholds: bit 0 is lower non-critical, bit 5 upper non-recoverable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ThresholdSet(u8);

impl ThresholdSet {
    /// No threshold.
    pub const NONE: Self = Self(0);

    /// The thresholds of bits 5:0; the others are ignored.
    pub const fn low(bits: u8) -> Self {
        Self(bits & 0x3F)
    }

    /// Bits 5:0.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether `threshold` is in the set.
    pub const fn contains(self, threshold: Threshold) -> bool {
        self.0 & threshold.bit().0 != 0
    }
}

impl BitOr for ThresholdSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The six thresholds of a full sensor record as raw bytes, in record order
/// (IPMI 2.0 table 43-1, bytes 37–42).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Thresholds {
    bytes: [u8; 6],
}

impl Thresholds {
    /// The raw value of one threshold.
    pub const fn get(&self, threshold: Threshold) -> u8 {
        self.bytes[5 - threshold as usize]
    }

    /// Sets the raw value of one threshold.
    pub const fn set(&mut self, threshold: Threshold, raw: u8) {
        self.bytes[5 - threshold as usize] = raw;
    }

    /// From the record's bytes: upper non-recoverable first, lower non-critical last.
    pub const fn from_bytes(bytes: [u8; 6]) -> Self {
        Self { bytes }
    }

    /// The record's bytes.
    pub const fn to_bytes(self) -> [u8; 6] {
        self.bytes
    }
}

/// Hysteresis as raw bytes (IPMI 2.0 table 43-1, bytes 43 and 44): 00h and FFh stand for "unspecified".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Hysteresis {
    /// Positive-going: applied below an upper threshold.
    pub positive: u8,
    /// Negative-going: applied above a lower threshold.
    pub negative: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_order_is_the_reverse_of_bit_order() {
        let mut thresholds = Thresholds::from_bytes([60, 50, 40, 30, 20, 10]);
        let read = Threshold::ALL.map(|threshold| thresholds.get(threshold));
        assert_eq!(read, [10, 20, 30, 40, 50, 60]);
        thresholds.set(Threshold::UpperNonRecoverable, 61);
        assert_eq!(thresholds.to_bytes(), [61, 50, 40, 30, 20, 10]);
    }
}
