//! `chassis restart_cause`, `chassis poh`: Get System Restart Cause and Get POH
//! Counter (IPMI 2.0 sections 28.11 and 28.14).

use super::CHASSIS;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Outcome, Session};
use crate::out;

const CAUSES: Words = words![
    "unknown",
    "chassis power control command",
    "reset via pushbutton",
    "power-up via pushbutton",
    "watchdog expired",
    "OEM",
    "power-up due to always-restore power policy",
    "power-up due to restore-previous power policy",
    "reset via PEF",
    "power-cycle via PEF",
    "soft reset",
    "power-up via RTC wakeup",
];

pub(super) fn print_cause(session: &mut Session<'_>) -> Outcome {
    let silence = "Unable to get Chassis Restart Cause";
    let reply = session.ask((CHASSIS, 0x07), &[], silence, "Get Chassis Restart Cause failed")?;
    let code = reply.at(0) & 0x0F;
    let known = session.personality.restart_causes();
    match CAUSES.iter().take(known).nth(code.into()) {
        Some(cause) => out!(session, "System restart cause: {cause}\n"),
        None => out!(session, "System restart cause: {}\n", session.personality.unknown_restart_cause(code)),
    }
    Ok(())
}

pub(super) fn print_hours(session: &mut Session<'_>) -> Outcome {
    let silence = "Unable to get Chassis Power-On-Hours";
    let reply = session.ask((CHASSIS, 0x0F), &[], silence, "Get Chassis Power-On-Hours failed")?;
    let unit = reply.at(0);
    let count = u32::from_le_bytes([reply.at(1), reply.at(2), reply.at(3), reply.at(4)]);
    // The original counts in single precision, which shows in large counters.
    let mut minutes = count as f32 * f32::from(unit);
    let days = (minutes / 1440.0) as u32;
    minutes -= days as f32 * 1440.0;
    let hours = (minutes / 60.0) as u32;
    minutes -= hours.wrapping_mul(60) as f32;
    out!(session, "POH Counter  : {} days, {} hours", days as i32, hours as i32);
    if unit < 60 {
        out!(session, ", {} minutes", minutes as i64);
    }
    out!(session, "\n");
    Ok(())
}
