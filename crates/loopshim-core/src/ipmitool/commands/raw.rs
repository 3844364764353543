//! `raw`: A request as bytes, the response as bytes.

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Names, listing, names};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Runs `ipmitool raw …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let (netfn, cmd, data) = match args {
        [word] if session.personality.is_verb(word, "help") => {
            help(session);
            return Ok(());
        }
        [netfn, cmd, data @ ..] => (netfn, cmd, data),
        _ => {
            log!(session, ERR, "Not enough parameters given.");
            help(session);
            return Err(Failed);
        }
    };
    if args.len() > MOST_WORDS {
        log!(session, NOTICE, "Raw command input limit (256 bytes) exceeded");
        return Err(Failed);
    }
    let netfn = match NETFNS.code_of(netfn) {
        Some(code) => code as u8,
        None => byte(session, netfn, "netfn")?,
    };
    let cmd = byte(session, cmd, "command")?;
    let data = data.iter().map(|word| byte(session, word, "data")).collect::<Result<Vec<u8>, Failed>>()?;
    exchange(session, netfn & 0x3F, cmd, &data)
}

/// Network function, command and data, in words.
const MOST_WORDS: usize = 256;

/// Request codes of the network functions (IPMI 2.0 table 5-1).
const NETFNS: Names = names![
    (0x00, "Chassis"),
    (0x02, "Bridge"),
    (0x04, "SensorEvent"),
    (0x06, "Application"),
    (0x08, "Firmware"),
    (0x0A, "Storage"),
    (0x0C, "Transport"),
];

fn help(session: &mut Session<'_>) {
    log!(session, NOTICE, "RAW Commands:  raw <netfn> <cmd> [data]");
    for line in listing("Network Function Codes", NETFNS) {
        log!(session, NOTICE, "{line}");
    }
    log!(session, NOTICE, "(can also use raw hex values)");
}

fn byte(session: &mut Session<'_>, word: &[u8], label: &str) -> Result<u8, Failed> {
    number::to_u8(word).map_err(|_| session.complain(&format!("Given {label} \""), word, "\" is invalid."))
}

fn exchange(session: &mut Session<'_>, netfn: u8, cmd: u8, data: &[u8]) -> Outcome {
    // The message header has six bits for the function and two for the LUN.
    let (channel, lun) = (session.link.target_channel & 0x0F, session.link.target_lun & 0x03);
    let address = format!("channel=0x{channel:x} netfn=0x{netfn:x} lun=0x{lun:x} cmd=0x{cmd:x}");
    log!(session, INFO, "RAW REQ ({address} data_len={})", data.len());
    session.dump("RAW REQUEST", data);
    let Some(reply) = session.send_lun(netfn, lun, cmd, data) else {
        log!(session, ERR, "Unable to send RAW command ({address})");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let code = reply.completion;
        let words = completion_name(code);
        log!(session, ERR, "Unable to send RAW command ({address} rsp=0x{code:x}): {words}");
        return Err(Failed);
    }
    log!(session, INFO, "RAW RSP ({} bytes)", reply.len());
    for (index, line) in reply.data().chunks(16).enumerate() {
        session.console.put(if index > 0 { b"\n" } else { b"" });
        for byte in line {
            out!(session, " {byte:02x}");
        }
    }
    session.console.put(b"\n");
    Ok(())
}
