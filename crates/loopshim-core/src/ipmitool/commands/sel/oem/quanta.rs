//! Quanta: the place of a memory module, on one platform (1.8.19).

use super::super::record::Record;
use crate::ipmitool::Session;
use crate::log;

/// Platform that says where its memory is.
const PURLEY: u8 = 2;
/// Asks for the platform, with IPMI 2.0 answers.
const PLATFORM_ID: [u8; 4] = [0x4C, 0x1C, 0x00, 0x02];

/// Describes a memory event; empty on other platforms.
pub(super) fn describe(session: &mut Session<'_>, record: &Record) -> Option<Vec<u8>> {
    if record.event_type() != 0x6F || record.sensor_type() != 0x0C {
        return None;
    }
    super::device_id(session)?;
    let platform = super::ask(session, 0x36, 0x65, &PLATFORM_ID, "Get Platform ID").map(|reply| {
        let platform = reply.at(0);
        log!(session, DEBUG, "Platform ID: {platform:x}");
        platform
    });
    Some(if platform == Some(PURLEY) { place(record.data()[2]) } else { Vec::new() })
}

/// Processor, channel and module in one byte.
fn place(byte: u8) -> Vec<u8> {
    let channel = char::from(b'A' + (byte >> 3 & 7));
    format!("CPU{}_{channel}{}", byte >> 6, byte & 7).into_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn takes_the_byte_apart() {
        assert_eq!(super::place(0xFF), b"CPU3_H7");
        assert_eq!(super::place(0x49), b"CPU1_B1");
    }
}
