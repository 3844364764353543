/// Entity id (IPMI 2.0 table 43-13): what kind of thing is monitored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EntityId(pub u8);

impl EntityId {
    /// Unspecified.
    pub const UNSPECIFIED: Self = Self(0x00);
    /// Processor.
    pub const PROCESSOR: Self = Self(0x03);
    /// Disk or disk bay.
    pub const DISK: Self = Self(0x04);
    /// System management module.
    pub const SYSTEM_MANAGEMENT_MODULE: Self = Self(0x06);
    /// System board.
    pub const SYSTEM_BOARD: Self = Self(0x07);
    /// Memory module.
    pub const MEMORY_MODULE: Self = Self(0x08);
    /// Power supply.
    pub const POWER_SUPPLY: Self = Self(0x0A);
    /// Add-in card.
    pub const ADD_IN_CARD: Self = Self(0x0B);
    /// Front panel board.
    pub const FRONT_PANEL: Self = Self(0x0C);
    /// Back panel board.
    pub const BACK_PANEL: Self = Self(0x0D);
    /// Power system board.
    pub const POWER_SYSTEM_BOARD: Self = Self(0x0E);
    /// Power management or distribution board.
    pub const POWER_DISTRIBUTION: Self = Self(0x13);
    /// System chassis.
    pub const SYSTEM_CHASSIS: Self = Self(0x17);
    /// Fan or other cooling device.
    pub const FAN: Self = Self(0x1D);
    /// Cooling unit or domain.
    pub const COOLING_UNIT: Self = Self(0x1E);
    /// Memory device.
    pub const MEMORY_DEVICE: Self = Self(0x20);
    /// Air inlet, as IPMI 2.0 numbers it.
    pub const AIR_INLET: Self = Self(0x37);
}

/// An entity: kind and instance (IPMI 2.0 section 39.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Entity {
    /// Kind of entity.
    pub id: EntityId,
    /// Which of its kind: bit 7 is set for a logical container, bits 6:0 are
    /// 00h–5Fh system-relative, 60h–7Fh device-relative.
    pub instance: u8,
}

impl Entity {
    /// The entity of that kind and instance.
    pub const fn new(id: EntityId, instance: u8) -> Self {
        Self { id, instance }
    }

    /// From entity id and entity instance.
    pub const fn from_bytes([id, instance]: [u8; 2]) -> Self {
        Self { id: EntityId(id), instance }
    }

    /// Entity id and entity instance.
    pub const fn to_bytes(self) -> [u8; 2] {
        [self.id.0, self.instance]
    }

    /// Whether this is a logical container entity rather than a physical one.
    pub const fn is_logical(self) -> bool {
        self.instance & 0x80 != 0
    }
}
