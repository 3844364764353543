//! Completion codes in words (IPMI 2.0 table 5-2, as both versions name them).

use std::borrow::Cow;

use super::{Names, name_of, names};

/// The words for a completion code, or `Unknown (0x..)`.
pub fn completion_name(code: u8) -> Cow<'static, str> {
    name_of(u16::from(code), NAMES)
}

// "firmeware" is how the original spells it.
const NAMES: Names = names![
    (0x00, "Command completed normally"),
    (0xC0, "Node busy"),
    (0xC1, "Invalid command"),
    (0xC2, "Invalid command on LUN"),
    (0xC3, "Timeout"),
    (0xC4, "Out of space"),
    (0xC5, "Reservation cancelled or invalid"),
    (0xC6, "Request data truncated"),
    (0xC7, "Request data length invalid"),
    (0xC8, "Request data field length limit exceeded"),
    (0xC9, "Parameter out of range"),
    (0xCA, "Cannot return number of requested data bytes"),
    (0xCB, "Requested sensor, data, or record not found"),
    (0xCC, "Invalid data field in request"),
    (0xCD, "Command illegal for specified sensor or record type"),
    (0xCE, "Command response could not be provided"),
    (0xCF, "Cannot execute duplicated request"),
    (0xD0, "SDR Repository in update mode"),
    (0xD1, "Device firmeware in update mode"),
    (0xD2, "BMC initialization in progress"),
    (0xD3, "Destination unavailable"),
    (0xD4, "Insufficient privilege level"),
    (0xD5, "Command not supported in present state"),
    (0xD6, "Cannot execute command, command disabled"),
    (0xFF, "Unspecified error"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_known_and_unknown_codes() {
        assert_eq!(completion_name(0xD1), "Device firmeware in update mode");
        assert_eq!(completion_name(0x81), "Unknown (0x81)");
    }
}
