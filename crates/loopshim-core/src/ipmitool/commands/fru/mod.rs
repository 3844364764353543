//! `fru`: FRU information: inventory areas of the builtin device and of those the SDR locates.

mod areas;
mod device;
mod edit;
mod field;
mod header;
mod internal_use;
mod jep106;
mod multirecord;
mod oem;
mod picmg;
mod print;
mod spd;
#[cfg(test)]
mod tests;
mod transfer;
mod upgrade;
mod write;

pub use print::print_located;
pub use spd::print_data as print_spd;

use crate::ipmitool::help::{self, Help};
use crate::ipmitool::{Arg, Level, Outcome, Session};
use crate::out;

/// Runs `ipmitool fru …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        return print::print_all(session);
    };
    let is_verb = |name| session.personality.is_verb(verb, name);
    // 1.8.18 compares these two with their terminating NUL.
    let is_word = |name: &str| verb == name.as_bytes();
    match () {
        () if is_verb("help") => session.explain(help::fru::FRU),
        () if is_verb("print") || is_verb("list") => run_print(session, rest),
        () if is_word("read") => run_on_file(session, rest, help::fru::READ, transfer::read_to_file),
        () if is_verb("write") => run_on_file(session, rest, help::fru::WRITE, transfer::write_from_file),
        () if is_verb("upgEkey") => run_on_file(session, rest, help::fru::UPGRADE, upgrade::upgrade),
        () if is_verb("internaluse") => run_internal_use(session, rest),
        () if is_verb("edit") => run_edit(session, rest),
        () if is_word("get") => run_get(session, rest),
        () => fail_naming(session, "Invalid FRU command: ", verb, help::fru::FRU),
    }
}

fn run_print(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some(id) = args.first() else {
        return print::print_all(session);
    };
    if id == b"help" {
        return session.explain(help::fru::PRINT);
    }
    let id = session.fru_argument(id)?;
    print::print(session, id)
}

/// `read`, `write` and `upgEkey`, which take a device and a file.
fn run_on_file(
    session: &mut Session<'_>,
    args: &[Arg],
    help: Help,
    run: fn(&mut Session<'_>, u8, &[u8]) -> Outcome,
) -> Outcome {
    match args {
        [word, ..] if word == b"help" => session.explain(help),
        [id, file, ..] => {
            let id = session.fru_argument(id)?;
            check_file_name(session, file)?;
            run(session, id, file)
        }
        _ => fail(session, "Not enough parameters given.", help),
    }
}

fn run_internal_use(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let is_verb = |arg: &Arg, name| personality.is_verb(arg, name);
    match args {
        [word, ..] if word == b"help" => session.explain(help::fru::INTERNAL_USE),
        [id, verb, ..] if is_verb(verb, "info") => {
            let id = session.fru_argument(id)?;
            internal_use::print_size(session, id)
        }
        [id, verb, ..] if is_verb(verb, "print") => {
            let id = session.fru_argument(id)?;
            internal_use::print(session, id)
        }
        [id, verb, file, ..] if is_verb(verb, "read") || is_verb(verb, "write") => {
            let id = session.fru_argument(id)?;
            check_file_name(session, file)?;
            match is_verb(verb, "read") {
                true => internal_use::read_to_file(session, id, file),
                false => internal_use::write_from_file(session, id, file),
            }
        }
        _ => fail(session, "Either unknown command or not enough parameters given.", help::fru::INTERNAL_USE),
    }
}

fn run_edit(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let is_verb = |arg: &Arg, name| personality.is_verb(arg, name);
    let Some((id, rest)) = args.split_first() else {
        return fail(session, "Not enough parameters given.", help::fru::EDIT);
    };
    if id == b"help" {
        return session.explain(help::fru::EDIT);
    }
    let id = session.fru_argument(id)?;
    announce(session, id);
    match rest {
        [verb, words @ ..] if is_verb(verb, "field") => match words {
            [area, index, text] => edit::edit_field(session, id, area, index, text),
            _ => fail(session, "Not enough parameters given.", help::fru::EDIT),
        },
        [verb, ..] if !is_verb(verb, "oem") => {
            fail_naming(session, "Invalid command: ", verb, help::fru::EDIT)
        }
        _ => oem::edit(session, id),
    }
}

fn run_get(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let is_verb = |arg: &Arg, name| personality.is_verb(arg, name);
    let Some((id, rest)) = args.split_first() else {
        return fail(session, "Not enough parameters given.", help::fru::GET);
    };
    if is_verb(id, "help") {
        return session.explain(help::fru::GET);
    }
    let id = session.fru_argument(id)?;
    announce(session, id);
    match rest.first() {
        Some(verb) if !is_verb(verb, "oem") => {
            fail_naming(session, "Invalid command: ", verb, help::fru::GET)
        }
        _ => oem::get(session, id, rest),
    }
}

fn announce(session: &mut Session<'_>, id: u8) {
    if session.verbose > 0 {
        out!(session, "FRU ID           : {id}\n");
    }
}

/// Length from which a file's name is refused.
const FILE_NAME_LIMIT: usize = 512;

fn check_file_name(session: &mut Session<'_>, name: &[u8]) -> Outcome {
    match name.len() {
        0 => Err(session.complain("File/path is invalid.", b"", "")),
        FILE_NAME_LIMIT.. => Err(session.complain("File/path must be shorter than 512 bytes.", b"", "")),
        _ => Ok(()),
    }
}

fn fail(session: &mut Session<'_>, why: &str, help: Help) -> Outcome {
    fail_naming(session, why, b"", help)
}

fn fail_naming(session: &mut Session<'_>, why: &str, what: &[u8], help: Help) -> Outcome {
    session.console.log_bytes(Level::ERR, &[why.as_bytes(), what].concat());
    session.misused(help)
}
