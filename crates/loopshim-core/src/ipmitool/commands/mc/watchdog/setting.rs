//! `mc watchdog set` (1.8.19): options to a Set Watchdog Timer request.

use super::APP;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::log;

/// What the options ask for.
#[derive(Debug, Default)]
pub(super) struct Setting {
    /// In tenths of a second.
    timeout: u16,
    /// In seconds.
    pretimeout: u8,
    interrupt: u8,
    usage: u8,
    /// Expiration flags to clear, one bit a use.
    clear: u8,
    action: u8,
    nolog: bool,
    dontstop: bool,
}

const USES: Words = words!["none", "frb2", "post", "osload", "sms", "oem"];
const INTERRUPTS: Words = words!["none", "smi", "nmi", "msg"];
const ACTIONS: Words = words!["none", "reset", "poweroff", "cycle"];

/// The setting up to the first bad option, and whether all could be read. The
/// original sends it all the same.
pub(super) fn read(session: &mut Session<'_>, options: &[Arg]) -> (Setting, bool) {
    let mut setting = Setting::default();
    if options.first().is_some_and(|word| word == b"help") {
        return (setting, false);
    }
    let readable = options.iter().all(|option| apply(session, &mut setting, option).is_ok());
    (setting, readable)
}

/// Only an option's first letter counts.
fn apply(session: &mut Session<'_>, setting: &mut Setting, option: &[u8]) -> Result<(), Failed> {
    let at = option.iter().position(|byte| *byte == b'=');
    let value = at.map(|at| &option[at + 1..]).unwrap_or_default();
    match option.first() {
        Some(b't') => setting.timeout = 10 * seconds(session, "Timeout", value, 6553)?,
        Some(b'p') => setting.pretimeout = seconds(session, "Pretimeout", value, 255)? as u8,
        Some(b'i') => setting.interrupt = choice(session, "Interrupt type '", value, INTERRUPTS)?,
        Some(b'u') => setting.usage = choice(session, "Use '", value, USES)?,
        Some(b'a') => setting.action = choice(session, "Use '", value, ACTIONS)?,
        Some(b'c') => setting.clear |= 1 << choice(session, "Use '", value, USES)?,
        Some(b'n') => setting.nolog = true,
        Some(b'd') => setting.dontstop = true,
        _ => drop(session.complain("Invalid option '", option, "'")),
    }
    Ok(())
}

fn seconds(session: &mut Session<'_>, what: &str, text: &[u8], most: u16) -> Result<u16, Failed> {
    let value = leading_integer(text);
    u16::try_from(value).ok().filter(|value| (1..=most).contains(value)).ok_or_else(|| {
        log!(session, ERR, "{what} value {} is out of range (1-{most})\n", value as u64);
        Failed
    })
}

/// The number a text starts with, as C's `strtol` with base 10 has it.
fn leading_integer(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0_i64, |sum, byte| sum.saturating_mul(10).saturating_add(sign * i64::from(byte - b'0')))
}

fn choice(session: &mut Session<'_>, what: &str, text: &[u8], names: Words) -> Result<u8, Failed> {
    let found = names.iter().position(|name| name.as_bytes() == text);
    found.map(|at| at as u8).ok_or_else(|| session.complain(what, text, "' is not valid\n"))
}

pub(super) fn send(session: &mut Session<'_>, setting: &Setting) -> Outcome {
    let [low, high] = setting.timeout.to_le_bytes();
    let flags = u8::from(setting.nolog) << 7 | u8::from(setting.dontstop) << 6;
    let data = [
        flags | setting.usage,
        setting.interrupt << 4 | setting.action,
        setting.pretimeout,
        setting.clear,
        low,
        high,
    ];
    let bytes = data.map(|byte| format!("{byte:02X}")).join(" ");
    log!(session, INFO, "Sending Set Watchdog command [{bytes}]:");
    log!(session, INFO, "  - nolog      = {}", u8::from(setting.nolog));
    log!(session, INFO, "  - dontstop   = {}", u8::from(setting.dontstop));
    log!(session, INFO, "  - use        = 0x{:02X}", setting.usage);
    log!(session, INFO, "  - intr       = 0x{:02X}", setting.interrupt);
    log!(session, INFO, "  - action     = 0x{:02X}", setting.action);
    log!(session, INFO, "  - pretimeout = {}", setting.pretimeout);
    log!(session, INFO, "  - clear      = 0x{:02X}", setting.clear);
    log!(session, INFO, "  - timeout    = {}", setting.timeout);
    let Some(reply) = session.send(APP, 0x24, &data) else {
        log!(session, ERR, "Set Watchdog Timer command failed");
        return Err(Failed);
    };
    if reply.is_ok() {
        log!(session, NOTICE, "Watchdog Timer was successfully configured");
        return Ok(());
    }
    let words = completion_name(reply.completion);
    log!(session, ERR, "Set Watchdog Timer command failed: {words}");
    // A completion code is positive, and only a negative result fails.
    session.positive()
}
