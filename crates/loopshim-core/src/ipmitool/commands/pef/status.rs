//! `pef info` and `pef status`.

use super::words::{ACTIONS, CONTROL};
use super::{CAPABILITIES, GET, LAST_PROCESSED, fields, need, parameter, table_size};
use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::text::hex;
use crate::ipmitool::time::OldClock;
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::{log, out};

/// Get System GUID.
const SYSTEM_GUID: (u8, u8) = (0x06, 0x37);

pub(super) fn info(session: &mut Session<'_>) -> Outcome {
    let policies = table_size(session, parameter::POLICIES).unwrap_or_else(|refusal| {
        session.report(refusal);
        log!(session, WARN, "Failed to get size of PEF Policy Table.");
        0
    });
    let capabilities = session.attempt(CAPABILITIES, &[], Some(3)).map_err(|refusal| {
        session.report(refusal);
        log!(session, ERR, "Failed to get PEF Capabilities.");
        Failed
    })?;
    fields::text(session, "Version", &format!("0x{:02x}", capabilities.at(0)));
    fields::number(session, "PEF Event Filter count", capabilities.at(2));
    fields::number(session, "PEF Alert Policy Table size", policies);
    if let Some(guid) = guid(session)? {
        print_guid(session, guid);
    }
    fields::flags(session, capabilities.at(1), ACTIONS, ["unsupported", "supported"]);
    end(session);
    Ok(())
}

/// The GUID that alerts carry: one of their own, or the system's.
fn guid(session: &mut Session<'_>) -> Result<Option<[u8; 16]>, Failed> {
    /// Parameter not supported.
    const UNSUPPORTED: u8 = 0x80;
    let bytes = |reply: &Reply, start: usize| std::array::from_fn(|index| reply.at(start + index));
    match session.attempt(GET, &[parameter::SYSTEM_GUID, 0, 0], Some(18)) {
        Ok(reply) if reply.at(1) & 1 != 0 => return Ok(Some(bytes(&reply, 2))),
        Ok(_) | Err(Refusal::Completion(UNSUPPORTED)) => {}
        Err(refusal) => {
            session.report(refusal);
            let code = match refusal {
                Refusal::Silence => -1,
                Refusal::Length => -2,
                Refusal::Completion(code) => code.into(),
            };
            log!(session, ERR, "Failed to get PEF System GUID. {code}");
            return Err(Failed);
        }
    }
    let reply = session.attempt(SYSTEM_GUID, &[], Some(16));
    Ok(reply.ok().map(|reply| bytes(&reply, 0)))
}

/// The bytes as they come, with hyphens.
fn print_guid(session: &mut Session<'_>, guid: [u8; 16]) {
    let groups = [0..4, 4..6, 6..8, 8..10, 10..16].map(|range| hex(&guid[range]));
    fields::text(session, "System GUID", &groups.join("-"));
}

pub(super) fn status(session: &mut Session<'_>) -> Outcome {
    let last = need(session, LAST_PROCESSED, &[], "Last S/W processed ID")?;
    let stamp = u32::from_le_bytes(std::array::from_fn(|index| last.at(index)));
    let time = session.times.numeric(stamp, OldClock::Utc);
    fields::put(session, "Last SEL addition", &time);
    for (label, at) in [("Last SEL record ID", 4), ("Last S/W processed ID", 6), ("Last BMC processed ID", 8)]
    {
        let id = u16::from_le_bytes([last.at(at), last.at(at + 1)]);
        fields::text(session, label, &format!("0x{id:04x}"));
    }
    let control = need(session, GET, &[parameter::CONTROL, 0, 0], "PEF control")?;
    fields::flags(session, control.at(1), CONTROL, ["disabled", "enabled"]);
    let actions = need(session, GET, &[parameter::ACTIONS, 0, 0], "PEF action")?;
    fields::flags(session, actions.at(1), ACTIONS, ["inactive", "active"]);
    end(session);
    Ok(())
}

fn end(session: &mut Session<'_>) {
    out!(session, "\n");
}
