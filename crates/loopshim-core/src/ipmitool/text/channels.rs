//! Channels, sessions and their algorithms in words (the same in both
//! versions).

use super::{Names, names};

/// Privilege levels.
pub const PRIVILEGES: Names = names![
    (1, "CALLBACK"),
    (2, "USER"),
    (3, "OPERATOR"),
    (4, "ADMINISTRATOR"),
    (5, "OEM"),
    (0x0F, "NO ACCESS")
];

/// Channel media (IPMI 2.0 table 6-3).
pub const MEDIA: Names = names![
    (0x0, "reserved"),
    (0x1, "IPMB (I2C)"),
    (0x2, "ICMB v1.0"),
    (0x3, "ICMB v0.9"),
    (0x4, "802.3 LAN"),
    (0x5, "Serial/Modem"),
    (0x6, "Other LAN"),
    (0x7, "PCI SMBus"),
    (0x8, "SMBus v1.0/v1.1"),
    (0x9, "SMBus v2.0"),
    (0xA, "USB 1.x"),
    (0xB, "USB 2.x"),
    (0xC, "System Interface"),
];

/// Channel protocols (IPMI 2.0 table 6-2).
pub const PROTOCOLS: Names = names![
    (0x00, "reserved"),
    (0x01, "IPMB-1.0"),
    (0x02, "ICMB-1.0"),
    (0x03, "reserved"),
    (0x04, "IPMI-SMBus"),
    (0x05, "KCS"),
    (0x06, "SMIC"),
    (0x07, "BT-10"),
    (0x08, "BT-15"),
    (0x09, "TMode"),
    (0x1C, "OEM 1"),
    (0x1D, "OEM 2"),
    (0x1E, "OEM 3"),
    (0x1F, "OEM 4"),
];

/// Whether a user is enabled (bits 6 and 7 of Get User Access).
pub const USER_STATES: Names =
    names![(0x00, "unknown"), (0x40, "enabled"), (0x80, "disabled"), (0xC0, "reserved")];

/// Authentication types by their bits.
pub const AUTHENTICATION_TYPES: Names =
    names![(0x01, "NONE"), (0x02, "MD2"), (0x04, "MD5"), (0x10, "PASSWORD"), (0x20, "OEM")];

/// RMCP+ authentication algorithms.
pub const AUTHENTICATION: Names = names![(0, "none"), (1, "hmac_sha1"), (2, "hmac_md5"), (3, "hmac_sha256")];

/// RMCP+ integrity algorithms.
pub const INTEGRITY: Names =
    names![(0, "none"), (1, "hmac_sha1_96"), (2, "hmac_md5_128"), (3, "md5_128"), (4, "sha256_128")];

/// RMCP+ confidentiality algorithms.
pub const CONFIDENTIALITY: Names = names![(0, "none"), (1, "aes_cbc_128"), (2, "xrc4_128"), (3, "xrc4_40")];

/// What a serial channel is doing.
pub const ACTIVITIES: Names = names![
    (0, "IPMI Messaging session active"),
    (1, "Callback Messaging session active"),
    (2, "Dial-out Alert active"),
    (3, "TAP Page Active"),
];

/// The authentication types of the bits set, each followed by a blank.
pub fn authentication_types(bits: u8) -> String {
    let set = AUTHENTICATION_TYPES.iter().filter(|(bit, _)| u16::from(bits) & bit != 0);
    set.map(|(_, name)| format!("{name} ")).collect()
}
