/// An unsigned number of `WIDTH` bits (at most 8), as bit fields hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bits<const WIDTH: u32>(u8);

impl<const WIDTH: u32> Bits<WIDTH> {
    /// The largest number of that width.
    pub const MAX: Self = Self(u8::MAX >> (8 - WIDTH));

    /// The number; `None` when it does not fit.
    pub const fn new(value: u8) -> Option<Self> {
        if value <= Self::MAX.0 { Some(Self(value)) } else { None }
    }

    /// The low bits of `value`.
    pub const fn low(value: u8) -> Self {
        Self(value & Self::MAX.0)
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// A channel number (IPMI 2.0 section 6.3), 0 to 15.
pub type Channel = Bits<4>;

/// A logical unit number (IPMI 2.0 section 5), 0 to 3.
pub type Lun = Bits<2>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_limits_the_value() {
        assert_eq!(Bits::<2>::new(3).map(Bits::get), Some(3));
        assert_eq!(Bits::<2>::new(4), None);
        assert_eq!(Bits::<3>::low(0xFD).get(), 5);
        assert_eq!(Bits::<8>::MAX.get(), 255);
    }
}
