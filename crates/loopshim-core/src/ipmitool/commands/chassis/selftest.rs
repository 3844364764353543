//! `chassis selftest`: Get Self Test Results (IPMI 2.0 section 20.4).

use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Outcome, Session};
use crate::out;

/// What a set bit means, lowest bit first.
const BROKEN: Words = words![
    "firmware corrupted",
    "boot block corrupted",
    "FRU Internal Use Area corrupted",
    "SDR Repository empty",
    "IPMB not responding",
    "cannot access BMC FRU",
    "cannot access SDR Repository",
    "cannot access SEL Device",
];

pub(super) fn print(session: &mut Session<'_>) -> Outcome {
    let failed = "Error sending Get Self Test command";
    let reply = session.ask((0x06, 0x04), &[], failed, failed)?;
    let (code, detail) = (reply.at(0), reply.at(1));
    out!(session, "Self Test Results    : ");
    match code {
        0x55 => out!(session, "passed\n"),
        0x56 => out!(session, "not implemented\n"),
        0x57 => {
            out!(session, "device error\n");
            for (bit, name) in BROKEN.iter().enumerate() {
                if detail & 1 << bit != 0 {
                    out!(session, "                       [{name}]\n");
                }
            }
        }
        0x58 => out!(session, "Fatal hardware error: {detail:02x}h\n"),
        _ => out!(session, "Device-specific failure {code:02x}h:{detail:02x}h\n"),
    }
    Ok(())
}
