//! `sel time`: the log's clock (IPMI 2.0 sections 31.10 and 31.11).

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::time::OldClock;
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Runs `sel time …`.
pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let Some((verb, rest)) = words.split_first() else {
        return super::explain(session, HELP);
    };
    if session.personality.is_verb(verb, "get") {
        get(session);
        return Ok(());
    }
    match rest.first() {
        _ if !session.personality.is_verb(verb, "set") => super::explain(session, HELP),
        None => super::explain(session, "usage: sel time set \"mm/dd/yyyy hh:mm:ss\""),
        Some(text) => set(session, text),
    }
}

const HELP: &str = "sel time commands: get set";

/// Prints the log's time. Failing, it says so; the command succeeds.
fn get(session: &mut Session<'_>) {
    let reply = match session.send(super::STORAGE, 0x48, &[]) {
        Some(reply) if reply.is_ok() => reply,
        failed => {
            log_failure(session, "Get", failed.map(|reply| reply.completion));
            return;
        }
    };
    if reply.len() != 4 {
        log!(session, ERR, "Get SEL Time command failed: Invalid data length {}", reply.len());
        return;
    }
    let stamp = u32::from_le_bytes(std::array::from_fn(|index| reply.at(index)));
    let text = session.times.numeric(stamp, OldClock::Utc);
    session.console.put(&text);
    out!(session, "\n");
}

/// Sets the log's clock to `now` or to a local time.
fn set(session: &mut Session<'_>, text: &[u8]) -> Outcome {
    let now = (session.clock)();
    let Some(seconds) = session.times.sel_clock(text, now) else {
        log!(session, ERR, "Specified time could not be parsed");
        return Err(Failed);
    };
    let reply = session.send(super::STORAGE, 0x49, &(seconds as u32).to_le_bytes());
    if !reply.as_ref().is_some_and(|reply| reply.is_ok()) {
        log_failure(session, "Set", reply.map(|reply| reply.completion));
        return Err(Failed);
    }
    get(session);
    Ok(())
}

fn log_failure(session: &mut Session<'_>, what: &str, completion: Option<u8>) {
    match completion {
        Some(code) => log!(session, ERR, "{what} SEL Time command failed: {}", completion_name(code)),
        None if session.personality.localises_times() => {
            log!(session, ERR, "{what} SEL Time command failed: Unknown");
        }
        None => log!(session, ERR, "{what} SEL Time command failed"),
    }
}
