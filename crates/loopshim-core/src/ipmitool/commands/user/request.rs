//! Requests about users (IPMI 2.0 sections 22.26–22.30).

use crate::ipmitool::Session;
use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::text::until_nul;

const SET_ACCESS: (u8, u8) = (0x06, 0x43);
const GET_ACCESS: (u8, u8) = (0x06, 0x44);
const GET_NAME: (u8, u8) = (0x06, 0x46);
const SET_PASSWORD: (u8, u8) = (0x06, 0x47);

/// Invalid data field in request: there is no such user.
const INVALID_FIELD: u8 = 0xCC;

/// Bits of a user id.
const USER: u8 = 0x3F;

/// A user's access to a channel, and how many users there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Highest user id.
    pub max: u8,
    /// Whether the user is enabled: bits 6 and 7.
    pub status: u8,
    /// Number of enabled users.
    pub enabled: u8,
    /// Number of users with fixed names.
    pub fixed: u8,
    /// Bits 4–6: messaging, link authentication, callback only.
    pub flags: u8,
    /// Privilege limit.
    pub privilege: u8,
}

impl Access {
    /// IPMI messaging is enabled.
    pub const MESSAGING: u8 = 0x10;
    /// Link authentication is enabled.
    pub const LINK: u8 = 0x20;
    /// Access only by callback.
    pub const CALLBACK_ONLY: u8 = 0x40;
}

/// Get User Access.
pub fn access(session: &mut Session<'_>, channel: u8, user: u8) -> Result<Access, Refusal> {
    let reply = session.attempt(GET_ACCESS, &[channel & 0x0F, user & USER], Some(4))?;
    Ok(Access {
        max: reply.at(0) & USER,
        status: reply.at(1) & 0xC0,
        enabled: reply.at(1) & USER,
        fixed: reply.at(2) & USER,
        flags: reply.at(3) & 0x70,
        privilege: reply.at(3) & 0x0F,
    })
}

/// Get User Name; a user that does not exist has none.
pub fn name_or_none(session: &mut Session<'_>, user: u8) -> Result<Vec<u8>, Refusal> {
    match session.attempt(GET_NAME, &[user & USER], Some(16)) {
        Ok(reply) => Ok(until_nul(reply.data()).to_vec()),
        Err(Refusal::Completion(INVALID_FIELD)) => Ok(Vec::new()),
        Err(refusal) => Err(refusal),
    }
}

/// Set User Access: `flags` (bits 4–6) only if `with_flags`.
pub fn set_access(
    session: &mut Session<'_>,
    channel: u8,
    user: u8,
    flags: u8,
    privilege: u8,
    with_flags: bool,
) -> Result<(), Refusal> {
    let change = if with_flags { 0x80 } else { 0 };
    let data = [change | flags | channel & 0x0F, user & USER, privilege & 0x0F, 0];
    session.attempt(SET_ACCESS, &data, None).map(drop)
}

/// What Set User Password is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Disable the user.
    Disable = 0,
    /// Enable the user.
    Enable = 1,
    /// Set the password.
    Set = 2,
    /// Compare the password.
    Test = 3,
}

/// Set User Password, of 20 bytes if `long` and of 16 otherwise; more are cut.
pub fn password(
    session: &mut Session<'_>,
    user: u8,
    operation: Operation,
    password: &[u8],
    long: bool,
) -> Result<(), Refusal> {
    let size = if long { 20 } else { 16 };
    let size_bit = if long { 0x80 } else { 0 };
    let mut data = vec![size_bit | user & session.personality.password_user_bits(), operation as u8];
    data.extend(password.iter().take(size));
    data.resize(2 + size, 0);
    session.attempt(SET_PASSWORD, &data, None).map(drop)
}
