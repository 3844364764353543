//! Newisys, which 1.8.19 calls Viking: the BMC describes its events itself.

use super::super::record::Record;
use crate::ipmitool::Session;
use crate::ipmitool::oem::manufacturer::NEWISYS;
use crate::ipmitool::text::completion::completion_name;
use crate::log;

/// Asks the BMC to describe a record.
pub(super) fn describe(session: &mut Session<'_>, record: &Record) -> Option<Vec<u8>> {
    let [low, high] = record.id().to_le_bytes();
    let Some(reply) = session.send(0x2E, 0x01, &[0x15, 0x24, 0x00, 0x01, low, high]) else {
        if session.verbose > 0 {
            log!(session, ERR, "Error issuing OEM command");
        }
        return None;
    };
    if !reply.is_ok() {
        if session.verbose > 0 {
            log!(session, ERR, "OEM command returned error code: {}", completion_name(reply.completion));
        }
        return None;
    }
    let name = session.personality.newisys_name();
    if reply.len() < 5 {
        log!(session, ERR, "{name} OEM response too short");
        return None;
    }
    let id = u32::from_le_bytes([reply.at(0), reply.at(1), reply.at(2) & 0x0F, 0]);
    let text = &reply.data()[4..];
    if text.len() != usize::from(reply.at(3)) || id != NEWISYS {
        log!(session, ERR, "{name} OEM response has unexpected length");
        return None;
    }
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    Some(text[..end].to_vec())
}
