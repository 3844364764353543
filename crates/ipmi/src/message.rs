//! Requests and responses as they cross the system interface
//! (IPMI 2.0 section 5, "Common IPMI Messaging").

use alloc::vec::Vec;

/// A request addressed to a management controller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// Network function of the request: 6 bits, even for requests.
    pub netfn: u8,
    /// Logical unit number, 0–3.
    pub lun: u8,
    /// Command within the network function.
    pub cmd: u8,
    /// Command data, without addressing or checksums.
    pub data: Vec<u8>,
}

impl Request {
    /// A request to LUN 0.
    pub fn new(netfn: u8, cmd: u8, data: impl Into<Vec<u8>>) -> Self {
        Self { netfn, lun: 0, cmd, data: data.into() }
    }
}

/// What a management controller answers: a completion code, then data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// First byte of every response (IPMI 2.0 table 5-2).
    pub completion: CompletionCode,
    /// Response data after the completion code.
    pub data: Vec<u8>,
}

impl Response {
    /// A response that completed normally.
    pub fn ok(data: impl Into<Vec<u8>>) -> Self {
        Self { completion: CompletionCode::OK, data: data.into() }
    }
}

impl From<CompletionCode> for Response {
    fn from(completion: CompletionCode) -> Self {
        Self { completion, data: Vec::new() }
    }
}

/// Completion code (IPMI 2.0 table 5-2): the byte is kept, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CompletionCode(pub u8);

impl CompletionCode {
    /// Command completed normally.
    pub const OK: Self = Self(0x00);
    /// Node busy.
    pub const NODE_BUSY: Self = Self(0xC0);
    /// Invalid or unsupported command.
    pub const INVALID_COMMAND: Self = Self(0xC1);
    /// Command invalid for the given LUN.
    pub const INVALID_LUN: Self = Self(0xC2);
    /// Out of space.
    pub const OUT_OF_SPACE: Self = Self(0xC4);
    /// Reservation cancelled or invalid reservation id.
    pub const RESERVATION_CANCELLED: Self = Self(0xC5);
    /// Request data length invalid.
    pub const LENGTH_INVALID: Self = Self(0xC7);
    /// Parameter out of range.
    pub const OUT_OF_RANGE: Self = Self(0xC9);
    /// Cannot return the number of requested data bytes.
    pub const CANNOT_RETURN_REQUESTED: Self = Self(0xCA);
    /// Requested sensor, data or record not present.
    pub const NOT_PRESENT: Self = Self(0xCB);
    /// Invalid data field in the request.
    pub const INVALID_FIELD: Self = Self(0xCC);
    /// Command illegal for the given sensor or record type.
    pub const ILLEGAL_FOR_RECORD: Self = Self(0xCD);
    /// Insufficient privilege level.
    pub const INSUFFICIENT_PRIVILEGE: Self = Self(0xD4);
    /// Unspecified error.
    pub const UNSPECIFIED: Self = Self(0xFF);

    /// Whether the command completed normally.
    pub const fn is_ok(self) -> bool {
        self.0 == 0
    }
}
