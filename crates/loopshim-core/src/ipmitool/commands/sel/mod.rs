//! `sel`: the system event log (IPMI 2.0 section 31).

mod change;
mod clock;
mod description;
mod entries;
mod get;
mod info;
mod oem;
mod oem_messages;
mod print;
mod record;
mod shelf_manager;
mod stored;
#[cfg(test)]
mod tests;
mod verbose;

pub use oem_messages::{OemMessages, load as load_oem_messages};

use entries::Copy;

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Reply, Session};
use crate::log;

/// Network function of the log's commands.
const STORAGE: u8 = 0x0A;

/// Runs `ipmitool sel …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        return info::run(session);
    };
    let is = |word| session.personality.is_verb(verb, word);
    match () {
        () if is("help") => explain(session, HELP),
        () if is("interpret") => stored::interpret(session, rest),
        () if is("info") => info::run(session),
        () if is("save") => with_file(session, rest, "save", |session, path| {
            entries::show(session, 0, false, Copy::Events(path))
        }),
        () if is("add") => with_file(session, rest, "add", change::add),
        () if is("writeraw") => with_file(session, rest, "writeraw", |session, path| {
            entries::show(session, 0, false, Copy::Raw(path))
        }),
        () if is("readraw") => {
            with_file(session, rest, "readraw", |session, path| stored::read_raw(session, path, false))
        }
        () if is("ereadraw") => {
            with_file(session, rest, "ereadraw", |session, path| stored::read_raw(session, path, true))
        }
        () if is("list") => entries::run(session, rest, false),
        () if is("elist") => entries::run(session, rest, true),
        () if is("clear") => change::clear(session),
        () if is("delete") => change::delete(session, rest),
        () if is("get") => get::run(session, rest),
        () if is("time") => clock::run(session, rest),
        () => {
            log_about(session, b"Invalid SEL command: ", verb, b"");
            Err(Failed)
        }
    }
}

const HELP: &str = "SEL Commands:  info clear delete list elist get add time save readraw writeraw interpret";

/// Prints an event that is not in the log, of seven bytes from the revision on;
/// `extended` with what is known of its sensor, on many lines at `-v`.
pub fn print_event(session: &mut Session<'_>, generator: u16, message: [u8; 7], extended: bool) {
    let mut record = record::Record::default();
    record.0[7..9].copy_from_slice(&generator.to_le_bytes());
    record.0[9..].copy_from_slice(&message);
    if extended && session.verbose > 0 {
        verbose::print_extended(session, &record);
    } else {
        print::print_line(session, &record, extended);
    }
}

/// Runs a sub-command on the file it names, or says how to name one.
fn with_file(
    session: &mut Session<'_>,
    words: &[Arg],
    verb: &str,
    run: impl FnOnce(&mut Session<'_>, &[u8]) -> Outcome,
) -> Outcome {
    match words.first() {
        Some(path) => run(session, path),
        None => {
            log!(session, NOTICE, "usage: sel {verb} <filename>");
            Ok(())
        }
    }
}

/// Logs a usage line, which is no failure here.
fn explain(session: &mut Session<'_>, text: &str) -> Outcome {
    log!(session, ERR, "{text}");
    Ok(())
}

/// Sends a request of the log's. `Err` after logging `failed` and why.
fn ask(session: &mut Session<'_>, cmd: u8, data: &[u8], failed: &str) -> Result<Reply, Failed> {
    let Some(reply) = session.send(STORAGE, cmd, data) else {
        log!(session, ERR, "{failed}");
        return Err(Failed);
    };
    if !reply.is_ok() {
        log!(session, ERR, "{failed}: {}", completion_name(reply.completion));
        return Err(Failed);
    }
    Ok(reply)
}

/// Logs an error about `arg`.
fn log_about(session: &mut Session<'_>, before: &[u8], arg: &[u8], after: &[u8]) {
    session.console.log_bytes(Level::ERR, &[before, arg, after].concat());
}

/// The text as `fgets` cuts it: at line feeds, and where the buffer for
/// `most` bytes is full.
fn lines(text: &[u8], most: usize) -> impl Iterator<Item = &[u8]> {
    let ends_at_nul = |line: &'_ [u8]| line.iter().position(|&byte| byte == 0).unwrap_or(line.len());
    text.split_inclusive(|&byte| byte == b'\n')
        .flat_map(move |line| line.chunks(most))
        .map(move |line| &line[..ends_at_nul(line)])
}
