//! What identifies the controller, and its smaller states.

use ipmi::Map;
use ipmi::bmc::{self, Bmc};

use super::values::{Bytes, Exactly, Firmware, Guid, IpmiVersion, Text, Within};
use crate::json;

/// Get Device ID, the GUIDs and the self test.
#[derive(Debug)]
pub(super) struct Device {
    id: Option<u8>,
    revision: Option<Within<0, 15>>,
    provides_sdrs: Option<bool>,
    firmware: Option<Text<Firmware>>,
    available: Option<bool>,
    ipmi: Option<Text<IpmiVersion>>,
    supports: Option<u8>,
    manufacturer: Option<Within<0, 0xFF_FFFF>>,
    product: Option<u16>,
    auxiliary_firmware: Option<Exactly<4>>,
    /// The whole response data instead of the fields above.
    response: Option<Bytes>,
    self_test: Option<Exactly<2>>,
    device_guid: Option<Guid>,
    system_guid: Option<Guid>,
    /// Both GUIDs.
    guid: Option<Guid>,
    global_enables: Option<u8>,
    event_receiver: Option<Exactly<2>>,
}

json::object!(Device {
    ; id, revision, provides_sdrs, firmware, available, ipmi, supports, manufacturer, product,
    auxiliary_firmware, response, self_test, device_guid, system_guid, guid, global_enables,
    event_receiver
});

/// Bytes of Get Device ID without the auxiliary firmware revision.
const SHORT_RESPONSE: usize = 11;

impl Device {
    pub(super) fn apply(self, bmc: &mut Bmc) {
        match &self.response {
            Some(Bytes(response)) => bmc.device_id.clone_from(response),
            None => self.apply_device_id(&mut bmc.device_id),
        }
        let guid = self.guid.map(|guid| guid.0);
        replace(&mut bmc.device_guid, self.device_guid.map(|guid| guid.0).or(guid).map(Some));
        replace(&mut bmc.system_guid, self.system_guid.map(|guid| guid.0).or(guid).map(Some));
        replace(&mut bmc.self_test, self.self_test.map(|bytes| bytes.0));
        replace(&mut bmc.global_enables, self.global_enables);
        replace(&mut bmc.event_receiver, self.event_receiver.map(|bytes| bytes.0));
    }

    /// Changes the bytes of the fields that are given (IPMI 2.0 section 20.1).
    fn apply_device_id(&self, response: &mut Vec<u8>) {
        if response.len() < SHORT_RESPONSE {
            response.resize(SHORT_RESPONSE, 0);
        }
        replace(&mut response[0], self.id);
        replace_bits(&mut response[1], 0x0F, self.revision.map(Within::byte));
        replace_bits(&mut response[1], 0x80, self.provides_sdrs.map(|yes| u8::from(yes) << 7));
        replace_bits(&mut response[2], 0x7F, self.firmware.map(|firmware| firmware.0.major));
        replace_bits(&mut response[2], 0x80, self.available.map(|yes| u8::from(!yes) << 7));
        replace(&mut response[3], self.firmware.map(|firmware| firmware.0.minor));
        replace(&mut response[4], self.ipmi.map(|version| version.0.0));
        replace(&mut response[5], self.supports);
        if let Some(manufacturer) = self.manufacturer {
            response[6..9].copy_from_slice(&manufacturer.number().to_le_bytes()[..3]);
        }
        if let Some(product) = self.product {
            response[9..11].copy_from_slice(&product.to_le_bytes());
        }
        if let Some(Exactly(auxiliary)) = self.auxiliary_firmware {
            response.truncate(SHORT_RESPONSE);
            response.extend(auxiliary);
        }
    }
}

/// Puts `new`, if given, in place of `old`.
pub(super) fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

fn replace_bits(old: &mut u8, mask: u8, new: Option<u8>) {
    if let Some(new) = new {
        *old = *old & !mask | new & mask;
    }
}

/// The watchdog timer.
#[derive(Debug)]
pub(super) struct Watchdog {
    timer_use: u8,
    actions: u8,
    pretimeout: u8,
    expired: u8,
    initial: u16,
    present: Option<u16>,
}

json::object!(Watchdog { ; timer_use as "use", actions, pretimeout, expired, initial, present });

impl From<Watchdog> for bmc::Watchdog {
    fn from(watchdog: Watchdog) -> Self {
        Self {
            timer_use: watchdog.timer_use,
            actions: watchdog.actions,
            pretimeout: watchdog.pretimeout,
            expired: watchdog.expired,
            initial: watchdog.initial,
            present: watchdog.present.unwrap_or(watchdog.initial),
            since: None,
        }
    }
}

/// System info texts by name, and others by number.
#[derive(Debug)]
pub(super) struct SystemInfo {
    firmware: Option<String>,
    system_name: Option<String>,
    primary_os: Option<String>,
    os_name: Option<String>,
    others: Map<u8, Bytes>,
}

json::object!(SystemInfo { ; firmware, system_name, primary_os, os_name, others });

impl From<SystemInfo> for Map<u8, bmc::SystemInfo> {
    fn from(info: SystemInfo) -> Self {
        let named = [(1, info.firmware), (2, info.system_name), (3, info.primary_os), (4, info.os_name)];
        let named = named.into_iter().filter_map(|(number, text)| Some((number, text?.into_bytes())));
        let others = info.others.into_iter().map(|(number, Bytes(text))| (number, text));
        named.chain(others).map(|(number, text)| (number, bmc::SystemInfo { encoding: 0, text })).collect()
    }
}

/// What Get Session Info reports.
#[derive(Debug)]
pub(super) struct Sessions {
    possible: Option<Within<0, 63>>,
    active: Vec<Session>,
}

json::object!(Sessions { ; possible, active });

#[derive(Debug)]
struct Session {
    handle: u8,
    /// The response data after the counts.
    data: Bytes,
}

json::object!(Session { handle, data; });

impl From<Sessions> for bmc::app::Sessions {
    fn from(sessions: Sessions) -> Self {
        let active = sessions.active.into_iter().map(|session| (session.handle, session.data.0)).collect();
        Self { possible: sessions.possible.map_or(4, Within::byte), active }
    }
}
