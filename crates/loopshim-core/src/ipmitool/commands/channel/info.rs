//! `channel info`.

use super::request::{self, Access, Kept};
use crate::ipmitool::text::channels::{MEDIA, PROTOCOLS};
use crate::ipmitool::text::name_of;
use crate::ipmitool::{Outcome, Session};
use crate::{log, out};

pub(super) fn print(session: &mut Session<'_>, channel: u8) -> Outcome {
    let reply = match request::info(session, channel) {
        Ok(reply) => reply,
        Err(refusal) => {
            let failed = session.report(refusal);
            log!(session, ERR, "Unable to Get Channel Info");
            return Err(failed);
        }
    };
    let (channel, medium) = (reply.at(0) & 0x0F, reply.at(1) & 0x7F);
    let support = ["session-less", "single-session", "multi-session", "session-based"];
    out!(session, "Channel 0x{channel:x} info:\n");
    out!(session, "  Channel Medium Type   : {}\n", name_of(medium.into(), MEDIA));
    out!(session, "  Channel Protocol Type : {}\n", name_of((reply.at(2) & 0x1F).into(), PROTOCOLS));
    out!(session, "  Session Support       : {}\n", support[usize::from(reply.at(3) >> 6)]);
    out!(session, "  Active Session Count  : {}\n", reply.at(3) & 0x3F);
    let vendor = u32::from_le_bytes([reply.at(4), reply.at(5), reply.at(6), 0]);
    out!(session, "  Protocol Vendor ID    : {vendor}\n");
    if !request::is_lan_medium(medium) {
        return Ok(());
    }
    settings(session, channel, Kept::Volatile, "volatile", "Volatile(active)")?;
    settings(session, channel, Kept::Stored, "non-volatile", "Non-Volatile")
}

fn settings(session: &mut Session<'_>, channel: u8, kept: Kept, name: &str, title: &str) -> Outcome {
    let access = match request::access(session, channel, kept) {
        Ok(access) => access,
        Err(refusal) => {
            let failed = session.report(refusal);
            log!(session, ERR, "Unable to Get Channel Access ({name})");
            return Err(failed);
        }
    };
    let able = |bit| if access.mode & bit != 0 { "disabled" } else { "enabled" };
    let mode = match access.mode & 0x07 {
        0 => "disabled",
        1 => "pre-boot only",
        2 => "always available",
        3 => "shared",
        _ => "unknown",
    };
    out!(session, "  {title} Settings\n");
    out!(session, "    Alerting            : {}\n", able(Access::NO_ALERTS));
    out!(session, "    Per-message Auth    : {}\n", able(Access::NO_MESSAGE_AUTHENTICATION));
    out!(session, "    User Level Auth     : {}\n", able(Access::NO_USER_AUTHENTICATION));
    out!(session, "    Access Mode         : {mode}\n");
    Ok(())
}
