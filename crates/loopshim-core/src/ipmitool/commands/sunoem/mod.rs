//! `sunoem`: service processors of Sun and Oracle servers (network function 2Eh).

mod cli;
mod led;
mod ping;
mod property;
mod tunnel;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::ipmitool::help::sunoem as help;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::until_nul;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, files, number};
use crate::{log, out};

/// Network function of Sun's own commands.
const OEM: u8 = 0x2E;

/// Runs `ipmitool sunoem …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, words)) = args.split_first() else {
        session.help(help::LINES);
        return Ok(());
    };
    match (verb.as_slice(), words) {
        (b"help", _) => {
            session.help(help::LINES);
            Ok(())
        }
        (b"cli", _) => cli::run(session, words),
        (b"led" | b"sbled", [get, rest @ ..]) if get == b"get" => led::get(session, rest),
        (b"led" | b"sbled", [set, id, mode, rest @ ..]) if set == b"set" => led::set(session, id, mode, rest),
        (b"sshkey", [what, user, rest @ ..]) => ssh_key(session, what, user, rest),
        (b"ping", [count, rest @ ..]) => ping::run(session, count, rest),
        (b"version", _) => print_version(session),
        (b"nacname", [name, ..]) => property::print_nac_name(session, name),
        (b"getval", [name, ..]) => property::print(session, name),
        (b"setval", [name, value, rest @ ..]) => property::set(session, name, value, rest),
        (b"getfile", [id, path, ..]) => tunnel::get_file(session, id, path),
        (b"getbehavior", [id, ..]) => tunnel::print_behavior(session, id),
        (
            b"led" | b"sbled" | b"sshkey" | b"ping" | b"nacname" | b"getval" | b"setval" | b"getfile"
            | b"getbehavior",
            _,
        ) => Err(usage(session)),
        _ => Err(session.complain("Invalid sunoem command: ", verb, "")),
    }
}

fn usage(session: &mut Session<'_>) -> Failed {
    session.help(help::LINES);
    Failed
}

/// Sends a request; `what` failed if it does.
fn ask(session: &mut Session<'_>, cmd: u8, data: &[u8], what: &str) -> Result<Reply, Failed> {
    match session.send(OEM, cmd, data) {
        Some(reply) if reply.is_ok() => return Ok(reply),
        Some(reply) => log!(session, ERR, "{what}: {}", reply.completion),
        None => log!(session, ERR, "{what}."),
    }
    Err(Failed)
}

/// Text in the receive buffer from `start` on, as far as it goes.
fn text(reply: &Reply, start: usize) -> &[u8] {
    until_nul(&reply.buffer()[start..])
}

/// `bytes` with zeros up to `N`; what is longer is cut.
fn padded<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut padded = [0; N];
    let len = bytes.len().min(N);
    padded[..len].copy_from_slice(&bytes[..len]);
    padded
}

fn ask_version(session: &mut Session<'_>) -> Result<Reply, Failed> {
    ask(session, 0x24, &[], "Sun OEM Get SP Version Failed")
}

fn print_version(session: &mut Session<'_>) -> Outcome {
    /// After the numbers and two texts of ten bytes.
    const TEXT: usize = 25;
    let reply = ask_version(session)?;
    out!(session, "Version: ");
    session.console.put(text(&reply, TEXT));
    out!(session, "\n");
    Ok(())
}

/// Whether the service processor's software is at least 3.2.0.0.
fn is_recent(session: &mut Session<'_>) -> bool {
    let Ok(reply) = ask_version(session) else {
        log!(session, ERR, "Unable to get ILOM version");
        return false;
    };
    reply.buffer()[1..5] >= [3, 2, 0, 0][..]
}

fn ssh_key(session: &mut Session<'_>, what: &[u8], user: &[u8], rest: &[Arg]) -> Outcome {
    let Ok(user) = number::to_u8(user) else {
        log!(session, NOTICE, "Given interval is too big.");
        return Err(Failed);
    };
    match (what, rest) {
        (b"del", _) => {
            let what = format!("Unable to delete ssh key for UID {user}");
            session.ask((OEM, 0x02), &[user], &what, &what)?;
            out!(session, "Deleted SSH key for user id {user}\n");
            Ok(())
        }
        (b"set", [path, ..]) => set_ssh_key(session, user, path),
        _ => Err(usage(session)),
    }
}

fn set_ssh_key(session: &mut Session<'_>, user: u8, path: &[u8]) -> Outcome {
    /// Bytes sent at once, and the number of the last piece.
    const PIECE: usize = 64;
    const LAST: usize = 0xFF;
    let Some(key) = files::read(session, path) else {
        return Err(session.complain("Unable to open file '", path, "' for reading."));
    };
    if Path::new(OsStr::from_bytes(path)).is_dir() {
        return Err(session.complain("Failed to seek in file '", path, "'."));
    }
    if key.is_empty() {
        return Err(session.complain("File '", path, "' is empty."));
    }
    out!(session, "Setting SSH key for user id {user}...");
    let pieces = key.chunks(PIECE).len();
    for (index, piece) in key.chunks(PIECE).enumerate() {
        out!(session, ".");
        session.console.flush();
        let number = if index + 1 == pieces { LAST } else { index };
        let Ok(number) = u8::try_from(number) else {
            out!(session, "failed\n");
            let what = format!("Unable to pack byte {} from file '", index * PIECE);
            return Err(session.complain(&what, path, "'."));
        };
        let data = [&[user, number, piece.len() as u8], piece].concat();
        send_piece(session, user, &data)?;
    }
    out!(session, "done\n");
    Ok(())
}

fn send_piece(session: &mut Session<'_>, user: u8, data: &[u8]) -> Outcome {
    let reply = session.send(OEM, 0x01, data);
    let why = match &reply {
        Some(reply) if reply.is_ok() => return Ok(()),
        Some(reply) => format!(", {}", completion_name(reply.completion)),
        None => String::new(),
    };
    out!(session, "failed\n");
    log!(session, ERR, "Unable to set ssh key for UID {user}{why}.");
    Err(Failed)
}
