//! The scalar values of `bmc.json`: byte strings in hexadecimal, addresses,
//! versions, request patterns. Each refuses what it cannot take while it is
//! being read, so that the refusal carries its place.

use std::marker::PhantomData;
use std::net::Ipv4Addr;
use std::str::FromStr;

use ipmi::bmc::Pattern;
use ipmi::sdr::{Entity, EntityId};

use crate::ipmitool::text::Words;
use crate::ipmitool::text::sensor_types::SENSOR_TYPES;
use crate::ipmitool::text::units::UNITS;
use crate::json::{Fault, Read, Reader, Slot};

/// A value read from a JSON string by `FromStr`, whose error is the sentence
/// shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Text<T>(pub(super) T);

impl<T: FromStr<Err = String>> Slot for Text<T> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let text = reader.string("a string")?;
        self.0 = text.parse().map_err(|problem| reader.fault(problem))?;
        Ok(())
    }
}

/// Bytes: a string of hexadecimal digits, with blanks and colons between bytes
/// as one likes, or an array of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits: Vec<u8> = text.bytes().filter(|byte| !b" \t\r\n:-".contains(byte)).collect();
        let pairs = digits.chunks(2).map(|pair| match pair {
            [high, low] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
            _ => None,
        });
        pairs
            .collect::<Option<_>>()
            .map(Self)
            .ok_or_else(|| format!("`{}` is not an even number of hexadecimal digits", shortened(text)))
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// The start of a text, to be quoted in a message.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Slot for Bytes {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        const EXPECTED: &str = "bytes as a string of hexadecimal digits or an array of numbers from 0 to 255";
        if reader.peek() == Some(b'[') {
            return self.0.fill(reader);
        }
        let text = reader.string(EXPECTED)?;
        *self = text.parse().map_err(|problem: String| reader.fault(problem))?;
        Ok(())
    }
}

/// Exactly `N` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exactly<const N: usize>(pub(super) [u8; N]);

impl<const N: usize> Default for Exactly<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Slot for Exactly<N> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        exactly(reader, &mut self.0)
    }
}

/// Reads as many bytes as there is room for.
fn exactly(reader: &mut Reader<'_>, room: &mut [u8]) -> Result<(), Fault> {
    let Bytes(bytes) = Bytes::read(reader)?;
    let (found, wanted) = (bytes.len(), room.len());
    if found != wanted {
        return Err(reader.fault(format!("{found} bytes instead of {wanted}")));
    }
    room.copy_from_slice(&bytes);
    Ok(())
}

/// A sixteen-byte GUID, written as sixteen bytes in the order they are sent.
pub(super) type Guid = Exactly<16>;

/// A number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Within<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Within<MIN, MAX> {
    /// The number.
    pub(super) const fn number(self) -> i64 {
        self.0
    }

    /// The number, of which the bounds say that it is a byte.
    pub(super) const fn byte(self) -> u8 {
        const { assert!(MIN >= 0 && MAX <= 0xFF) };
        self.0 as u8
    }
}

impl<const MIN: i64, const MAX: i64> Default for Within<MIN, MAX> {
    fn default() -> Self {
        Self(MIN)
    }
}

impl<const MIN: i64, const MAX: i64> Slot for Within<MIN, MAX> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        self.0 = reader.integer(MIN, MAX)?;
        Ok(())
    }
}

/// A version such as `1.05`: the minor part is two decimal digits, kept as BCD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Firmware {
    /// 0–127.
    pub(super) major: u8,
    /// BCD, or any byte where given as two hexadecimal digits.
    pub(super) minor: u8,
}

impl FromStr for Firmware {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (major, minor) = text.split_once('.')?;
            let major = major.parse().ok().filter(|major| *major < 0x80)?;
            let minor = u8::from_str_radix(minor, 16).ok().filter(|_| minor.len() == 2)?;
            Some(Self { major, minor })
        };
        parse().ok_or_else(|| format!("`{text}` is not a version such as `1.05` (0–127, point, two digits)"))
    }
}

/// The IPMI version, `2.0` or `1.5`, as its byte: minor digit high.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct IpmiVersion(pub(super) u8);

impl FromStr for IpmiVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => {
                Ok(Self((minor - b'0') << 4 | (major - b'0')))
            }
            _ => Err(format!("`{text}` is not an IPMI version such as `2.0`")),
        }
    }
}

/// An IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address(pub(super) Ipv4Addr);

impl Default for Address {
    fn default() -> Self {
        Self(Ipv4Addr::UNSPECIFIED)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("`{text}` is not an IPv4 address such as `192.0.2.1`"))
    }
}

/// A request pattern: `NETFN CMD DATA…` in hexadecimal, `??` for any byte, `*`
/// at the end for any number of further ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RequestPattern(pub(super) Pattern);

impl FromStr for RequestPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_pattern(text)
            .map(Self)
            .ok_or_else(|| format!("`{}` is not a request such as `3e 50 01 ?? *`", shortened(text)))
    }
}

fn parse_pattern(text: &str) -> Option<Pattern> {
    let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
    let open_ended = words.last() == Some(&"*");
    if open_ended {
        words.pop();
    }
    let byte = |word: &str| {
        let digits = word.strip_prefix("0x").unwrap_or(word);
        u8::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 2)
    };
    let [netfn, cmd, data @ ..] = &words[..] else { return None };
    let data = data.iter().map(|word| if *word == "??" { Some(None) } else { byte(word).map(Some) });
    Some(Pattern {
        netfn: byte(netfn).filter(|netfn| *netfn <= 0x3F)?,
        cmd: byte(cmd)?,
        data: data.collect::<Option<_>>()?,
        open_ended,
    })
}

/// An entity: id and instance with a point between them, as `sdr elist` shows
/// them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct EntityName(pub(super) Entity);

impl FromStr for EntityName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once('.')
            .and_then(|(id, instance)| Some(Entity::new(EntityId(id.parse().ok()?), instance.parse().ok()?)));
        parsed.map(Self).ok_or_else(|| format!("`{text}` is not an entity such as `3.1`"))
    }
}

/// A list of names in which the place of a name is its code.
pub(super) trait Vocabulary {
    /// What is named, for messages.
    const WHAT: &'static str;
    /// The names.
    const NAMES: Words;
}

/// Sensor types, as `sdr type list` shows them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SensorTypes;

impl Vocabulary for SensorTypes {
    const WHAT: &'static str = "a sensor type";
    const NAMES: Words = SENSOR_TYPES;
}

/// Units, as `sensor` shows them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UnitNames;

impl Vocabulary for UnitNames {
    const WHAT: &'static str = "a unit";
    const NAMES: Words = UNITS;
}

/// A code, given as such or by name, letter case aside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named<V>(u8, PhantomData<V>);

impl<V> Named<V> {
    /// The code.
    pub(super) const fn code(self) -> u8
    where
        V: Copy,
    {
        self.0
    }
}

impl<V: Vocabulary> Slot for Named<V> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        self.0 = code(reader, V::WHAT, V::NAMES)?;
        Ok(())
    }
}

fn code(reader: &mut Reader<'_>, what: &str, names: Words) -> Result<u8, Fault> {
    if let Some(b'-' | b'0'..=b'9') = reader.peek() {
        return u8::read(reader);
    }
    let name = reader.string(&format!("{what} by name, or its code from 0 to 255"))?;
    let code = names.iter().position(|known| known.eq_ignore_ascii_case(&name));
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.ok_or_else(|| reader.fault(format!("`{name}` is not {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<T: Read>(json: &str) -> Result<T, String> {
        crate::json::parse(json.as_bytes()).map_err(|fault| fault.problem)
    }

    #[test]
    fn bytes_are_digits_or_numbers() {
        assert_eq!(parse(r#""01 aB:ff""#), Ok(Bytes(vec![1, 0xAB, 0xFF])));
        assert_eq!(parse("[1, 255]"), Ok(Bytes(vec![1, 255])));
        assert!(parse::<Bytes>(r#""012""#).is_err_and(|text| text.contains("`012` is not an even number")));
        assert!(parse::<Bytes>("[256]").is_err());
        assert!(parse::<Exactly<2>>("[1]").is_err_and(|text| text.contains("1 bytes instead of 2")));
    }

    #[test]
    fn versions_addresses_and_bounds_refuse_what_they_cannot_hold() {
        assert_eq!("1.05".parse(), Ok(Firmware { major: 1, minor: 5 }));
        assert_eq!("3.74".parse(), Ok(Firmware { major: 3, minor: 0x74 }));
        assert!("128.00".parse::<Firmware>().is_err() && "1.5".parse::<Firmware>().is_err());
        assert_eq!("1.5".parse(), Ok(IpmiVersion(0x51)));
        assert!("300.1.1.1".parse::<Address>().is_err());
        assert!(parse::<Within<1, 3>>("4").is_err_and(|text| text.contains("from 1 to 3")));
        assert_eq!(parse::<Within<0, 9>>("7").map(Within::byte), Ok(7));
    }

    #[test]
    fn patterns_have_open_bytes_and_ends() {
        let pattern = parse_pattern("3e 0x50 ?? 0A *");
        let expected = Pattern { netfn: 0x3E, cmd: 0x50, data: vec![None, Some(10)], open_ended: true };
        assert_eq!(pattern, Some(expected));
        assert!(
            ["3e", "40 01", "06 01 * 02", "06 1ff", "6 ?1"].iter().all(|text| parse_pattern(text).is_none())
        );
    }
}
