//! Users and what they may do on the LAN channels.

use ipmi::Map;
use ipmi::bmc::{Bmc, User, UserAccess};

use super::device::replace;
use super::values::Within;
use crate::json;

/// The users.
#[derive(Debug)]
pub(super) struct Users {
    max: Option<Within<1, 63>>,
    fixed_names: Option<Within<0, 63>>,
    list: Vec<Entry>,
}

json::object!(Users { ; max, fixed_names, list });

#[derive(Debug)]
struct Entry {
    id: Within<1, 63>,
    name: String,
    password: Option<String>,
    enabled: bool,
    /// Access on every LAN channel that `channels` does not name.
    access: Access,
    channels: Map<u8, Access>,
}

json::object!(Entry { id; name, password, enabled, access, channels });

/// A user's access on a channel.
#[derive(Debug, Clone, Copy)]
struct Access {
    privilege: Privilege,
    messaging: bool,
    link_authentication: bool,
    callback_only: bool,
}

json::object!(Access { ; privilege, messaging, link_authentication, callback_only });

#[derive(Debug, Clone, Copy, Default)]
enum Privilege {
    Callback = 1,
    User = 2,
    Operator = 3,
    Administrator = 4,
    Oem = 5,
    #[default]
    None = 15,
}

json::choice!(Privilege {
    "callback" => Callback,
    "user" => User,
    "operator" => Operator,
    "administrator" => Administrator,
    "oem" => Oem,
    "none" => None,
});

impl From<Access> for UserAccess {
    fn from(access: Access) -> Self {
        let flags = u8::from(access.messaging) << 4
            | u8::from(access.link_authentication) << 5
            | u8::from(access.callback_only) << 6;
        Self { flags, privilege: access.privilege as u8 }
    }
}

/// Bytes of a name.
const NAME: usize = 16;

impl Users {
    pub(super) fn apply(self, bmc: &mut Bmc) {
        replace(&mut bmc.users.max, self.max.map(Within::byte));
        replace(&mut bmc.users.fixed_names, self.fixed_names.map(Within::byte));
        let lan: Vec<u8> = bmc
            .channels
            .iter()
            .filter(|(_, channel)| channel.lan.is_some())
            .map(|(number, _)| *number)
            .collect();
        for entry in self.list {
            bmc.users.users.insert(entry.id.byte(), entry.user(&lan));
        }
    }
}

impl Entry {
    fn user(self, lan_channels: &[u8]) -> User {
        let mut name = [0; NAME];
        let len = self.name.len().min(NAME);
        name[..len].copy_from_slice(&self.name.as_bytes()[..len]);
        let everywhere = lan_channels.iter().map(|number| (*number, self.access.into()));
        let named = self.channels.iter().map(|(number, access)| (*number, (*access).into()));
        User {
            name,
            long_password: self.password.as_ref().is_some_and(|password| password.len() > NAME),
            password: self.password.map(String::into_bytes),
            enabled: self.enabled,
            access: everywhere.chain(named).collect(),
        }
    }
}
