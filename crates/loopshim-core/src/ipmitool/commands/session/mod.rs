//! `session info`: sessions with the BMC (IPMI 2.0 section 22.20).

mod description;

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::log;

use description::Description;

const GET: (u8, u8) = (0x06, 0x3D);

/// Invalid data field, not present: what an index without a session may be
/// answered with.
const ABSENT: [u8; 2] = [0xCC, 0xCB];

/// First byte of a request for a session by its handle or id.
const BY_HANDLE: u8 = 0xFE;
const BY_ID: u8 = 0xFF;

/// Runs `ipmitool session …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let Some(verb) = args.first() else { return help(session) };
    if personality.is_verb(verb, "help") {
        return help(session);
    }
    if !personality.is_verb(verb, "info") {
        session.complain("Invalid SESSION command: ", verb, "");
        return usage(session);
    }
    let Some(which) = args.get(1) else { return help(session) };
    let is = |word: &str| personality.is_verb(which, word);
    if is("help") {
        help(session)
    } else if is("active") {
        one(session, &[0]).inspect_err(|_| {
            log!(session, ERR, "It is likely that the channel in use does not support sessions");
        })
    } else if is("all") {
        all(session)
    } else if is("id") {
        let id = numbered(session, args, "id")?;
        one(session, &[&[BY_ID], &id.to_le_bytes()[..]].concat())
    } else if is("handle") {
        let [handle, ..] = numbered(session, args, "handle")?.to_le_bytes();
        one(session, &[BY_HANDLE, handle])
    } else {
        session.complain("Invalid SESSION info parameter: ", which, "");
        usage(session)
    }
}

fn help(session: &mut Session<'_>) -> Outcome {
    log!(session, NOTICE, "Session Commands: info <active | all | id 0xnnnnnnnn | handle 0xnn>");
    Ok(())
}

fn usage(session: &mut Session<'_>) -> Outcome {
    let _ = help(session);
    Err(Failed)
}

/// The number after `id` or `handle`.
fn numbered(session: &mut Session<'_>, args: &[Arg], name: &str) -> Result<u32, Failed> {
    match args.get(2) {
        None => log!(session, ERR, "Missing {name} argument"),
        Some(word) => match number::to_u32(word) {
            Ok(number) => return Ok(number),
            Err(_) => {
                session.complain("HEX number expected, but '", word, "' given.");
            }
        },
    }
    let _ = help(session);
    Err(Failed)
}

const FAILED: &str = "Get Session Info command failed";

fn one(session: &mut Session<'_>, request: &[u8]) -> Outcome {
    let reply = session.ask(GET, request, FAILED, FAILED)?;
    show(session, &mut Description::default(), &reply);
    Ok(())
}

/// All sessions, by index, until there are as many as can be.
fn all(session: &mut Session<'_>) -> Outcome {
    let mut description = Description::default();
    for index in 1..=u8::MAX {
        let Some(reply) = session.send(GET.0, GET.1, &[index]) else {
            log!(session, ERR, "{FAILED}");
            return Err(Failed);
        };
        if !reply.is_ok() && !ABSENT.contains(&reply.completion) {
            log!(session, ERR, "{FAILED}: {}", completion_name(reply.completion));
            return Err(Failed);
        }
        if reply.len() < 3 {
            return Err(Failed);
        }
        show(session, &mut description, &reply);
        if index >= description.possible() {
            break;
        }
    }
    Ok(())
}

fn show(session: &mut Session<'_>, description: &mut Description, reply: &Reply) {
    description.receive(reply.data());
    // What is longer is cut (CVE-2020-5208), in 1.8.18 by both distributions.
    let length = reply.len().min(Description::LENGTH);
    description.print(session, length);
}
