//! `sunoem ping`: packets that the service processor sends back.

use super::OEM;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Bytes in a packet after its number.
const PAYLOAD: usize = 64;

/// Runs `ping COUNT [q]`.
pub(super) fn run(session: &mut Session<'_>, count: &[u8], rest: &[Arg]) -> Outcome {
    let quiet = match rest {
        [] => false,
        [word] if word.first() == Some(&b'q') => true,
        [word] => return Err(session.complain("Unknown option '", word, "' given.")),
        _ => {
            log!(session, ERR, "Too many parameters given. See help for more information.");
            return Err(Failed);
        }
    };
    let Ok(count) = number::to_u16(count) else {
        log!(session, ERR, "Given number of packets is either invalid or out of range.");
        return Err(Failed);
    };
    let mut times = Vec::new();
    let (mut sent, mut outcome) = (0_u16, Ok(()));
    while sent < count && outcome.is_ok() {
        sent += 1;
        outcome = send(session, sent - 1, quiet).map(|time| times.push(time));
    }
    out!(session, "{sent} packets transmitted, {} packets received\n", times.len());
    if let (Some(min), Some(max)) = (times.iter().min(), times.iter().max()) {
        let mean = times.iter().sum::<u32>() / times.len() as u32;
        out!(session, "round-trip min/avg/max = {min}/{mean}/{max} ms\n");
    }
    outcome
}

/// Sends a packet and checks what comes back; how long it took, in milliseconds.
fn send(session: &mut Session<'_>, number: u16, quiet: bool) -> Result<u32, Failed> {
    let mut packet = number.to_le_bytes().to_vec();
    packet.extend(0..PAYLOAD as u8);
    let start = (session.clock)();
    let reply = session.send(OEM, 0x23, &packet);
    let time = (session.clock)().duration_since(start).map_or(0, |time| time.as_millis() as u32);
    let Some(reply) = reply.filter(|reply| reply.is_ok()) else {
        log!(session, ERR, "Sun OEM echo command failed. Seq # {number}");
        return Err(Failed);
    };
    let returned = u16::from_le_bytes([reply.at(0), reply.at(1)]);
    if returned != number {
        out!(session, "Invalid Seq # Expecting {number} Received {returned}\n");
        return Err(Failed);
    }
    if let Some(offset) = (0..PAYLOAD).find(|offset| usize::from(reply.at(2 + offset)) != *offset) {
        out!(session, "Corrupt data packet. Seq # {number} Offset {offset}\n");
        return Err(Failed);
    }
    if !quiet {
        out!(session, "Receive {} Bytes - Seq. # {number} time={time} ms\n", packet.len());
    }
    Ok(time)
}
