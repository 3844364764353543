//! Events from a file: seven bytes a line.

use std::io::{BufRead, BufReader, Read};

use super::{Message, SYSTEM_SOFTWARE, channel, deliver};
use crate::ipmitool::commands::sel;
use crate::ipmitool::number::to_u8;
use crate::ipmitool::text::hex;
use crate::ipmitool::{Failed, Outcome, Session, files};
use crate::log;

/// Most bytes of a line; the rest is the next line's.
const LINE_MAX: u64 = 1023;

/// Sends the events of the file at `path`.
pub(super) fn send(session: &mut Session<'_>, path: &[u8]) -> Outcome {
    if session.personality.events_need_a_known_channel() {
        return send_until_one_fails(session, path);
    }
    let from_system = channel::is_system(session)?;
    let mut data = [0; 8];
    data[0] = if from_system { SYSTEM_SOFTWARE } else { 0 };
    let start = usize::from(from_system);
    let mut outcome = Ok(());
    for line in lines(session, path)? {
        let tokens: Vec<&[u8]> = tokens(&line).take(size_of::<Message>()).collect();
        for (slot, token) in data[start..].iter_mut().zip(&tokens) {
            *slot = leading_number(token);
        }
        if tokens.len() < size_of::<Message>() {
            log!(session, ERR, "Invalid Event: {}", hex(&data));
            continue;
        }
        let message: Message = std::array::from_fn(|index| data[start + index]);
        sel::print_event(session, session.personality.software_event_generator(), message, false);
        outcome = deliver(session, from_system, message).and(outcome);
    }
    outcome
}

/// 1.8.19's way: a bad token or line is passed over, an event that is not
/// taken ends it.
fn send_until_one_fails(session: &mut Session<'_>, path: &[u8]) -> Outcome {
    let mut outcome = Ok(());
    for line in lines(session, path)? {
        let mut message: Message = [0; 7];
        let mut count = 0;
        for (slot, token) in message.iter_mut().zip(tokens(&line)) {
            let Ok(byte) = to_u8(token) else {
                session.complain("Invalid token in file: [", token, "]");
                outcome = Err(Failed);
                break;
            };
            *slot = byte;
            count += 1;
        }
        if count < message.len() {
            log!(session, ERR, "Invalid Event: {}", hex(&message));
            continue;
        }
        super::send(session, message)?;
        outcome = Ok(());
    }
    outcome
}

/// The lines that are more than a comment.
fn lines(session: &mut Session<'_>, path: &[u8]) -> Result<Vec<Vec<u8>>, Failed> {
    let mut file = BufReader::new(files::open(&mut session.console, path).ok_or(Failed)?);
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        // What cannot be read (a directory, say) is empty.
        let _ = file.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        if line.is_empty() {
            return Ok(lines);
        }
        let text = line.split(|&byte| matches!(byte, b'#' | 0)).next().unwrap_or_default();
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        if let Some(end) = text.iter().rposition(|byte| !is_space(byte)) {
            let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(0);
            lines.push(text[start..=end].to_vec());
        }
    }
}

fn tokens(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&byte| byte == b' ').filter(|token| !token.is_empty())
}

/// The low byte of the number that `token` starts with, zero without one.
fn leading_number(token: &[u8]) -> u8 {
    let numbers =
        (1..=token.len()).rev().filter_map(|len| crate::ipmitool::number::to_i64(&token[..len]).ok());
    numbers.map(|number| number as u8).next().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_as_far_as_it_is_a_number() {
        assert_eq!(leading_number(b"0x1F"), 0x1F);
        assert_eq!(leading_number(b"12x"), 12);
        assert_eq!(leading_number(b"300"), 44);
        assert_eq!(leading_number(b"x"), 0);
        assert_eq!(leading_number(b"0x"), 0);
    }
}
