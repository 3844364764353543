//! `event`: events sent to the BMC (IPMI 2.0 section 29).

mod channel;
mod file;
mod sensor;

use super::sel;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Session, help};
use crate::{log, out};

/// A platform event message: revision, sensor type and number, event type with
/// the direction in bit 7, and three bytes of data.
type Message = [u8; 7];

/// Generator of events from system software.
const SYSTEM_SOFTWARE: u8 = 0x41;

/// Runs `ipmitool event …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let (verb, rest) = match args.split_first() {
        Some((verb, rest)) if !session.personality.is_verb(verb, "help") => (verb, rest),
        _ => return usage(session),
    };
    if session.personality.is_verb(verb, "file") {
        return match rest.first() {
            Some(path) => file::send(session, path),
            None => usage(session),
        };
    }
    match SAMPLES.iter().find(|sample| sample.0.as_bytes() == verb) {
        Some((_, text, message)) => {
            out!(session, "Sending SAMPLE event: {text}\n");
            send(session, *message)
        }
        None => sensor::send(session, verb, rest.first(), rest.get(1)),
    }
}

const SAMPLES: &[(&str, &str, Message)] = &[
    ("1", "Temperature - Upper Critical - Going High", [4, 0x01, 0x30, 0x01, 0x09, 0xFF, 0xFF]),
    ("2", "Voltage Threshold - Lower Critical - Going Low", [4, 0x02, 0x60, 0x01, 0x02, 0xFF, 0xFF]),
    ("3", "Memory - Correctable ECC", [4, 0x0C, 0x53, 0x6F, 0x00, 0xFF, 0xFF]),
];

/// Shows an event and sends it.
fn send(session: &mut Session<'_>, message: Message) -> Outcome {
    let from_system = channel::is_system(session)?;
    let generator = session.personality.software_event_generator();
    sel::print_event(session, generator, message, true);
    deliver(session, from_system, message)
}

/// Sends an event; over the system interface, with its generator.
fn deliver(session: &mut Session<'_>, from_system: bool, message: Message) -> Outcome {
    let mut data = message.to_vec();
    if from_system {
        data.insert(0, SYSTEM_SOFTWARE);
    }
    let Some(reply) = session.send(0x04, 0x02, &data) else {
        log!(session, ERR, "Platform Event Message command failed");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let why = completion_name(reply.completion);
        log!(session, ERR, "Platform Event Message command failed: {why}");
        return Err(Failed);
    }
    Ok(())
}

fn usage(session: &mut Session<'_>) -> Outcome {
    session.help(help::event::EVENT);
    Ok(())
}
