//! Application commands (network function 06h, IPMI 2.0 sections 20, 22, 24
//! and 27).

use alloc::vec::Vec;

use super::{ANY_LENGTH, Answer, Bmc, Call, Command, channel, system_info, user};
use crate::CompletionCode;

pub(crate) const COMMANDS: &[Command] = &[
    Command::reading(0x01, 0, 0, |bmc, _| Ok(bmc.device_id.clone())),
    Command::new(0x02, 0, 0, reset),
    Command::new(0x03, 0, 0, reset),
    Command::reading(0x04, 0, 0, |bmc, _| Ok(bmc.self_test.into())),
    Command::reading(0x08, 0, 0, |bmc, _| guid(bmc.device_guid)),
    Command::new(0x22, 0, 0, |bmc, call| bmc.watchdog.reset(call.now())),
    Command::new(0x24, 6, 6, |bmc, call| bmc.watchdog.set(call)),
    Command::reading(0x25, 0, 0, |bmc, call| Ok(bmc.watchdog.get(call.now()))),
    Command::new(0x2E, 1, 1, set_global_enables),
    Command::reading(0x2F, 0, 0, |bmc, _| Ok([bmc.global_enables].into())),
    Command::reading(0x37, 0, 0, |bmc, _| guid(bmc.system_guid)),
    Command::reading(0x38, 2, 2, channel::authentication),
    Command::reading(0x3D, 1, 5, |bmc, call| bmc.sessions.info(call)),
    Command::new(0x40, 3, 3, channel::set_access),
    Command::reading(0x41, 2, 2, channel::access),
    Command::reading(0x42, 1, 1, channel::info),
    Command::new(0x43, 3, 4, user::set_access),
    Command::reading(0x44, 2, 2, user::access),
    Command::new(0x45, 17, 17, user::set_name),
    Command::reading(0x46, 1, 1, user::name),
    Command::new(0x47, 2, 22, user::password),
    Command::reading(0x4E, 1, 1, channel::payloads),
    Command::reading(0x54, 3, 3, channel::cipher_suites),
    Command::new(0x56, 3, ANY_LENGTH, channel::security_key),
    Command::new(0x58, 2, 18, system_info::set),
    Command::reading(0x59, 4, 4, system_info::get),
];

/// Sessions as Get Session Info reports them (section 22.20).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sessions {
    /// Number of sessions there can be.
    pub possible: u8,
    /// Active sessions: handle, then the response data after the counts.
    pub active: Vec<(u8, Vec<u8>)>,
}

impl Sessions {
    /// Sessions by the index, handle or id given; none is reported with a zero
    /// handle and the counts alone.
    fn info(&self, call: Call<'_>) -> Answer {
        const BY_HANDLE: u8 = 0xFE;
        const BY_ID: u8 = 0xFF;
        const CURRENT: u8 = 0;
        let found = match call.byte(0) {
            // The system interface is not in a session.
            CURRENT => None,
            BY_HANDLE => self.active.iter().find(|(handle, _)| *handle == call.byte(1)),
            BY_ID => None,
            index if index > self.possible => return Err(CompletionCode::NOT_PRESENT),
            index => self.active.get(usize::from(index) - 1),
        };
        let active = u8::try_from(self.active.len()).unwrap_or(u8::MAX);
        let (handle, details) = found.map_or((0, &[][..]), |(handle, details)| (*handle, details));
        Ok([&[handle, self.possible, active], details].concat())
    }
}

/// A reset ends what is not stored: the watchdog stops, volatile channel access
/// returns to what is stored.
fn reset(bmc: &mut Bmc, _: Call<'_>) -> Answer {
    bmc.watchdog.timer_use &= !0x40;
    bmc.watchdog.since = None;
    for channel in bmc.channels.values_mut() {
        if let Some(access) = &mut channel.access {
            access.volatile = access.stored;
        }
    }
    (bmc.sdr.reservation, bmc.sel.reservation) = (None, None);
    Ok(Vec::new())
}

fn guid(guid: Option<[u8; 16]>) -> Answer {
    Ok(guid.ok_or(CompletionCode::INVALID_COMMAND)?.into())
}

fn set_global_enables(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    bmc.global_enables = call.byte(0);
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn sessions_are_reported_by_index_and_handle() {
        let sessions = Sessions { possible: 4, active: alloc::vec![(7, alloc::vec![2, 4, 0x11])] };
        let mut bmc = Bmc { sessions, ..Bmc::default() };
        let mut send = |data: &[u8]| bmc.answer(&Request::new(0x06, 0x3D, data), 0);
        assert_eq!(send(&[0]).data, [0, 4, 1]);
        assert_eq!(send(&[1]).data, [7, 4, 1, 2, 4, 0x11]);
        assert_eq!(send(&[0xFE, 7]).data, [7, 4, 1, 2, 4, 0x11]);
        assert_eq!(send(&[2]).data, [0, 4, 1]);
        assert_eq!(send(&[5]).completion, CompletionCode::NOT_PRESENT);
    }

    #[test]
    fn a_guid_that_is_not_there_makes_the_command_invalid() {
        let mut bmc = Bmc { device_guid: Some([7; 16]), ..Bmc::default() };
        assert_eq!(bmc.answer(&Request::new(0x06, 0x08, []), 0).data, [7; 16]);
        assert_eq!(bmc.answer(&Request::new(0x06, 0x37, []), 0).completion, CompletionCode::INVALID_COMMAND);
    }
}
