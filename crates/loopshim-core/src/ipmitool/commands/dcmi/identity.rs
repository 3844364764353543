//! `dcmi asset_tag`, `dcmi get_mc_id_string` and their setters (DCMI 1.5
//! sections 6.4.2 to 6.4.6).

use super::{ask, check, send};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Most bytes of text in one message.
const CHUNK: usize = 16;
/// Most bytes of text taken.
const LENGTH_MAX: usize = 64;

/// Prints the asset tag, or the name of the controller.
pub(super) fn print(session: &mut Session<'_>, is_controller: bool) -> Outcome {
    let result = if is_controller {
        read(session, 0x09, 1, "\n Get Management Controller Identifier String: ")
    } else {
        read(session, 0x06, 0, "\n Asset tag: ")
    };
    if result.is_err() {
        let what = if is_controller { "management controller identifier string" } else { "asset tag" };
        log!(session, ERR, "Error getting {what}!");
    }
    result
}

/// Reads and prints a text; `probe` bytes are asked for to learn its length.
fn read(session: &mut Session<'_>, cmd: u8, probe: u8, title: &str) -> Outcome {
    let total = ask(session, cmd, &[0, probe])?.at(1);
    out!(session, "{title}");
    let mut offset = 0;
    while offset < total {
        let length = (total - offset).min(CHUNK as u8);
        let mut reply = send(session, cmd, &[offset, length]);
        // These codes come with the tag and tell how it is encoded.
        if let Some(tag) = reply.as_mut().filter(|tag| cmd == 0x06 && matches!(tag.completion, 0x80..=0x83)) {
            tag.completion = 0;
        }
        let reply = check(session, reply)?;
        session.console.put(&reply.buffer()[2..2 + usize::from(length)]);
        offset += length;
    }
    out!(session, "\n");
    Ok(())
}

pub(super) fn set_asset_tag(session: &mut Session<'_>, tag: &Arg) -> Outcome {
    let result = if tag.len() > LENGTH_MAX {
        too_long(session)
    } else {
        write(session, 0x08, tag, "\n Set Asset Tag: ")
    };
    result.inspect_err(|_| log!(session, ERR, "\nError setting asset tag!"))
}

/// The name is sent with the NUL after it. The original counts in one byte.
pub(super) fn set_controller_name(session: &mut Session<'_>, name: &Arg) -> Outcome {
    let length = (name.len() + 1) % 0x100;
    let text = [name.as_slice(), &[0]].concat();
    let result = if length > LENGTH_MAX {
        too_long(session)
    } else {
        write(session, 0x0A, &text[..length], "\n Set Management Controller Identifier String Command: ")
    };
    result.inspect_err(|_| log!(session, ERR, "Error setting management controller identifier string!"))
}

fn too_long(session: &mut Session<'_>) -> Outcome {
    log!(session, ERR, "\nValue is too long.");
    Err(Failed)
}

fn write(session: &mut Session<'_>, cmd: u8, text: &[u8], title: &str) -> Outcome {
    out!(session, "{title}");
    for (offset, chunk) in (0..).step_by(CHUNK).zip(text.chunks(CHUNK)) {
        let data = [&[offset, chunk.len() as u8], chunk].concat();
        ask(session, cmd, &data)?;
        session.console.put(chunk);
    }
    out!(session, "\n");
    Ok(())
}
