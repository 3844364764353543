//! `pef`: platform event filtering (IPMI 2.0 sections 17 and 30).
//!
//! Results that are positive to the original do not fail a command.

mod destination;
mod fields;
mod filter;
mod policy;
mod status;
mod words;

use super::{Arg, Outcome, Session};
use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::help::{self, Help};
use crate::ipmitool::{Failed, Reply, number};
use crate::log;

/// Network function "sensor/event".
const SENSOR_EVENT: u8 = 0x04;
const CAPABILITIES: (u8, u8) = (SENSOR_EVENT, 0x10);
const SET: (u8, u8) = (SENSOR_EVENT, 0x12);
const GET: (u8, u8) = (SENSOR_EVENT, 0x13);
const LAST_PROCESSED: (u8, u8) = (SENSOR_EVENT, 0x15);

/// Configuration parameters (table 30-6).
mod parameter {
    pub(super) const CONTROL: u8 = 1;
    pub(super) const ACTIONS: u8 = 2;
    pub(super) const FILTERS: u8 = 5;
    pub(super) const FILTER: u8 = 6;
    pub(super) const FILTER_CONFIGURATION: u8 = 7;
    pub(super) const POLICIES: u8 = 8;
    pub(super) const POLICY: u8 = 9;
    pub(super) const SYSTEM_GUID: u8 = 10;
}

/// Runs `ipmitool pef …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        log!(session, ERR, "Not enough parameters given.");
        session.help(help::pef::PEF);
        return Err(Failed);
    };
    match &verb[..] {
        b"help" => {
            session.help(help::pef::PEF);
            Ok(())
        }
        b"capabilities" | b"event" | b"pet" | b"timer" => not_implemented(session),
        b"filter" => run_table(session, &filter::TABLE, rest),
        b"policy" => run_table(session, &policy::TABLE, rest),
        b"info" => status::info(session),
        b"status" => status::status(session),
        _ => Err(session.complain("Invalid PEF command: '", verb, "'\n")),
    }
}

fn not_implemented(session: &mut Session<'_>) -> Outcome {
    log!(session, ERR, "Not implemented.");
    session.positive()
}

/// The table of filters or that of policies, as sub-commands have it.
struct Table {
    help: Help,
    /// What the complaint about a sub-command calls the table.
    name: &'static str,
    /// What the complaints about an entry's number call it.
    entry: &'static str,
    /// The largest number of an entry.
    last: u8,
    list: fn(&mut Session<'_>) -> Outcome,
    enable: fn(&mut Session<'_>, u8, bool) -> Outcome,
}

fn run_table(session: &mut Session<'_>, table: &Table, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        log!(session, ERR, "Not enough parameters given.");
        session.help(table.help);
        return Err(Failed);
    };
    match &verb[..] {
        b"help" => session.help(table.help),
        b"list" => return (table.list)(session),
        b"enable" | b"disable" => {
            let entry = entry_number(session, table, rest)?;
            return (table.enable)(session, entry, verb == b"enable");
        }
        b"create" | b"delete" => return not_implemented(session),
        _ => {
            session.complain(&format!("Invalid PEF {} command: ", table.name), verb, "");
            session.help(table.help);
            return session.positive();
        }
    }
    Ok(())
}

fn entry_number(session: &mut Session<'_>, table: &Table, words: &[Arg]) -> Result<u8, Failed> {
    let [word] = words else {
        log!(session, ERR, "Not enough arguments given.");
        session.help(table.help);
        return Err(Failed);
    };
    let (entry, last) = (table.entry, table.last);
    let number = number::to_u8(word)
        .map_err(|_| session.complain(&format!("Invalid PEF {entry} ID given: "), word, ""))?;
    if !(1..=last).contains(&number) {
        log!(session, ERR, "PEF {entry} ID out of range. Valid range is <1..{last}>.");
        return Err(Failed);
    }
    Ok(number)
}

/// The number of entries in a table, by its parameter.
fn table_size(session: &mut Session<'_>, parameter: u8) -> Result<u8, Refusal> {
    session.attempt(GET, &[parameter, 0, 0], Some(2)).map(|reply| reply.at(1) & 0x7F)
}

/// Refuses an entry that the table does not have. `name` is what complaints
/// call the table.
fn require_entry(session: &mut Session<'_>, parameter: u8, entry: u8, name: &str) -> Outcome {
    let size = table_size(session, parameter).map_err(|refusal| session.report(refusal))?;
    if size == 0 {
        log!(session, ERR, "PEF {name} isn't supported.");
    } else if entry > size {
        log!(session, ERR, "PEF {name} ID out of range. Valid range is (1..{size}).");
    } else {
        return Ok(());
    }
    Err(Failed)
}

/// Writes a parameter that enables or disables an entry, and says so.
fn write_entry(session: &mut Session<'_>, data: &[u8], name: &str, enables: bool) -> Outcome {
    let entry = data.get(1).copied().unwrap_or_default();
    if let Err(refusal) = session.attempt(SET, data, None) {
        session.report(refusal);
        let verb = if enables { "enable" } else { "disable" };
        log!(session, ERR, "Failed to {verb} PEF {name} ID {entry}.");
        return Err(Failed);
    }
    let state = if enables { "enabled" } else { "disabled" };
    crate::out!(session, "PEF {name} ID {entry} is {state} now.\n");
    Ok(())
}

/// Sends a request that asks for `name`. `None` without an answer, which is
/// logged only where the BMC refuses with another code than "not supported".
fn ask(session: &mut Session<'_>, (netfn, cmd): (u8, u8), data: &[u8], name: &str) -> Option<Reply> {
    /// Parameter not supported.
    const UNSUPPORTED: u8 = 0x80;
    let reply = session.send(netfn, cmd, data)?;
    match reply.completion {
        0 => {
            if session.verbose > 2 {
                session.dump(name, reply.data());
            }
            Some(reply)
        }
        UNSUPPORTED => None,
        code => {
            log!(session, ERR, " **Error {code:x} in '{name}' command");
            None
        }
    }
}

/// As [`ask`], where the answer is needed.
fn need(session: &mut Session<'_>, command: (u8, u8), data: &[u8], name: &str) -> Result<Reply, Failed> {
    ask(session, command, data, name).ok_or_else(|| missing(session, name))
}

/// Logs that something could not be had.
fn missing(session: &mut Session<'_>, name: &str) -> Failed {
    log!(session, ERR, " **Error retrieving {name}");
    Failed
}
