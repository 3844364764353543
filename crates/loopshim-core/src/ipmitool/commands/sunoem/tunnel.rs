//! `sunoem getfile` and `getbehavior`: ILOM's core tunnel, from version 3.2 on.

use std::io::Write;

use super::{ask, is_recent, padded};
use crate::ipmitool::{Failed, Outcome, Session, files};
use crate::{log, out};

const TUNNEL: u8 = 0x44;
const GET_FILE: u8 = 11;
const GET_BEHAVIOR: u8 = 15;

fn check_version(session: &mut Session<'_>) -> Outcome {
    if is_recent(session) {
        return Ok(());
    }
    let least = "Command is not supported by this version of ILOM, required at least: 3.2.0.0";
    log!(session, ERR, "{least}");
    Err(Failed)
}

/// Copies a file of ILOM to `path`.
pub(super) fn get_file(session: &mut Session<'_>, id: &[u8], path: &[u8]) -> Outcome {
    const ID: usize = 16;
    /// Most bytes of a block, and where they begin.
    const BLOCK: u32 = 1024;
    const DATA: usize = 9;
    let failed = "Sun OEM getfile command failed";
    check_version(session)?;
    if id.len() >= BLOCK as usize {
        log!(session, ERR, "File ID >= {ID} characters");
        return Err(Failed);
    }
    let Some(mut file) = files::create(session, path) else {
        return Err(session.complain("Unable to open file: ", path, ""));
    };
    for number in 0_u32.. {
        let number = number.to_be_bytes();
        let name = padded::<ID>(&id[..id.len().min(ID - 1)]);
        let data = [&[GET_FILE], &name[..], &number].concat();
        let reply = ask(session, TUNNEL, &data, failed)?;
        let word = |at: usize| [0, 1, 2, 3].map(|index| reply.at(at + index));
        let size = u32::from_be_bytes(word(4));
        if size > BLOCK {
            log!(session, ERR, "Sun OEM getfile invalid data size: {}", size as i32);
            return Err(Failed);
        }
        if word(0) != number {
            log!(session, ERR, "Sun OEM getfile Incorrect Block Num Returned");
            let [expected, received] = [number, word(0)].map(u32::from_le_bytes);
            log!(session, ERR, "Expecting: {expected:x} Received: {received:x}");
            return Err(Failed);
        }
        let bytes: Vec<u8> = (DATA..DATA + size as usize).map(|index| reply.at(index)).collect();
        if file.write_all(&bytes).is_err() {
            log!(session, ERR, "Sun OEM getfile write failed: {}", reply.completion);
            return Err(Failed);
        }
        if reply.at(8) != 0 {
            break;
        }
    }
    Ok(())
}

/// Says whether a behaviour of ILOM is on.
pub(super) fn print_behavior(session: &mut Session<'_>, id: &[u8]) -> Outcome {
    const ID: usize = 32;
    check_version(session)?;
    if id.len() >= ID {
        log!(session, ERR, "Behavior ID >= {ID} characters");
        return Err(Failed);
    }
    let data = [&[GET_BEHAVIOR], &padded::<ID>(id)[..]].concat();
    let reply = ask(session, TUNNEL, &data, "Sun OEM getbehavior command failed")?;
    session.console.put(&[b"ILOM behavior ", id].concat());
    out!(session, " {} enabled\n", if reply.at(0) != 0 { "is" } else { "is not" });
    Ok(())
}
