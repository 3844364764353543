//! `chassis bootparam`: boot options as parameters (IPMI 2.0 sections 28.12,
//! 28.13 and table 28-14).

use super::{CHASSIS, after_help, boot_device, boot_mailbox, boot_valid};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::hex;
use crate::ipmitool::time::OldClock;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::{log, out};

/// Parameter selectors.
pub(super) const SET_IN_PROGRESS: u8 = 0;
pub(super) const FLAG_VALID: u8 = 3;
pub(super) const INFO_ACKNOWLEDGE: u8 = 4;
pub(super) const BOOT_FLAGS: u8 = 5;
pub(super) const MAILBOX: u8 = 7;

/// Get System Boot Options.
const GET: (u8, u8) = (CHASSIS, 0x09);
/// Set System Boot Options.
const SET: (u8, u8) = (CHASSIS, 0x08);

/// Runs `chassis bootparam …`.
pub(super) fn run(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    let [verb, first, more @ ..] = rest else { return print_help(session) };
    let is = |word: &str| personality.is_verb(verb, word);
    if is("help") {
        print_help(session)
    } else if is("get") {
        get(session, first, more)
    } else if is("set") {
        let flag = !personality.is_verb(first, "help") && personality.is_verb(first, "bootflag");
        match more {
            [device, options @ ..] if flag => set(session, device, options),
            _ => {
                boot_valid::help(session);
                after_help(session)
            }
        }
    } else {
        log!(session, NOTICE, "bootparam get|set <option> [value ...]");
        after_help(session)
    }
}

fn print_help(session: &mut Session<'_>) -> Outcome {
    log!(session, NOTICE, "bootparam get <param #>");
    boot_valid::help(session);
    after_help(session)
}

fn set(session: &mut Session<'_>, device: &[u8], options: &[Arg]) -> Outcome {
    let change = match options {
        [words] => boot_valid::read(session, words),
        _ => boot_valid::Change::default(),
    };
    let outcome = boot_device::set(session, device, [0; 5]);
    if change.is_empty() { outcome } else { boot_valid::apply(session, &change) }
}

/// What a `get` leaves out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Brief {
    /// No general lines, and no complaint about a block beyond the last.
    pub(super) later_block: bool,
    /// How `bootmbox` wants the mailbox shown.
    pub(super) mailbox: boot_mailbox::Style,
}

fn get(session: &mut Session<'_>, word: &[u8], more: &[Arg]) -> Outcome {
    let Ok(selector) = number::to_u8(word) else {
        return Err(session.complain("Invalid parameter '", word, "' given instead of bootparam."));
    };
    if !session.personality.has_boot_mailbox() {
        let reply = fetch(session, selector, 0, &String::from_utf8_lossy(word), false)?;
        show(session, &reply, Brief::default());
        return Ok(());
    }
    let block = match more.first() {
        None => 0,
        Some(word) => match number::to_u8(word) {
            Ok(block) => block,
            // The original names the block, which is still zero.
            Err(_) => return Err(session.complain("Invalid argument '", word, "' given to bootparam 0")),
        },
    };
    read(session, selector, block, Brief::default())
}

/// Reads and shows a parameter's block.
pub(super) fn read(session: &mut Session<'_>, selector: u8, block: u8, brief: Brief) -> Outcome {
    let name = (selector & 0x7F).to_string();
    let reply = fetch(session, selector, block, &name, brief.later_block)?;
    show(session, &reply, brief);
    Ok(())
}

/// Completion code for a parameter the BMC does not have.
const UNSUPPORTED: u8 = 0x80;
const OUT_OF_RANGE: u8 = 0xC9;

pub(super) fn fetch(
    session: &mut Session<'_>,
    selector: u8,
    block: u8,
    name: &str,
    may_end: bool,
) -> Result<Reply, Failed> {
    let Some(reply) = session.send(GET.0, GET.1, &[selector & 0x7F, block, 0]) else {
        log!(session, ERR, "Error Getting Chassis Boot Parameter {name}");
        return Err(Failed);
    };
    match reply.completion {
        0 => {}
        OUT_OF_RANGE if may_end => return Err(Failed),
        code => {
            let words = match code {
                UNSUPPORTED if session.personality.has_boot_mailbox() => "Unsupported parameter".into(),
                code => completion_name(code),
            };
            log!(session, ERR, "Get Chassis Boot Parameter {name} failed: {words}");
            return Err(Failed);
        }
    }
    if session.verbose > 2 {
        session.dump("Boot Option", reply.data());
    }
    Ok(reply)
}

/// How setting a parameter went: refusals are positive results, which the
/// caller may treat as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Accepted,
    Refused(u8),
    Unanswered,
}

impl Written {
    /// As the original's result: 1.8.18 makes refusals negative, 1.8.19 hands
    /// the completion code on, which does not fail.
    pub(super) fn outcome(self, session: &mut Session<'_>) -> Outcome {
        match self {
            Self::Accepted => Ok(()),
            Self::Refused(_) if session.personality.has_boot_mailbox() => session.positive(),
            _ => Err(Failed),
        }
    }
}

pub(super) fn write(session: &mut Session<'_>, selector: u8, data: &[u8]) -> Written {
    let request = [&[selector & 0x7F], data].concat();
    let Some(reply) = session.send(SET.0, SET.1, &request) else {
        log!(session, ERR, "Error setting Chassis Boot Parameter {selector}");
        return Written::Unanswered;
    };
    let code = reply.completion;
    if code != 0 {
        if selector != SET_IN_PROGRESS {
            let words = match code {
                0x80 if session.personality.has_boot_mailbox() => "Unsupported parameter".into(),
                0x81 if session.personality.has_boot_mailbox() => {
                    "Attempt to set 'in progress' while not in 'complete' state".into()
                }
                0x82 if session.personality.has_boot_mailbox() => "Parameter is read-only".into(),
                code => completion_name(code),
            };
            log!(session, ERR, "Set Chassis Boot Parameter {selector} failed: {words}");
        }
        return Written::Refused(code);
    }
    log!(session, DEBUG, "Chassis Set Boot Parameter {selector} to {}", hex(data));
    Written::Accepted
}

fn show(session: &mut Session<'_>, reply: &Reply, brief: Brief) {
    let selector = reply.at(1) & 0x7F;
    if !brief.later_block {
        let state = if reply.at(1) & 0x80 != 0 { "invalid/locked" } else { "valid/unlocked" };
        let data = hex(reply.data().get(2..).unwrap_or_default());
        out!(session, "Boot parameter version: {}\n", reply.at(0));
        out!(session, "Boot parameter {selector} is {state}\n");
        out!(session, "Boot parameter data: {data}\n");
    }
    match selector {
        SET_IN_PROGRESS => show_progress(session, reply.at(2)),
        1 => match reply.at(2) {
            0 => out!(session, " Service Partition Selector : unspecified\n"),
            selected => out!(session, " Service Partition Selector : {selected}\n"),
        },
        2 => show_flags(session, " Service Partition Scan :\n", reply.at(2), SCAN),
        FLAG_VALID => show_flags(session, " BMC boot flag valid bit clearing :\n", reply.at(2), CLEARING),
        INFO_ACKNOWLEDGE => show_flags(session, " Boot Info Acknowledge :\n", reply.at(3), ACKNOWLEDGED),
        BOOT_FLAGS => super::boot_device::show(session, reply),
        6 => show_initiator(session, reply),
        MAILBOX => boot_mailbox::show(session, reply, brief.mailbox),
        _ if session.personality.has_boot_mailbox() => out!(session, " Unsupported parameter {selector}\n"),
        _ => out!(session, " Undefined byte\n"),
    }
}

fn show_progress(session: &mut Session<'_>, byte: u8) {
    const STATES: [&str; 4] = ["set complete", "set in progress", "commit write", "error, reserved bit"];
    out!(session, " Set In Progress : {}\n", STATES[usize::from(byte & 3)]);
}

const SCAN: &[(u8, &str)] =
    &[(0x01, "     - Request BIOS to scan\n"), (0x02, "     - Service Partition Discovered\n")];

const CLEARING: &[(u8, &str)] = &[
    (0x10, "     - Don't clear valid bit on reset/power cycle cause by PEF\n"),
    (0x08, "     - Don't automatically clear boot flag valid bit on timeout\n"),
    (0x04, "     - Don't clear valid bit on reset/power cycle cause by watchdog\n"),
    (0x02, "     - Don't clear valid bit on push button reset // soft reset\n"),
    (0x01, "     - Don't clear valid bit on power up via power push button or wake event\n"),
];

const ACKNOWLEDGED: &[(u8, &str)] = &[
    (0x10, "    - OEM has handled boot info\n"),
    (0x08, "    - SMS has handled boot info\n"),
    (0x04, "    - OS // service partition has handled boot info\n"),
    (0x02, "    - OS Loader has handled boot info\n"),
    (0x01, "    - BIOS/POST has handled boot info\n"),
];

fn show_flags(session: &mut Session<'_>, title: &str, byte: u8, flags: &[(u8, &str)]) {
    let text: String = flags.iter().filter(|(mask, _)| byte & mask != 0).map(|(_, text)| *text).collect();
    out!(session, "{title}{}", if text.is_empty() { "     No flag set\n" } else { &text });
}

fn show_initiator(session: &mut Session<'_>, reply: &Reply) {
    let word =
        |at: usize| u32::from_le_bytes([reply.at(at), reply.at(at + 1), reply.at(at + 2), reply.at(at + 3)]);
    let stamp = word(7);
    out!(session, " Boot Initiator Info :\n");
    out!(session, "    Channel Number : {}\n", reply.at(2) & 0x0F);
    out!(session, "    Session Id     : {:08X}h\n", word(3));
    let time = session.times.numeric(stamp, OldClock::Local);
    if session.personality.has_boot_mailbox() {
        out!(session, "    Timestamp      : ");
        session.console.put(&time);
        out!(session, "\n");
    } else if stamp == 0 {
        out!(session, "    Timestamp      : {stamp:08X}h, undefined\n");
    } else {
        // The original formats a variable it never sets; the time is meant.
        out!(session, "    Timestamp      : {stamp:08X}h, ");
        session.console.put(&time);
        out!(session, "\n");
    }
}
