//! Whether requests reach the BMC over its system interface.

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Names, name_of, names};
use crate::ipmitool::{Failed, Reply, Session};
use crate::log;

/// The medium of the system interface (IPMI 2.0 table 6-3).
const SYSTEM: u8 = 0x0C;
/// The number of the system interface (IPMI 2.0 table 6-1).
const SYSTEM_CHANNEL: u8 = 0x0F;

/// Bytes of the answer to Get Channel Info.
const INFO_LEN: usize = 9;

/// Asks about the channel in use. Where the BMC does not say, 1.8.18 goes on
/// as over another channel; 1.8.19 gives up, and `Err` is returned.
pub(super) fn is_system(session: &mut Session<'_>) -> Result<bool, Failed> {
    let info = info(session);
    if session.personality.events_need_a_known_channel() {
        let Some(info) = info else {
            log!(session, ERR, "Failed to send the platform event via an unknown channel");
            return Err(Failed);
        };
        return Ok(info.at(1) & 0x7F == SYSTEM || info.at(0) & 0x0F == SYSTEM_CHANNEL);
    }
    let Some(info) = info else { return Ok(false) };
    let medium = info.at(1) & 0x7F;
    log!(session, DEBUG, "Channel type: {}", name_of(medium.into(), MEDIA));
    Ok(medium == SYSTEM)
}

/// Get Channel Info of the channel in use; `None` after logging why not.
fn info(session: &mut Session<'_>) -> Option<Reply> {
    let Some(reply) = session.send(0x06, 0x42, &[0x0E]) else {
        log!(session, ERR, "IPMI response is NULL.");
        return None;
    };
    match reply.completion {
        0 if reply.len() == INFO_LEN => Some(reply),
        0 => {
            log!(session, ERR, "Unexpected data length received.");
            None
        }
        0xCC => None,
        code => {
            log!(session, ERR, "Get Channel Info command failed: {}", completion_name(code));
            None
        }
    }
}

const MEDIA: Names = names![
    (0x00, "reserved"),
    (0x01, "IPMB (I2C)"),
    (0x02, "ICMB v1.0"),
    (0x03, "ICMB v0.9"),
    (0x04, "802.3 LAN"),
    (0x05, "Serial/Modem"),
    (0x06, "Other LAN"),
    (0x07, "PCI SMBus"),
    (0x08, "SMBus v1.0/v1.1"),
    (0x09, "SMBus v2.0"),
    (0x0A, "USB 1.x"),
    (0x0B, "USB 2.x"),
    (0x0C, "System Interface"),
];
