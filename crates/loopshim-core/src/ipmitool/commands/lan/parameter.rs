//! LAN configuration parameters: reading them, and writing them as the
//! original does, with a lock, a check and patience (IPMI 2.0 sections 23.1
//! and 23.2).

use std::time::Duration;

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::log;

const SET: (u8, u8) = (0x0C, 0x01);
const GET: (u8, u8) = (0x0C, 0x02);

/// A parameter: its number and what the original calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameter {
    number: u8,
    pub(super) name: &'static str,
}

const fn parameter(number: u8, name: &'static str) -> Parameter {
    Parameter { number, name }
}

pub(super) const SET_IN_PROGRESS: Parameter = parameter(0, "Set in Progress");
pub(super) const AUTHENTICATION_SUPPORT: Parameter = parameter(1, "Auth Type Support");
pub(super) const AUTHENTICATION_ENABLES: Parameter = parameter(2, "Auth Type Enable");
pub(super) const ADDRESS: Parameter = parameter(3, "IP Address");
pub(super) const SOURCE: Parameter = parameter(4, "IP Address Source");
pub(super) const MAC: Parameter = parameter(5, "MAC Address");
pub(super) const NETMASK: Parameter = parameter(6, "Subnet Mask");
pub(super) const HEADER: Parameter = parameter(7, "IP Header");
pub(super) const ARP: Parameter = parameter(10, "BMC ARP Control");
pub(super) const ARP_INTERVAL: Parameter = parameter(11, "Gratituous ARP Intrvl");
pub(super) const GATEWAY: Parameter = parameter(12, "Default Gateway IP");
pub(super) const GATEWAY_MAC: Parameter = parameter(13, "Default Gateway MAC");
pub(super) const BACKUP_GATEWAY: Parameter = parameter(14, "Backup Gateway IP");
pub(super) const BACKUP_GATEWAY_MAC: Parameter = parameter(15, "Backup Gateway MAC");
pub(super) const COMMUNITY: Parameter = parameter(16, "SNMP Community String");
pub(super) const DESTINATIONS: Parameter = parameter(17, "Number of Destinations");
pub(super) const DESTINATION_TYPE: Parameter = parameter(18, "Destination Type");
pub(super) const DESTINATION_ADDRESS: Parameter = parameter(19, "Destination Addresses");
pub(super) const VLAN: Parameter = parameter(20, "802.1q VLAN ID");
pub(super) const VLAN_PRIORITY: Parameter = parameter(21, "802.1q VLAN Priority");
pub(super) const CIPHER_COUNT: Parameter = parameter(22, "RMCP+ Cipher Suite Count");
pub(super) const CIPHERS: Parameter = parameter(23, "RMCP+ Cipher Suites");
pub(super) const CIPHER_PRIVILEGES: Parameter = parameter(24, "Cipher Suite Priv Max");
pub(super) const PASSWORD_THRESHOLD: Parameter = parameter(26, "Bad Password Threshold");

/// A parameter's value: what follows the revision in the response. The
/// original reads it without looking at its length.
#[derive(Debug, Clone)]
pub(super) struct Value(Reply);

impl Value {
    /// The byte at `index`, new or left over.
    pub(super) fn at(&self, index: usize) -> u8 {
        self.0.at(1 + index)
    }

    /// `N` bytes, new or left over.
    pub(super) fn first<const N: usize>(&self) -> [u8; N] {
        std::array::from_fn(|index| self.at(index))
    }

    /// The bytes that arrived.
    pub(super) fn data(&self) -> &[u8] {
        self.0.data().get(1..).unwrap_or_default()
    }

    /// All bytes of the buffer from the value on.
    pub(super) fn buffer(&self) -> &[u8] {
        &self.0.buffer()[1..]
    }

    /// Length of the value: -1 where not even the revision arrived.
    pub(super) fn length(&self) -> i64 {
        self.0.len() as i64 - 1
    }
}

/// A parameter that was asked for; `None` when the BMC does not have it.
pub(super) type Found = Result<Option<Value>, Failed>;

/// Completion codes for a parameter that there is not: not supported, out of
/// range, invalid field.
const ABSENT: [u8; 3] = [0x80, 0xC9, 0xCC];

/// Reads a parameter of `channel`.
pub(super) fn get(session: &mut Session<'_>, channel: u8, parameter: Parameter) -> Found {
    get_set(session, channel, parameter, 0)
}

/// Reads a set of a parameter. `Err` after logging (with `-v`) why not.
pub(super) fn get_set(session: &mut Session<'_>, channel: u8, parameter: Parameter, set: u8) -> Found {
    let name = parameter.name;
    let Some(reply) = session.send(GET.0, GET.1, &[channel, parameter.number, set, 0]) else {
        log!(session, INFO, "Get LAN Parameter '{name}' command failed");
        return Err(Failed);
    };
    if reply.is_ok() {
        return Ok(Some(Value(reply)));
    }
    let words = completion(session, reply.completion, &READ_COMPLETIONS);
    log!(session, INFO, "Get LAN Parameter '{name}' command failed: {words}");
    if ABSENT.contains(&reply.completion) { Ok(None) } else { Err(Failed) }
}

/// As [`get`], for a value that must be there.
pub(super) fn need(session: &mut Session<'_>, channel: u8, parameter: Parameter) -> Result<Value, Failed> {
    get(session, channel, parameter)?.ok_or(Failed)
}

/// Names of completion codes from 80h on.
pub(super) const READ_COMPLETIONS: [&str; 1] = ["Unsupported parameter"];
const WRITE_COMPLETIONS: [&str; 4] = [
    "Unsupported parameter",
    "Attempt to set 'in progress' while not in 'complete' state",
    "Parameter is read-only",
    "Parameter is wrote-only",
];

/// A completion code in words, of which a command may have its own.
pub(super) fn completion(session: &Session<'_>, code: u8, own: &[&'static str]) -> String {
    let own = code.checked_sub(0x80).and_then(|index| own.get(usize::from(index)));
    match own {
        Some(words) if session.personality.names_lan_completions() => (*words).to_owned(),
        _ => completion_name(code).into_owned(),
    }
}

/// Values of [`SET_IN_PROGRESS`].
const UNLOCKED: u8 = 0;
const LOCKED: u8 = 1;
const COMMIT: u8 = 2;

/// How often something is tried again, and the pause before.
const RETRIES: usize = 10;
const PAUSE: Duration = Duration::from_secs(3);

/// Writes a parameter and waits until it reads as written.
pub(super) fn set(session: &mut Session<'_>, channel: u8, parameter: Parameter, data: &[u8]) -> Outcome {
    lock(session, channel);
    let outcome = write_checked(session, channel, parameter, data);
    unlock(session, channel);
    outcome
}

/// Writes a parameter, however the BMC takes it.
pub(super) fn set_unchecked(
    session: &mut Session<'_>,
    channel: u8,
    parameter: Parameter,
    data: &[u8],
) -> Outcome {
    lock(session, channel);
    let outcome = write(session, channel, parameter, data).map(drop);
    unlock(session, channel);
    outcome
}

fn lock(session: &mut Session<'_>, channel: u8) {
    for tries_left in (0..=3).rev() {
        let Ok(Some(state)) = get(session, channel, SET_IN_PROGRESS) else { return };
        if state.at(0) & 3 == LOCKED || tries_left == 0 {
            return;
        }
        // The next look shows whether it was taken.
        let _ = write(session, channel, SET_IN_PROGRESS, &[LOCKED]);
    }
}

fn unlock(session: &mut Session<'_>, channel: u8) {
    if write(session, channel, SET_IN_PROGRESS, &[COMMIT]).is_err() {
        log!(session, DEBUG, "LAN Parameter Commit not supported");
    }
    // A BMC without the lock needs no unlocking.
    let _ = write(session, channel, SET_IN_PROGRESS, &[UNLOCKED]);
}

/// Sends a write; its completion code.
fn write(session: &mut Session<'_>, channel: u8, parameter: Parameter, data: &[u8]) -> Result<u8, Failed> {
    let request = [&[channel, parameter.number], data].concat();
    match session.send(SET.0, SET.1, &request) {
        Some(reply) => Ok(reply.completion),
        None => {
            log!(session, ERR, "Set LAN Parameter failed");
            Err(Failed)
        }
    }
}

fn write_checked(session: &mut Session<'_>, channel: u8, parameter: Parameter, data: &[u8]) -> Outcome {
    let completion_code = write(session, channel, parameter, data)?;
    if completion_code != 0 {
        let words = completion(session, completion_code, &WRITE_COMPLETIONS);
        log!(session, DEBUG, "Warning: Set LAN Parameter failed: {words}");
    }
    match completion_code {
        0 | 0xFF => {}
        0xCC => write_again(session, channel, parameter, data),
        _ => return Err(Failed),
    }
    verify(session, channel, parameter, data)
}

/// Tries a write again until it is taken.
fn write_again(session: &mut Session<'_>, channel: u8, parameter: Parameter, data: &[u8]) {
    log!(session, DEBUG, "Retrying...");
    let request = [&[channel, parameter.number], data].concat();
    for _ in 0..RETRIES {
        (session.pause)(PAUSE);
        if session.send(SET.0, SET.1, &request).is_some_and(|reply| reply.is_ok()) {
            return;
        }
    }
}

/// Waits until the parameter reads as written.
fn verify(session: &mut Session<'_>, channel: u8, parameter: Parameter, data: &[u8]) -> Outcome {
    log!(session, DEBUG, "Waiting for Set LAN Parameter to complete...");
    if session.verbose > 1 {
        session.dump("SET DATA", data);
    }
    for tries_left in (0..=RETRIES).rev() {
        let found = get(session, channel, parameter);
        if session.verbose > 1
            && let Ok(Some(value)) = &found
        {
            session.dump("READ DATA", value.data());
        }
        let length = match &found {
            Err(Failed) => None,
            Ok(None) => Some(0),
            Ok(Some(value)) if value.data() == data && value.length() >= 0 => return Ok(()),
            Ok(Some(value)) => Some(value.length()),
        };
        (session.pause)(PAUSE);
        if tries_left > 0 {
            continue;
        }
        let wanted = data.len() as i64;
        match length {
            Some(length) if length == wanted => {
                log!(session, WARN, "LAN Parameter Data does not match!  Write may have failed.");
            }
            Some(length) => log!(session, WARN, "Mismatched data lengths: {length} != {wanted}"),
            None => {}
        }
    }
    Err(Failed)
}
