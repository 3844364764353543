/// An IANA enterprise number in three bytes, least significant first (IPMI 2.0
/// section 20.1). The specification uses 20 bits; all 24 are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ManufacturerId(u32);

impl ManufacturerId {
    /// 0: unspecified.
    pub const UNSPECIFIED: Self = Self(0);

    /// The manufacturer of that number; `None` above 24 bits.
    pub const fn new(number: u32) -> Option<Self> {
        if number <= 0xFF_FFFF { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// From the three bytes.
    pub const fn from_bytes([low, middle, high]: [u8; 3]) -> Self {
        Self(u32::from_le_bytes([low, middle, high, 0]))
    }

    /// The three bytes.
    pub const fn to_bytes(self) -> [u8; 3] {
        let [low, middle, high, _] = self.0.to_le_bytes();
        [low, middle, high]
    }
}
