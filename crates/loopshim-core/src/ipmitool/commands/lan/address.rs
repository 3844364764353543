//! Addresses as C's `sscanf` reads them from arguments: numbers are cut to 32
//! bits, and what follows the last is ignored.

use std::net::Ipv6Addr;

use crate::ipmitool::{Failed, Session};

/// An IPv4 address. `Err` after logging that it is none.
pub(in crate::ipmitool) fn ipv4(session: &mut Session<'_>, text: &[u8]) -> Result<[u8; 4], Failed> {
    numbers(text, b'.', decimal).ok_or_else(|| session.complain("Invalid IP address: ", text, ""))
}

/// A MAC address. `Err` after logging that it is none.
pub(in crate::ipmitool) fn mac(session: &mut Session<'_>, text: &[u8]) -> Result<[u8; 6], Failed> {
    numbers(text, b':', two_digits).ok_or_else(|| session.complain("Invalid MAC address: ", text, ""))
}

/// An IPv6 address as `inet_pton` reads it.
pub(in crate::ipmitool) fn ipv6(text: &[u8]) -> Option<[u8; 16]> {
    let address: Ipv6Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.octets())
}

/// A conversion: the number and the text after it.
type Conversion = fn(&[u8]) -> Option<(u32, &[u8])>;

fn numbers<const N: usize>(text: &[u8], between: u8, convert: Conversion) -> Option<[u8; N]> {
    let mut rest = text;
    let mut found = [0; N];
    for (index, byte) in found.iter_mut().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(&[between])?;
        }
        let (number, after) = convert(rest.trim_ascii_start())?;
        *byte = number.try_into().ok()?;
        rest = after;
    }
    Some(found)
}

/// A sign, and what comes after it.
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// `%u`.
fn decimal(text: &[u8]) -> Option<(u32, &[u8])> {
    let (negative, digits) = sign(text);
    let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at(len);
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.is_empty())?;
    // Too many digits make the largest number, whatever its sign.
    let number = match digits.parse::<u64>() {
        Ok(number) if negative => number.wrapping_neg(),
        Ok(number) => number,
        Err(_) => u64::MAX,
    };
    Some((number as u32, rest))
}

/// `%02x`: two characters, a sign or `0x` included.
fn two_digits(text: &[u8]) -> Option<(u32, &[u8])> {
    let (negative, digits) = sign(text);
    let width = 2 - (text.len() - digits.len());
    if width == 2 && matches!(digits, [b'0', b'x' | b'X', ..]) {
        return Some((0, &digits[2..]));
    }
    let len = digits.iter().take(width).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = digits.split_at(len);
    let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((if negative { number.wrapping_neg() } else { number }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<[u8; 4]> {
        numbers(text.as_bytes(), b'.', decimal)
    }

    fn station(text: &str) -> Option<[u8; 6]> {
        numbers(text.as_bytes(), b':', two_digits)
    }

    #[test]
    fn reads_addresses_as_sscanf_does() {
        assert_eq!(address("10.0.0.255"), Some([10, 0, 0, 255]));
        assert_eq!(address(" 10. 0.+0.1x"), Some([10, 0, 0, 1]));
        assert_eq!(address("4294967297.0.0.1"), Some([1, 0, 0, 1]));
        assert_eq!(address("-0.0.0.1"), Some([0, 0, 0, 1]));
        for text in ["10.0.0", "10.0.0.256", "-1.0.0.0", "10 .0.0.1", "a.b.c.d", "", "1..2.3"] {
            assert_eq!(address(text), None, "{text:?}");
        }
    }

    #[test]
    fn reads_stations_as_sscanf_does() {
        assert_eq!(station("52:54:00:aB:c:1"), Some([0x52, 0x54, 0, 0xAB, 0x0C, 1]));
        assert_eq!(station("0x:+f:00:00:00:001"), Some([0, 15, 0, 0, 0, 0]));
        for text in ["52:54:00:ab:cd", "525:4:0:0:0:0", "-1:0:0:0:0:0", "g:0:0:0:0:0", ""] {
            assert_eq!(station(text), None, "{text:?}");
        }
    }

    #[test]
    fn reads_ipv6_addresses_as_inet_pton_does() {
        let last = |text: &str| ipv6(text.as_bytes()).map(|address| address[12..].to_vec());
        assert_eq!(last("fe80::1"), Some(vec![0, 0, 0, 1]));
        assert_eq!(last("::10.0.0.1"), Some(vec![10, 0, 0, 1]));
        assert_eq!(last("1:2:3:4:5:6:7::"), Some(vec![0, 7, 0, 0]));
        for text in ["", ":", "1:", "1::2::3", "1::2:3:4:5:6:7:8", "::g", "::10.0.0.01", "::1%lo", " ::1"] {
            assert_eq!(last(text), None, "{text:?}");
        }
    }
}
