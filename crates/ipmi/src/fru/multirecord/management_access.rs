use alloc::vec::Vec;

/// What a management access record gives (FRU 1.0 r1.3 section 18.4, sub-record type).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccessKind(pub u8);

impl AccessKind {
    /// URL of system management software, 16 to 256 bytes.
    pub const SYSTEM_URL: Self = Self(1);
    /// System name, 8 to 64 bytes.
    pub const SYSTEM_NAME: Self = Self(2);
    /// System ping address, 8 to 64 bytes.
    pub const SYSTEM_PING: Self = Self(3);
    /// URL of the component's management software, 16 to 256 bytes.
    pub const COMPONENT_URL: Self = Self(4);
    /// Component name, 8 to 256 bytes.
    pub const COMPONENT_NAME: Self = Self(5);
    /// Component ping address, 8 to 64 bytes.
    pub const COMPONENT_PING: Self = Self(6);
    /// Unique system id, 16 bytes.
    pub const SYSTEM_ID: Self = Self(7);
}

/// Management access, record type 03h (FRU 1.0 r1.3 section 18.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ManagementAccess {
    /// What the data is.
    pub kind: AccessKind,
    /// Text without terminator, or a GUID; a record holds at most 254 bytes.
    pub data: Vec<u8>,
}

impl ManagementAccess {
    /// Reads the data; `None` when there is none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, data) = bytes.split_first()?;
        Some(Self { kind: AccessKind(*kind), data: data.to_vec() })
    }

    /// The data.
    pub fn encode(&self) -> Vec<u8> {
        [&[self.kind.0], self.data.as_slice()].concat()
    }
}
