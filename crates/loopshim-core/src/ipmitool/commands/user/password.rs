//! `user test`, `user set password`, `user enable` and `user disable`.

use super::request::{self, Operation};
use super::usage;
use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Sizes of a password in IPMI 1.5 and 2.0.
const SHORT: usize = 16;
const LONG: usize = 20;

pub(super) fn test(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let [user, size, password @ ..] = words else { return usage(session) };
    if password.len() > 1 {
        return usage(session);
    }
    let user = session.user_argument(user)?;
    let long = match number::to_i32(size) {
        Ok(16) => false,
        Ok(20) => true,
        _ => {
            let failed = session.complain("Given password length '", size, "' is invalid.");
            log!(session, ERR, "Expected value is either 16 or 20.");
            return Err(failed);
        }
    };
    let password = match password {
        [password] => password.clone(),
        _ => ask(session, user),
    };
    let tested = request::password(session, user, Operation::Test, &password, long);
    let verdict = match tested {
        Ok(()) => "Success",
        Err(Refusal::Completion(0x80)) => "Failure: password incorrect",
        Err(Refusal::Completion(0x81)) => "Failure: wrong password size",
        Err(_) => "Unknown error",
    };
    out!(session, "{verdict}\n");
    tested.map_err(|_| Failed)
}

fn ask(session: &mut Session<'_>, user: u8) -> Arg {
    session.ask_secret(&format!("Password for user {user}: "))
}

pub(super) fn set(session: &mut Session<'_>, user: &[u8], more: &[Arg]) -> Outcome {
    let user = session.user_argument(user)?;
    let (password, size) = match more {
        [password, more @ ..] => (password.clone(), more.first()),
        [] => {
            // The original asks twice into one buffer: the second answer
            // counts, and is never found to differ.
            ask(session, user);
            (ask(session, user), None)
        }
    };
    let sizes = session.personality.sizes_passwords();
    let long = match size {
        Some(size) => match number::to_u8(size) {
            Ok(16) => false,
            Ok(20) => true,
            _ => return Err(session.complain("Invalid password length '", size, "'")),
        },
        None => sizes && password.len() > SHORT,
    };
    let room = if sizes && !long { SHORT } else { LONG };
    if password.len() > room {
        log!(session, ERR, "Password is too long (> {room} bytes)");
        return Err(Failed);
    }
    request::password(session, user, Operation::Set, &password, long)
        .map_err(|refusal| failed(session, refusal, user))?;
    out!(session, "Set User Password command successful (user {user})\n");
    Ok(())
}

fn failed(session: &mut Session<'_>, refusal: Refusal, user: u8) -> Failed {
    let failed = session.report(refusal);
    log!(session, ERR, "Set User Password command failed (user {user})");
    failed
}

pub(super) fn enable(session: &mut Session<'_>, words: &[Arg], operation: Operation) -> Outcome {
    let [user] = words else { return usage(session) };
    let user = session.user_argument(user)?;
    request::password(session, user, operation, &[], false).map_err(|refusal| {
        // The original keeps its result, -1 for no response, in a byte.
        let refusal = if refusal == Refusal::Silence { Refusal::Completion(0xFF) } else { refusal };
        failed(session, refusal, user)
    })
}
