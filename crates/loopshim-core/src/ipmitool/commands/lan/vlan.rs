//! `lan set … vlan`: the 802.1q VLAN of a channel. However it goes, the
//! original succeeds.

use super::parameter::{self, Value};

use crate::ipmitool::help::lan as help;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Set in the second byte of the parameter when there is a VLAN.
const ENABLED: u8 = 0x80;

/// The VLAN's id, and whether there is one.
pub(super) fn identity(value: &Value) -> (u16, bool) {
    let [low, high] = value.first();
    (u16::from_le_bytes([low, high & 0x0F]), high & ENABLED != 0)
}

pub(super) fn run(session: &mut Session<'_>, channel: u8, words: &[Arg]) -> Outcome {
    let [verb, value, ..] = words else { return session.misused(help::SET_VLAN) };
    let personality = session.personality;
    if personality.is_verb(verb, "help") {
        return session.explain(help::SET_VLAN);
    }
    let _ = if personality.is_loose_verb(verb, "id") {
        match personality.is_loose_verb(value, "off") {
            true => disable(session, channel),
            false => set_id(session, channel, value),
        }
    } else if personality.is_loose_verb(verb, "priority") {
        set_priority(session, channel, value)
    } else {
        return session.misused(help::SET_VLAN);
    };
    Ok(())
}

fn disable(session: &mut Session<'_>, channel: u8) -> Outcome {
    log!(session, DEBUG, "Get current VLAN ID from BMC.");
    let found = parameter::get(session, channel, parameter::VLAN).ok().flatten();
    let id = match found {
        Some(value) if value.length() > 1 => match identity(&value).0 {
            0 if session.personality.knows_vlan_off() => {
                out!(session, "VLAN is already disabled for channel {channel}\n");
                return Ok(());
            }
            id @ 1..=4094 => id,
            id => {
                log!(session, ERR, "Retrieved VLAN ID {id} is out of range <1..4094>.");
                return Err(Failed);
            }
        },
        _ => 0,
    };
    parameter::set(session, channel, parameter::VLAN, &id.to_le_bytes())
}

fn set_id(session: &mut Session<'_>, channel: u8, word: &[u8]) -> Outcome {
    let Ok(id) = number::to_i32(word) else {
        return Err(session.complain("Given VLAN ID '", word, "' is invalid."));
    };
    match u16::try_from(id) {
        Ok(id @ 1..=4094) => {
            let [low, high] = id.to_le_bytes();
            parameter::set(session, channel, parameter::VLAN, &[low, high | ENABLED])
        }
        _ => session.misused(help::SET_VLAN_ID),
    }
}

fn set_priority(session: &mut Session<'_>, channel: u8, word: &[u8]) -> Outcome {
    let Ok(priority) = number::to_i32(word) else {
        return Err(session.complain("Given VLAN priority '", word, "' is invalid."));
    };
    match u8::try_from(priority) {
        Ok(priority @ 0..=7) => parameter::set(session, channel, parameter::VLAN_PRIORITY, &[priority]),
        _ => session.misused(help::SET_VLAN_PRIORITY),
    }
}
