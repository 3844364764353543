//! `sunoem nacname`, `getval` and `setval`: names and properties of ILOM.

use std::time::Duration;

use super::{ask, is_recent, padded, text};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// States of a property's request.
const RECEIVED: u8 = 1;
const READY: u8 = 3;
const NOT_READY: u8 = 4;
const NOT_FOUND: u8 = 5;
/// How often, a second apart, it is asked for.
const ATTEMPTS: i32 = 5;

const SECOND: Duration = Duration::from_secs(1);

/// Prints the full name of what IPMI calls `name`.
pub(super) fn print_nac_name(session: &mut Session<'_>, name: &[u8]) -> Outcome {
    const NAME_MAX: usize = 16;
    const PIECE: usize = 64;
    const WHOLE: usize = 256;
    let failed = "Sun OEM nacname command failed";
    if name.len() > NAME_MAX {
        log!(session, ERR, "{failed}: Max size on IPMI name");
        return Err(Failed);
    }
    let (mut number, mut whole) = (0, Vec::new());
    loop {
        let data = [&[number], &padded::<PIECE>(name)[..]].concat();
        let reply = ask(session, 0x29, &data, failed)?;
        let piece = text(&reply, 1);
        whole.extend(&piece[..piece.len().min(PIECE)]);
        if reply.at(0) == number {
            break;
        }
        number = reply.at(0);
        if usize::from(number) * PIECE > WHOLE {
            log!(session, ERR, "{failed}: invalid path length");
            return Err(Failed);
        }
    }
    session.console.put(&[b"NAC Name: ", &whole[..], b"\n"].concat());
    Ok(())
}

/// Prints a property's value.
pub(super) fn print(session: &mut Session<'_>, name: &[u8]) -> Outcome {
    const NAME_MAX: usize = 79;
    const CMD: u8 = 0x2A;
    if name.len() > NAME_MAX {
        log!(session, ERR, "Sun OEM get value command failed: Max size on IPMI name");
        return Err(Failed);
    }
    let mut name = name.to_vec();
    if !is_recent(session) && session.personality.is_verb(&name, "/SP") {
        // Older ones have the hidden properties there.
        name.splice(1..3, *b"X");
    }
    let request = |step: u8| [&[step], &padded::<NAME_MAX>(&name)[..]].concat();
    ask(session, CMD, &request(1), "Sun OEM getval1 command failed")?;
    for _ in 0..ATTEMPTS {
        let reply = ask(session, CMD, &request(2), "Sun OEM getval2 command failed")?;
        match reply.at(0) {
            READY => {
                session.console.put(&[b"Target Value: ", text(&reply, 1), b"\n"].concat());
                return Ok(());
            }
            NOT_FOUND => return Err(session.complain("Target: ", &name, " not found")),
            _ => (session.pause)(SECOND),
        }
    }
    log!(session, ERR, "Unable to retrieve target value.");
    Err(Failed)
}

/// Command of `setval`.
const SET: u8 = 0x2C;
/// Length of its text, of which one that is longer takes several requests.
const PIECE: usize = 56;

/// Sets a property.
pub(super) fn set(session: &mut Session<'_>, name: &[u8], value: &[u8], rest: &[Arg]) -> Outcome {
    const NAME_MAX: usize = 256;
    const VALUE_MAX: usize = 1024;
    for (what, len, most) in [("name", name.len(), NAME_MAX), ("value", value.len(), VALUE_MAX)] {
        if len > most {
            log!(session, ERR, "Sun OEM set value command failed: Max size on property {what}");
            return Err(Failed);
        }
    }
    let attempts = match rest {
        [word] => match number::to_i32(word) {
            Ok(attempts @ 0..) => attempts,
            _ => {
                log!(session, ERR, "Invalid input given or out of range for time-out parameter.");
                return Err(Failed);
            }
        },
        _ => ATTEMPTS,
    };
    let mut transaction = 0;
    for piece in name.chunks(PIECE) {
        transaction = send(session, [0, transaction, 0], piece, "name")?;
    }
    let count = value.chunks(PIECE).len();
    for (index, piece) in value.chunks(PIECE).enumerate() {
        send(session, [1, transaction, u8::from(index + 1 == count)], piece, "value")?;
    }
    wait(session, transaction, attempts)
}

/// Sends a piece of the name (kind 0) or value (1); the transaction's number.
fn send(session: &mut Session<'_>, head: [u8; 3], piece: &[u8], what: &str) -> Result<u8, Failed> {
    let data = [&[3], &head[..], &padded::<PIECE>(piece)].concat();
    let reply = match session.send(super::OEM, SET, &data) {
        Some(reply) if reply.is_ok() => reply,
        Some(reply) => {
            log!(session, ERR, "Sun OEM setval prop {what}: request failed: {}", reply.completion);
            return Err(Failed);
        }
        None => {
            log!(session, ERR, "Sun OEM setval prop {what}: response is NULL");
            return Err(Failed);
        }
    };
    if reply.at(0) != RECEIVED {
        log!(session, ERR, "Sun OEM setval prop {what}: invalid status code: {}", reply.at(0));
        return Err(Failed);
    }
    Ok(reply.at(1))
}

fn wait(session: &mut Session<'_>, transaction: u8, attempts: i32) -> Outcome {
    let failed = "Sun OEM setval command failed";
    // What else the original sends here it never set.
    let data = [&[4, 0, transaction, 0], &[0; PIECE][..]].concat();
    for _ in 0..attempts {
        let reply = ask(session, SET, &data, failed)?;
        match reply.at(0) {
            READY => {
                out!(session, "Sun OEM setval command successful.\n");
                return Ok(());
            }
            NOT_READY => (session.pause)(SECOND),
            _ => {
                log!(session, ERR, "{failed}.");
                return Err(Failed);
            }
        }
    }
    log!(session, ERR, "{failed}: Command Timed Out");
    Err(Failed)
}
