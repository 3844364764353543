//! `mc getsysinfo`, `mc setsysinfo`: System Info parameters (IPMI 2.0 sections
//! 22.14a and 22.14b).

use super::{APP, invalid};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, help};
use crate::{log, out};

/// A parameter: its name here, its selector, and how many blocks it may have.
type Parameter = (&'static str, u8, usize);

const PARAMETERS: &[Parameter] = &[
    ("system_name", 0x02, 4),
    ("primary_os_name", 0x03, 4),
    ("os_name", 0x04, 4),
    ("delloem_os_version", 0xE4, 4),
    ("delloem_url", 0xDE, 2),
    ("system_fw_version", 0x01, 4),
];

/// Bytes of text in the first block and in the later ones.
const FIRST_BLOCK: usize = 14;
const LATER_BLOCK: usize = 16;

/// Completion code for a parameter the controller does not have.
const UNSUPPORTED: u8 = 0x80;

pub(super) fn help(session: &mut Session<'_>) {
    session.help(help::mc::SYSTEM_INFO_IN_SHORT);
    list_parameters(session);
}

fn full_help(session: &mut Session<'_>) {
    session.help(help::mc::SYSTEM_INFO);
    list_parameters(session);
}

fn list_parameters(session: &mut Session<'_>) {
    session.help(help::mc::SYSTEM_INFO_PARAMETERS);
}

pub(super) fn get(session: &mut Session<'_>, verb: &[u8], rest: &[Arg]) -> Outcome {
    let Some((name, (_, selector, blocks))) = parameter(session, verb, rest, 1)? else { return Ok(()) };
    let (text, refusal) = read_blocks(session, selector, blocks);
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    session.console.put(&text[..end]);
    session.console.put(b"\n");
    report(session, verb, name, refusal)
}

/// Get System Info Parameters: the parameter, a set of it and a block. `None`
/// without a response.
pub fn get_block(session: &mut Session<'_>, [selector, set, block]: [u8; 3]) -> Option<Reply> {
    if session.verbose > 1 {
        out!(session, "getsysinfo: {selector:02x}/{set:02x}/{block:02x}\n");
    }
    session.send(APP, 0x59, &[0, selector, set, block])
}

/// The text of a parameter, and what ended the reading early: the block and
/// the completion code, if there was an answer.
fn read_blocks(
    session: &mut Session<'_>,
    selector: u8,
    mut blocks: usize,
) -> (Vec<u8>, Option<(usize, Option<u8>)>) {
    let mut text = Vec::new();
    let mut block = 0;
    while block < blocks {
        let reply = match get_block(session, [selector, block as u8, 0]) {
            Some(reply) if reply.is_ok() => reply,
            reply => return (text, Some((block, reply.map(|reply| reply.completion)))),
        };
        // Unlike elsewhere, bytes that did not arrive are zero.
        let byte = |index: usize| reply.data().get(index).copied().unwrap_or(0);
        if block == 0 {
            if byte(2) & 0x0F == 0 {
                blocks = (usize::from(byte(3)) + 2).div_ceil(LATER_BLOCK);
            }
            text.extend((4..4 + FIRST_BLOCK).map(byte));
        } else {
            text.extend((2..2 + LATER_BLOCK).map(byte));
        }
        block += 1;
    }
    (text, None)
}

pub(super) fn set(session: &mut Session<'_>, verb: &[u8], rest: &[Arg]) -> Outcome {
    let Some((name, (_, selector, blocks))) = parameter(session, verb, rest, 2)? else { return Ok(()) };
    let text = rest.get(1).map(Vec::as_slice).unwrap_or_default();
    let mut length = text.len();
    if (length + 2).div_ceil(LATER_BLOCK) >= blocks {
        length = blocks * LATER_BLOCK - 2;
    }
    let mut refusal = None;
    let (mut block, mut position) = (0, 0);
    loop {
        let data = block_of(selector, block, text, position, length);
        position += if block == 0 { FIRST_BLOCK } else { LATER_BLOCK };
        match session.send(APP, 0x58, &data) {
            Some(reply) if reply.is_ok() => block += 1,
            reply => {
                refusal = Some((block, reply.map(|reply| reply.completion)));
                break;
            }
        }
        if position >= length {
            break;
        }
    }
    report(session, verb, name, refusal)
}

fn block_of(selector: u8, block: usize, text: &[u8], position: usize, length: usize) -> [u8; 18] {
    let mut data = [0; 18];
    (data[0], data[1]) = (selector, block as u8);
    let start = if block == 0 {
        data[3] = length as u8;
        4
    } else {
        2
    };
    let part = text.get(position..).unwrap_or_default();
    data[start..].iter_mut().zip(part).for_each(|(to, from)| *to = *from);
    data
}

/// The parameter the first word names; `None` after help was asked for.
fn parameter<'a>(
    session: &mut Session<'_>,
    verb: &[u8],
    rest: &'a [Arg],
    least: usize,
) -> Result<Option<(&'a Arg, Parameter)>, Failed> {
    if let [word] = rest
        && word == b"help"
    {
        full_help(session);
        return Ok(None);
    }
    let Some(name) = rest.first().filter(|_| rest.len() >= least) else {
        log!(session, ERR, "Not enough parameters given.");
        full_help(session);
        return Err(Failed);
    };
    match PARAMETERS.iter().find(|(known, ..)| known.as_bytes() == name) {
        Some(found) => Ok(Some((name, *found))),
        None => {
            let failed = invalid(session, verb, name);
            full_help(session);
            Err(failed)
        }
    }
}

/// Says what went wrong. Only silence fails: the original returns completion
/// codes, which are positive.
fn report(
    session: &mut Session<'_>,
    verb: &[u8],
    name: &[u8],
    refusal: Option<(usize, Option<u8>)>,
) -> Outcome {
    let (verb, name) = (String::from_utf8_lossy(verb), String::from_utf8_lossy(name));
    match refusal {
        None => return Ok(()),
        Some((block, None)) => {
            log!(session, ERR, "{verb} {name} set {block} command failed");
            return Err(Failed);
        }
        Some((_, Some(UNSUPPORTED))) => log!(session, ERR, "{verb} {name} parameter not supported"),
        Some((_, Some(code))) => log!(session, ERR, "{verb} command failed: {}", completion_name(code)),
    }
    session.positive()
}
