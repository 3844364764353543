//! `delloem setled`: the lamps of disk bays, found by the disk's PCI address.

use super::{Complaint, OEM, first};
use crate::ipmitool::help::delloem as help;
use crate::ipmitool::text::{Names, names};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::log;

/// States by their bits.
const STATES: Names = names![
    (0, "present"),
    (1, "online"),
    (2, "hotspare"),
    (3, "identify"),
    (4, "rebuilding"),
    (5, "fault"),
    (6, "predict"),
    (9, "critical"),
    (10, "failed"),
];
/// Dell's storage command.
const STORAGE: u8 = 0xD5;

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let Some((address, states)) = words.split_first().filter(|_| first(words) != Some(b"help")) else {
        return session.explain(help::LED);
    };
    // The version of the backplane's firmware, to see whether there is one.
    let version = session.send(OEM, STORAGE, &[1, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
    if !version.is_some_and(|reply| reply.is_ok()) {
        log!(session, ERR, "'setled' is not supported on this system.");
        return Err(Failed);
    }
    let device = if let Some([_, device @ ..]) = scan::<4>(address, b"::.") {
        // The original asks twice for an address with a domain.
        let _ = find_bay(session, device);
        device
    } else if let Some(device) = scan(address, b":.") {
        device
    } else {
        return session.misused(help::LED);
    };
    let named =
        |word: &Arg| STATES.iter().find(|(_, name)| name.as_bytes() == word).map_or(0, |(bit, _)| 1 << bit);
    let mask = states.iter().fold(0_u16, |mask, word| mask | named(word));
    let [bay, slot] = find_bay(session, device)?;
    let [low, high] = mask.to_le_bytes();
    let mut data = [0; 20];
    data[..12].copy_from_slice(&[0, 4, 0x0E, 0, 0, 0, 0x0E, 0, bay, slot, low, high]);
    let reply = session.send(OEM, STORAGE, &data);
    failed("Error issuing setled command.").check(session, reply, false).map(|_| ())
}

/// The complaint that ends in a point when nothing is answered.
fn failed(silence: &str) -> Complaint<'_> {
    Complaint { silence, refusal: silence.trim_end_matches('.'), unsupported: "", also_absent: false }
}

/// The bay and slot of the disk at bus, device and function.
fn find_bay(session: &mut Session<'_>, [bus, device, function]: [u8; 3]) -> Result<[u8; 2], Failed> {
    let place = (device << 3).wrapping_add(function);
    let reply = session.send(OEM, STORAGE, &[1, 7, 6, 0, 0, 0, bus, place]);
    let reply = failed("Error issuing getdrivemap command.").check(session, reply, false)?;
    let bay = [reply.at(7), reply.at(8)];
    if bay.contains(&0xFF) {
        log!(session, ERR, "Error could not get drive bay:slot mapping");
        return Err(Failed);
    }
    Ok(bay)
}

/// Hexadecimal numbers with the given separators between, as `sscanf` reads
/// them; what follows does not matter. Only their low bytes are sent.
fn scan<const N: usize>(text: &[u8], separators: &[u8]) -> Option<[u8; N]> {
    let mut numbers = [0; N];
    let mut rest = text;
    for (index, number) in numbers.iter_mut().enumerate() {
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        rest = &rest[blank..];
        let negative = rest.first() == Some(&b'-');
        rest = rest.strip_prefix(b"-").or(rest.strip_prefix(b"+")).unwrap_or(rest);
        rest = rest.strip_prefix(b"0x").or(rest.strip_prefix(b"0X")).unwrap_or(rest);
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let value = rest[..digits].iter().fold(0_u8, |value, &digit| {
            value << 4 | char::from(digit).to_digit(16).unwrap_or_default() as u8
        });
        *number = if negative { value.wrapping_neg() } else { value };
        rest = &rest[digits..];
        if digits == 0 {
            return None;
        }
        if let Some(separator) = separators.get(index) {
            rest = rest.strip_prefix(&[*separator])?;
        }
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pci_addresses() {
        assert_eq!(scan(b"03:1f.2", b":."), Some([3, 0x1F, 2]));
        assert_eq!(scan(b"0000:03:00.1x", b"::."), Some([0, 3, 0, 1]));
        assert_eq!(scan::<4>(b"03:00.1", b"::."), None);
        assert_eq!(scan::<3>(b"03:00", b":."), None);
        assert_eq!(scan::<3>(b"", b":."), None);
    }
}
