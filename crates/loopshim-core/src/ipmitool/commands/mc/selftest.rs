//! `mc selftest`: Get Self Test Results (IPMI 2.0 section 20.4).

use super::APP;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Failed, Outcome, Session};
use crate::{log, out};

/// What each failed device bit means, highest first.
fn broken(accessible: &'static str) -> [(u8, &'static str); 8] {
    [
        (0x80, " -> SEL device not accessible\n"),
        (0x40, accessible),
        (0x20, "FRU device not accessible\n"),
        (0x10, "IPMB signal lines do not respond\n"),
        (0x08, "SDR repository empty\n"),
        (0x04, "Internal Use Area corrupted\n"),
        (0x02, "Controller update boot block corrupted\n"),
        (0x01, "controller operational firmware corrupted\n"),
    ]
}

pub(super) fn print(session: &mut Session<'_>) -> Outcome {
    let Some(reply) = session.send(APP, 0x04, &[]) else {
        log!(session, ERR, "No response from devices\n");
        return Err(Failed);
    };
    if !reply.is_ok() {
        log!(session, ERR, "Bad response: ({})", completion_name(reply.completion));
        return Err(Failed);
    }
    let (code, test) = (reply.at(0), reply.at(1));
    match code {
        0x55 => out!(session, "Selftest: passed\n"),
        0x56 => out!(session, "Selftest: not implemented\n"),
        0x57 => {
            out!(session, "Selftest: device corrupted\n");
            let broken = broken(session.personality.sdr_selftest_failure());
            broken.iter().filter(|(bit, _)| test & bit != 0).for_each(|(_, text)| out!(session, "{text}"));
        }
        0x58 => out!(session, "Selftest     : fatal error\nFailure code : {test:02x}\n"),
        0xFF => out!(session, "Selftest: N/A"),
        _ => {
            out!(session, "Selftest     : device specific ({code:02X}h)\nFailure code : {test:02X}h\n");
        }
    }
    if matches!(code, 0x56..=0x58 | 0xFF) { Err(Failed) } else { Ok(()) }
}
