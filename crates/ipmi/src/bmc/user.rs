//! Users (IPMI 2.0 sections 22.26–22.30).

use alloc::vec::Vec;

use super::{Answer, Bmc, Call};
use crate::{CompletionCode, Map};

/// Password test failed; the password has another size than stored.
const WRONG_PASSWORD: CompletionCode = CompletionCode(0x80);
const WRONG_PASSWORD_SIZE: CompletionCode = CompletionCode(0x81);
/// Bytes of a name, and of a short and a long password.
const NAME: usize = 16;
const LONG_PASSWORD: usize = 20;
/// Privilege limit of a user without access.
const NO_ACCESS: u8 = 0x0F;

/// The users of a controller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Users {
    /// Highest user id; ids start at 1.
    pub max: u8,
    /// Number of ids, from 1 on, whose names are fixed.
    pub fixed_names: u8,
    /// Users by id; the others are disabled and nameless.
    pub users: Map<u8, User>,
}

/// One user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct User {
    /// Name, zero-padded.
    pub name: [u8; NAME],
    /// Password without padding; `None` matches nothing.
    pub password: Option<Vec<u8>>,
    /// Whether the password was stored as one of 20 bytes.
    pub long_password: bool,
    /// Whether the user is enabled.
    pub enabled: bool,
    /// Access by channel; without a row there is none.
    pub access: Map<u8, UserAccess>,
}

/// What a user may do on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserAccess {
    /// Bits 4–6 of the access byte: messaging, link authentication, call-back.
    pub flags: u8,
    /// Privilege limit, 1 callback to 5 OEM, 0Fh none.
    pub privilege: u8,
}

impl Default for UserAccess {
    fn default() -> Self {
        Self { flags: 0, privilege: NO_ACCESS }
    }
}

impl Users {
    fn check(&self, id: u8) -> Result<u8, CompletionCode> {
        let id = id & 0x3F;
        if id == 0 || id > self.max { Err(CompletionCode::INVALID_FIELD) } else { Ok(id) }
    }

    fn entry(&mut self, id: u8) -> Result<&mut User, CompletionCode> {
        let id = self.check(id)?;
        Ok(self.users.get_or_default(id))
    }
}

pub(crate) fn access(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (channel, _) = bmc.lan_channel(call.byte(0))?;
    let users = &bmc.users;
    let id = users.check(call.byte(1))?;
    let enabled = users.users.values().filter(|user| user.enabled).count() as u8 & 0x3F;
    let user = users.users.get(&id);
    let status = if user.is_some_and(|user| user.enabled) { 0x40 } else { 0x80 };
    let access = user.and_then(|user| user.access.get(&channel)).copied().unwrap_or_default();
    Ok([users.max, status | enabled, users.fixed_names, access.flags | access.privilege].into())
}

pub(crate) fn set_access(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let (channel, _) = bmc.lan_channel(call.byte(0))?;
    let access = bmc.users.entry(call.byte(1))?.access.get_or_default(channel);
    if call.byte(0) & 0x80 != 0 {
        access.flags = call.byte(0) & 0x70;
    }
    access.privilege = call.byte(2) & 0x0F;
    Ok(Vec::new())
}

pub(crate) fn name(bmc: &Bmc, call: Call<'_>) -> Answer {
    let id = bmc.users.check(call.byte(0))?;
    Ok(bmc.users.users.get(&id).map_or([0; NAME], |user| user.name).into())
}

pub(crate) fn set_name(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    if bmc.users.check(call.byte(0))? <= bmc.users.fixed_names {
        return Err(CompletionCode::INVALID_FIELD);
    }
    bmc.users.entry(call.byte(0))?.name.copy_from_slice(&call.data[1..=NAME]);
    Ok(Vec::new())
}

pub(crate) fn password(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let user = bmc.users.entry(call.byte(0))?;
    let (long, data) = (call.byte(0) & 0x80 != 0, call.rest(2));
    let wanted = if long { LONG_PASSWORD } else { NAME };
    let operation = call.byte(1) & 3;
    // Enabling and disabling need no password.
    if operation > 1 && data.len() != wanted {
        return Err(CompletionCode::LENGTH_INVALID);
    }
    match operation {
        0 => user.enabled = false,
        1 => user.enabled = true,
        2 => {
            user.password = Some(unpadded(data).into());
            user.long_password = long;
        }
        _ => return test_password(user, long, unpadded(data)),
    }
    Ok(Vec::new())
}

fn test_password(user: &User, long: bool, password: &[u8]) -> Answer {
    if user.password.as_deref() != Some(password) {
        return Err(WRONG_PASSWORD);
    }
    if user.long_password != long {
        return Err(WRONG_PASSWORD_SIZE);
    }
    Ok(Vec::new())
}

fn unpadded(bytes: &[u8]) -> &[u8] {
    let len = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..len]
}

#[cfg(test)]
mod tests {
    use super::super::{Channel, Parameters};
    use super::*;
    use crate::Request;

    fn bmc() -> Bmc {
        let users = Users { max: 10, fixed_names: 1, users: Map::new() };
        let mut bmc = Bmc { users, ..Bmc::default() };
        bmc.channels.insert(1, Channel { lan: Some(Parameters::new()), ..Channel::default() });
        bmc
    }

    #[test]
    fn access_name_and_state_are_what_was_set() {
        let mut bmc = bmc();
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x06, cmd, data), 0);
        assert_eq!(send(0x44, &[1, 3]).data, [10, 0x80, 1, 0x0F]);
        assert!(send(0x43, &[0x91, 3, 4, 0]).completion.is_ok());
        assert!(send(0x47, &[3, 1]).completion.is_ok());
        assert_eq!(send(0x44, &[0x0E, 3]).data, [10, 0x41, 1, 0x14]);
        assert!(send(0x45, &[&[3][..], b"operator\0\0\0\0\0\0\0\0"].concat()).completion.is_ok());
        assert_eq!(send(0x46, &[3]).data[..9], *b"operator\0");
        assert_eq!(send(0x45, &[&[1][..], &[b'x'; 16]].concat()).completion, CompletionCode::INVALID_FIELD);
        assert_eq!(send(0x46, &[11]).completion, CompletionCode::INVALID_FIELD);
    }

    #[test]
    fn passwords_are_tested_with_their_size() {
        let mut bmc = bmc();
        let mut send = |id, operation, password: &[u8], size: usize| {
            let mut data = [&[id, operation], password].concat();
            data.resize(2 + size, 0);
            bmc.answer(&Request::new(0x06, 0x47, data), 0).completion
        };
        assert!(send(2, 2, b"secret", 16).is_ok());
        assert!(send(2, 3, b"secret", 16).is_ok());
        assert_eq!(send(2, 3, b"wrong", 16), WRONG_PASSWORD);
        assert_eq!(send(0x82, 3, b"secret", 20), WRONG_PASSWORD_SIZE);
        assert_eq!(send(2, 3, b"secret", 20), CompletionCode::LENGTH_INVALID);
    }
}
