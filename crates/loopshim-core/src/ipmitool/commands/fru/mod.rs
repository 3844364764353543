//! `fru`: FRU information: inventory areas of the builtin device and of those the SDR locates.

mod areas;
mod device;
mod field;
mod jep106;
mod multirecord;
mod picmg;
mod print;
mod spd;

use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, number};
use crate::log;

/// Runs `ipmitool fru …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        return print::print_all(session);
    };
    let is_verb = |name| session.personality.is_verb(verb, name);
    if is_verb("help") {
        log_help(session);
        Ok(())
    } else if is_verb("print") || is_verb("list") {
        run_print(session, rest)
    } else {
        session.console.log_bytes(Level::ERR, &[b"Invalid FRU command: ", verb.as_slice()].concat());
        log_help(session);
        Err(Failed)
    }
}

fn run_print(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some(id) = args.first() else {
        return print::print_all(session);
    };
    if id == b"help" {
        log!(session, NOTICE, "fru print [fru id] - print information about FRU(s)");
        return Ok(());
    }
    let id = fru_id(session, id)?;
    print::print(session, id)
}

/// A FRU device id as typed. `Err` after logging that it is none.
fn fru_id(session: &mut Session<'_>, arg: &[u8]) -> Result<u8, Failed> {
    number::to_u8(arg).map_err(|_| {
        let text = [b"FRU ID '", arg, b"' is either invalid or out of range."].concat();
        session.console.log_bytes(Level::ERR, &text);
        Failed
    })
}

fn log_help(session: &mut Session<'_>) {
    log!(session, NOTICE, "FRU Commands:  print read write upgEkey edit internaluse get");
}
