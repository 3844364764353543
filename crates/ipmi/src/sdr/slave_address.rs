/// An I²C slave address as records hold it: seven bits, in bits 7:1 of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SlaveAddress(u8);

impl SlaveAddress {
    /// 20h: the BMC.
    pub const BMC: Self = Self(0x20);

    /// The address in bits 7:1 of `byte`.
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte & 0xFE)
    }

    /// The byte, bit 0 zero.
    pub const fn to_byte(self) -> u8 {
        self.0
    }
}
