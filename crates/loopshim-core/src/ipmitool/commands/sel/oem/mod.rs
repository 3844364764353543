//! What manufacturers put into the data bytes of events.

mod dell;
mod newisys;
mod quanta;
mod supermicro;

pub(super) use dell::SECURITY_EVENT as DELL_SECURITY;

use super::record::Record;
use crate::ipmitool::oem::manufacturer;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Reply, Session};
use crate::log;

/// The manufacturer's description of an event; `None` for other manufacturers'
/// and where asking the BMC failed. It may be empty.
pub(super) fn describe(session: &mut Session<'_>, record: &Record) -> Option<Vec<u8>> {
    match session.manufacturer() {
        manufacturer::NEWISYS => newisys::describe(session, record),
        manufacturer::DELL => dell::describe(session, record),
        manufacturer::SUPERMICRO | manufacturer::SUPERMICRO_47488 => supermicro::describe(session, record),
        manufacturer::QUANTA if session.personality.knows_quanta_events() => {
            quanta::describe(session, record)
        }
        // Kontron's table has no event of the types that get here.
        _ => None,
    }
}

/// Get Device ID, on the way to a description. `None` after logging why.
fn device_id(session: &mut Session<'_>) -> Option<Reply> {
    let Some(reply) = session.send(0x06, 0x01, &[]) else {
        log!(session, ERR, " Error getting system info");
        return None;
    };
    if !reply.is_ok() {
        log!(session, ERR, " Error getting system info: {}", completion_name(reply.completion));
        return None;
    }
    Some(reply)
}

/// Asks a manufacturer's question. `None` after logging that `name` failed.
fn ask(session: &mut Session<'_>, netfn: u8, cmd: u8, data: &[u8], name: &str) -> Option<Reply> {
    let Some(reply) = session.send(netfn, cmd, data) else {
        log!(session, ERR, "{name} command failed");
        return None;
    };
    if !reply.is_ok() {
        let code = reply.completion;
        log!(session, ERR, "{name} command failed: {code:#x} {}", completion_name(code));
        return None;
    }
    Some(reply)
}
