//! `chassis bootmbox` (1.8.19): the boot initiator mailbox (IPMI 2.0 table
//! 28-14, parameter 7).

use std::ops::Range;

use super::boot_device::{finish, start};
use super::boot_parameter::{Brief, INFO_ACKNOWLEDGE, MAILBOX, Written, read, write};
use crate::ipmitool::text::hex;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, help, number};
use crate::{log, out};

/// How a block is shown.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    text: bool,
    all_blocks: bool,
}

/// Bytes of data in a block; the first one starts with a manufacturer id.
const BLOCK: usize = 16;
const MAKER: usize = 3;
const MOST_BLOCKS: usize = 256;

/// Runs `chassis bootmbox …`.
pub(super) fn run(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    let (verb, mut rest) = match rest.split_first() {
        Some((verb, rest)) if verb != b"help" => (verb, rest),
        _ => return help(session),
    };
    let text = rest.first().is_some_and(|word| word == b"text");
    rest = &rest[usize::from(text)..];
    let mut block = None;
    if rest.first().is_some_and(|word| word == b"block") {
        let Some(word) = rest.get(1) else { return help(session) };
        let Some(number) = number::to_i64(word).ok().and_then(|value| i16::try_from(value).ok()) else {
            session.complain("Invalid block ", word, "");
            return Ok(());
        };
        // Negative numbers mean "all".
        block = (number >= 0).then_some(number);
        rest = &rest[2..];
    }
    match verb.as_slice() {
        b"get" => get(session, block, text),
        b"set" => set(session, block, text, rest),
        // The original returns the completion code it started with.
        _ => Ok(()),
    }
}

fn help(session: &mut Session<'_>) -> Outcome {
    session.help_at_once(help::chassis::BOOT_MAILBOX);
    Ok(())
}

fn get(session: &mut Session<'_>, block: Option<i16>, text: bool) -> Outcome {
    if let Some(block) = block {
        let brief = Brief { later_block: false, mailbox: Style { text, all_blocks: false } };
        return read(session, MAILBOX, block as u8, brief);
    }
    for block in 0..=u8::MAX {
        let brief = Brief { later_block: block > 0, mailbox: Style { text, all_blocks: true } };
        match read(session, MAILBOX, block, brief) {
            Ok(()) => {}
            // Where the blocks end, all is well.
            outcome => return if block > 0 { Ok(()) } else { outcome },
        }
    }
    Ok(())
}

/// Prints a block of a response to Get System Boot Options.
pub(super) fn show(session: &mut Session<'_>, reply: &Reply, style: Style) {
    let block = reply.at(2);
    let data = reply.data().get(3..).unwrap_or_default();
    if !session.personality.has_boot_mailbox() {
        // The original counts one byte too many.
        let end = (reply.len() + 1).min(Reply::CAPACITY);
        let data = reply.buffer().get(3..end).unwrap_or_default();
        out!(session, " Selector   : {block}\n Block Data : {}\n", hex(data));
        return;
    }
    // A shorter answer's length wraps around, and all is shown that was left.
    if reply.len() == 2 {
        return;
    }
    if !style.all_blocks {
        out!(session, " Selector       : {block}\n");
    }
    let mut data = data;
    if block == 0 {
        let maker = u32::from_le_bytes([reply.at(3), reply.at(4), reply.at(5), 0]);
        out!(session, " IANA PEN       : {maker} [");
        let name = session.manufacturers.name(maker);
        session.console.put(&name);
        out!(session, "]\n");
        data = data.get(MAKER..).unwrap_or_default();
    }
    match style.all_blocks {
        true => out!(session, " Block {block:3} Data : "),
        false => out!(session, " Block Data     : "),
    }
    if style.text {
        let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
        session.console.put(&[b"'", &data[..end], b"'\n"].concat());
    } else {
        out!(session, "{}\n", hex(data));
    }
}

fn set(session: &mut Session<'_>, block: Option<i16>, text: bool, rest: &[Arg]) -> Outcome {
    log!(session, INFO, "Writing Boot Mailbox...");
    let Some(maker) = rest.first().and_then(|word| number::to_i32(word).ok()) else {
        log!(session, ERR, "No valid IANA PEN specified!\n");
        session.help_at_once(help::chassis::BOOT_MAILBOX);
        return Err(Failed);
    };
    let words = &rest[1..];
    let Some(first) = words.first() else {
        log!(session, ERR, "No data provided!\n");
        session.help_at_once(help::chassis::BOOT_MAILBOX);
        return Err(Failed);
    };
    let size = if text { first.len() + 1 } else { words.len() };
    log!(session, INFO, "Data size: {size}");
    let blocks = if block.is_some() { 1 } else { (MAKER + size).div_ceil(BLOCK) };
    log!(session, INFO, "Blocks to write: {blocks}");
    if blocks > MOST_BLOCKS {
        let most = BLOCK * MOST_BLOCKS - MAKER;
        log!(session, ERR, "Data size {size} exceeds maximum ({most})");
        return Err(Failed);
    }
    let data = if text { Data::Text([first, &b"\0"[..]].concat()) } else { Data::Bytes(words) };
    write_blocks(session, block.unwrap_or(0), blocks, maker, &data)
}

/// What is to be written.
enum Data<'a> {
    Text(Vec<u8>),
    /// Bytes as typed, looked at when their turn comes.
    Bytes(&'a [Arg]),
}

impl Data<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(words) => words.len(),
        }
    }

    /// A block; the first bad byte and all after it in the block are zero.
    fn block(&self, session: &mut Session<'_>, range: Range<usize>) -> Vec<u8> {
        let words = match self {
            Self::Text(text) => return text[range].to_vec(),
            Self::Bytes(words) => &words[range],
        };
        let mut bytes = vec![0; words.len()];
        for (byte, word) in bytes.iter_mut().zip(words) {
            let Ok(number) = number::to_u8(word) else {
                session.complain("Bad byte value: ", word, "");
                break;
            };
            *byte = number;
        }
        bytes
    }
}

fn write_blocks(
    session: &mut Session<'_>,
    first: i16,
    blocks: usize,
    maker: i32,
    data: &Data<'_>,
) -> Outcome {
    let (progress, mut done) = (start(session), 0);
    for block in (first..).take(blocks) {
        if done == data.len() {
            break;
        }
        let mut request = vec![block as u8];
        if block == 0 {
            request.extend(&maker.to_le_bytes()[..MAKER]);
        }
        let end = data.len().min(done + BLOCK + 1 - request.len());
        let part = data.block(session, done..end);
        done = end;
        let shown: Vec<String> = part.iter().map(|byte| format!("{byte:02x}")).collect();
        log!(session, INFO, "Block {block:3}: {}", shown.join(" "));
        request.extend(part);
        let written = write(session, MAILBOX, &request);
        if written == Written::Refused(0xC9) {
            log!(session, ERR, "Hit end of mailbox writing block {block}");
        }
        if written != Written::Accepted {
            finish(session, &progress, false);
            return written.outcome(session);
        }
    }
    log!(session, INFO, "Wrote {blocks} blocks of Boot Initiator Mailbox");
    super::boot_device::commit(session, &progress, true);
    let acknowledged = write(session, INFO_ACKNOWLEDGE, &[3, 3]);
    super::boot_device::end(session, &progress);
    acknowledged.outcome(session)
}

#[cfg(test)]
mod tests {
    use ipmi::Request;

    use crate::ipmitool::commands::chassis;
    use crate::ipmitool::testing::{Fake, NEW};

    #[test]
    fn blocks_of_which_too_little_arrives_are_shown_from_what_is_left_over() {
        let bmc = |request: &Request| {
            Some(match request.data[1] {
                0 => (0, vec![1, 7, 0, 2, 0, 0, 0xAB]),
                1 => (0, vec![1]),
                2 => (0, vec![]),
                3 => (0, vec![1, 7]),
                _ => (0xC9, vec![]),
            })
        };
        let (stdout, stderr, _) = bmc.run_command(NEW, 0, |_| (), chassis::run, &["bootmbox", "get"]);
        let blocks: Vec<_> = stdout.lines().filter(|line| line.starts_with(" Block")).collect();
        assert_eq!(blocks, [" Block   0 Data : ab", " Block   0 Data : ", " Block   0 Data : "]);
        assert_eq!(stderr, "");
    }
}
