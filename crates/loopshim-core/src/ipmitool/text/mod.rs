//! The original's vocabulary: tables from codes to the words it prints.

pub mod channels;
pub mod completion;
pub mod entities;
pub mod events;
pub mod frus;
pub mod manufacturers;
pub mod products;
pub mod sensor_types;
pub mod units;
pub mod words;

use std::net::Ipv6Addr;

pub use words::{Described, Names, Words};
pub(crate) use words::{described, names, words};

/// The name of `code`, or the original's `Unknown (0x..)`.
pub fn name_of(code: u16, names: Names) -> std::borrow::Cow<'static, str> {
    match names.get(code) {
        Some(name) => name.into(),
        None => format!("Unknown (0x{code:02X})").into(),
    }
}

/// A number as C's `%#x` prints it: zero has no prefix.
#[derive(Debug, Clone, Copy)]
pub struct SharpHex(pub u32);

impl std::fmt::Display for SharpHex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}

/// The lines in which the original lists a table under a title.
pub fn listing(title: &str, names: Names) -> Vec<String> {
    let mut lines = vec![
        format!("\n{title}:\n"),
        "  VAL\tHEX\tSTRING".to_owned(),
        "==============================================".to_owned(),
    ];
    lines.extend(names.iter().map(|(code, name)| match code {
        0..256 => format!("  {code}\t0x{code:02x}\t{name}"),
        _ => format!("  {code}\t0x{code:04x}\t{name}"),
    }));
    lines.push(String::new());
    lines
}

/// Bytes as adjoining pairs of hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// `text` up to its first NUL, as C prints it.
pub fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// An IPv4 address.
pub fn dotted(address: &[u8]) -> String {
    joined(address, ".", |byte| byte.to_string())
}

/// An IPv6 address as C's `inet_ntop` prints it.
pub fn ipv6(address: &[u8]) -> String {
    let octets: [u8; 16] = address.try_into().unwrap_or_default();
    match octets {
        // Compatible with IPv4; Rust prints those as any other.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ref last @ ..] if last[..2] != [0, 0] => {
            format!("::{}", dotted(last))
        }
        _ => Ipv6Addr::from(octets).to_string(),
    }
}

/// A MAC address.
pub fn colons(address: &[u8]) -> String {
    joined(address, ":", |byte| format!("{byte:02x}"))
}

fn joined(bytes: &[u8], between: &str, digits: fn(&u8) -> String) -> String {
    bytes.iter().map(digits).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_addresses_look_as_inet_ntop_has_them() {
        let shown = |last: &[u8]| {
            let mut address = [0; 16];
            address[16 - last.len()..].copy_from_slice(last);
            ipv6(&address)
        };
        assert_eq!(shown(&[]), "::");
        assert_eq!(shown(&[1]), "::1");
        assert_eq!(shown(&[1, 0, 0]), "::0.1.0.0");
        assert_eq!(shown(&[1, 2, 3, 4]), "::1.2.3.4");
        assert_eq!(shown(&[0xFF, 0xFF, 1, 2, 3, 4]), "::ffff:1.2.3.4");
        assert_eq!(shown(&[1, 0, 0, 0, 0]), "::1:0:0");
        assert_eq!(shown(&[0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]), "2001:0:0:1::1");
    }
}
