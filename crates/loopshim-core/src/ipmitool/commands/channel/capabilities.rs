//! `channel authcap`: authentication capabilities (IPMI 2.0 section 22.13).

use crate::ipmitool::text::channels::authentication_types;
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::out;

const GET: (u8, u8) = (0x06, 0x38);

/// Asks for the data of IPMI 2.0 as well.
const EXTENDED: u8 = 0x80;

pub(super) fn print(session: &mut Session<'_>, channel: &[u8], privilege: &[u8]) -> Outcome {
    let channel = session.channel_argument(channel)?;
    let privilege = session.privilege_argument(privilege)?;
    let reply = fetch(session, channel, privilege)?;
    let (types, status) = (reply.at(1), reply.at(2));
    let extended = types & 0x80 != 0;
    let bit = |byte: u8, bit: u8| byte & 1 << bit != 0;
    let yes = |set: bool| if set { "yes" } else { "no" };
    let able = |set: bool| if set { "disabled" } else { "enabled" };
    out!(session, "Channel number             : {}\n", reply.at(0));
    out!(session, "IPMI v1.5  auth types      : {}\n", authentication_types(types & 0x3F));
    if extended {
        let key = if bit(status, 5) { "non-zero" } else { "default (all zeroes)" };
        out!(session, "KG status                  : {key}\n");
    }
    out!(session, "Per message authentication : {}\n", able(bit(status, 4)));
    out!(session, "User level authentication  : {}\n", able(bit(status, 3)));
    out!(session, "Non-null user names exist  : {}\n", yes(bit(status, 2)));
    out!(session, "Null user names exist      : {}\n", yes(bit(status, 1)));
    out!(session, "Anonymous login enabled    : {}\n", yes(bit(status, 0)));
    if extended {
        out!(session, "Channel supports IPMI v1.5 : {}\n", yes(bit(reply.at(3), 0)));
        out!(session, "Channel supports IPMI v2.0 : {}\n", yes(bit(reply.at(3), 1)));
    }
    if bit(types, 5) {
        let maker = u32::from_le_bytes([reply.at(4), reply.at(5), reply.at(6), 0]);
        out!(session, "IANA Number for OEM        : {maker}\n");
        out!(session, "OEM Auxiliary Data         : 0x{:x}\n", reply.at(7));
    }
    Ok(())
}

fn fetch(session: &mut Session<'_>, channel: u8, privilege: u8) -> Result<Reply, Failed> {
    if let Ok(reply) = session.attempt(GET, &[channel | EXTENDED, privilege], None) {
        return Ok(reply);
    }
    session.ask(
        GET,
        &[channel, privilege],
        "Unable to Get Channel Authentication Capabilities",
        "Get Channel Authentication Capabilities failed",
    )
}
