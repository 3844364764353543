//! The sub-commands of `hpm` that are one request: what the target can do, has
//! and is doing.

use std::time::Duration;

use super::{IN_PROGRESS, PATIENCE, ask, log_code, seconds_since};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::until_nul;
use crate::ipmitool::{Failed, Level, Outcome, Personality, Reply, Session};
use crate::{log, out};

/// Passes an answer that is right. `silence` is logged when there is none,
/// `refusal` and the completion code when it is not.
fn check(
    session: &mut Session<'_>,
    level: Level,
    reply: Option<Reply>,
    silence: &str,
    refusal: &str,
) -> Result<Reply, Failed> {
    match reply {
        Some(reply) if reply.is_ok() => return Ok(reply),
        Some(reply) => {
            session.console.log_bytes(level, refusal.as_bytes());
            log_code(session, level, reply.completion);
        }
        None => session.console.log_bytes(level, silence.as_bytes()),
    }
    Err(Failed)
}

fn yes(byte: u8, bit: u8) -> char {
    if byte >> bit & 1 != 0 { 'y' } else { 'n' }
}

/// Passes an answer about the target's capabilities.
pub(super) fn check_capabilities(session: &mut Session<'_>, reply: Option<Reply>) -> Result<Reply, Failed> {
    match reply {
        Some(reply) if reply.is_ok() => return Ok(reply),
        Some(reply) => {
            let (code, name) = (reply.completion, completion_name(reply.completion));
            log!(session, ERR, "Error getting target upgrade capabilities, ccode: 0x{code:x}: {name}");
        }
        None => log!(session, ERR, "Error getting target upgrade capabilities."),
    }
    Err(Failed)
}

/// Get target upgrade capabilities (HPM.1 table 3-3).
pub(super) fn capabilities(session: &mut Session<'_>) -> Result<Reply, Failed> {
    let reply = ask(session, 0x2E, &[]);
    let reply = check_capabilities(session, reply)?;
    if session.verbose < 1 {
        return Ok(reply);
    }
    let (version, global, components) = (reply.at(1), reply.at(2), reply.at(7));
    log!(session, NOTICE, "TARGET UPGRADE CAPABILITIES\n-------------------------------");
    log!(session, NOTICE, "HPM.1 version............{version}    ");
    for bit in 0..8 {
        log!(session, NOTICE, "Component {bit} presence....[{}]   ", yes(components, bit));
    }
    let deferred = match session.personality {
        Personality::V1_8_18El8 => "Deferred activation......",
        Personality::V1_8_19Deb12 => "Deferred activation.....",
    };
    let names = [
        "Upgrade undesirable.....",
        "Aut rollback override...",
        "IPMC degraded...........",
        deferred,
        "Service affected........",
        "Manual rollback.........",
        "Automatic rollback......",
        "Self test...............",
    ];
    for (name, bit) in names.iter().zip((0..8).rev()) {
        log!(session, NOTICE, "{name}[{}]   ", yes(global, bit));
    }
    let names = ["Upgrade timeout.........", "Self test timeout.......", "Rollback timeout........"];
    for (name, at) in names.iter().zip(3..) {
        log!(session, NOTICE, "{name}[{} sec] ", u16::from(reply.at(at)) * 5);
    }
    log!(session, NOTICE, "Inaccessibility timeout.[{} sec] \n", u16::from(reply.at(6)) * 5);
    Ok(reply)
}

/// Get component properties (HPM.1 table 3-5).
pub(super) fn property(session: &mut Session<'_>, component: u8, selector: u8) -> Outcome {
    let refusal = "Error getting component properties";
    let reply = ask(session, 0x2F, &[component, selector]);
    let reply = check(session, Level::NOTICE, reply, "Error getting component properties\n", refusal)?;
    match selector {
        0 => print_general(session, reply.at(1)),
        1 => print_version(session, "Current Version: ", &reply),
        2 => {
            let text = until_nul(&reply.buffer()[1..13]);
            let line = [b"Description string: ", text, b"\n"].concat();
            session.console.log_bytes(Level::NOTICE, &line);
        }
        3 => print_version(session, "Rollback FW Version: ", &reply),
        _ => print_version(session, "Deferred FW Version: ", &reply),
    }
    Ok(())
}

fn print_general(session: &mut Session<'_>, properties: u8) {
    log!(session, NOTICE, "GENERAL PROPERTIES\n-------------------------------");
    let names = [
        ("Payload cold reset req....", 5),
        ("Def. activation supported.", 4),
        ("Comparison supported......", 3),
        ("Preparation supported.....", 2),
    ];
    for (name, bit) in names {
        log!(session, NOTICE, "{name}[{}]   ", yes(properties, bit));
    }
    let rolls_back = if properties & 3 != 0 { 'y' } else { 'n' };
    log!(session, NOTICE, "Rollback supported........[{rolls_back}]   \n");
}

fn print_version(session: &mut Session<'_>, title: &str, reply: &Reply) {
    let [major, minor, a, b, c, d] = [1, 2, 3, 4, 5, 6].map(|at| reply.at(at));
    log!(session, NOTICE, "{title}");
    log!(session, NOTICE, " Major: {major}");
    log!(session, NOTICE, " Minor: {minor:x}");
    log!(session, NOTICE, " Aux  : {a:03} {b:03} {c:03} {d:03}\n");
}

/// Abort firmware upgrade.
pub(super) fn abort(session: &mut Session<'_>) -> Outcome {
    let reply = ask(session, 0x30, &[]);
    let silence = "Error - aborting upgrade.";
    check(session, Level::ERR, reply, silence, "Error aborting upgrade").map(|_| ())
}

/// Get upgrade status: the code of the last command that took long. An answer
/// of 80h, 82h or 83h counts as "in progress".
pub(super) fn upgrade_status(session: &mut Session<'_>, silent: bool) -> Result<u8, Failed> {
    let reply = ask(session, 0x34, &[]);
    if reply.as_ref().is_some_and(|reply| matches!(reply.completion, 0x80 | 0x82 | 0x83)) {
        if !silent {
            log!(session, DEBUG, "HPM: Retryable error detected");
        }
        return Ok(IN_PROGRESS);
    }
    let silence = "Error getting upgrade status. Failed to get response.";
    let reply = check(session, Level::NOTICE, reply, silence, "Error getting upgrade status")?;
    if !silent {
        log!(session, NOTICE, "Upgrade status:");
        log!(session, NOTICE, " Command in progress:          {:x}", reply.at(1));
        log!(session, NOTICE, " Last command completion code: {:x}", reply.at(2));
    }
    Ok(reply.at(2))
}

/// Activate firmware.
pub(super) fn activate(session: &mut Session<'_>, keeps: bool) -> Outcome {
    let reply = ask(session, 0x35, if keeps { &[1] } else { &[] });
    if reply.as_ref().is_none_or(|reply| reply.completion != IN_PROGRESS) {
        let silence = "Error activating firmware.";
        return check(session, Level::ERR, reply, silence, "Error activating firmware").map(|_| ());
    }
    out!(session, "Waiting firmware activation...");
    session.console.flush();
    let outcome = wait(session);
    log!(session, NOTICE, "{}", if outcome.is_ok() { "OK" } else { "Failed" });
    outcome
}

/// Waits for the end of a command that takes long.
fn wait(session: &mut Session<'_>) -> Outcome {
    let told = capabilities(session).ok().map(|reply| u64::from(reply.at(3)) * 5);
    let patience = told.unwrap_or(PATIENCE);
    if session.verbose > 0 {
        let source = if told.is_some() { "Command Upgrade Capabilities Timeout" } else { "default timeout" };
        out!(session, "Use {source}: {patience} seconds\n");
    }
    let start = (session.clock)();
    loop {
        match upgrade_status(session, true)? {
            0 => return Ok(()),
            0x80 | 0xD5 if seconds_since(session, start) < patience => {
                (session.pause)(Duration::from_secs(1));
            }
            _ => return Err(Failed),
        }
    }
}

/// Manual firmware rollback.
pub(super) fn roll_back(session: &mut Session<'_>) -> Outcome {
    let less = session.verbose - 1;
    let target = session.with_verbosity(less, capabilities)?;
    let reply = ask(session, 0x38, &[]);
    if !reply.as_ref().is_some_and(|reply| matches!(reply.completion, 0 | IN_PROGRESS)) {
        let silence = "Error sending manual rollback.";
        return check(session, Level::ERR, reply, silence, "Error sending manual rollback").map(|_| ());
    }
    out!(session, "Waiting firmware rollback...");
    session.console.flush();
    rollback_status(session, u64::from(target.at(5)) * 5)
}

/// Asks until a command that takes long has ended; three times, answers of 82h
/// and 83h count as "in progress".
fn poll(session: &mut Session<'_>, cmd: u8, patience: u64) -> Option<Reply> {
    let start = (session.clock)();
    let mut retries = 0;
    loop {
        (session.pause)(Duration::from_millis(100));
        let reply = ask(session, cmd, &[]);
        let code = reply.as_ref()?.completion;
        let retries_now = matches!(code, 0x82 | 0x83) && retries < 3;
        if retries_now {
            retries += 1;
            log!(session, DEBUG, "HPM: [PATCH]Retryable error detected");
        }
        let goes_on = code == IN_PROGRESS || retries_now || code == 0xC3 && cmd == 0x37;
        if !goes_on || seconds_since(session, start) >= patience {
            return reply;
        }
    }
}

/// Query rollback status.
pub(super) fn rollback_status(session: &mut Session<'_>, patience: u64) -> Outcome {
    let reply = poll(session, 0x37, patience);
    if reply.as_ref().is_some_and(|reply| reply.completion == 0x81) {
        log!(session, ERR, "Rollback failed on component mask: 0x00");
        return Err(Failed);
    }
    let silence = "Error getting upgrade status.";
    let reply = check(session, Level::ERR, reply, silence, "Error getting rollback status")?;
    match reply.at(1) {
        0 => log!(session, NOTICE, "No Firmware rollback occurred"),
        mask => log!(session, NOTICE, "Rollback occurred on component mask: 0x{mask:02x}"),
    }
    Ok(())
}

/// Query self test results.
pub(super) fn selftest(session: &mut Session<'_>) -> Outcome {
    let reply = poll(session, 0x36, PATIENCE);
    let silence = "Error getting upgrade status\n";
    let reply = check(session, Level::NOTICE, reply, silence, "Error getting self test results")?;
    log!(session, NOTICE, "Self test results:");
    log!(session, NOTICE, "Result1 = {:x}", reply.at(1));
    log!(session, NOTICE, "Result2 = {:x}", reply.at(2));
    Ok(())
}
