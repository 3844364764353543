//! `lan set`.

use super::parameter::{self, Parameter};
use super::{address, arp, authentication, channel_number, require_lan, vlan};
use crate::ipmitool::commands::channel::request::{self as channels, Access, Kept};
use crate::ipmitool::commands::user::request::{self as users, Operation};
use crate::ipmitool::help::Help;
use crate::ipmitool::help::lan as help;
use crate::ipmitool::text::{colons, dotted};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let [channel, verb, rest @ ..] = words else { return session.misused(help::SET) };
    let personality = session.personality;
    if [channel, verb].into_iter().any(|word| personality.is_verb(word, "help")) {
        return session.explain(help::SET);
    }
    let channel = channel_number(session, channel)?;
    if let Err(failed) = require_lan(session, channel, "!") {
        session.help(help::SET);
        return Err(failed);
    }
    let is = |word: &str| personality.is_verb(verb, word);
    match () {
        () if is("user") => user(session, channel),
        () if is("access") => access(session, channel, rest),
        () if is("arp") => arp::run(session, channel, rest),
        () if is("auth") => authenticate(session, channel, rest),
        () if is("ipsrc") => source(session, channel, rest),
        () if is("password") => password(session, rest.first()),
        () if is("snmp") => community(session, channel, rest),
        () if is("ipaddr") => ipv4(session, channel, parameter::ADDRESS, rest),
        () if is("netmask") => ipv4(session, channel, parameter::NETMASK, rest),
        () if is("macaddr") => mac(session, channel, rest),
        () if is("defgw") => gateway(session, channel, &DEFAULT, rest),
        () if is("bakgw") => gateway(session, channel, &BACKUP, rest),
        () if personality.is_loose_verb(verb, "vlan") => vlan::run(session, channel, rest),
        () if personality.is_loose_verb(verb, "alert") => alert(session, channel, rest),
        () if is("cipher_privs") => cipher_privileges(session, channel, rest),
        () if is("bad_pass_thresh") => threshold(session, channel, rest),
        () => session.misused(help::SET),
    }
}

/// Privilege limit that is given: administrator.
const ADMINISTRATOR: u8 = 4;

/// The user whose password and access are meant.
const FIRST_USER: u8 = 1;

fn user(session: &mut Session<'_>, channel: u8) -> Outcome {
    if let Err(refusal) = users::set_access(session, channel, FIRST_USER, 0, ADMINISTRATOR, false) {
        let failed = session.report(refusal);
        log!(session, ERR, "Set User Access for channel {channel} failed");
        return Err(failed);
    }
    out!(session, "Set User Access for channel {channel} was successful.");
    Ok(())
}

fn access(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    let Some(word) = rest.first() else { return session.misused(help::SET_ACCESS) };
    let mode = match () {
        () if personality.is_verb(word, "help") => return session.explain(help::SET_ACCESS),
        () if personality.is_verb(word, "on") => 2,
        () if personality.is_verb(word, "off") => 0,
        () => return session.misused(help::SET_ACCESS),
    };
    for kept in [Kept::Stored, Kept::Volatile] {
        let mut access = channel_access(session, channel, kept)?;
        access.mode = access.mode & !7 | mode;
        access.privilege = ADMINISTRATOR;
        set_channel_access(session, channel, access, kept, true)?;
    }
    out!(session, "Set Channel Access for channel {channel} was successful.\n");
    Ok(())
}

fn kept_name(kept: Kept) -> &'static str {
    match kept {
        Kept::Stored => "non-volatile",
        Kept::Volatile => "volatile",
    }
}

fn channel_access(session: &mut Session<'_>, channel: u8, kept: Kept) -> Result<Access, Failed> {
    channels::access(session, channel, kept).map_err(|refusal| {
        let failed = session.report(refusal);
        log!(session, ERR, "Unable to Get Channel Access({}) for channel {channel}", kept_name(kept));
        failed
    })
}

fn set_channel_access(
    session: &mut Session<'_>,
    channel: u8,
    access: Access,
    kept: Kept,
    with_privilege: bool,
) -> Outcome {
    channels::set_access(session, channel, access, kept, with_privilege).map_err(|refusal| {
        let failed = session.report(refusal);
        log!(session, ERR, "Unable to Set Channel Access({}) for channel {channel}", kept_name(kept));
        failed
    })
}

fn alert(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    let Some(word) = rest.first() else { return session.misused(help::SET_ALERT) };
    let is = |name: &str| personality.is_loose_verb(word, name);
    let (doing, done, bit) = if is("on") || is("enable") {
        ("Enabling", "enabled", Access::NO_ALERTS)
    } else if is("off") || is("disable") {
        ("Disabling", "disabled", 0)
    } else {
        return session.explain(help::SET_ALERT);
    };
    out!(session, "{doing} PEF alerts for LAN channel {channel}\n");
    // The bit means the contrary of what the original takes it for.
    let mut access = channel_access(session, channel, Kept::Stored)?;
    access.mode = access.mode & !Access::NO_ALERTS | bit;
    set_channel_access(session, channel, access, Kept::Stored, false)?;
    set_channel_access(session, channel, access, Kept::Volatile, false)?;
    out!(session, "PEF alerts for channel {channel} {done}.\n");
    Ok(())
}

fn authenticate(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    match rest {
        [] => session.misused(help::SET_AUTH),
        [word, ..] if session.personality.is_verb(word, "help") => session.explain(help::SET_AUTH),
        [levels, types, ..] => authentication::set(session, channel, levels, types),
        [_] => Err(Failed),
    }
}

fn source(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    let Some(word) = rest.first() else { return session.misused(help::SET_SOURCE) };
    let source = match () {
        () if personality.is_verb(word, "help") => return session.explain(help::SET_SOURCE),
        () if personality.is_verb(word, "none") => 0,
        () if personality.is_shortened_verb(word, "static") => 1,
        () if personality.is_verb(word, "dhcp") => 2,
        () if personality.is_verb(word, "bios") => 3,
        () => return session.misused(help::SET_SOURCE),
    };
    parameter::set(session, channel, parameter::SOURCE, &[source])
}

fn password(session: &mut Session<'_>, password: Option<&Arg>) -> Outcome {
    let text = password.map_or(&[][..], Vec::as_slice);
    if let Err(refusal) = users::password(session, FIRST_USER, Operation::Set, text, false) {
        let failed = session.report(refusal);
        log!(session, ERR, "Unable to Set LAN Password for user {FIRST_USER}");
        return Err(failed);
    }
    let done = if password.is_some() { "set" } else { "cleared" };
    out!(session, "Password {done} for user {FIRST_USER}\n");
    Ok(())
}

/// Bytes of the community string.
const COMMUNITY: usize = 18;

fn community(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    let Some(word) = rest.first() else { return session.misused(help::SET_COMMUNITY) };
    if session.personality.is_verb(word, "help") {
        return session.explain(help::SET_COMMUNITY);
    }
    let mut data = word[..word.len().min(COMMUNITY)].to_vec();
    out!(session, "Setting LAN {} to ", parameter::COMMUNITY.name);
    session.console.put(&data);
    out!(session, "\n");
    data.resize(COMMUNITY, 0);
    parameter::set(session, channel, parameter::COMMUNITY, &data)
}

fn ipv4(session: &mut Session<'_>, channel: u8, parameter: Parameter, rest: &[Arg]) -> Outcome {
    let [text] = rest else { return session.misused(help::SET) };
    let address = address::ipv4(session, text)?;
    write(session, channel, parameter, &dotted(&address), &address)
}

fn mac(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    let [text] = rest else { return session.misused(help::SET) };
    let station = address::mac(session, text)?;
    write(session, channel, parameter::MAC, &colons(&station), &station)
}

/// Says what is set, and sets it.
fn write(session: &mut Session<'_>, channel: u8, parameter: Parameter, text: &str, data: &[u8]) -> Outcome {
    out!(session, "Setting LAN {} to {text}\n", parameter.name);
    parameter::set(session, channel, parameter, data)
}

/// A gateway's parameters.
struct Gateway {
    address: Parameter,
    mac: Parameter,
    help: Help,
}

const DEFAULT: Gateway =
    Gateway { address: parameter::GATEWAY, mac: parameter::GATEWAY_MAC, help: help::SET_DEFAULT_GATEWAY };

const BACKUP: Gateway = Gateway {
    address: parameter::BACKUP_GATEWAY,
    mac: parameter::BACKUP_GATEWAY_MAC,
    help: help::SET_BACKUP_GATEWAY,
};

fn gateway(session: &mut Session<'_>, channel: u8, gateway: &Gateway, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    let [verb, text, ..] = rest else { return session.misused(gateway.help) };
    if personality.is_verb(verb, "help") {
        session.explain(gateway.help)
    } else if personality.is_shortened_verb(verb, "ipaddr")
        && let Ok(address) = address::ipv4(session, text)
    {
        write(session, channel, gateway.address, &dotted(&address), &address)
    } else if personality.is_verb(verb, "macaddr")
        && let Ok(station) = address::mac(session, text)
    {
        write(session, channel, gateway.mac, &colons(&station), &station)
    } else {
        session.misused(help::SET)
    }
}

fn cipher_privileges(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    let [text] = rest else { return session.misused(help::SET_CIPHER_PRIVILEGES) };
    if session.personality.is_verb(text, "help") {
        return session.explain(help::SET_CIPHER_PRIVILEGES);
    }
    match read_cipher_privileges(session, text) {
        Ok(data) => parameter::set(session, channel, parameter::CIPHER_PRIVILEGES, &data),
        // Not a failure to the original.
        Err(Failed) => session.explain(help::SET_CIPHER_PRIVILEGES),
    }
}

/// Cipher suites that privileges are given for.
const CIPHERS: usize = 15;

/// Letters as nibbles, the first in the low one of the second byte.
fn read_cipher_privileges(session: &mut Session<'_>, text: &[u8]) -> Result<[u8; 9], Failed> {
    if text.len() != CIPHERS {
        log!(session, ERR, "Invalid privilege specification length: {}", text.len());
        return Err(Failed);
    }
    let mut data = [0; 9];
    for (index, letter) in text.iter().enumerate() {
        let privilege: u8 = match letter {
            b'X' => 0,
            b'c' => 1,
            b'u' => 2,
            b'o' => 3,
            b'a' => 4,
            b'O' => 5,
            _ => return Err(session.complain("Invalid privilege specification char: ", &[*letter], "")),
        };
        data[1 + index / 2] |= if index.is_multiple_of(2) { privilege } else { privilege << 4 };
    }
    Ok(data)
}

fn threshold(session: &mut Session<'_>, channel: u8, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    if let [word] = rest
        && personality.is_verb(word, "help")
    {
        session.help(personality.threshold_help());
        return session.explain(help::SET_THRESHOLD);
    }
    match read_threshold(rest) {
        Some(data) => parameter::set(session, channel, parameter::PASSWORD_THRESHOLD, &data),
        None => {
            session.help(personality.threshold_help());
            session.misused(help::SET_THRESHOLD)
        }
    }
}

fn read_threshold(words: &[Arg]) -> Option<[u8; 6]> {
    let [threshold, event, reset, lockout, ..] = words else { return None };
    let threshold = number::to_u8(threshold).ok()?;
    let event = number::to_u8(event).ok().filter(|event| *event <= 1)?;
    let [reset_low, reset_high] = number::to_u16(reset).ok()?.to_le_bytes();
    let [lockout_low, lockout_high] = number::to_u16(lockout).ok()?.to_le_bytes();
    Some([event, threshold, reset_low, reset_high, lockout_low, lockout_high])
}
