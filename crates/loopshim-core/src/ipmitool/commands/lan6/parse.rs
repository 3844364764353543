//! Values on the command line of `lan6 set`.

use super::parameter::Kind;
use super::request::Value;
use super::words::{ADDRESS_ENABLES, ADDRESS_SOURCES, ADDRESS_STATES, ENABLES, ROUTERS};
use crate::ipmitool::commands::lan::address;
use crate::ipmitool::text::Names;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::log;

/// Bytes of the first and of the second block of DHCP timing.
const FIRST_BLOCK: usize = 16;
const SECOND_BLOCK: usize = 6;

/// Fills in what `words` say. `Err` after logging what is wrong, unless words
/// are missing.
pub(super) fn parse(session: &mut Session<'_>, value: &mut Value, words: &[Arg]) -> Outcome {
    let Some(first) = words.first() else { return Err(Failed) };
    if value.parameter.kind == Kind::StaticRouter && value.set > 2 {
        return Err(invalid(session));
    }
    if words.len() < least_words(value.parameter.kind) {
        return Err(Failed);
    }
    let [set, block] = [value.set, value.block].map(|selector| selector as u8);
    let data = &mut value.data[..];
    let read = match value.parameter.kind {
        Kind::Enables => code(first, ENABLES, data, 0),
        Kind::RouterControl => code(first, ROUTERS, data, 0),
        Kind::FlowLabel => number::to_u32(first).ok().map(|label| {
            let [_, high, middle, low] = label.to_be_bytes();
            data.copy_from_slice(&[high & 0x0F, middle, low]);
        }),
        Kind::Status => words.iter().zip(data).try_for_each(|(word, byte)| put_number(word, byte)),
        Kind::StaticAddress => {
            data[0] = set;
            code(first, ADDRESS_ENABLES, data, 1).and_then(|()| put_address(words, data))
        }
        Kind::DynamicAddress => {
            data[0] = set;
            // Unknown sources count as the first.
            data[1] = ADDRESS_SOURCES.code_of(first).unwrap_or(0) as u8;
            put_address(words, data)
        }
        Kind::Duid | Kind::NeighbourDiscovery => {
            data[..2].copy_from_slice(&[set, block]);
            put_hex(first, &mut data[2..2 + FIRST_BLOCK])
        }
        Kind::Dhcp => {
            data[..2].copy_from_slice(&[set, 0]);
            data[18..20].copy_from_slice(&[set, 1]);
            put_hex(first, &mut data[2..2 + FIRST_BLOCK]).and_then(|()| match words.get(1) {
                Some(second) => put_hex(second, &mut data[20..20 + SECOND_BLOCK]),
                None => Some(()),
            })
        }
        Kind::StaticRouter | Kind::DynamicRouter => {
            [0, 17, 24, 26].into_iter().for_each(|at| data[at] = set);
            put_router(session, words, data)
        }
        Kind::Support | Kind::Number | Kind::TimingSupport => put_number(first, &mut data[0]),
    };
    read.ok_or_else(|| invalid(session))
}

fn invalid(session: &mut Session<'_>) -> Failed {
    log!(session, ERR, "invalid value");
    Failed
}

fn least_words(kind: Kind) -> usize {
    match kind {
        Kind::Status | Kind::StaticAddress | Kind::DynamicAddress => 3,
        Kind::DynamicRouter | Kind::StaticRouter => 4,
        _ => 1,
    }
}

/// Puts the code of a name into a byte.
fn code(word: &[u8], names: Names, data: &mut [u8], at: usize) -> Option<()> {
    data[at] = names.code_of(word)? as u8;
    Some(())
}

fn put_number(word: &[u8], byte: &mut u8) -> Option<()> {
    *byte = number::to_u8(word).ok()?;
    Some(())
}

/// `<addr> <pfx_len> [<state>]` after the first word.
fn put_address(words: &[Arg], data: &mut [u8]) -> Option<()> {
    data[2..18].copy_from_slice(&address::ipv6(&words[1])?);
    put_number(&words[2], &mut data[18])?;
    if let Some(state) = words.get(3) {
        data[19] = ADDRESS_STATES.code_of(state).unwrap_or(0xFF) as u8;
    }
    Some(())
}

fn put_router(session: &mut Session<'_>, words: &[Arg], data: &mut [u8]) -> Option<()> {
    data[1..17].copy_from_slice(&address::ipv6(&words[0])?);
    data[18..24].copy_from_slice(&address::mac(session, &words[1]).ok()?);
    data[27..43].copy_from_slice(&address::ipv6(&words[2])?);
    put_number(&words[3], &mut data[25])
}

/// Pairs of digits; those that do not fit are dropped.
fn put_hex(word: &[u8], data: &mut [u8]) -> Option<()> {
    let bytes = number::hex_bytes(word).ok()?;
    data.iter_mut().zip(bytes).for_each(|(byte, new)| *byte = new);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipmitool::commands::lan6;
    use crate::ipmitool::testing::{Fake, NEW, OLD};

    #[test]
    fn a_router_that_cannot_be_set_is_told_before_missing_words() {
        let bmc = |_: &ipmi::Request| Some((0, vec![0; 4]));
        for personality in [OLD, NEW] {
            let told = |router| {
                let args = ["set", "1", "static_rtr", router, "fc00::1"];
                bmc.run_command(personality, 0, |_| (), lan6::run, &args).1.starts_with("invalid value\n")
            };
            assert_eq!(["1", "2", "3"].map(told), [false, false, true]);
        }
    }

    #[test]
    fn pairs_of_digits_fill_what_there_is() {
        let mut data = [0xEE; 2];
        assert_eq!((put_hex(b"0A", &mut data), data), (Some(()), [0x0A, 0xEE]));
        assert_eq!((put_hex(b"0b0c0d", &mut data), data), (Some(()), [0x0B, 0x0C]));
        assert_eq!(put_hex(b"", &mut data), Some(()));
        assert_eq!(put_hex(b"abc", &mut data), None);
        assert_eq!(put_hex(b"0x", &mut data), None);
    }
}
