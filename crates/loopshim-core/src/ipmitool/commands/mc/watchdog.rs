//! `mc watchdog`: the BMC's watchdog timer (IPMI 2.0 section 27).

use super::{APP, invalid};
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session};
use crate::{log, out};

mod setting;

/// Timer uses by code.
const USES: Words =
    words!["Reserved", "BIOS FRB2", "BIOS/POST", "OS Load", "SMS/OS", "OEM", "Reserved", "Reserved"];
/// Timer actions by code.
const ACTIONS: Words = words![
    "No action",
    "Hard Reset",
    "Power Down",
    "Power Cycle",
    "Reserved",
    "Reserved",
    "Reserved",
    "Reserved"
];
/// Pre-timeout interrupts by code.
const INTERRUPTS: Words =
    words!["None", "SMI", "NMI/Diagnostic", "Messaging", "Reserved", "Reserved", "Reserved", "Reserved"];

pub(super) fn run(session: &mut Session<'_>, verb: &[u8], rest: &[Arg]) -> Outcome {
    let Some((word, rest)) = rest.split_first() else {
        log!(session, ERR, "Not enough parameters given.");
        help(session);
        return Err(Failed);
    };
    let personality = session.personality;
    let is = |name: &str| personality.is_verb(word, name);
    if is("help") {
        help(session);
        Ok(())
    } else if personality.sets_watchdog() && is("set") {
        set(session, rest)
    } else if is("get") {
        get(session)
    } else if is("off") {
        stop(session)
    } else if is("reset") {
        restart(session)
    } else {
        let failed = invalid(session, verb, word);
        help(session);
        Err(failed)
    }
}

fn help(session: &mut Session<'_>) {
    let usage = session.personality.watchdog_usage();
    session.help_at_once(usage);
}

fn set(session: &mut Session<'_>, options: &[Arg]) -> Outcome {
    if options.is_empty() {
        log!(session, ERR, "Not enough parameters given.");
        help(session);
        return Err(Failed);
    }
    let (setting, readable) = setting::read(session, options);
    let outcome = setting::send(session, &setting);
    if !readable {
        help(session);
    }
    outcome
}

fn get(session: &mut Session<'_>) -> Outcome {
    let failed = "Get Watchdog Timer command failed";
    let reply = session.ask((APP, 0x25), &[], failed, failed)?;
    let timer = reply.at(0);
    let running = if timer & 0x40 != 0 { "Started/Running" } else { "Stopped" };
    out!(session, "Watchdog Timer Use:     {} (0x{timer:02x})\n", USES.at(timer & 7));
    out!(session, "Watchdog Timer Is:      {running}\n");
    if session.personality.sets_watchdog() {
        print_details(session, &reply);
    } else {
        print_summary(session, &reply);
    }
    Ok(())
}

fn countdown(reply: &Reply, index: usize) -> u16 {
    u16::from_le_bytes([reply.at(index), reply.at(index + 1)])
}

/// As 1.8.18 has it.
fn print_summary(session: &mut Session<'_>, reply: &Reply) {
    let action = reply.at(1);
    out!(session, "Watchdog Timer Actions: {} (0x{action:02x})\n", ACTIONS.at(action & 7));
    out!(session, "Pre-timeout interval:   {} seconds\n", reply.at(2));
    out!(session, "Timer Expiration Flags: 0x{:02x}\n", reply.at(3));
    out!(session, "Initial Countdown:      {} sec\n", countdown(reply, 4) / 10);
    out!(session, "Present Countdown:      {} sec\n", countdown(reply, 6) / 10);
}

/// As 1.8.19 has it.
fn print_details(session: &mut Session<'_>, reply: &Reply) {
    let (action, expired) = (reply.at(1), reply.at(3));
    out!(session, "Watchdog Timer Logging: {}\n", if reply.at(0) & 0x80 != 0 { "Off" } else { "On" });
    out!(session, "Watchdog Timer Action:  {} (0x{action:02x})\n", ACTIONS.at(action & 7));
    out!(session, "Pre-timeout interrupt:  {}\n", INTERRUPTS.at(action >> 4 & 7));
    out!(session, "Pre-timeout interval:   {} seconds\n", reply.at(2));
    let none = if expired == 0 { "None " } else { "" };
    out!(session, "Timer Expiration Flags: {none}(0x{expired:02x})\n");
    for (bit, name) in USES.iter().enumerate() {
        if expired & 1 << bit != 0 {
            out!(session, "                        * {name}\n");
        }
    }
    for (label, index) in [("Initial", 4), ("Present", 6)] {
        let tenths = countdown(reply, index);
        out!(session, "{label} Countdown:      {}.{} sec\n", tenths / 10, tenths % 10);
    }
}

/// Sets the timer to its default of five minutes without starting it.
fn stop(session: &mut Session<'_>) -> Outcome {
    let failed = "Watchdog Timer Shutoff command failed!";
    let Some(reply) = session.send(APP, 0x24, &[0x04, 0x00, 0x00, 0x10, 0xB8, 0x0B]) else {
        log!(session, ERR, "{failed}");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let words = crate::ipmitool::text::completion::completion_name(reply.completion);
        log!(session, ERR, "{failed} {words}");
        return Err(Failed);
    }
    out!(session, "Watchdog Timer Shutoff successful -- timer stopped\n");
    Ok(())
}

/// Completion code for a timer that was never set.
const UNINITIALIZED: u8 = 0x80;

fn restart(session: &mut Session<'_>) -> Outcome {
    let Some(reply) = session.send(APP, 0x22, &[]) else {
        log!(session, ERR, "Reset Watchdog Timer command failed!");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let words = match reply.completion {
            UNINITIALIZED => "Attempt to reset uninitialized watchdog".into(),
            code => crate::ipmitool::text::completion::completion_name(code),
        };
        log!(session, ERR, "Reset Watchdog Timer command failed: {words}");
        return Err(Failed);
    }
    out!(session, "IPMI Watchdog Timer Reset -  countdown restarted!\n");
    Ok(())
}
