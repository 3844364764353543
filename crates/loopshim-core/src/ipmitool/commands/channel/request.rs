//! Requests about channels (IPMI 2.0 sections 22.22–22.24).

use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::text::channels::MEDIA;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::name_of;
use crate::ipmitool::{Reply, Session};
use crate::log;

const SET_ACCESS: (u8, u8) = (0x06, 0x40);
const GET_ACCESS: (u8, u8) = (0x06, 0x41);
const GET_INFO: (u8, u8) = (0x06, 0x42);

/// Invalid data field in request: there is no such channel.
const INVALID_FIELD: u8 = 0xCC;

/// Which of a channel's settings is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Those kept over a reset.
    Stored = 0x40,
    /// Those in force.
    Volatile = 0x80,
}

/// Access mode and privilege limit of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Access {
    /// Alerting, per-message and user level authentication disabled, access
    /// mode: bits 0–5.
    pub mode: u8,
    /// Highest privilege on the channel.
    pub privilege: u8,
}

impl Access {
    /// PEF alerting is disabled.
    pub const NO_ALERTS: u8 = 0x20;
    /// Authentication of each message is disabled.
    pub const NO_MESSAGE_AUTHENTICATION: u8 = 0x10;
    /// Authentication of the user level is disabled.
    pub const NO_USER_AUTHENTICATION: u8 = 0x08;
}

/// Get Channel Info: 9 bytes.
pub fn info(session: &mut Session<'_>, channel: u8) -> Result<Reply, Refusal> {
    session.attempt(GET_INFO, &[channel & 0x0F], Some(9))
}

/// Get Channel Access.
pub fn access(session: &mut Session<'_>, channel: u8, kept: Kept) -> Result<Access, Refusal> {
    let reply = session.attempt(GET_ACCESS, &[channel & 0x0F, kept as u8], Some(2))?;
    Ok(Access { mode: reply.at(0) & 0x3F, privilege: reply.at(1) & 0x0F })
}

/// Set Channel Access: the mode, and the privilege limit if `with_privilege`.
pub fn set_access(
    session: &mut Session<'_>,
    channel: u8,
    access: Access,
    kept: Kept,
    with_privilege: bool,
) -> Result<(), Refusal> {
    let kept = kept as u8;
    let limit = if with_privilege { kept } else { 0 };
    let data = [channel & 0x0F, kept | access.mode, limit | access.privilege];
    session.attempt(SET_ACCESS, &data, None).map(drop)
}

/// Whether the channel is a LAN; logs what else than "no such channel" goes
/// wrong.
pub fn is_lan(session: &mut Session<'_>, channel: u8) -> bool {
    if !(1..=0x0E).contains(&channel) {
        return false;
    }
    match info(session, channel) {
        Ok(reply) => {
            let medium = reply.at(1) & 0x7F;
            log!(session, DEBUG, "Channel type: {}", name_of(medium.into(), MEDIA));
            is_lan_medium(medium)
        }
        Err(Refusal::Completion(INVALID_FIELD)) => false,
        Err(Refusal::Completion(code)) => {
            log!(session, ERR, "Get Channel Info command failed: {}", completion_name(code));
            false
        }
        Err(refusal) => {
            session.report(refusal);
            false
        }
    }
}

/// Whether `medium` is 802.3 or another LAN.
pub fn is_lan_medium(medium: u8) -> bool {
    matches!(medium, 0x04 | 0x06)
}

/// The first LAN channel; zero when there is none.
pub fn first_lan(session: &mut Session<'_>) -> u8 {
    (1..0x0E).find(|channel| is_lan(session, *channel)).unwrap_or(0)
}
